-- one row is: a session that counts, with everything that is known of it
-- parameters: none
-- from: session_people, all_properties (sessions of the window)
-- read by: user_intel/detect/segments.py
create or replace view all_session_properties as
select
    session_people.session,
    session_people.user_no,
    all_properties.*
from session_people
inner join all_properties on session_people.session = hash(all_properties.session_id);
