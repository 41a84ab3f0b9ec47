-- one row is: a segment with its number; 0 is everybody
-- parameters: $numbers, $names, $properties, $values, lists of one length
-- from: nothing
-- read by: user_intel/detect/segments.py
create or replace table segment_names as
select
    unnest($numbers::utinyint[]) as segment_no,
    unnest($names::varchar[]) as segment,
    unnest($properties::varchar[]) as property,
    unnest($values::varchar[]) as value;
