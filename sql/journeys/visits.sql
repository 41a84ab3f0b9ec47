-- one row is: the first event of a visit of a step, or the last row of nulls, in order of sessions and time
-- parameters: none
-- from: walk
-- read by: sql/journeys/steps.sql, page_stays.sql
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace view visits as
with neighbours as (
    select
        user_id,
        stored_session_id,
        "at",
        step,
        session_no,
        event_no,
        lag(session_no) over () as prior_session_no,
        lag(step) over () as prior_step,
        row_number() over () as step_event_no
    from walk
    where step is not null or user_id is null
)

select
    * exclude (prior_session_no, prior_step),
    prior_session_no is distinct from session_no as enters
from neighbours
where prior_session_no is distinct from session_no or step <> prior_step;
