"""The graph as Dagster sees it: read this and you can draw it.

    PostHog, CSV, Parquet ─> events ─┬─> sessions
                                     └─> steps ─> transitions
    PostHog ─> recordings

    events, sessions, steps ─> frustration_signals ─┐
    events, sessions, steps, recordings ────────────┴─> tallies     what one day's sessions did, counted

    tallies, sessions, steps ─┬─> drop_offs, loops, slow_steps, underused_features, anomalies
                              │   funnels (of sessions and steps alone)
                              └─> pain_points <─ frustration_signals, transitions

    sessions, steps, transitions, pain_points ─> journey_graph     in Neo4j; page_ranks ─> lake

    sessions, steps, frustration_signals ─> user_features ─> user_clusters, clusterings ─┬─> cluster_changes
                                                                            pain_points ─┴─> cluster_profiles

    pain_points, recordings ─> replay_clips ─> video_findings       what the recordings of a problem show

    pain_points, video_findings ─> insights ─┬─> briefings          in words, every number bound to a fact
    cluster_profiles ─> cluster_insights ────┘
    insights ─> jira_issues                                         and back: what became of them
    insights ─> insight_links                                       in Neo4j

Every asset is one lake table, partitioned by day; a run is about one day or a range of days. What detects looks back
over the window and the baseline that end at its day.
"""

from datetime import datetime, timedelta

import dagster as dg

from assets import act, alerts, detect, explain, extract, graph, journeys, segment, watch
from assets.daily import PRODUCT
from assets.extract import SourceResource, late_data_requests
from assets.lake_io import LakeIOManager, LakeResource
from user_intel.extract.sources import open_source
from user_intel.lake import open_lake
from user_intel.retention import apply_retention
from user_intel.settings import settings
from user_intel.watch.shelf import drop_expired

STAGES = [extract, journeys, detect, graph, segment, watch, explain, act]

pipeline = dg.define_asset_job(
    "pipeline", selection=dg.AssetSelection.all(), description="Every stage for one day or a range of days."
)


@dg.schedule(
    job=pipeline,
    cron_schedule=settings().schedule,
    execution_timezone=PRODUCT.timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def nightly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Yesterday, through every stage; once a day, however often the schedule ticks."""
    day = (context.scheduled_execution_time.astimezone(PRODUCT.zone) - timedelta(days=1)).date().isoformat()
    return dg.RunRequest(run_key=day, partition_key=day)


@dg.sensor(job=pipeline, minimum_interval_seconds=3_600, default_status=dg.DefaultSensorStatus.RUNNING)
def late_data(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Extracts the last days again, and everything downstream, where the source now counts other events."""
    requests = list(late_data_requests(open_lake(), open_source()))
    return dg.SensorResult(requests) if requests else dg.SkipReason("the last days hold what their source counts")


@dg.op
def drop_expired_days(context: dg.OpExecutionContext) -> None:
    """Removes events, recordings and user_features older than the retention, and clips older than theirs."""
    dropped = apply_retention(open_lake(), settings().retention_days)
    dropped["clips"] = drop_expired(open_lake(), PRODUCT.watch.keep_days, datetime.now(PRODUCT.zone).date())
    context.log.info("retention dropped %s", {table: len(days) for table, days in dropped.items()})


@dg.job
def retention() -> None:
    """Keeps events, recordings, user_features and clips no longer than configured."""
    drop_expired_days()


nightly_retention = dg.ScheduleDefinition(
    name="nightly_retention",
    job=retention,
    cron_schedule="30 4 * * *",
    execution_timezone=PRODUCT.timezone,
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

defs = dg.Definitions(
    assets=dg.load_assets_from_modules(STAGES),
    asset_checks=dg.load_asset_checks_from_modules(STAGES),
    jobs=[pipeline, retention],
    schedules=[nightly, nightly_retention],
    sensors=[late_data, alerts.failure_alerts],
    resources={"lake": LakeResource(), "source": SourceResource(), "io_manager": LakeIOManager()},
    executor=dg.in_process_executor,
)
