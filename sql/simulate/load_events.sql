-- one row is: an event of a Parquet file in the columns of user_intel/simulate/recorded.py
-- parameters: path, the Parquet file (a glob is allowed)
-- from: the file
-- read by: user_intel/simulate/store.py
insert into utc.events
select
    toUUID(uuid),
    event,
    properties,
    timestamp,
    distinct_id,
    elements_chain,
    created_at,
    nullIf(`$session_id`, ''),
    nullIf(`$window_id`, ''),
    toUUID(person_id),
    'full',
    tuple(toUUID(person_id), person_created_at, person_properties)
from file({path:String}, Parquet)
