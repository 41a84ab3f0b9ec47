-- one row is: person that a distinct id belongs to, or once belonged to
-- parameters: {distinct_id}
-- from: PostHog's person_distinct_ids (HogQL)
-- read by: user_intel/extract/posthog_api.py
select distinct toString(person_id) as person
from person_distinct_ids
where distinct_id = {distinct_id}
limit 1000
