-- one row is: a recording of the day, and what became of it
-- parameters: none
-- from: day_clips, day_pain_points
-- read by: user_intel/watch/summary.py
select
    day_clips.place,
    day_pain_points.kind || ': ' || day_pain_points.subject as pain_point,
    if(day_clips.met, 'met it', 'contrast') as shows,
    string_agg(day_clips.kind, ', ' order by day_clips.kind) as clips,
    any_value(day_clips.status) as status,
    any_value(day_clips.reason) as reason,
    sum(day_clips.video_s) as video_s
from day_clips
left join day_pain_points on day_clips.pain_point_id = day_pain_points.pain_point_id
group by day_clips.place, pain_point, shows
order by day_clips.place, pain_point;
