-- one row is: a session at a step it visited, however often
-- parameters: none
-- from: window_steps, session_people
-- read by: user_intel/detect/window.py
create or replace table session_steps as
with visited as (
    select
        hash(session_id) as session,
        hash(step) as step_no,
        count(*) as visits,
        count(case when next_step is null then 1 end) > 0 as exited,
        count(dwell_s) as timed,
        -- a tenth of a second is as good as none, and none has no logarithm; a dwell that is not known counts nowhere,
        -- but greatest() passes over null
        -- sums of decimals are exact, so that the order in which rows are met changes nothing
        coalesce(
            sum(case when dwell_s is not null then ln(greatest(dwell_s, 0.1))::decimal(18, 9) end), 0
        )::double as log_s
    from window_steps
    group by hash(session_id), hash(step)
)

select
    visited.*,
    session_people.user_no,
    session_people.day
from visited
inner join session_people on visited.session = session_people.session;
