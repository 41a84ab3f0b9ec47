"""Watch: recordings turned into evidence. Few recordings a day, within PostHog's plan and a budget.

Only the last days of a run are watched: recordings of older ones are mostly gone, and nobody pays to look back. Whoever
wants an older day materialises it alone.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import dagster as dg

from assets.daily import DAILY, ONE_RUN, PRODUCT, days_of, lasting_faults_end_the_step, table_asset, verdict
from assets.lake_io import markdown, show_days
from user_intel.lake import Lake
from user_intel.settings import settings
from user_intel.watch import summary
from user_intel.watch.clips import draw_day
from user_intel.watch.video_findings import find_day

# Browser and encoder work on both cores; the browser takes about a gigabyte.
_BIG_MACHINE = {
    "dagster-k8s/config": {
        "container_config": {"resources": {"requests": {"cpu": "2", "memory": "1.5Gi"}, "limits": {"memory": "3Gi"}}}
    }
}


@dg.asset(
    **table_asset("replay_clips", kinds={"posthog", "chromium"}),
    deps=["pain_points", "recordings", "sessions", "steps", "frustration_signals", "tallies"],
    backfill_policy=ONE_RUN,
    pool="posthog",
    op_tags=_BIG_MACHINE,
)
def replay_clips(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = _watched(days_of(context))
    for day in days:
        with lasting_faults_end_the_step():
            statuses = draw_day(lake, PRODUCT, settings(), day, told=context.log.info)
        figures: dict[str, Any] = {
            "clips": statuses["drawn"],
            **{f"status/{name}": count for name, count in sorted(statuses.items())},
            "recordings": dg.MetadataValue.md(markdown(summary.CLIP_COLUMNS, summary.clips(lake, day))),
            "folder": dg.MetadataValue.path(lake.home / "replays" / day.isoformat()),
        }
        context.add_asset_metadata(figures, partition_key=day.isoformat())
    _leave_empty(lake, "replay_clips", days_of(context))
    show_days(context, lake, "replay_clips", days_of(context))
    return dg.MaterializeResult()


@dg.asset(
    **table_asset("video_findings", kinds={"gemini"}),
    deps=["replay_clips", "pain_points", "steps"],
    backfill_policy=ONE_RUN,
    pool="gemini",
)
def video_findings(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = _watched(days_of(context))
    for day in days:
        with lasting_faults_end_the_step():
            seen = find_day(lake, PRODUCT, settings(), day)
        figures = {
            "findings": seen.shown,
            "findings_refused": seen.refused,
            "clips_inconclusive": seen.inconclusive,
            "calls": seen.calls,
            "cost_usd": seen.cost_usd,
            "calls_of_unknown_cost": seen.calls_of_unknown_cost,
            "cache_hits": seen.cache_hits,
            "clips_left_to_the_local_reader": len(seen.left_to_local),
            "watched_by": settings().watching_model or "the local reader",
            "what_was_seen": dg.MetadataValue.md(markdown(summary.FINDING_COLUMNS, summary.findings(lake, day))),
            "why_refused": dg.MetadataValue.md(markdown(("why", "findings"), summary.refusals(lake, day))),
        }
        context.add_asset_metadata(figures, partition_key=day.isoformat())
    _leave_empty(lake, "video_findings", days_of(context))
    show_days(context, lake, "video_findings", days_of(context))
    return dg.MaterializeResult()


@dg.asset_check(asset="replay_clips", partitions_def=DAILY)
def clips_are_there(context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
    """Every clip a row names is a file, until its retention ends."""
    missing = {day: summary.missing_files(lake, PRODUCT, day) for day in days_of(context)}
    return verdict({day: f"{count} clips are not there" for day, count in missing.items() if count})


@dg.asset_check(asset="video_findings", partitions_def=DAILY)
def findings_lie_in_their_recordings(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """What is shown was seen within a recording of the day, and within the clip where one is named."""
    stray = {day: summary.stray_findings(lake, day) for day in days_of(context)}
    return verdict({day: f"{count} findings lie outside" for day, count in stray.items() if count})


def _watched(days: Sequence[date]) -> list[date]:
    """The last days of a run, as many as `watch.days_of_a_run`."""
    return list(days[-PRODUCT.watch.days_of_a_run :])


def _leave_empty(lake: Lake, table: str, days: Sequence[date]) -> None:
    """A day of a long run that was not watched has no rows; what an earlier run saw of it stays."""
    for day in days:
        if day not in lake.days(table):
            lake.write_rows(table, day, [])
