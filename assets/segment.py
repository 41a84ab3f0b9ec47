"""Segment: users grouped by how they behave. Each day looks back over its window; only keys and names are carried on.

Days are declared as depending on themselves, as in journeys: a mapping to 28 days would cut every backfill into as many
runs. A range is worked in order; whoever repairs a day groups the days after it anew as well where a check asks for it.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import dagster as dg

from assets.daily import DAILY, ONE_RUN, PRODUCT, days_of, lasting_faults_end_the_step, table_asset, verdict
from assets.lake_io import drawn, markdown, show_days
from user_intel.lake import Lake
from user_intel.segment import chain, summary
from user_intel.segment.changes import miscounted, write_changes
from user_intel.segment.features import write_features
from user_intel.segment.illustration import illustrated
from user_intel.segment.matrix import load_matrix
from user_intel.segment.profiles import write_profiles
from user_intel.segment.user_clusters import ClusteredDay, cluster_day

# The one heavy step. Executors that give each step a machine of its own (dagster-k8s) read this; others ignore it. A
# million users took less than 4 GiB; the second core serves the search for neighbours only.
_BIG_MACHINE = {
    "dagster-k8s/config": {
        "container_config": {"resources": {"requests": {"cpu": "2", "memory": "4Gi"}, "limits": {"memory": "6Gi"}}}
    }
}
_MOST_MOVES = 12


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


# A day is grouped once for both: what was found, and how far it can be believed.
@dg.multi_asset(
    name="clusters",
    specs=[
        dg.AssetSpec(table, deps=["user_features"], **table_asset(table, kinds={"scikitlearn"}))
        for table in ("user_clusters", "clusterings")
    ],
    op_tags=_BIG_MACHINE,
    backfill_policy=ONE_RUN,
)
def clusters(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> Iterator[dg.MaterializeResult]:
    days = days_of(context)
    for day in days:
        with lasting_faults_end_the_step():
            found = cluster_day(lake, PRODUCT, day)
        context.add_asset_metadata(_sizes(found), asset_key="user_clusters", partition_key=day.isoformat())
        context.add_asset_metadata(_quality(found), asset_key="clusterings", partition_key=day.isoformat())
    for table in ("user_clusters", "clusterings"):
        show_days(context, lake, table, days)
        yield dg.MaterializeResult(asset_key=table)


@dg.asset(
    **table_asset("cluster_changes", kinds={"duckdb"}),
    deps=["user_clusters", "clusterings"],
    backfill_policy=ONE_RUN,
)
def cluster_changes(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        with lasting_faults_end_the_step():
            write_changes(lake, day)
        moves = markdown(summary.MOVE_COLUMNS, summary.moves(lake, day, _MOST_MOVES))
        context.add_asset_metadata({"moves": dg.MetadataValue.md(moves)}, partition_key=day.isoformat())
    show_days(context, lake, "cluster_changes", days)
    return dg.MaterializeResult()


@dg.asset(
    **table_asset("cluster_profiles", kinds={"duckdb", "polars"}),
    deps=[
        "user_features", "user_clusters", "clusterings", "sessions", "steps", "tallies", "frustration_signals",
        "pain_points",
    ],
    backfill_policy=ONE_RUN,
)  # fmt: skip
def cluster_profiles(context: dg.AssetExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.MaterializeResult:
    days = days_of(context)
    for day in days:
        with lasting_faults_end_the_step():
            write_profiles(lake, PRODUCT, day)
        context.add_asset_metadata(_about_personas(lake, day), partition_key=day.isoformat())
    show_days(context, lake, "cluster_profiles", days)
    return dg.MaterializeResult()


@dg.asset_check(asset="cluster_changes", partitions_def=DAILY)
def changes_add_up(context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]) -> dg.AssetCheckResult:
    """The users of a day's changes are all users of both days."""
    wrong = {day: miscounted(lake, day) for day in days_of(context)}
    return verdict({day: words for day, words in wrong.items() if words})


@dg.asset_check(asset="cluster_changes", partitions_def=DAILY)
def keys_follow_from_the_days_before(
    context: dg.AssetCheckExecutionContext, lake: dg.ResourceParam[Lake]
) -> dg.AssetCheckResult:
    """The personas of a day, and of the next one, are keyed as the days before them tell now."""
    days = days_of(context)
    looked_at = [*days, *_next_day(lake, days[-1])]
    broken = {day: chain.broken_chain(lake, PRODUCT, day) for day in looked_at}
    return verdict({day: words for day, words in broken.items() if words}, dg.AssetCheckSeverity.WARN)


def _next_day(lake: Lake, day: date) -> Sequence[date]:
    return [each for each in chain.clustered_days(lake) if each > day][:1]


def _about_personas(lake: Lake, day: date) -> dict[str, Any]:
    """What a day of cluster_profiles shows besides its rows."""
    known = summary.profiles(lake, day)
    rows = markdown(summary.PERSONA_COLUMNS, map(summary.persona_row, known))
    return {
        "personas": len([each for each in known if each.status != "gone"]),
        "who": dg.MetadataValue.md(rows),
        "picture": drawn(illustrated(lake, day), "users by behaviour, their groups and sizes"),
    }


def _sizes(found: ClusteredDay) -> dict[str, Any]:
    labels = found.clustering.labels
    rows = [(key, int((labels == label).sum())) for label, key in found.keys.items()]
    return {
        "verdict": found.clustering.verdict,
        "users": found.users,
        "users_fitted": int(found.clustering.fitted.sum()),
        "users_in_no_group": int((labels < 0).sum()),
        "groups": len(found.keys),
        "sizes": dg.MetadataValue.md(markdown(("persona", "users"), rows)),
    }


def _quality(found: ClusteredDay) -> dict[str, Any]:
    quality = found.clustering.quality
    measured = {
        "noise_share": quality.noise_share,
        "dbcv": quality.dbcv,
        "agreement": quality.agreement,
        "seed_agreement": quality.seed_agreement,
        "crowd_agreement": quality.crowd_agreement,
        "togetherness": quality.togetherness,
        "placement_agreement": quality.placement_agreement,
    }
    rows = [
        (found.keys[label], group.users, f"{group.jaccard:.2f}", group.called)
        for label, group in quality.groups.items()
    ]
    return {
        "verdict": found.clustering.verdict,
        "words": found.clustering.words,
        **{name: value for name, value in measured.items() if value is not None},
        "stability": dg.MetadataValue.md(
            markdown(("persona", "users fitted", "found again (Jaccard)", "so it is"), rows)
        ),
        "parameters": dg.MetadataValue.json(found.clustering.parameters),
    }
