-- one row is: a session in one of its segments; segment 0 is everybody
-- parameters: none
-- from: session_properties, speaking_values (property, value, segment_no)
-- read by: user_intel/detect/segments.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table session_segments as
with told as (
    unpivot session_properties on columns(* exclude (session, user_no)) into name property value value
)

select session, user_no, 0::utinyint as segment_no from session_properties
union all
select told.session, told.user_no, speaking_values.segment_no
from told
inner join speaking_values on told.property = speaking_values.property and told.value = speaking_values.value;
