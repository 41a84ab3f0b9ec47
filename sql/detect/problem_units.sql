-- one row is: a session that could have met a problem, in its segment and on its days
-- parameters: none
-- from: wanted_problems, wanted_steps (problem_no, step; needed: how many of them a session must have come to),
--       session_steps, session_segments
-- read by: user_intel/detect/evidence.py
create or replace table problem_units as
select
    wanted_problems.problem_no,
    session_steps.session,
    any_value(session_steps.user_no) as user_no
from wanted_problems
inner join wanted_steps on wanted_problems.problem_no = wanted_steps.problem_no
inner join session_steps
    on
        hash(wanted_steps.step) = session_steps.step_no
        and session_steps.day between wanted_problems.first_day and wanted_problems.last_day
inner join session_segments
    on
        session_steps.session = session_segments.session
        and wanted_problems.segment_no = session_segments.segment_no
group by wanted_problems.problem_no, session_steps.session
having count(*) >= any_value(wanted_problems.needed);
