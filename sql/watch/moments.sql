-- one row is: a chosen session, and from when to when it shows its problem (a contrast: the same place)
-- parameters: none
-- from: chosen_sessions, wanted_problems, wanted_steps, window_steps, window_signals, window_sessions
-- read by: user_intel/watch/choosing.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with signalled as (
    select
        chosen_sessions.problem_no,
        chosen_sessions.session_id,
        min(window_signals.at) as from_at,
        min(window_signals.at) as to_at
    from chosen_sessions
    inner join wanted_problems using (problem_no)
    inner join window_signals
        on
            chosen_sessions.session_id = window_signals.session_id
            and wanted_problems.metric = window_signals.signal
            and wanted_problems.step = coalesce(window_signals.step, '')
            and (
                not wanted_problems.is_click
                or wanted_problems.subject = coalesce(window_signals.element, window_signals.step, '')
            )
    where chosen_sessions.met
    group by all
),

visited as (
    select
        chosen_sessions.problem_no,
        chosen_sessions.session_id,
        -- of those who left: the last visit; of a slow step: the slowest; of a circle: the first rounds
        case wanted_problems.metric
            when 'exit' then max(window_steps.entered_at)
            when 'dwell' then max_by(window_steps.entered_at, coalesce(window_steps.dwell_s, 0))
            else min(window_steps.entered_at)
        end as from_at,
        case wanted_problems.metric
            when 'exit' then any_value(window_sessions.ended_at)
            when 'dwell' then max_by(
                window_steps.entered_at + to_microseconds((1e6 * coalesce(window_steps.dwell_s, 0))::bigint),
                coalesce(window_steps.dwell_s, 0)
            )
            when 'loop' then list_sort(list(window_steps.entered_at))[least(4, count(*))]
            else min(window_steps.entered_at)
        end as to_at
    from chosen_sessions
    inner join wanted_problems using (problem_no)
    inner join wanted_steps using (problem_no)
    inner join window_sessions using (session_id)
    inner join window_steps
        on chosen_sessions.session_id = window_steps.session_id and wanted_steps.step = window_steps.step
    group by chosen_sessions.problem_no, chosen_sessions.session_id, wanted_problems.metric
)

select
    chosen_sessions.problem_no,
    chosen_sessions.session_id,
    chosen_sessions.user_id,
    chosen_sessions.recording_id,
    chosen_sessions.day,
    chosen_sessions.met,
    chosen_sessions.recording_started_at,
    chosen_sessions.active_s,
    chosen_sessions.duration_s,
    coalesce(signalled.from_at, visited.from_at) as from_at,
    coalesce(signalled.to_at, visited.to_at) as to_at
from chosen_sessions
left join signalled using (problem_no, session_id)
left join visited using (problem_no, session_id)
where coalesce(signalled.from_at, visited.from_at) is not null
order by chosen_sessions.problem_no, not chosen_sessions.met, chosen_sessions.place;
