-- one row is: a visit of a step in a session that closes today; a session's rows stand together, ordered by position
-- parameters: $path, variable rules (day, dwell_cap_s)
-- from: visits, page_stays
-- read by: user_intel/journeys/build.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
copy (
    with followed as (
        select
            *,
            not lead(enters) over () as goes_on,
            lead("at") over () as next_at,
            lead(step) over () as next_step,
            lead(step_event_no) over () - step_event_no as repeats,
            row_number() over () as visit_no
        from visits
    ),

    placed as (
        select
            *,
            last_value(case when enters then visit_no end ignore nulls) over (rows unbounded preceding) as first_visit_no
        from followed
    )

    select
        getvariable('rules').day as day,
        placed.stored_session_id as session_id,
        placed.user_id,
        (placed.visit_no - placed.first_visit_no + 1)::integer as position,
        placed.step,
        placed."at" as entered_at,
        -- least() takes no notice of nulls: without a case the last step would last as long as the cap
        case
            when page_stays.stay_s is not null then least(page_stays.stay_s, getvariable('rules').dwell_cap_s)
            when placed.goes_on
                then least(
                    (epoch_us(placed.next_at) - epoch_us(placed."at")) / 1e6, getvariable('rules').dwell_cap_s
                )
        end as dwell_s,
        placed.repeats::integer as repeats,
        case when placed.goes_on then placed.next_step end as next_step
    from placed
    left join page_stays on placed.event_no = page_stays.event_no
    where placed.user_id is not null
) to $path (format parquet, compression zstd, compression_level 1, row_group_size 122880);
