-- one row is: nothing; it gives the session's connection the rules of a build as variable `rules`
-- parameters: $rules (struct: day, starts_at, ends_at, gap, cap, dwell_cap_s, keeps_pages, keeps_segments, segments, flows, goal_steps)
-- from: nothing
-- read by: user_intel/journeys/build.py, once a connection
set variable rules = $rules;
