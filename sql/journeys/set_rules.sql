-- one row is: nothing; it gives the session's connection the rules of a build as variable `rules`
-- parameters: $rules, a struct: day, starts_at, ends_at, gap, cap, dwell_cap_s, keeps_..., segments, flows, goal_steps
-- from: nothing
-- read by: user_intel/journeys/build.py, once a connection
-- noqa: disable=LT05
set variable rules = $rules;
