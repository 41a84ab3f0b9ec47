-- one row is: a session of the day whose chain is loaded; those of one part have about $part_visits visits
-- parameters: $buckets (of 1,000, that are loaded), $friction (whether only sessions that met friction are),
--             $part_visits
-- from: day_sessions, session_values, day_signals, pain_point_sessions
-- read by: user_intel/graph/day_rows.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table chosen_sessions as
with friction as (
    select session_id
    from day_signals
    union
    select session_id
    from pain_point_sessions
),

segments as (
    select
        session_id,
        list(segment order by segment) as segments
    from session_values
    group by session_id
),

numbered as (
    select
        *,
        (md5_number_lower(session_id) % 1000)::integer as bucket,
        -- of a type that every graph server has: 63 bits
        (md5_number_lower(session_id) >> 1)::bigint as session
    from day_sessions
),

chosen as (
    select *
    from numbered
    where bucket < $buckets and (not $friction or session_id in (select session_id from friction))
)

select
    chosen.session_id,
    chosen.user_id,
    chosen.bucket,
    chosen.session,
    chosen.started_at,
    chosen.ended_at,
    chosen.duration_s,
    chosen.step_count,
    graph_name(chosen.entry_step) as entry_step,
    graph_name(chosen.exit_step) as exit_step,
    chosen.goals,
    chosen.new_user,
    ['all'] || coalesce(segments.segments, []) as segments,
    ((sum(chosen.step_count) over (order by chosen.session_id) - chosen.step_count) // $part_visits)::integer as part
from chosen
left join segments on chosen.session_id = segments.session_id;
