"""The public contract: every table a user can query, its columns, types, units and key.

One module a stage. Asset metadata, DuckDB comments, the README's reference and every write are checked against what
stands here; nothing else spells a table's columns.
"""

from user_intel.product import Product
from user_intel.tables.act import JIRA_ISSUES
from user_intel.tables.contract import DAY, Column, Stage, Table
from user_intel.tables.detect import (
    ANOMALIES,
    DROP_OFFS,
    FRUSTRATION_SIGNALS,
    FUNNELS,
    LOOPS,
    PAIN_POINTS,
    SLOW_STEPS,
    TALLIES,
    UNDERUSED_FEATURES,
)
from user_intel.tables.explain import BRIEFINGS, CLUSTER_INSIGHTS, INSIGHTS
from user_intel.tables.extract import EVENTS, RECORDINGS
from user_intel.tables.graph import PAGE_RANKS
from user_intel.tables.journeys import STEPS, TRANSITIONS, sessions_table
from user_intel.tables.segment import (
    CLUSTER_CHANGES,
    CLUSTER_PROFILES,
    CLUSTERINGS,
    USER_CLUSTERS,
    USER_FEATURES,
)
from user_intel.tables.state import INSIGHT_STATUS, ROADMAP
from user_intel.tables.watch import REPLAY_CLIPS, VIDEO_FINDINGS

__all__ = ["CLUSTER_PROFILES", "DAY", "EVENTS", "FRUSTRATION_SIGNALS", "FUNNELS", "PAIN_POINTS", "USER_FEATURES"]
__all__ += ["SNAPSHOTS", "Column", "Stage", "Table", "catalogue", "sessions_table"]

# Tables without days, by name: the last word on something, the same for every product.
SNAPSHOTS = {table.name: table for table in (INSIGHT_STATUS, ROADMAP)}


def catalogue(product: Product) -> dict[str, Table]:
    """Every table of a product by name, in the order they are made."""
    journeys = (sessions_table(product), STEPS, TRANSITIONS)
    detect = (
        FRUSTRATION_SIGNALS,
        TALLIES,
        DROP_OFFS,
        FUNNELS,
        LOOPS,
        SLOW_STEPS,
        UNDERUSED_FEATURES,
        ANOMALIES,
        PAIN_POINTS,
    )
    segment = (USER_FEATURES, USER_CLUSTERS, CLUSTERINGS, CLUSTER_CHANGES, CLUSTER_PROFILES)
    explain = (INSIGHTS, CLUSTER_INSIGHTS, BRIEFINGS)
    act = (JIRA_ISSUES,)
    tables = (
        EVENTS,
        RECORDINGS,
        *journeys,
        *detect,
        PAGE_RANKS,
        *segment,
        REPLAY_CLIPS,
        VIDEO_FINDINGS,
        *explain,
        *act,
    )
    return {table.name: table for table in tables}
