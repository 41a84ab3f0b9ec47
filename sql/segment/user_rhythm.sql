-- one row is: a person of the range: when, how often and how long their sessions are
-- parameters: $ends_at (of the window, UTC)
-- from: feature_sessions
-- read by: user_intel/segment/features.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table user_rhythm as
with told as (
    select
        *,
        hour(local_start) as hour,
        isodow(local_start) as weekday,
        epoch_us(started_at - lag(started_at) over (partition by user_no order by started_at, session))
        / 86400e6 as gap_days
    from feature_sessions
),

counted as (
    select
        user_no,
        any_value(user_id) as user_id,
        count(*) as sessions,
        count(distinct local_start::date) as active_days,
        epoch_us($ends_at::timestamp - min(started_at)) / 86400e6 as tenure_days,
        greatest(0, epoch_us($ends_at::timestamp - max(ended_at)) / 86400e6) as recency_days,
        bool_or(new_user) as new_user,
        median(gap_days) as median_gap_days,
        count(gap_days) as gaps,
        -- sums of decimals are exact, so that the order in which rows are met changes nothing
        sum(gap_days::decimal(18, 9))::double as gap_total,
        sum((gap_days ** 2)::decimal(18, 9))::double as gap_squares,
        median(duration_s) as median_duration_s,
        exp(sum(ln(greatest(duration_s, 1))::decimal(18, 9))::double / count(*)) as typical_duration_s,
        median(step_count) as median_depth,
        sum(step_count)::double / count(*) as mean_depth,
        sum(event_count)::double / count(*) as events_per_session,
        count(*) filter (where step_count <= 1) / count(*) as one_step_share,
        count(*) filter (where hour < 6) / count(*) as night_share,
        count(*) filter (where hour >= 6 and hour < 12) / count(*) as morning_share,
        count(*) filter (where hour >= 12 and hour < 18) / count(*) as afternoon_share,
        count(*) filter (where hour >= 18) / count(*) as evening_share,
        count(*) filter (where weekday = 1) / count(*) as monday_share,
        count(*) filter (where weekday = 2) / count(*) as tuesday_share,
        count(*) filter (where weekday = 3) / count(*) as wednesday_share,
        count(*) filter (where weekday = 4) / count(*) as thursday_share,
        count(*) filter (where weekday = 5) / count(*) as friday_share,
        count(*) filter (where weekday = 6) / count(*) as saturday_share,
        count(*) filter (where weekday = 7) / count(*) as sunday_share,
        count(*) filter (where weekday >= 6) / count(*) as weekend_share
    from told
    group by user_no
)

select
    * exclude (gaps, gap_total, gap_squares),
    -- of those who came a short while ago first, the week is not over
    sessions / greatest(tenure_days / 7, 1) as sessions_per_week,
    case
        when gaps > 1 and gap_total > 0
            then sqrt(greatest(0, (gap_squares - gap_total ** 2 / gaps) / (gaps - 1))) / (gap_total / gaps)
    end as gap_variation
from counted;
