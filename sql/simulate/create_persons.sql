-- one row is: a person, with the properties of the latest event
-- parameters: none
-- from: utc.events
-- read by: user_intel/simulate/store.py
create view utc.persons as
select
    person_id as id,
    any(person.created_at) as created_at,
    argMax(person.properties, timestamp) as properties,
    toUInt8(argMax(person.properties, timestamp) != '{}') as is_identified
from utc.events
group by person_id
