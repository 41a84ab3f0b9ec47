-- one row is: nothing; it keeps the pseudonyms of people who were forgotten
-- parameters: $users
-- from: the list
-- read by: user_intel/extract/normalise.py
create or replace temp table forgotten_users as
select unnest($users::varchar[]) as user_id;
