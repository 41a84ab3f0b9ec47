-- one row is: a person of the range: how many steps they visit, how evenly, how quickly
-- parameters: none
-- from: user_places, feature_visits
-- read by: user_intel/segment/features.py
create or replace table user_breadth as
with paced as (
    select
        user_no,
        -- a tenth of a second is as good as none, and none has no logarithm
        exp(sum(ln(greatest(dwell_s, 0.1))::decimal(18, 9))::double / count(*)) as typical_dwell_s
    from feature_visits
    -- greatest() passes over what is null, and would take the last visits for short ones
    where dwell_s is not null
    group by user_no
),

totals as (
    select
        user_no,
        sum(visits) as visits,
        count(*) as distinct_steps,
        1 - sum(sessions) / sum(visits) as revisit_share
    from user_places
    group by user_no
),

spread as (
    select
        user_places.user_no,
        -sum((user_places.visits / totals.visits * log2(user_places.visits / totals.visits))::decimal(18, 12))::double
            as step_entropy_bits
    from user_places
    inner join totals on user_places.user_no = totals.user_no
    group by user_places.user_no
)

select
    totals.*,
    -- one step alone has no entropy, nor a negative zero
    greatest(spread.step_entropy_bits, 0) as step_entropy_bits,
    paced.typical_dwell_s
from totals
inner join spread on totals.user_no = spread.user_no
left join paced on totals.user_no = paced.user_no;
