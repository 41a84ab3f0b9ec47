"""Segment: users grouped by how they behave. Each day looks back over its window; nothing is carried from day to day.

Days are declared as depending on themselves, as in journeys: a mapping to 28 days would cut every backfill into as many
runs. A range is worked in order; whoever repairs a day groups the days after it anew as well.
"""

import dagster as dg

from assets.daily import ONE_RUN, PRODUCT, days_of, lasting_faults_end_the_step, table_asset
from assets.lake_io import markdown, show_days
from user_intel.lake import Lake
from user_intel.segment.features import write_features
from user_intel.segment.matrix import load_matrix


@dg.asset(
    **table_asset("user_features", kinds={"duckdb"}),
    deps=["sessions", "steps", "frustration_signals", "events"],
    backfill_policy=ONE_RUN,
)
def user_features(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        with lasting_faults_end_the_step():
            users = write_features(lake, PRODUCT, day)
            matrix = load_matrix(lake, PRODUCT, day)
        figures = {
            "users": users,
            "users_with_few_sessions": int(matrix.sparse.sum()),
            "features": len(matrix.names),
            "features_used": dg.MetadataValue.md(markdown(["feature"], [[name] for name in matrix.names])),
            "features_left_out": dg.MetadataValue.md(markdown(["feature", "why"], matrix.left_out.items())),
        }
        context.add_asset_metadata(figures, partition_key=day.isoformat())
    show_days(context, lake, "user_features", days)
    return dg.MaterializeResult()
