-- one row is: feature and segment: users of the window who came where it is used from, who used it, who did so again
-- parameters: none
-- from: feature_homes (feature, step; empty: anywhere), session_steps, session_people, session_segments,
--       session_masks, segment_bits, segment_names
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

-- Most sessions used nothing: of them it is enough to know in which segments their users are.
eligible as (
    select
        by_session.feature_no,
        session_people.user_no,
        session_masks.block,
        bit_or(session_masks.mask) as mask
    from by_session
    inner join session_people on by_session.session = session_people.session
    inner join session_masks on by_session.session = session_masks.session
    group by by_session.feature_no, session_people.user_no, session_masks.block
),

eligible_masks as (
    select
        feature_no,
        block,
        mask,
        count(*) as users
    from eligible
    group by feature_no, block, mask
),

eligible_users as (
    select
        eligible_masks.feature_no,
        segment_bits.segment_no,
        sum(eligible_masks.users)::bigint as users
    from eligible_masks
    inner join segment_bits on eligible_masks.block = segment_bits.block and eligible_masks.mask & segment_bits.bit > 0
    group by eligible_masks.feature_no, segment_bits.segment_no
),

uses_by_user as (
    select
        by_session.feature_no,
        session_segments.segment_no,
        session_segments.user_no,
        count(*) as uses
    from by_session
    inner join session_segments on by_session.session = session_segments.session
    where by_session.uses > 0
    group by by_session.feature_no, session_segments.segment_no, session_segments.user_no
),

uses as (
    select
        feature_no,
        segment_no,
        count(*) as users,
        count(case when uses > 1 then 1 end) as repeating_users
    from uses_by_user
    group by feature_no, segment_no
)

select
    features.feature,
    segment_names.segment,
    eligible_users.users as eligible_users,
    coalesce(uses.users, 0) as users,
    coalesce(uses.repeating_users, 0) as repeating_users
from eligible_users
inner join features on eligible_users.feature_no = features.feature_no
inner join segment_names on eligible_users.segment_no = segment_names.segment_no
left join uses on eligible_users.feature_no = uses.feature_no and eligible_users.segment_no = uses.segment_no;
