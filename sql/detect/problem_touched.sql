-- one row is: a session that a problem touched: that met it or, of a loop of two steps, walked it once
-- parameters: none
-- from: wanted_problems, wanted_steps, problem_hits, window_steps in stored order
-- read by: user_intel/detect/evidence.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table problem_touched as
with pairs as (
    select
        problem_no,
        min(wanted_steps.step) as first_step,
        max(wanted_steps.step) as second_step
    from wanted_steps
    inner join wanted_problems using (problem_no)
    where metric = 'loop'
    group by problem_no
    having count(*) = 2
),

marked as (
    select
        hash(session_id) as session,
        step,
        next_step,
        xor(hash(step), hash(session_id)) as mark
    from window_steps
),

ahead as (
    select
        *,
        lead(mark, 2) over () = mark as returns
    from marked
)

select
    pairs.problem_no,
    ahead.session
from ahead
inner join pairs
    on pairs.first_step = least(ahead.step, ahead.next_step) and pairs.second_step = greatest(ahead.step, ahead.next_step)
where ahead.returns
union
select
    problem_no,
    session
from problem_hits;
