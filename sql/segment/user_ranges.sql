-- one row is: the first user of each so many, in order: ranges of people that fit into memory together
-- parameters: $users
-- from: window_sessions
-- read by: user_intel/segment/features.py
with people as (
    select distinct user_id
    from window_sessions
),

numbered as (
    select
        user_id,
        row_number() over (order by user_id) - 1 as user_no
    from people
)

select user_id
from numbered
where user_no % $users = 0
order by user_id;
