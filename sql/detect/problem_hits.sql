-- one row is: a session that met a problem, in its segment and on its days, and how often it did
-- parameters: none
-- from: wanted_problems, problem_units, session_steps, loop_runs, window_signals
-- read by: user_intel/detect/evidence.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table problem_hits as
with left_or_slow as (
    select
        problem_units.*,
        1 as events
    from problem_units
    inner join wanted_problems using (problem_no)
    inner join session_steps
        on problem_units.session = session_steps.session and hash(wanted_problems.step) = session_steps.step_no
    where
        (wanted_problems.metric = 'exit' and session_steps.exited)
        or (
            wanted_problems.metric = 'dwell'
            and session_steps.timed > 0
            and session_steps.log_s / session_steps.timed > wanted_problems.slow_log_s
        )
),

looped as (
    select
        problem_units.*,
        loop_runs.rounds as events
    from problem_units
    inner join wanted_problems using (problem_no)
    inner join loop_runs
        on problem_units.session = loop_runs.session and wanted_problems.subject = to_json(loop_runs.cycle)::varchar
    where wanted_problems.metric = 'loop'
),

unused as (
    select
        problem_units.*,
        1 as events
    from problem_units
    inner join wanted_problems using (problem_no)
    left join session_steps
        on problem_units.session = session_steps.session and hash(wanted_problems.subject) = session_steps.step_no
    where wanted_problems.metric = 'feature' and session_steps.session is null
),

signalled as (
    select
        wanted_problems.problem_no,
        session_people.session,
        any_value(session_people.user_no) as user_no,
        count(*) as events
    from wanted_problems
    inner join window_signals
        on
            wanted_problems.metric = window_signals.signal
            and wanted_problems.step = coalesce(window_signals.step, '')
            and (
                not wanted_problems.is_click
                or wanted_problems.subject = coalesce(window_signals.element, window_signals.step, '')
            )
            and window_signals.day between wanted_problems.first_day and wanted_problems.last_day
    inner join session_people on hash(window_signals.session_id) = session_people.session
    inner join session_segments
        on
            session_people.session = session_segments.session
            and wanted_problems.segment_no = session_segments.segment_no
    group by wanted_problems.problem_no, session_people.session
)

from left_or_slow
union all
from looped
union all
from unused
union all
from signalled;
