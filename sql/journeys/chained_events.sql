-- one row is: an event of an intricate user, stored by user, id it belongs to (its own or adopted) and time
-- parameters: variable rules (gap)
-- from: involved_events in stored order
-- read by: user_intel/journeys/build.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table chained_events as
with numbered as (
    select
        *,
        lag(user_id) over () is distinct from user_id as is_first,
        row_number() over () as event_no
    from involved_events
),

recent as (
    select
        *,
        count(case when is_first then 1 end) over (rows unbounded preceding) as user_no,
        -- '' marks a user who has had no id yet, so that no event adopts another user's
        last_value(case when is_first then coalesce(session_id, '') else session_id end ignore nulls)
            over (rows unbounded preceding) as latest_id,
        last_value(case when session_id is not null then "at" end ignore nulls)
            over (rows unbounded preceding) as latest_id_at
    from numbered
)

select
    * exclude (is_first, latest_id, latest_id_at),
    coalesce(
        session_id,
        case when latest_id <> '' and "at" <= latest_id_at + getvariable('rules').gap then latest_id end
    ) as chain_id
from recent
-- integers sort several times faster than the strings they stand for
order by user_no, hash(chain_id), event_no;
