-- one row is: a way of 2 to 4 different steps that led back to where it began, smallest rotation first
-- parameters: none
-- from: steps in stored order, each session's rows together and in order of position
-- read by: user_intel/journeys/questions.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
with marked as (
    select
        user_id,
        hash(session_id) as session_hash,
        -- equal only where both step and session are, so looking ahead never leaves a session
        xor(hash(step), hash(session_id)) as mark
    from steps
),

ahead as (
    select
        *,
        lead(mark, 1) over () as m1,
        lead(mark, 2) over () as m2,
        lead(mark, 3) over () as m3,
        lead(mark, 4) over () as m4
    from marked
),

closed as (
    select
        session_hash,
        hash(user_id) as user_hash,
        case when m2 = mark then 2 when m3 = mark then 3 else 4 end as length,
        xor(mark, session_hash) as h0,
        xor(m1, session_hash) as h1,
        xor(m2, session_hash) as h2,
        xor(m3, session_hash) as h3
    from ahead
    where m2 = mark or m3 = mark or (m4 = mark and m1 <> m3)
),

begun as (
    select
        *,
        case
            when length = 2 then least(h0, h1)
            when length = 3 then least(h0, h1, h2)
            else least(h0, h1, h2, h3)
        end as r1
    from closed
),

turned as (
    select
        session_hash,
        user_hash,
        length,
        r1,
        case
            when length = 2 then if(r1 = h0, h1, h0)
            when r1 = h0 then h1
            when r1 = h1 then h2
            when r1 = h2 and length = 4 then h3
            else h0
        end as r2,
        case
            when length = 3 then case r1 when h0 then h2 when h1 then h0 else h1 end
            when length = 4 then case r1 when h0 then h2 when h1 then h3 when h2 then h0 else h1 end
        end as r3,
        case when length = 4 then case r1 when h0 then h3 when h1 then h0 when h2 then h1 else h2 end end as r4
    from begun
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
