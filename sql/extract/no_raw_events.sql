-- one row is: raw event, as every source hands it over; there are none yet
-- parameters: none
-- from: nothing; user_intel/extract/normalise.py replaces the view by what it is given
-- read by: user_intel/extract/normalise.py, once for each connection
create or replace view raw_events as
select
    null::varchar as event_id,
    null::varchar as event,
    null::varchar as identity,
    null::varchar as session_id,
    null::timestamp as "at",
    null::timestamp as ingested_at,
    null::varchar as properties,
    null::varchar as elements_chain,
    null::varchar as person
limit 0; -- noqa: AM09
