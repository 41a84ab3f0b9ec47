"""Explain: problems, personas and days in words, every number proven. The one stage that may pay a language model.

Days are declared as depending on themselves, as in detect. What a run has to pay for is bounded by the day's budget;
what was bought is never paid for again, and a day that has a later one and was explained before asks for nothing.
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import date
from typing import Any

import dagster as dg

from assets.daily import DAILY, ONE_RUN, PRODUCT, days_of, lasting_faults_end_the_step, table_asset, verdict
from assets.lake_io import markdown, show_days
from user_intel.explain import summary
from user_intel.explain.briefings import write_briefings
from user_intel.explain.cluster_insights import unexplained_personas, write_cluster_insights
from user_intel.explain.insights import unexplained, write_insights
from user_intel.explain.stored import ungrounded
from user_intel.explain.writing import Account
from user_intel.lake import Lake
from user_intel.llm.asks import Spent
from user_intel.llm.models import open_models
from user_intel.settings import settings
from user_intel.state import open_state
from user_intel.state.publishing import publish, register

# What names of the product are read from, besides what is explained.
_NAMES = ("drop_offs", "funnels", "underused_features", "cluster_profiles", "pain_points")
_TOP = 5


@dg.asset(
    **table_asset("insights", kinds={"llm"}),
    deps=[*_NAMES, "replay_clips", "video_findings"],
    pool="llm",
    backfill_policy=ONE_RUN,
)
def insights(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        told, spent = _write(write_insights, lake, day)
        with lasting_faults_end_the_step(), open_state() as state:
            register(lake, state, [day])
            publish(lake, state)
        figures = _about(told.account, spent, told.kept) | {"insights": told.rows, "quiet": told.quiet}
        top = markdown(summary.TOP_COLUMNS, map(summary.top_row, summary.told_insights(lake, day)[:_TOP]))
        figures["top_insights"] = dg.MetadataValue.md(top)
        context.add_asset_metadata(figures, partition_key=day.isoformat())
    show_days(context, lake, "insights", days)
    return dg.MaterializeResult()


@dg.asset(**table_asset("cluster_insights", kinds={"llm"}), deps=[*_NAMES], pool="llm", backfill_policy=ONE_RUN)
def cluster_insights(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        told, spent = _write(write_cluster_insights, lake, day)
        renamed = dg.MetadataValue.md(markdown(("persona", "better name"), told.renamed.items()))
        figures = _about(told.account, spent, told.kept) | {"personas": told.rows, "renamed": renamed}
        context.add_asset_metadata(figures, partition_key=day.isoformat())
    show_days(context, lake, "cluster_insights", days)
    return dg.MaterializeResult()


@dg.asset(
    **table_asset("briefings", kinds={"llm"}),
    deps=["insights", "cluster_insights", *_NAMES],
    pool="llm",
    backfill_policy=ONE_RUN,
)
def briefings(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        told, spent = _write(write_briefings, lake, day)
        figures = _about(told.account, spent, told.kept) | _texts(lake, day)
        context.add_asset_metadata(figures, partition_key=day.isoformat())
    show_days(context, lake, "briefings", days)
    return dg.MaterializeResult()


@dg.asset_check(asset="insights", partitions_def=DAILY)
def every_pain_point_is_explained(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """Each pain point of the day has its insight, by a model or by the narrator."""
    missing = {day: unexplained(lake, day) for day in days_of(context)}
    return verdict({day: f"not explained: {', '.join(ids)}" for day, ids in missing.items() if ids})


@dg.asset_check(asset="insights", partitions_def=DAILY)
def insights_are_grounded(context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
    """Read back, no insight holds a number, unit, direction or name that its facts do not."""
    return _grounded(context, lake, "insights")


@dg.asset_check(asset="cluster_insights", partitions_def=DAILY)
def every_persona_is_explained(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """Each persona that is there that day has its text, by a model or by the narrator."""
    missing = {day: unexplained_personas(lake, day) for day in days_of(context)}
    return verdict({day: f"not explained: {', '.join(keys)}" for day, keys in missing.items() if keys})


@dg.asset_check(asset="cluster_insights", partitions_def=DAILY)
def cluster_insights_are_grounded(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """Read back, no persona's text holds a number, unit, direction or name that its facts do not."""
    return _grounded(context, lake, "cluster_insights")


@dg.asset_check(asset="briefings", partitions_def=DAILY)
def briefings_are_grounded(context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
    """Read back, no briefing holds a number, unit, direction or name that its facts do not."""
    return _grounded(context, lake, "briefings")


def _grounded(context: dg.AssetCheckExecutionContext, lake: Lake, table: str) -> dg.AssetCheckResult:
    found = {day: [each for each in ungrounded(lake, PRODUCT, day) if each.table == table] for day in days_of(context)}
    return verdict({day: "; ".join(map(str, each)) for day, each in found.items() if each})


def _write(write: Callable[..., Any], lake: Lake, day: date) -> tuple[Any, Spent]:
    """Writes a table-day with the day's models and what is known of earlier days; what that cost now."""
    with lasting_faults_end_the_step(), ExitStack() as stack:
        models = stack.enter_context(open_models(settings(), day=day))
        with open_state() as state:
            feedback = state.feedback(before=day)
        return write(lake, PRODUCT, models, feedback, day), models.spent


def _about(account: Account, spent: Spent, kept: int) -> dict[str, Any]:
    """What texts cost in this run, by whom they were written, and what was refused or left out."""
    return {
        "cost_usd": round(spent.cost_usd, 6),
        "calls": spent.calls,
        "calls_of_unknown_cost": spent.calls_of_unknown_cost,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "cached_input_tokens": spent.cached_input_tokens,
        "cache_hits": spent.cache_hits,
        "asks": account.asks,
        "kept_from_before": kept,
        "refused_texts": account.refused_texts,
        "refused_claims": sum(account.refused_claims.values()),
        "refused_by_rule": _counted("rule", account.refused_claims),
        "written_by": _counted("by", account.written_by),
        "narrated_because": _counted("why no model wrote it", account.narrated_because),
        "facts_left_out": _counted("facts of", account.facts_left_out),
        "knowledge_left_out": account.knowledge_left_out,
    }


def _counted(what: str, counts: Mapping[str, int]) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md(
        markdown((what, "how many"), sorted(counts.items(), key=lambda each: (-each[1], each[0])))
    )


def _texts(lake: Lake, day: date) -> dict[str, Any]:
    found = {scope: summary.briefing(lake, day, scope) for scope in ("day", "week")}
    return {
        f"{scope}_briefing": dg.MetadataValue.md(f"### {told.title}\n\n{told.text}\n\nby {told.by}")
        for scope, told in found.items()
        if told
    }
