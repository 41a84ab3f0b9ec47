-- one row is: feature and segment: users of the window who came where it is used from, who used it, who did so again
-- parameters: none
-- from: feature_homes (feature, step; empty: anywhere), session_steps, session_segments, segment_names
-- read by: user_intel/detect/underused_features.py
with features as (
    select
        feature,
        bool_or(step = '') as is_anywhere,
        row_number() over (order by feature) as feature_no
    from feature_homes
    group by feature
),

places as (
    select
        features.feature_no,
        hash(feature_homes.step) as step_no,
        0::utinyint as uses
    from feature_homes
    inner join features on feature_homes.feature = features.feature
    where feature_homes.step <> ''
    union all
    select
        feature_no,
        hash(feature) as step_no,
        1::utinyint as uses
    from features
),

seen as (
    select
        places.feature_no,
        session_steps.session,
        places.uses
    from session_steps
    inner join places on session_steps.step_no = places.step_no
    union all
    select distinct
        features.feature_no,
        session_steps.session,
        0::utinyint as uses
    from session_steps
    inner join features on features.is_anywhere
),

by_session as (
    select
        feature_no,
        session,
        max(uses) as uses
    from seen
    group by feature_no, session
),

by_user as (
    select
        by_session.feature_no,
        session_segments.segment_no,
        session_segments.user_no,
        sum(by_session.uses) as uses
    from by_session
    inner join session_segments on by_session.session = session_segments.session
    group by by_session.feature_no, session_segments.segment_no, session_segments.user_no
)

select
    features.feature,
    segment_names.segment,
    count(*) as eligible_users,
    count(case when by_user.uses > 0 then 1 end) as users,
    count(case when by_user.uses > 1 then 1 end) as repeating_users
from by_user
inner join features on by_user.feature_no = features.feature_no
inner join segment_names on by_user.segment_no = segment_names.segment_no
group by features.feature, segment_names.segment;
