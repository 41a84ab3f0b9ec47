-- one row is: persona of the day before and persona of this day, and how many users went from one to the other
-- parameters: $day, $from_day (the day before; null for the first), $most (share of users that makes a merger or split)
-- from: clusters_before, clusters_today (user_id, cluster_key; null is noise)
-- read by: user_intel/segment/changes.py
with pairs as (
    select
        case when was.user_id is null then 'absent' else coalesce(was.cluster_key, 'noise') end as from_key,
        case when now_.user_id is null then 'absent' else coalesce(now_.cluster_key, 'noise') end as to_key,
        count(*) as users
    from clusters_before as was
    full join clusters_today as now_ on was.user_id = now_.user_id
    group by 1, 2
),

before_keys as (
    select distinct cluster_key
    from clusters_before
    where cluster_key is not null
),

today_keys as (
    select distinct cluster_key
    from clusters_today
    where cluster_key is not null
),

-- a persona that is there on both days is kept, even when none of its users are the same
told as (
    from pairs
    union all
    select
        before_keys.cluster_key as from_key,
        today_keys.cluster_key as to_key,
        0 as users
    from before_keys
    inner join today_keys on before_keys.cluster_key = today_keys.cluster_key
    where before_keys.cluster_key not in (select from_key from pairs where from_key = to_key)
),

shared as (
    select
        *,
        from_key not in ('noise', 'absent') as from_persona,
        to_key not in ('noise', 'absent') as to_persona,
        from_key in (select cluster_key from today_keys) as lives_on,
        to_key in (select cluster_key from before_keys) as was_there,
        sum(users) over (partition by from_key) as from_users,
        sum(users) over (partition by to_key) as to_users,
        sum(users) filter (where to_key <> 'absent') over (partition by from_key) as still_known,
        sum(users) filter (where from_key <> 'absent') over (partition by to_key) as known_before
    from told
)

select
    $day::date as "day",
    from_key,
    to_key,
    users::bigint as users,
    users / nullif(from_users, 0) as from_share,
    users / nullif(to_users, 0) as to_share,
    case
        when from_key = to_key then 'kept'
        when to_persona and not was_there and from_persona and users >= $most * known_before then 'split'
        when to_persona and not was_there then 'born'
        when from_persona and not lives_on and to_persona and users >= $most * still_known then 'merged'
        when from_persona and not lives_on then 'died'
        else 'moved'
    end as kind,
    $from_day::date as from_day
from shared;
