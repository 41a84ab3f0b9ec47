"""One person erased from the graph: their sessions and visits go, and what was counted of their days is counted anew.

The lake must have been rid of them before: counts are made from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from user_intel import files
from user_intel.graph.claims import writing
from user_intel.graph.connection import Graph
from user_intel.graph.days import held_days
from user_intel.graph.loading import recount_day, sum_up_window
from user_intel.graph.pruning import clear_users
from user_intel.lake import Lake
from user_intel.product import Product


def forget_in_graph(lake: Lake, product: Product, graph: Graph, users: Sequence[str], days: Sequence[date] = ()) -> int:
    """Erases these users; how many of their sessions there were. `days`: those the lake held them on.

    Raises GraphError; erasing again then does the rest.
    """
    with writing(lake.home, graph) as claim:
        held = {each.day for each in held_days(graph) if each.is_whole}
        theirs = {row["day"].to_native() for row in graph.read(files.cypher("prune/days_of_users"), {"users": users})}
        changed = sorted(held & (theirs | set(days)))
        # Counted first: as long as the person is there, a run that was killed finds their days again.
        for day in changed:
            recount_day(claim, lake, product, day)
        sessions = clear_users(claim, users)
        for day in changed:
            claim.write("load/count_chains", day=day)
        if changed:
            sum_up_window(claim, product.graph.window_days)
    return sessions
