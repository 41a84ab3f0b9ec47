-- one row is: a way of 2 to 4 different steps that led back to where it began, smallest rotation first
-- parameters: none
-- from: steps in stored order, each session's rows together and in order of position
-- read by: user_intel/journeys/questions.py
with ahead as (
    select
        session_id,
        user_id,
        position,
        hash(step) as h0,
        lead(hash(step), 1) over () as h1,
        lead(hash(step), 2) over () as h2,
        lead(hash(step), 3) over () as h3,
        lead(hash(step), 4) over () as h4,
        -- within a session positions count up by one; another session's begin at 1 again
        lead(position, 2) over () as p2,
        lead(position, 3) over () as p3,
        lead(position, 4) over () as p4
    from steps
),

closed as (
    select
        hash(session_id) as session_hash,
        hash(user_id) as user_hash,
        h0,
        h1,
        -- the step after the last is the first again
        case when length > 2 then h2 else h0 end as h2,
        case when length > 3 then h3 when length > 2 then h0 end as h3,
        case when length > 3 then h0 end as h4,
        length,
        case
            when length = 2 then least(h0, h1)
            when length = 3 then least(h0, h1, h2)
            else least(h0, h1, h2, h3)
        end as smallest
    from (
        select
            *,
            case
                when p2 = position + 2 and h2 = h0 then 2
                when p3 = position + 3 and h3 = h0 then 3
                when p4 = position + 4 and h4 = h0 and h1 <> h3 then 4
            end as length
        from ahead
    )
    where length is not null
),

turned as (
    select
        session_hash,
        user_hash,
        length,
        smallest as r1,
        case smallest when h0 then h1 when h1 then h2 when h2 then h3 else h4 end as r2,
        case
            when length > 2
                then case smallest when h0 then h2 when h1 then if(length = 3, h0, h3) when h2 then if(length = 3, h1, h0) else h1 end
        end as r3,
        case when length > 3 then case smallest when h0 then h3 when h1 then h0 when h2 then h1 else h2 end end as r4
    from closed
),

counted as (
    select
        row_number() over () as ring_no,
        [r1, r2, r3, r4][:length] as ring,
        count(distinct session_hash) as sessions,
        count(distinct user_hash) as users,
        count(*) as count
    from turned
    group by length, r1, r2, r3, r4
),

names as (
    select distinct
        step,
        hash(step) as digest
    from steps
),

items as (
    select
        ring_no,
        unnest(ring) as digest,
        generate_subscripts(ring, 1) as place
    from counted
),

spelled as (
    select
        items.ring_no,
        list(names.step order by items.place) as ring
    from items
    inner join names using (digest)
    group by items.ring_no
)

select
    spelled.ring[list_position(spelled.ring, list_min(spelled.ring)):]
    || spelled.ring[:list_position(spelled.ring, list_min(spelled.ring)) - 1] as cycle,
    counted.sessions,
    counted.users,
    counted.count
from counted
inner join spelled using (ring_no)
order by counted.count desc, cycle;
