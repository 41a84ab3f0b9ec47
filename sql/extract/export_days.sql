-- one row is: event of tables.EVENTS, with its day a second time for the folder it is written to
-- parameters: none
-- from: finished_events
-- read by: user_intel/extract/batch_export.py
select
    *,
    day as folder
from finished_events;
