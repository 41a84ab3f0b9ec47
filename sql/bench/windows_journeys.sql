-- one row is: an event with its session found the usual way, by windows over each user
-- parameters: $events
-- from: the events' Parquet file
-- read by: user_intel/bench/peer.py (plain DuckDB)
create table numbered as
with neighbours as (
    select
        user_id,
        "at",
        step,
        lag("at") over (partition by user_id order by "at", event_id) as prior_at,
        event_id
    from read_parquet($events)
    where not is_bot
)

select
    *,
    count(case when prior_at is null or "at" > prior_at + interval 30 minutes then 1 end)
        over (partition by user_id order by "at", event_id) as session_no
from neighbours;
