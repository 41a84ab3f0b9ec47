-- one row is: nothing; it keeps the user agents that declare a bot
-- parameters: $agents
-- from: the list
-- read by: user_intel/extract/normalise.py
create or replace temp table bot_agents as
select unnest($agents::varchar[]) as user_agent;
