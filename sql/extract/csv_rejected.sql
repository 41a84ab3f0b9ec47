-- one row is: rejected row of a CSV file, as a raw event that carries what is known of it in its properties
-- parameters: none
-- from: csv_checked with the row's number among those that could be told apart; csv_broken
-- read by: user_intel/extract/csv.py
select
    '' as event_id,
    '' as event,
    coalesce(nullif(trim(user_id), ''), '-') as identity,
    null::varchar as session_id,
    null::timestamp as "at",
    null::timestamp as ingested_at,
    to_json({
        'row': place
        + 1
        + (select count(*) from csv_broken where csv_broken.row_number - csv_broken.place <= csv_checked.place),
        'reason': reason,
        'timestamp': replace(left(time_cell, 100), chr(0), '?'),
        'action': replace(left("action", 500), chr(0), '?'),
        -- What is no JSON cannot be searched for names and passwords: only its shape is kept.
        'metadata': regexp_replace(
            regexp_replace(replace(left(metadata_cell, 500), chr(0), '?'), '\pL', 'x', 'g'), '[0-9]', '9', 'g'
        ),
        'other_columns': case when length(extras) < 4000 then json(extras) end
    })::varchar as properties,
    null::varchar as elements_chain,
    null::varchar as person
from csv_checked
where reason is not null
