-- one row is: how many problems a day has, and how many came, went and moved since an earlier day
-- parameters: $day, $before (null: there is none)
-- from: pain_points, insights (which of them feedback keeps quiet)
-- read by: user_intel/explain/proof.py
with known as (
    select
        pain_points.pain_point_id,
        pain_points.trend,
        coalesce(insights.quiet, false) as is_quiet
    from pain_points
    left join insights
        on pain_points.day = insights.day and pain_points.pain_point_id = insights.pain_point_id
    where pain_points.day = $day::date
),

earlier as (
    select pain_point_id
    from pain_points
    where day = $before::date
)

select
    count(case when not is_quiet then 1 end) as problems,
    count(case when is_quiet then 1 end) as quiet,
    count(case when not is_quiet and trend = 'worse' then 1 end) as worse,
    count(case when not is_quiet and trend = 'better' then 1 end) as better,
    count(case when not is_quiet and pain_point_id not in (select pain_point_id from earlier) then 1 end) as new,
    (select count(*) from earlier where pain_point_id not in (select pain_point_id from known)) as gone
from known;
