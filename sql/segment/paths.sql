-- one row is: a persona ('' for no one's) and steps walked in a row: how many of its sessions did so, of how many
-- parameters: $users (asked of so many, taken by their pseudonyms), $min_users (fewer make no path), $min_share
-- from: members (user_id, cluster_key), window_steps
-- read by: user_intel/segment/paths.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with asked as (
    select
        user_id,
        coalesce(cluster_key, '') as cluster_key
    from members
    order by hash(user_id), user_id
    limit $users
),

ahead as (
    select
        asked.cluster_key,
        hash(window_steps.session_id) as session,
        hash(window_steps.user_id) as user_no,
        window_steps.step,
        lead(window_steps.step, 1) over walked as second,
        lead(window_steps.step, 2) over walked as third,
        lead(window_steps.step, 3) over walked as fourth
    from window_steps
    inner join asked on window_steps.user_id = asked.user_id
    window walked as (partition by window_steps.session_id order by window_steps.position)
),

whole as (
    select
        cluster_key,
        count(distinct session) as sessions
    from ahead
    group by cluster_key
),

parts as (
    from (select cluster_key, session, user_no, [step, second] as path from ahead where second is not null)
    union all
    from (select cluster_key, session, user_no, [step, second, third] as path from ahead where third is not null)
    union all
    from (
        select cluster_key, session, user_no, [step, second, third, fourth] as path
        from ahead
        where fourth is not null
    )
),

walked as (
    select
        cluster_key,
        path,
        count(distinct session) as walked,
        count(distinct user_no) as users
    from parts
    group by cluster_key, path
),

everybody as (
    select
        path,
        sum(walked) as walked
    from walked
    group by path
)

select
    walked.cluster_key,
    walked.path,
    walked.users::bigint as users,
    walked.walked::bigint as walked,
    whole.sessions::bigint as sessions,
    (everybody.walked - walked.walked)::bigint as rest_walked,
    ((select sum(sessions) from whole) - whole.sessions)::bigint as rest_sessions
from walked
inner join whole on walked.cluster_key = whole.cluster_key
inner join everybody on walked.path = everybody.path
where walked.cluster_key <> '' and walked.users >= $min_users and walked.walked >= $min_share * whole.sessions
order by walked.cluster_key, walked.walked desc, walked.path;
