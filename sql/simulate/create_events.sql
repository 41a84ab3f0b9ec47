-- one row is: an event as PostHog stores it; the same uuid may be there more than once
-- parameters: none
-- from: nothing
-- read by: user_intel/simulate/store.py
create table utc.events
(
    uuid UUID,
    event String,
    properties String,
    timestamp DateTime64(6, 'UTC'),
    distinct_id String,
    elements_chain String,
    created_at DateTime64(6, 'UTC'),
    `$session_id` Nullable(String),
    `$window_id` Nullable(String),
    person_id UUID,
    person_mode String,
    person Tuple(id UUID, created_at DateTime64(6, 'UTC'), properties String)
)
engine = MergeTree
order by timestamp
