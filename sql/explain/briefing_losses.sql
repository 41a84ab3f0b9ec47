-- one row is: what the problems of a day cost together, at the least; those of a flow never more than it really lost
-- parameters: $day, $flow (null: all flows)
-- from: pain_points, insights (which of them feedback keeps quiet)
-- read by: user_intel/explain/proof.py
select
    sum(pain_points.lost_conversions) as lost_conversions,
    sum(pain_points.lost_usd) as lost_usd,
    count(*) as problems
from pain_points
left join insights on pain_points.day = insights.day and pain_points.pain_point_id = insights.pain_point_id
where
    pain_points.day = $day::date
    and not coalesce(insights.quiet, false)
    and ($flow::varchar is null or pain_points.flow = $flow);
