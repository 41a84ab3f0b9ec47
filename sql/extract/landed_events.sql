-- one row is: event, each id once; of several with one id the same one stays in whatever order they arrive
-- parameters: none
-- from: held_events, arrived_events, repeated_ids, forgotten_users
-- read by: user_intel/extract/landing.py
with together as (
    select *
    from held_events
    union all by name
    select *
    from arrived_events
    where user_id not in (select forgotten_users.user_id from forgotten_users)
),

once as (
    select *
    from together
    where hash(event_id) not in (select id_hash from repeated_ids)
),

first_of_each as (
    select *
    from together
    where hash(event_id) in (select id_hash from repeated_ids)
    qualify
        row_number() over (
            partition by event_id
            order by
                ingested_at desc nulls last,
                source asc,
                "at" asc,
                user_id asc,
                session_id asc,
                event asc,
                page asc,
                element asc,
                properties asc
        ) = 1
)

select *
from once
union all by name
select *
from first_of_each
