-- one row is: a session and a cycle it walked round at least `rounds` times in a row, the longest run of it
-- parameters: $rounds
-- from: window_steps, looping_sessions, session_people
-- read by: user_intel/detect/loops.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table loop_runs as
with looping as (
    select
        window_steps.day,
        window_steps.session_id,
        window_steps.user_id,
        window_steps.position,
        window_steps.step,
        coalesce(window_steps.dwell_s, 0) as dwell_s
    from window_steps
    semi join looping_sessions using (session_id)
),

lengths as (select unnest([2, 3, 4]) as length),

-- A visit repeats when the step `length` visits before was the same.
compared as (
    select
        looping.*,
        lengths.length,
        lag(step, lengths.length) over walk is not distinct from step as repeats,
        -- of a 4-cycle that is a 2-cycle walked twice, the 2-cycle speaks
        lengths.length = 4 and lag(step, 2) over walk is not distinct from step as is_shorter
    from looping
    cross join lengths
    window walk as (partition by session_id, lengths.length order by position)
),

numbered as (
    select
        *,
        position - row_number() over (partition by session_id, length order by position) as run_no
    from compared
    where repeats
),

runs as (
    select
        session_id,
        any_value(user_id) as user_id,
        any_value(day) as day,
        length,
        run_no,
        min(position) as begins,
        count(*) as repeated_visits,
        -- the visit that closes the last round is in none
        sum(dwell_s::decimal(18, 6))::double - arg_max(dwell_s, position) as time_lost_s,
        bool_and(is_shorter) as is_shorter,
        list(step order by position)[:length] as ring
    from numbered
    group by session_id, length, run_no
    -- rounds * length visits, and the one that closes the last round: all but the first `length` repeat
    having count(*) >= ($rounds - 1) * length + 1
),

turned as (
    select
        * exclude (ring),
        ring[list_position(ring, list_min(ring)):] || ring[:list_position(ring, list_min(ring)) - 1] as cycle
    from runs
    where not is_shorter and len(list_distinct(ring)) = length
)

select
    turned.day,
    turned.cycle,
    hash(turned.session_id) as session,
    session_people.user_no,
    max(1 + (turned.repeated_visits - 1) // turned.length) as rounds,
    sum(turned.time_lost_s::decimal(18, 6))::double as time_lost_s,
    max(turned.begins) as last_begins
from turned
inner join session_people on hash(turned.session_id) = session_people.session
group by turned.day, turned.cycle, hash(turned.session_id), session_people.user_no;
