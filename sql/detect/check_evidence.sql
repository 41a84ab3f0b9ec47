-- one row is: a pain point that fewer sessions or users met than the evidence asks for
-- parameters: $min_sessions, $min_users
-- from: check_pain_points (pain_points of a day)
-- read by: user_intel/detect/checks.py
select pain_point_id
from check_pain_points
where kind <> 'anomaly' and (sessions < $min_sessions or users < $min_users)
order by pain_point_id;
