-- one row is: a session and a value of a segment property it has
-- parameters: $most (values of a property that are told apart in a day's counts; rarer ones are counted together)
-- from: session_properties (session_id, property, value), one row per session and property
-- read by: user_intel/graph/day_rows.py
create or replace table session_values as
with ranked as (
    select
        property,
        value,
        row_number() over (partition by property order by count(*) desc, value) as place
    from session_properties
    where value is not null
    group by property, value
)

select
    session_properties.session_id,
    session_properties.property || '=' || session_properties.value as segment,
    session_properties.property
    || '='
    || case when ranked.place <= $most then session_properties.value else '(other)' end as counted_as
from session_properties
inner join ranked
    on session_properties.property = ranked.property and session_properties.value = ranked.value;
