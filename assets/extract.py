"""Extract: what users did, day by day, from wherever it is recorded, private before it is stored."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta

import dagster as dg

from assets.daily import DAILY, ONE_RUN, PRODUCT, RETRIES, days_of, lasting_faults_end_the_step, table_asset, verdict
from assets.lake_io import show_days
from user_intel.days import yesterday
from user_intel.extract import checks
from user_intel.extract.posthog import Extraction
from user_intel.extract.sources import Source, open_source
from user_intel.lake import Lake

# How far back events still trickle in from phones that were offline.
LATE_DAYS = 3


class SourceResource(dg.ConfigurableResource[Source]):
    """Where events come from: PostHog when it is configured, else the files that were imported."""

    def create_resource(self, context: dg.InitResourceContext) -> Source:
        return open_source()


@dg.asset(**table_asset("events", kinds={"posthog"}), pool="posthog", retry_policy=RETRIES, backfill_policy=ONE_RUN)
def events(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], source: dg.ResourceParam[Source]
) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        with lasting_faults_end_the_step():
            extraction = source.extract_events(day)
        context.add_asset_metadata(_figures(extraction), partition_key=day.isoformat())
    show_days(context, lake, "events", days)
    return dg.MaterializeResult()


@dg.asset(
    **table_asset("recordings", kinds={"posthog"}),
    pool="posthog",
    retry_policy=RETRIES,
    backfill_policy=ONE_RUN,
)
def recordings(
    context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake], source: dg.ResourceParam[Source]
) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        with lasting_faults_end_the_step():
            source.extract_recordings(day)
    show_days(context, lake, "recordings", days)
    return dg.MaterializeResult()


@dg.asset_check(asset=events, partitions_def=DAILY, blocking=True)
def event_ids_unique(context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
    """No two events of a day share an event_id."""
    twice = {day: checks.repeated_event_ids(lake, day) for day in days_of(context)}
    return verdict({day: f"{count} ids twice" for day, count in twice.items() if count})


@dg.asset_check(asset=events, partitions_def=DAILY)
def counts_equal_source(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake], source: dg.ResourceParam[Source]
) -> dg.AssetCheckResult:
    """The lake holds as many events as the source counts, for the run's days and the last three."""
    days = sorted({*days_of(context), *recent_days(lake)})
    late = {difference.day: difference.summary for difference in source.differing_days(days)}
    return verdict(late, dg.AssetCheckSeverity.WARN)


@dg.asset_check(asset=events, partitions_def=DAILY)
def volume_as_usual(context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
    """A day's events lie within the bounds of the same weekday in the trailing weeks."""
    volumes = (checks.volume(lake, day) for day in days_of(context))
    return verdict({v.day: v.summary for v in volumes if not v.usual}, dg.AssetCheckSeverity.WARN)


def recent_days(lake: Lake) -> list[date]:
    """The last days that are over and were extracted, where late events are still to be expected."""
    last = yesterday(PRODUCT.zone)
    return [day for day in lake.days("events") if last - timedelta(days=LATE_DAYS) < day <= last]


def late_data_requests(lake: Lake, source: Source) -> Iterator[dg.RunRequest]:
    """One run from the first day that differs from its source to yesterday, so that everything downstream follows."""
    differing = list(source.differing_days(recent_days(lake)))
    if not differing:
        return
    first, last = min(d.day for d in differing), yesterday(PRODUCT.zone)
    key = ",".join(f"{d.day}:{d.source_rows}" for d in sorted(differing, key=lambda d: d.day))
    yield dg.RunRequest(run_key=key, tags=range_tags(first, last), partition_key=None)


def range_tags(first: date, last: date) -> dict[str, str]:
    """The tags that make one run cover every day from `first` to `last`."""
    return {
        "dagster/asset_partition_range_start": first.isoformat(),
        "dagster/asset_partition_range_end": last.isoformat(),
    }


def _figures(extraction: Extraction) -> dict[str, int | float]:
    return {name: value for name, value in asdict(extraction).items() if name != "day"}
