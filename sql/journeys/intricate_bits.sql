-- one row is: one bit a user in stored order (the first bit stands for nobody): 1 where the user is intricate
-- parameters: none
-- from: runs, intricate_users
-- read by: user_intel/journeys/build.py, once a connection. A bit is tested fifty times faster than a join
-- noqa: disable=LT09
set variable intricate = (
    with users as (
        select distinct
            user_no,
            user_id
        from runs
    )

    select
        coalesce('0' || string_agg(case when i.user_id is null then '0' else '1' end, '' order by u.user_no), '0')::bit
    from users as u
    left join intricate_users as i using (user_id)
);
