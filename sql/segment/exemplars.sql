-- one row is: a typical user of a persona and their most typical session, without ids
-- parameters: $zone, $min_users (steps of fewer users are not named), $most_steps
-- from: typical_users (cluster_key, place, user_id), typical_steps (cluster_key, step: those of its typical paths),
--       window_sessions, window_steps
-- read by: user_intel/segment/paths.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with visited as (
    select
        typical_users.cluster_key,
        window_steps.session_id,
        count(distinct window_steps.step) as typical
    from window_steps
    inner join typical_users on window_steps.user_id = typical_users.user_id
    inner join typical_steps
        on typical_users.cluster_key = typical_steps.cluster_key and window_steps.step = typical_steps.step
    group by typical_users.cluster_key, window_steps.session_id
),

theirs as (
    select
        typical_users.cluster_key,
        typical_users.place,
        window_sessions.session_id,
        window_sessions.started_at,
        window_sessions.duration_s,
        window_sessions.step_count,
        coalesce(visited.typical, 0) as typical,
        median(window_sessions.step_count) over theirs as usual,
        quantile_disc(window_sessions.step_count, 0.25) over theirs as short,
        quantile_disc(window_sessions.step_count, 0.75) over theirs as long
    from window_sessions
    inner join typical_users on window_sessions.user_id = typical_users.user_id
    left join visited
        on window_sessions.session_id = visited.session_id and typical_users.cluster_key = visited.cluster_key
    where window_sessions.step_count > 0
    window theirs as (partition by typical_users.user_id)
),

-- of a usual length, and of those the one with most of what is typical of the persona
chosen as (
    select *
    from theirs
    where step_count between short and long
    qualify
        row_number() over (
            partition by cluster_key, place order by typical desc, abs(step_count - usual), started_at desc, session_id
        ) = 1
),

walked as (
    select
        chosen.cluster_key,
        chosen.place,
        window_steps.position,
        window_steps.step,
        window_steps.dwell_s
    from window_steps
    inner join chosen on window_steps.session_id = chosen.session_id
    where window_steps.position <= $most_steps
),

well_known as (
    select step
    from window_steps
    where step in (select step from walked)
    group by step
    having count(distinct user_id) >= $min_users
),

journeys as (
    select
        cluster_key,
        place,
        list(
            case when step in (select step from well_known) then step else '(a rare step)' end order by position
        ) as steps,
        list(dwell_s order by position) as dwells_s
    from walked
    group by cluster_key, place
)

select
    chosen.cluster_key,
    dayname(timezone($zone, timezone('UTC', chosen.started_at))) as weekday,
    hour(timezone($zone, timezone('UTC', chosen.started_at)))::integer as hour,
    chosen.duration_s,
    chosen.step_count::bigint as step_count,
    journeys.steps,
    journeys.dwells_s
from chosen
inner join journeys on chosen.cluster_key = journeys.cluster_key and chosen.place = journeys.place
order by chosen.cluster_key, chosen.place;
