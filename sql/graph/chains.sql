-- one row is: a session of a part, with its visits in order as lists
-- parameters: $part
-- from: chosen_sessions, day_steps
-- read by: user_intel/graph/day_rows.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with sessions as (
    select * exclude (part)
    from chosen_sessions
    where part = $part
),

visits as (
    select
        session_id,
        list(
            {'step': graph_name(step), 'at': epoch_ms(entered_at), 'dwell_s': dwell_s} order by position
        ) as visits
    from day_steps
    where session_id in (select session_id from sessions)
    group by session_id
)

select
    sessions.*,
    coalesce(list_transform(visits.visits, lambda visit: visit.step), []) as steps,
    coalesce(list_transform(visits.visits, lambda visit: visit."at"), []) as "at",
    coalesce(list_transform(visits.visits, lambda visit: visit.dwell_s), []) as dwell_s
from sessions
left join visits on sessions.session_id = visits.session_id
order by sessions.session_id;
