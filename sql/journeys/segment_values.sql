-- one row is: a session and a segment, with the segment's first known value in the session
-- parameters: variable rules (segments)
-- from: walk
-- read by: user_intel/journeys/build.py, when the product names segments
create or replace table segment_values as
with wanted as (select unnest(getvariable('rules').segments) as segment),

at_start as (
    select
        walk.session_no,
        wanted.segment,
        segment_value(wanted.segment, walk) as value
    from walk
    cross join wanted
    where walk.starts and walk.user_id is not null
),

later as (
    -- only what the first event did not tell is looked for in the others
    select
        walk.session_no,
        missing.segment,
        arg_min(segment_value(missing.segment, walk), walk.event_no) as value
    from walk
    inner join at_start as missing on walk.session_no = missing.session_no and missing.value is null
    where not walk.starts
    group by walk.session_no, missing.segment
)

select * from at_start where value is not null
union all
select * from later where value is not null;
