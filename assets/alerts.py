"""Tells people when a run failed: to a Slack webhook, by e-mail, both or neither, as configured."""

import dagster as dg

from assets.daily import cause_of
from user_intel import alerts
from user_intel.settings import settings


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING, minimum_interval_seconds=60)
def failure_alerts(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    """Sends one alert for each failed run; without a configured receiver it says so and sends none."""
    chosen = settings()
    if not alerts.receivers(chosen):
        return dg.SkipReason("no SLACK_WEBHOOK_URL and no SMTP_URL with ALERT_EMAIL_TO")
    run = context.dagster_run
    causes = [cause_of(event) for event in context.get_step_failure_events()]
    alerts.send(
        chosen,
        alerts.Alert(
            job=run.job_name,
            days=_days(run.tags),
            reason="\n".join(causes) or context.failure_event.message or "no reason given",
            link=f"{chosen.dagster_url.rstrip('/')}/runs/{run.run_id}",
        ),
    )
    return None


def _days(tags: dict[str, str]) -> str:
    if day := tags.get("dagster/partition"):
        return day
    first, last = (tags.get(f"dagster/asset_partition_range_{end}", "") for end in ("start", "end"))
    return f"{first} to {last}" if first else "no day"
