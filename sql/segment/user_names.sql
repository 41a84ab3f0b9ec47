-- one row is: a person of the range: shares by step, feature, flow and property, under their names
-- parameters: $features, $other (the name that all other steps go by)
-- from: user_places, user_rhythm, user_breadth, kept_steps, feature_sessions, feature_visits, feature_flows,
--       feature_numbers
-- read by: user_intel/segment/features.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
create or replace table user_names as
with by_name as (
    select
        places.user_no,
        'step' as kind,
        coalesce(kept_steps.step, $other) as name,
        sum(places.visits) / any_value(whole.visits) as value
    from user_places as places
    inner join user_breadth as whole on places.user_no = whole.user_no
    left join kept_steps on places.step_no = kept_steps.step_no
    group by places.user_no, kept_steps.step
    union all
    select
        ends.user_no,
        ends.kind,
        coalesce(kept_steps.step, $other) as name,
        count(*) / any_value(whole.sessions) as value
    from (
        select
            user_no,
            unnest(['entry', 'exit']) as kind,
            unnest([entry_step, exit_step]) as step
        from feature_sessions
    ) as ends
    inner join user_rhythm as whole on ends.user_no = whole.user_no
    left join kept_steps on ends.step = kept_steps.step
    where ends.step is not null
    group by ends.user_no, ends.kind, kept_steps.step
    union all
    select
        places.user_no,
        'feature' as kind,
        features.name,
        places.sessions / whole.sessions as value
    from (select unnest($features::varchar []) as name) as features
    inner join user_places as places on hash(features.name) = places.step_hash
    inner join user_rhythm as whole on places.user_no = whole.user_no
    union all
    select
        flows.user_no,
        unnest(['flow_entry', 'flow_progress', 'flow_completion']) as kind,
        flows.flow as name,
        unnest([
            count(*) / any_value(whole.sessions),
            sum(flows.depth) / sum(flows.length),
            count(*) filter (where flows.depth = flows.length) / count(*)
        ]) as value
    from feature_flows as flows
    inner join user_rhythm as whole on flows.user_no = whole.user_no
    group by flows.user_no, flows.flow
    union all
    select
        user_no,
        unnest(['property_mean', 'property_total', 'property_count', 'property_ignored']) as kind,
        property as name,
        unnest([total / nullif(numbers, 0), total, numbers, ignored]) as value
    from feature_numbers
),

goals as (
    select
        user_no,
        count(distinct session) as sessions
    from feature_flows
    where depth = length
    group by user_no
),

maps as (
    select
        user_no,
        kind,
        map_from_entries(list_sort(list({'k': name, 'v': value}))) as named
    from by_name
    where value is not null
    group by user_no, kind
),

mapped as (
    select
        user_no,
        any_value(named) filter (where kind = 'step') as step_shares,
        any_value(named) filter (where kind = 'entry') as entry_shares,
        any_value(named) filter (where kind = 'exit') as exit_shares,
        any_value(named) filter (where kind = 'feature') as feature_shares,
        any_value(named) filter (where kind = 'flow_entry') as flow_entry_shares,
        any_value(named) filter (where kind = 'flow_progress') as flow_progress,
        any_value(named) filter (where kind = 'flow_completion') as flow_completion,
        any_value(named) filter (where kind = 'property_mean') as property_means,
        any_value(named) filter (where kind = 'property_total') as property_totals,
        any_value(named) filter (where kind = 'property_count') as property_counts,
        any_value(named) filter (where kind = 'property_ignored') as ignored
    from maps
    group by user_no
)

select
    mapped.* exclude (ignored),
    coalesce(list_sum(map_values(mapped.ignored)), 0)::bigint as property_ignored,
    coalesce(goals.sessions, 0) as goal_sessions
from mapped
left join goals on mapped.user_no = goals.user_no;
