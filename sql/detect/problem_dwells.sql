-- one row is: a slow step's problem, with the median of its visits, exactly
-- parameters: none
-- from: wanted_problems, window_steps, session_segments
-- read by: user_intel/detect/evidence.py
select
    wanted_problems.problem_no,
    median(window_steps.dwell_s) as p50_s,
    quantile_cont(window_steps.dwell_s, 0.9) as p90_s
from wanted_problems
inner join window_steps
    on
        wanted_problems.step = window_steps.step
        and window_steps.day between wanted_problems.first_day and wanted_problems.last_day
inner join session_segments
    on
        hash(window_steps.session_id) = session_segments.session
        and wanted_problems.segment_no = session_segments.segment_no
where wanted_problems.metric = 'dwell' and window_steps.dwell_s is not null
group by wanted_problems.problem_no;
