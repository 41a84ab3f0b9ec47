-- one row is: a pain point of a day: how many recordings of sessions that met it were watched, and in how many of
--   them something of a kind was seen
-- parameters: $day, $pain_point_id, $kind (of video_findings)
-- from: views replay_clips and video_findings
-- read by: user_intel/explain/proof.py
with watched as (
    select distinct session_id
    from replay_clips
    where day = $day::date and pain_point_id = $pain_point_id and met and status in ('drawn', 'not_drawn')
),

seen as (
    select distinct session_id
    from video_findings
    where day = $day::date and pain_point_id = $pain_point_id and met and grounded and kind = $kind
)

select
    (select count(*) from watched) as recordings,
    (select count(*) from seen inner join watched using (session_id)) as showing;
