-- one row is: two problems: units and hits of the one outside of what the other touched
-- parameters: none
-- from: wanted_pairs (problem_no, other_no), problem_units, problem_hits, problem_touched
-- read by: user_intel/detect/evidence.py
with units as (
    select
        wanted_pairs.problem_no,
        wanted_pairs.other_no,
        count(*) as all_units,
        count(case when touched.session is null then 1 end) as units
    from wanted_pairs
    inner join problem_units on wanted_pairs.problem_no = problem_units.problem_no
    left join problem_touched as touched
        on wanted_pairs.other_no = touched.problem_no and problem_units.session = touched.session
    group by wanted_pairs.problem_no, wanted_pairs.other_no
),

hits as (
    select
        wanted_pairs.problem_no,
        wanted_pairs.other_no,
        count(*) as all_hits,
        count(case when touched.session is null then 1 end) as hits
    from wanted_pairs
    inner join problem_hits on wanted_pairs.problem_no = problem_hits.problem_no
    left join problem_touched as touched
        on wanted_pairs.other_no = touched.problem_no and problem_hits.session = touched.session
    group by wanted_pairs.problem_no, wanted_pairs.other_no
)

select
    units.problem_no,
    units.other_no,
    units.all_units,
    units.units,
    coalesce(hits.all_hits, 0) as all_hits,
    coalesce(hits.hits, 0) as hits
from units
left join hits on units.problem_no = hits.problem_no and units.other_no = hits.other_no;
