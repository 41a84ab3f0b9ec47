-- one row is: feature and segment: users of the window who came where it is used from, who used it, who did so again
-- parameters: none
-- from: feature_homes (feature, step; empty: anywhere), session_steps, session_segments, segment_names
-- read by: user_intel/detect/underused_features.py
with came as (
    select distinct
        feature_homes.feature,
        session_steps.session
    from feature_homes
    inner join session_steps on feature_homes.step = '' or hash(feature_homes.step) = session_steps.step_no
),

used as (
    select distinct
        feature_homes.feature,
        session_steps.session
    from feature_homes
    inner join session_steps on hash(feature_homes.feature) = session_steps.step_no
),

by_session as (
    select
        coalesce(came.feature, used.feature) as feature,
        coalesce(came.session, used.session) as session,
        (used.session is not null)::int as uses
    from came
    full join used on came.feature = used.feature and came.session = used.session
),

by_user as (
    select
        by_session.feature,
        session_segments.segment_no,
        session_segments.user_no,
        sum(by_session.uses) as uses
    from by_session
    inner join session_segments on by_session.session = session_segments.session
    group by by_session.feature, session_segments.segment_no, session_segments.user_no
)

select
    by_user.feature,
    segment_names.segment,
    count(*) as eligible_users,
    count(case when by_user.uses > 0 then 1 end) as users,
    count(case when by_user.uses > 1 then 1 end) as repeating_users
from by_user
inner join segment_names on by_user.segment_no = segment_names.segment_no
group by by_user.feature, segment_names.segment;
