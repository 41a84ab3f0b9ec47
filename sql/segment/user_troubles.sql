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
)

select
    met.user_no,
    count(distinct met.session) filter (where met.signal = 'rage_click') / any_value(whole.sessions) as rage_click_share,
    count(distinct met.session) filter (where met.signal = 'dead_click') / any_value(whole.sessions) as dead_click_share,
    count(distinct met.session) filter (where met.signal = 'slow_click') / any_value(whole.sessions) as slow_click_share,
    count(distinct met.session) filter (where met.signal = 'error_click') / any_value(whole.sessions)
        as error_click_share,
    count(distinct met.session) filter (where met.signal = 'u_turn') / any_value(whole.sessions) as u_turn_share,
    count(distinct met.session) filter (where met.signal = 'form_abandonment') / any_value(whole.sessions)
        as form_abandonment_share,
    count(distinct met.session) filter (where met.signal = 'rapid_exit') / any_value(whole.sessions) as rapid_exit_share,
    count(distinct met.session) filter (where met.signal = 'loop') / any_value(whole.sessions) as loop_share
from met
inner join user_rhythm as whole on met.user_no = whole.user_no
group by met.user_no;
