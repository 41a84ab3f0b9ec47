-- one row is: how many findings that are shown lie outside their recording, or outside the clip they name
-- parameters: none
-- from: day_findings, day_clips
-- read by: user_intel/watch/summary.py
select count(*) as findings
from day_findings
left join day_clips
    on
        day_findings.pain_point_id = day_clips.pain_point_id
        and day_findings.session_id = day_clips.session_id
        and day_clips.kind = 'moment'
where
    day_findings.grounded
    and (
        day_clips.clip_id is null
        or day_findings.from_s < 0
        or day_findings.to_s < day_findings.from_s
        or (
            day_findings.clip is not null
            and (day_findings.from_s < day_clips.from_s - 1 or day_findings.to_s > day_clips.to_s + 1)
        )
    );
