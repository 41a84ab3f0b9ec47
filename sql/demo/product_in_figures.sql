-- one row is: the whole simulated product
-- parameters: none
-- from: events, sessions, recordings
-- read by: user_intel/terminal/demo.py
select
    (select count(*) from events where not is_bot) as events,
    (select count(*) from events where is_bot) as bot_events,
    (select count(distinct user_id) from sessions) as users,
    (select count(*) from sessions) as sessions,
    (select median(duration_s) from sessions where step_count > 1) as median_duration_s,
    (select count(*) from recordings) as recordings;
