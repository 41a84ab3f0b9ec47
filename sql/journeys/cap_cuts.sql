-- one row is: an instant at which the cap starts another session in a chain
-- parameters: variable rules (cap)
-- from: broken_events
-- read by: user_intel/journeys/build.py
create or replace table cap_cuts as
with recursive long_chains as (
    select
        chain_no,
        min("at") as started_at
    from broken_events
    group by chain_no
    having max("at") >= min("at") + getvariable('rules').cap
),

long_events as (
    select
        chain_no,
        "at"
    from broken_events
    semi join long_chains using (chain_no)
),

starts as (
    select
        chain_no,
        started_at
    from long_chains
    union all
    -- the cap counts from a session's own start, so each start is found from the one before
    select
        starts.chain_no,
        min(e."at") as started_at
    from starts
    inner join long_events as e
        on starts.chain_no = e.chain_no and e."at" >= starts.started_at + getvariable('rules').cap
    group by starts.chain_no, starts.started_at
)

select
    chain_no,
    started_at as cut_at
from starts
anti join long_chains using (chain_no, started_at);
