-- one row is: an event of a session that closes today, session after session in order of time; a last row of nulls
-- parameters: variables rules (gap), intricate
-- from: woven_events: the day's file, then the intricate users' sessions, read as one so that their order is kept
-- read by: sql/journeys/visits.sql, session_rows.sql, page_stays.sql, segment_values.sql
-- Windows without an order stream over the order of the files: nothing is sorted.
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace view walk as
with neighbours as (
    select
        *,
        lag(user_id) over () as prior_user,
        lag(session_id) over () as prior_session,
        lag("at") over () as prior_at
    from woven_events
    where not is_bot
),

numbered as (
    select
        * exclude (prior_at),
        user_id is null
        or prior_user is distinct from user_id
        or prior_session is distinct from session_id
        or (session_id is null and "at" > prior_at + getvariable('rules').gap) as starts,
        count(case when prior_user is distinct from user_id then 1 end)
            over (rows unbounded preceding) as user_no
    from neighbours
)

select
    * exclude (prior_user, prior_session, user_no),
    row_number() over () as event_no,
    lag("at") over () as prior_at,
    count(case when starts then 1 end) over (rows unbounded preceding) as session_no,
    last_value(case when starts then coalesce(session_id, gap_session_id(user_id, "at")) end ignore nulls)
        over (rows unbounded preceding) as stored_session_id
from numbered
where if(source = 'woven', 0, get_bit(getvariable('intricate'), user_no::int)) = 0;
