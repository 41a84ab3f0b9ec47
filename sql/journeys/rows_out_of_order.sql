-- one row is: how many steps do not stand right behind the one before them in their session
-- parameters: none
-- from: written_steps in stored order
-- read by: user_intel/journeys/build.py
with neighbours as (
    select
        position,
        lag(position) over () as prior_position
    from written_steps
)

select count(*) as misplaced
from neighbours
where position <> 1 and position is distinct from prior_position + 1;
