-- one row is: a user who on a day of the window visited many steps faster than people do; left out of every detector
-- parameters: $visits, $pace_s, $most_share (no more of a day's users than this: then its clock tells nothing)
-- from: window_steps
-- read by: user_intel/detect/window.py
create or replace table robots as
with paced as (
    select
        day,
        user_id,
        count(*) >= $visits and coalesce(median(dwell_s) < $pace_s, false) as is_fast
    from window_steps
    group by day, user_id
),

days as (
    select
        day,
        count(*) filter (where is_fast) <= greatest(1, $most_share * count(*)) as tells
    from paced
    group by day
)

select
    paced.day,
    paced.user_id
from paced
inner join days on paced.day = days.day
where paced.is_fast and days.tells;
