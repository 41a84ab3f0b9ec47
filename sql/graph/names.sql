-- one row is: nothing; the macro that says under which name a step goes in the graph
-- parameters: none
-- from: nothing
-- read by: user_intel/graph/day_rows.py
-- the linter does not read all of DuckDB's wording here -- noqa: disable=all
-- No index of a graph server takes a key of 8 kB or more; a name that long goes by its beginning and a digest.
create or replace macro graph_name(step) as
    case
        when strlen(step) <= 4096 then step
        else left(step, 1000) || '…' || md5(step)
    end;
