"""Journeys: events put back together as sessions, steps and the transitions between steps.

A day's sessions may have begun the day before. Days are declared as depending on themselves all the same: a mapping to
the day before would cut every backfill into two runs and stretch it by a day. Whoever repairs a day runs the next too.
"""

from collections.abc import Iterator

import dagster as dg

from assets.daily import DAILY, ONE_RUN, PRODUCT, days_of, table_asset, verdict
from assets.lake_io import show_days
from user_intel.journeys import transitions as transition_counts
from user_intel.journeys.build import build_journeys
from user_intel.journeys.check import account_for_every_event
from user_intel.lake import Lake, Relation


# One pass over the sorted events makes both tables: the sort is what costs, so it is paid once.
@dg.multi_asset(
    name="sessions_and_steps",
    specs=[
        dg.AssetSpec("sessions", deps=["events"], **table_asset("sessions", kinds={"duckdb"})),
        dg.AssetSpec("steps", deps=["events"], **table_asset("steps", kinds={"duckdb"})),
    ],
    backfill_policy=ONE_RUN,
)
def sessions_and_steps(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]
) -> Iterator[dg.MaterializeResult]:
    days = days_of(context)
    for day in days:
        build_journeys(lake, PRODUCT, day)
    for table in ("sessions", "steps"):
        show_days(context, lake, table, days)
        yield dg.MaterializeResult(asset_key=table)


@dg.asset(**table_asset("transitions", kinds={"duckdb"}), backfill_policy=ONE_RUN)
def transitions(steps: Relation) -> Relation:
    return transition_counts.transitions(steps)


@dg.asset_check(asset="sessions", partitions_def=DAILY, blocking=True)
def sessions_account_for_every_event(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """Every event of a day is in exactly one session, or in one still open at its end."""
    accounts = {day: account_for_every_event(lake, PRODUCT, day) for day in days_of(context)}
    return verdict(
        {
            day: f"{found.missing:,} events are in no session, {found.doubled:,} in more than one"
            for day, found in accounts.items()
            if not found.sound
        }
    )
