-- one row is: the first steps of journeys (shorter where they ended sooner), or null for all other paths together
-- parameters: $length (1 to 8 steps), $paths (how many are named)
-- from: steps in stored order, each session's rows together and in order of position
-- read by: user_intel/journeys/questions.py
-- noqa: disable=AM03,ST05
with begun as (
    select
        position,
        next_step is null or position = $length as is_last,
        -- integers look back cheaper than strings; names come back at the end
        hash(step) as h1,
        lag(hash(step), 1) over () as h2,
        lag(hash(step), 2) over () as h3,
        lag(hash(step), 3) over () as h4,
        lag(hash(step), 4) over () as h5,
        lag(hash(step), 5) over () as h6,
        lag(hash(step), 6) over () as h7,
        lag(hash(step), 7) over () as h8
    from steps
    where position <= $length
),

paths as (
    select
        position,
        h1,
        case when position > 1 then h2 end as h2,
        case when position > 2 then h3 end as h3,
        case when position > 3 then h4 end as h4,
        case when position > 4 then h5 end as h5,
        case when position > 5 then h6 end as h6,
        case when position > 6 then h7 end as h7,
        case when position > 7 then h8 end as h8,
        count(*) as sessions
    from begun
    where is_last
    group by all
),

ranked as (
    select
        [h8, h7, h6, h5, h4, h3, h2, h1] as digests,
        sessions,
        sum(sessions) over () as all_sessions,
        row_number() over (order by sessions desc, h1, h2, h3, h4, h5, h6, h7, h8) as rank
    from paths
),

names as (
    select distinct
        step,
        hash(step) as digest
    from steps
),

spelled as (
    select
        ranked.rank,
        list(names.step order by items.place) as path,
        any_value(ranked.sessions) as sessions,
        any_value(ranked.all_sessions) as all_sessions
    from ranked
    cross join
        lateral (
            select
                unnest(ranked.digests) as digest,
                generate_subscripts(ranked.digests, 1) as place
        ) as items
    inner join names on items.digest = names.digest
    where ranked.rank <= $paths
    group by ranked.rank
),

other as (
    select
        $paths + 1 as rank,
        null as path,
        sum(sessions) as sessions,
        any_value(all_sessions) as all_sessions
    from ranked
    where rank > $paths
    having count(*) > 0
),

everybody as (
    from spelled
    union all
    from other
)

select
    path,
    sessions::bigint as sessions,
    sessions / all_sessions as share
from everybody
order by rank;
