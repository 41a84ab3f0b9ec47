-- one row is: a session of a person of the range, and a friction signal it met at least once
-- parameters: none
-- from: range_signals, feature_sessions
-- read by: user_intel/segment/features.py
create or replace table feature_friction as
with met as (
    select distinct
        hash(session_id) as session,
        signal
    from range_signals
)

select
    feature_sessions.user_no,
    met.session,
    met.signal
from met
inner join feature_sessions on met.session = feature_sessions.session;
