-- one row is: a visit (by its first event) whose time on the page was reported by the page itself, with that time
-- parameters: none
-- from: walk, visits
-- read by: user_intel/journeys/build.py, when the day has such reports
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table page_stays as
with seen as (
    select
        *,
        case when event in ('$pageview', '$screen') and step is not null then event_no end as view_no
    from walk
    where event in ('$pageview', '$screen', '$pageleave')
),

latest as (
    select
        *,
        last_value(view_no ignore nulls) over (rows unbounded preceding) as latest_no,
        last_value(case when view_no is not null then session_no end ignore nulls)
            over (rows unbounded preceding) as latest_session_no,
        last_value(case when view_no is not null then "at" end ignore nulls)
            over (rows unbounded preceding) as latest_at
    from seen
),

looked_back as (
    select
        *,
        lag(latest_no) over () as left_no,
        lag(latest_session_no) over () as left_session_no,
        lag(latest_at) over () as left_at
    from latest
),

reported as (
    select
        left_no,
        case when event = '$pageleave' then page end as page,
        coalesce(
            try_cast(json_extract_string(
                case when contains(properties, '$prev_pageview_duration') then properties end,
                '$."$prev_pageview_duration"'
            ) as double),
            case when event = '$pageleave' then (epoch_us("at") - epoch_us(left_at)) / 1e6 end
        ) as stay_s
    from looked_back
    where left_session_no = session_no
)

select
    visits.event_no,
    -- a page that was reloaded reports once for each view of it
    sum(reported.stay_s) as stay_s
from reported
asof inner join visits on reported.left_no >= visits.event_no
where reported.stay_s >= 0 and coalesce(reported.page = visits.step, true)
group by visits.event_no;
