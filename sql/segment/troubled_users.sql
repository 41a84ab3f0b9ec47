-- one row is: a problem and a persona (null: users of none): users in detect's window, and those who met it
-- parameters: none
-- from: members (user_id, cluster_key), session_people, wanted_problems, problem_hits
-- read by: user_intel/segment/troubles.py
with people as (
    select distinct
        members.cluster_key,
        session_people.user_no
    from session_people
    inner join members on session_people.user_no = hash(members.user_id)
),

hit as (
    select distinct
        problem_no,
        user_no
    from problem_hits
)

select
    wanted_problems.problem_no,
    people.cluster_key,
    count(*)::bigint as users,
    count(hit.user_no)::bigint as hit
from wanted_problems
cross join people
left join hit on wanted_problems.problem_no = hit.problem_no and people.user_no = hit.user_no
group by wanted_problems.problem_no, people.cluster_key
order by wanted_problems.problem_no, people.cluster_key;
