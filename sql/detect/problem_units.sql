-- one row is: a session that could have met a problem, in its segment and on its days
-- parameters: none
-- from: wanted_problems, wanted_steps (problem_no, step; needed: how many of them a session must have come to),
--       session_steps, session_people, session_segments
-- read by: user_intel/detect/evidence.py
-- noqa: disable=ST05
create or replace table problem_units as
with came as (
    select
        wanted_problems.problem_no,
        wanted_problems.segment_no,
        wanted_problems.needed,
        session_steps.session,
        session_steps.user_no
    from wanted_problems
    inner join wanted_steps on wanted_problems.problem_no = wanted_steps.problem_no
    inner join session_steps
        on
            hash(wanted_steps.step) = session_steps.step_no
            and session_steps.day between wanted_problems.first_day and wanted_problems.last_day
    union all
    -- a feature that sessions begin with is used from nowhere: every session could
    select
        wanted_problems.problem_no,
        wanted_problems.segment_no,
        wanted_problems.needed,
        session_people.session,
        session_people.user_no
    from wanted_problems
    inner join wanted_steps on wanted_problems.problem_no = wanted_steps.problem_no and wanted_steps.step = ''
    inner join session_people
        on session_people.day between wanted_problems.first_day and wanted_problems.last_day
)

select
    came.problem_no,
    came.session,
    any_value(came.user_no) as user_no
from came
inner join session_segments on came.session = session_segments.session and came.segment_no = session_segments.segment_no
group by came.problem_no, came.session
having count(*) >= any_value(came.needed);
