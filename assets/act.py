"""Act: from insight to Jira and back. The last day files and follows tickets; older days tell what was done for them.

Running history again opens no tickets: only the last day of insights acts, and only while it is recent.
"""

from functools import partial
from typing import Any

import dagster as dg

from assets.daily import (
    DAILY,
    ONE_RUN,
    PRODUCT,
    RETRIES,
    days_of,
    lasting_faults_end_the_step,
    refusals_end_the_step,
    table_asset,
    verdict,
)
from assets.lake_io import markdown, show_days
from user_intel.act import checks, outcomes
from user_intel.act.outcomes import Outcome
from user_intel.act.run import Acted, act_day
from user_intel.errors import JiraAway, JiraError
from user_intel.lake import Lake
from user_intel.settings import settings

_MOST_TICKETS = 50
_refusals_end_the_step = partial(refusals_end_the_step, JiraError, JiraAway)


@dg.asset(
    **table_asset("jira_issues", kinds={"jira"}),
    deps=["insights", "pain_points", "replay_clips", "video_findings"],
    pool="jira",
    retry_policy=RETRIES,
    backfill_policy=ONE_RUN,
)
def jira_issues(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        with _refusals_end_the_step(), lasting_faults_end_the_step():
            acted = act_day(lake, PRODUCT, settings(), day, told=lambda row: context.log.info("%s", _line(row)))
        context.add_asset_metadata(_about(acted), partition_key=day.isoformat())
    show_days(context, lake, "jira_issues", days)
    return dg.MaterializeResult()


@dg.asset_check(asset="jira_issues", partitions_def=DAILY)
def each_problem_has_one_ticket(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """Each problem is told of once, and no ticket is that of two problems."""
    found = {day: checks.told_twice(lake, day) for day in days_of(context)}
    return verdict({day: words for day, words in found.items() if words})


@dg.asset_check(asset="jira_issues", partitions_def=DAILY)
def nothing_was_refused(context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
    """Every ticket and comment was taken; what was not is told, in Jira's own words."""
    found = {day: checks.refusals(lake, day) for day in days_of(context)}
    return verdict({day: words for day, words in found.items() if words}, dg.AssetCheckSeverity.WARN)


@dg.asset_check(asset="jira_issues", partitions_def=DAILY)
def no_identity_is_told(context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
    """No title, reason or request of a dry run holds the id of a user or a session of the day."""
    found = {day: checks.identities_told(lake, PRODUCT, day) for day in days_of(context)}
    return verdict({day: words for day, words in found.items() if words})


def _about(acted: Acted) -> dict[str, Any]:
    counts = outcomes.by_action(acted.outcomes)
    rows = map(outcomes.cells, acted.outcomes[:_MOST_TICKETS])
    return {
        "acted": acted.words,
        **{f"action/{action}": count for action, count in counts.items()},
        "daily_cap": PRODUCT.jira.daily_cap,
        "waiting_for_the_cap": acted.waiting,
        "policy": PRODUCT.jira.policy,
        "tickets": dg.MetadataValue.md(markdown(outcomes.COLUMNS, rows)),
        "tickets_not_shown": max(0, len(acted.outcomes) - _MOST_TICKETS),
    }


def _line(row: Outcome) -> str:
    return f"{row.insight_id}: {row.action} {row.key or ''} {row.reason or ''}".strip()
