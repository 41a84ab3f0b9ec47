"""Detect: where users struggle. A day is counted once; what is said of it looks back over its window and baseline.

Days are declared as depending on themselves, as in journeys: a mapping to 35 days would cut every backfill into as many
runs. A range is judged in order after all of it was counted; whoever repairs a day judges the days after it as well.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import dagster as dg

from assets.daily import DAILY, ONE_RUN, PRODUCT, days_of, lasting_faults_end_the_step, table_asset, verdict
from assets.lake_io import drawn, markdown, show_days
from user_intel.detect import checks, summary
from user_intel.detect.illustration import illustrated
from user_intel.detect.run import DETECTORS, detect_window, write_signals, write_tallies
from user_intel.detect.scene import Scene
from user_intel.detect.wording import PainPoint
from user_intel.lake import Lake

# What each detector reads. Pain points are judged from the same counts as the other tables, not from those tables.
_COUNTED = ("sessions", "steps", "tallies")
_READS = dict.fromkeys(DETECTORS, _COUNTED) | {
    "funnels": ("sessions", "steps"),
    "pain_points": (*_COUNTED, "frustration_signals", "transitions"),
}


@dg.asset(
    **table_asset("frustration_signals", kinds={"duckdb"}),
    deps=["sessions", "steps", "events"],
    backfill_policy=ONE_RUN,
)
def frustration_signals(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        with lasting_faults_end_the_step():
            write_signals(lake, PRODUCT, day)
    show_days(context, lake, "frustration_signals", days)
    return dg.MaterializeResult()


@dg.asset(
    **table_asset("tallies", kinds={"duckdb"}),
    deps=["sessions", "steps", "events", "recordings", "frustration_signals"],
    backfill_policy=ONE_RUN,
)
def tallies(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        with lasting_faults_end_the_step():
            write_tallies(lake, PRODUCT, day)
    show_days(context, lake, "tallies", days)
    return dg.MaterializeResult()


# All of them look at the same window: it is opened and judged once a day, whichever of them were asked for.
@dg.multi_asset(
    name="detectors",
    specs=[
        dg.AssetSpec(table, deps=_READS[table], **table_asset(table, kinds={"duckdb", "polars"})) for table in DETECTORS
    ],
    can_subset=True,
    backfill_policy=ONE_RUN,
)
def detectors(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> Iterator[dg.MaterializeResult]:
    days = days_of(context)
    chosen = [table for table in DETECTORS if dg.AssetKey(table) in context.selected_asset_keys]
    for day in days:
        with lasting_faults_end_the_step():
            scene = detect_window(lake, PRODUCT, day, chosen)
        for table in chosen:
            figures = _figures(lake, scene, table)
            context.add_asset_metadata(figures, asset_key=table, partition_key=day.isoformat())
    for table in chosen:
        show_days(context, lake, table, days)
        yield dg.MaterializeResult(asset_key=table)


@dg.asset_check(asset="pain_points", partitions_def=DAILY)
def losses_within_the_real_loss(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """The pain points of a flow claim no more conversions than its sessions really failed to make."""
    beyond = {day: checks.losses_beyond_the_real(lake, PRODUCT, day) for day in days_of(context)}
    return verdict({day: _told_losses(found) for day, found in beyond.items() if found})


@dg.asset_check(asset="pain_points", partitions_def=DAILY)
def pain_points_have_evidence(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """Every pain point but an anomaly was met by as many sessions and users as the thresholds ask for."""
    bare = {day: checks.without_evidence(lake, PRODUCT, day) for day in days_of(context)}
    return verdict({day: f"too little evidence for {', '.join(ids)}" for day, ids in bare.items() if ids})


def _told_losses(beyond: Mapping[str, tuple[float, int]]) -> str:
    return ", ".join(f"{flow}: {claimed:,.0f} claimed, {real:,} lost" for flow, (claimed, real) in beyond.items())


def _figures(lake: Lake, scene: Scene, table: str) -> dict[str, Any]:
    """What a day of a table shows besides its rows."""
    if table == "pain_points":
        return _about_pain_points(lake, scene)
    reasons = summary.unsaid(lake, table, scene.day).reasons
    return {"not_said": dg.MetadataValue.md(markdown(("why nothing is said", "rows"), reasons.items()))}


def _about_pain_points(lake: Lake, scene: Scene) -> dict[str, Any]:
    found = summary.ranked_pain_points(lake, scene.day)
    by_kind = summary.by_kind(found)
    left_out = scene.window.segments.reasons
    return {
        "pain_points": len(found),
        **{f"kind/{kind}": count for kind, count in by_kind.items()},
        "top_five": dg.MetadataValue.md(markdown(summary.TOP_COLUMNS, map(summary.top_row, found[:5]))),
        "segments": ", ".join(scene.window.segments.names),
        "segments_left_out": dg.MetadataValue.md(markdown(("property", "why"), left_out.items())),
        "flows": "; ".join(f"{flow.name}: {' > '.join(flow.steps)}" for flow in scene.flows) or "none",
        "flows_are": "mined" if any(flow.mined for flow in scene.flows) else "configured" if scene.flows else "none",
        **_drawn(lake, scene.day, found),
    }


def _drawn(lake: Lake, day: date, found: list[PainPoint]) -> dict[str, Any]:
    """The picture of the first pain point, small enough to be kept in the instance's storage."""
    if not found:
        return {}
    return {"picture": drawn(illustrated(lake, PRODUCT, found[0]), "the most severe pain point")}
