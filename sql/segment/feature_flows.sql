-- one row is: a session that entered a flow, and how many of its steps it went through in order
-- parameters: none
-- from: feature_visits, flow_places (flow, place, step, length)
-- read by: user_intel/segment/features.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table feature_flows as
with came as (
    select
        visits.user_no,
        visits.session,
        flow_places.flow,
        any_value(flow_places.length) as length,
        -- always the earliest visit of the next step: no other choice gets further
        list_reduce(
            list(flow_places.place order by visits.position),
            lambda depth, place: case when place = depth + 1 then place else depth end,
            0::bigint
        ) as depth
    from feature_visits as visits
    inner join flow_places on visits.step_hash = hash(flow_places.step)
    group by visits.user_no, visits.session, flow_places.flow
)

select *
from came
where depth > 0;
