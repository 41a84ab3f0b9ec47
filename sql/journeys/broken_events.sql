-- one row is: an event of an intricate user with its chain: events that only the cap may still divide
-- parameters: variables rules (gap), midnights
-- from: chained_events in stored order
-- read by: user_intel/journeys/build.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table broken_events as
with preceded as (
    select
        *,
        row_number() over () as place_no,
        lag(user_no) over () as prior_user_no,
        lag(chain_id) over () as prior_chain_id,
        lag("at") over () as prior_at,
        lag(day) over () as prior_day
    from chained_events
),

divided as (
    select
        *,
        prior_user_no is distinct from user_no
        or prior_chain_id is distinct from chain_id
        or case
            when chain_id is null then "at" > prior_at + getvariable('rules').gap
            when day = prior_day then false
            -- what is still open at midnight goes on; what closed before it was told on its own day
            else
                list_bool_or(list_transform(
                    getvariable('midnights'),
                    lambda midnight: midnight > prior_at + getvariable('rules').gap and midnight <= "at"
                ))
        end as breaks
    from preceded
)

select
    * exclude (prior_user_no, prior_chain_id, prior_day),
    count(case when breaks then 1 end) over (rows unbounded preceding) as chain_no
from divided;
