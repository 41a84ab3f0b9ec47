-- one row is: a session that walked a cycle of 2 to 4 steps at least `rounds` times in a row; in stored order
-- parameters: none; two rounds in a row are what the neighbours show, more are counted in loop_rounds
-- from: window_steps in stored order, each session's rows together and in order of position
-- read by: user_intel/detect/loops.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table looping_sessions as
with marked as (
    select
        session_id,
        -- equal only where both step and session are, so looking ahead never leaves a session
        xor(hash(step), hash(session_id)) as m0
    from window_steps
),

ahead as (
    select
        *,
        lead(m0, 1) over () as m1,
        lead(m0, 2) over () as m2,
        lead(m0, 3) over () as m3,
        lead(m0, 4) over () as m4,
        lead(m0, 5) over () as m5,
        lead(m0, 6) over () as m6,
        lead(m0, 7) over () as m7,
        lead(m0, 8) over () as m8
    from marked
)

select distinct session_id
from ahead
where
    (m0 = m2 and m2 = m4 and m1 = m3)
    or (m0 = m3 and m3 = m6 and m1 = m4 and m2 = m5)
    or (m0 = m4 and m4 = m8 and m1 = m5 and m2 = m6 and m3 = m7 and m0 <> m2 and m1 <> m3);
