"""Graph: journeys as a graph, and how much each step matters in it.

Days are declared as depending on themselves, as in detect: whoever repairs a day ranks the days after it as well.
"""

from typing import Any

import dagster as dg

from assets.daily import ONE_RUN, PRODUCT, days_of, lasting_faults_end_the_step, table_asset
from assets.lake_io import markdown, show_days
from user_intel.graph.page_ranks import Told, write_page_ranks
from user_intel.lake import Lake


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


def _about_ranks(told: Told) -> dict[str, Any]:
    top = [(rank.step, f"{rank.pagerank:.4f}", f"{rank.betweenness:.4f}", rank.community_name) for rank in told.top]
    return {
        "days_of_window": told.days,
        "communities": len(told.communities),
        "betweenness_sources": f"{told.betweenness_sources} of {told.steps} steps",
        "top_ten": dg.MetadataValue.md(markdown(("step", "pagerank", "betweenness", "community"), top)),
        "largest_communities": dg.MetadataValue.md(markdown(("community", "steps"), told.communities[:10])),
    }
