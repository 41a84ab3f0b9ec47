-- one row is: a problem, with who met it and how much the same people meet it again and again
-- parameters: none
-- from: wanted_problems, problem_units, problem_hits
-- read by: user_intel/detect/evidence.py
with hit_by_user as (
    select
        problem_no,
        user_no,
        count(*) as sessions,
        sum(events) as events
    from problem_hits
    group by problem_no, user_no
),

units_by_user as (
    select
        problem_no,
        user_no,
        count(*) as sessions
    from problem_units
    group by problem_no, user_no
),

hits as (
    select
        problem_no,
        sum(sessions) as sessions,
        count(*) as users,
        max(events) / sum(events) as top_user_share
    from hit_by_user
    group by problem_no
),

rates as (
    select
        units.problem_no,
        sum(units.sessions) as units,
        sum(coalesce(hit.sessions, 0)) / sum(units.sessions) as rate,
        sum(units.sessions ** 2) as units_squares,
        sum(coalesce(hit.sessions, 0) ** 2) as hits_squares,
        sum(coalesce(hit.sessions, 0) * units.sessions) as products
    from units_by_user as units
    left join hit_by_user as hit on units.problem_no = hit.problem_no and units.user_no = hit.user_no
    group by units.problem_no
)

select
    wanted_problems.problem_no,
    coalesce(hits.sessions, 0)::bigint as sessions,
    coalesce(hits.users, 0)::bigint as users,
    coalesce(hits.top_user_share, 1) as top_user_share,
    coalesce(rates.units, 0)::bigint as units,
    -- variance of the hits as they come from users, against what independent sessions would have
    (rates.hits_squares - 2 * rates.rate * rates.products + rates.rate ** 2 * rates.units_squares)
    / nullif(rates.units * rates.rate * (1 - rates.rate), 0) as design_effect
from wanted_problems
left join hits on wanted_problems.problem_no = hits.problem_no
left join rates on wanted_problems.problem_no = rates.problem_no
order by wanted_problems.problem_no;
