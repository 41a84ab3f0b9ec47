-- one row is: a value of a segment property, with the people who had a session with it
-- parameters: none
-- from: session_properties (session, user_no and one column per segment property)
-- read by: user_intel/detect/segments.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with told as (
    unpivot session_properties on columns(* exclude (session, user_no)) into name property value value
)

select
    property,
    value,
    count(distinct user_no) as users
from told
group by property, value
order by property, users desc, value;
