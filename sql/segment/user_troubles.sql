-- one row is: a person of the range that met friction: the share of their sessions that met each kind
-- parameters: none
-- from: feature_friction, loop_runs, user_rhythm
-- read by: user_intel/segment/features.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table user_troubles as
with met as (
    select
        user_no,
        session,
        signal
    from feature_friction
    union
    select
        user_no,
        session,
        'loop' as signal
    from loop_runs
),

-- a session is in here once with each signal: rows are sessions
counted as (
    select
        user_no,
        count(*) filter (where signal = 'rage_click') as rage_click,
        count(*) filter (where signal = 'dead_click') as dead_click,
        count(*) filter (where signal = 'slow_click') as slow_click,
        count(*) filter (where signal = 'error_click') as error_click,
        count(*) filter (where signal = 'u_turn') as u_turn,
        count(*) filter (where signal = 'form_abandonment') as form_abandonment,
        count(*) filter (where signal = 'rapid_exit') as rapid_exit,
        count(*) filter (where signal = 'loop') as loop
    from met
    group by user_no
)

select
    counted.user_no,
    counted.rage_click / whole.sessions as rage_click_share,
    counted.dead_click / whole.sessions as dead_click_share,
    counted.slow_click / whole.sessions as slow_click_share,
    counted.error_click / whole.sessions as error_click_share,
    counted.u_turn / whole.sessions as u_turn_share,
    counted.form_abandonment / whole.sessions as form_abandonment_share,
    counted.rapid_exit / whole.sessions as rapid_exit_share,
    counted.loop / whole.sessions as loop_share
from counted
inner join user_rhythm as whole on counted.user_no = whole.user_no;
