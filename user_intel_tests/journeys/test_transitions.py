"""Transitions of many rows are worked out in slices that give what the whole gives."""

import duckdb

from user_intel.journeys.transitions import transitions


def test_slices_give_what_the_whole_gives() -> None:
    with duckdb.connect() as connection:
        steps = connection.sql(
            """select date '2026-11-01' + (n % 2)::integer as day, (n // 7)::varchar as session_id,
                      (n // 30)::varchar as user_id, '/' || n % 11 as step, (n % 13) / 4 as dwell_s,
                      case when n % 7 < 6 then '/' || (n + 1) % 11 end as next_step
               from range(3_000) numbers(n)"""
        )
        whole = sorted(transitions(steps).fetchall())
        assert len(whole) == 22
        assert sorted(transitions(steps, rows_at_once=400).fetchall()) == whole
        assert sorted(transitions(steps, rows_at_once=400).fetchall()) == whole
