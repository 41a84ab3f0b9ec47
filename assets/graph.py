"""Graph: journeys as a graph, in Neo4j or the home's embedded server, and how much each step matters in it.

Days are declared as depending on themselves, as in detect: whoever repairs a day ranks the days after it as well. The
graph is no table of the lake: what a day of it holds, and how deep, is in the metadata of its materialisation.
"""

from functools import partial
from typing import Any

import dagster as dg

from assets.daily import (
    DAILY,
    FRESH_BY_NOON,
    ONE_RUN,
    OWNER,
    PRODUCT,
    RETRIES,
    days_of,
    lasting_faults_end_the_step,
    refusals_end_the_step,
    table_asset,
    verdict,
)
from assets.lake_io import markdown, show_days
from user_intel.errors import GraphAway, GraphError
from user_intel.graph.checks import differences
from user_intel.graph.connection import open_graph
from user_intel.graph.linking import link_days_insights
from user_intel.graph.loading import Loaded, load_days
from user_intel.graph.page_ranks import Told, write_page_ranks
from user_intel.lake import Lake

_refusals_end_the_step = partial(refusals_end_the_step, GraphError, GraphAway)


@dg.asset(
    group_name="graph",
    description="Users, sessions and visits of the day in the graph, and its steps and transitions.",
    owners=[OWNER],
    kinds={"neo4j"},
    partitions_def=DAILY,
    freshness_policy=FRESH_BY_NOON,
    deps=["sessions", "steps", "transitions", "frustration_signals", "tallies", "pain_points"],
    pool="neo4j",
    retry_policy=RETRIES,
    backfill_policy=ONE_RUN,
)
def journey_graph(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    with _refusals_end_the_step(), lasting_faults_end_the_step(), open_graph() as graph:
        for loaded in load_days(lake, PRODUCT, graph, days_of(context)):
            context.add_asset_metadata(_about_load(loaded), partition_key=loaded.day.isoformat())
    return dg.MaterializeResult()


@dg.asset(
    group_name="graph",
    description="The day's insights in the graph, linked to the pain points they are about.",
    owners=[OWNER],
    kinds={"neo4j"},
    partitions_def=DAILY,
    freshness_policy=FRESH_BY_NOON,
    deps=["journey_graph", "insights"],
    pool="neo4j",
    retry_policy=RETRIES,
    backfill_policy=ONE_RUN,
)
def insight_links(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    with _refusals_end_the_step(), lasting_faults_end_the_step(), open_graph() as graph:
        for day, linked in link_days_insights(lake, graph, days_of(context)).items():
            context.add_asset_metadata({"insights": linked}, partition_key=day.isoformat())
    return dg.MaterializeResult()


@dg.asset_check(asset="journey_graph", partitions_def=DAILY)
def graph_holds_what_the_lake_holds(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """Sessions, visits, users and transitions of a day are as many in the graph as in the lake, at the depth stated."""
    with _refusals_end_the_step(), open_graph() as graph:
        found = {day: differences(lake, PRODUCT, graph, day) for day in days_of(context)}
    return verdict({day: "; ".join(map(str, different)) for day, different in found.items() if different})


@dg.asset(
    **table_asset("page_ranks", kinds={"duckdb", "networkx"}),
    deps=["sessions", "transitions"],
    backfill_policy=ONE_RUN,
)
def page_ranks(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        with lasting_faults_end_the_step():
            told = write_page_ranks(lake, PRODUCT, day)
        context.add_asset_metadata(_about_ranks(told), asset_key="page_ranks", partition_key=day.isoformat())
    show_days(context, lake, "page_ranks", days)
    return dg.MaterializeResult()


def _about_load(loaded: Loaded) -> dict[str, Any]:
    return {
        "depth": loaded.depth,
        "chains": loaded.chains,
        "server": loaded.flavour,
        "sessions": loaded.sessions,
        "sessions_of_the_day": loaded.lake_sessions,
        "users": loaded.users,
        "visits": loaded.visits,
        "visits_of_the_day": loaded.lake_visits,
        "steps": loaded.steps,
        "transitions": loaded.transitions,
        "pain_points": loaded.pain_points,
        "insights": loaded.insights,
        "hits": loaded.hits,
        "seconds": round(loaded.seconds, 2),
        "visits_per_second": round(loaded.visits_per_second),
        "pruned_days": ", ".join(day.isoformat() for day in loaded.pruned_days) or "none",
    }


def _about_ranks(told: Told) -> dict[str, Any]:
    top = [(rank.step, f"{rank.pagerank:.4f}", f"{rank.betweenness:.4f}", rank.community_name) for rank in told.top]
    return {
        "days_of_window": told.days,
        "communities": len(told.communities),
        "betweenness_sources": f"{told.betweenness_sources} of {told.steps} steps",
        "top_ten": dg.MetadataValue.md(markdown(("step", "pagerank", "betweenness", "community"), top)),
        "largest_communities": dg.MetadataValue.md(markdown(("community", "steps"), told.communities[:10])),
    }
