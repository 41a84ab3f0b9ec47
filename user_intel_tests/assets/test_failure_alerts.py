"""A run that failed is told with its job, its days, its reason and a link, once."""

from collections.abc import Iterator

import dagster as dg
import pytest

from assets.alerts import failure_alerts
from user_intel import settings
from user_intel_tests.test_alerts import slack

__all__ = ["slack"]


@dg.op
def breaks() -> None:
    raise ValueError("PostHog said no")


@dg.job
def broken() -> None:
    breaks()


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    settings.settings.cache_clear()
    yield
    settings.settings.cache_clear()


def evaluated() -> object:
    with dg.DagsterInstance.ephemeral() as instance:
        tags = {"dagster/asset_partition_range_start": "2026-11-01", "dagster/asset_partition_range_end": "2026-11-05"}
        result = broken.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        context = dg.build_run_status_sensor_context(
            sensor_name="failure_alerts",
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            dagster_event=result.get_run_failure_event(),
        ).for_run_failure()
        return failure_alerts(context)


def test_a_failed_run_is_told_to_slack(slack: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"{slack[0]}/hook")
    monkeypatch.setenv("USER_INTEL_DAGSTER_URL", "http://dagster.example")
    evaluated()
    (text,) = slack[1]
    assert "broken failed for 2026-11-01 to 2026-11-05" in text
    assert "breaks: ValueError: PostHog said no" in text
    assert "http://dagster.example/runs/" in text


def test_without_a_receiver_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_WEBHOOK_URL", "SMTP_URL", "ALERT_EMAIL_TO"):
        monkeypatch.delenv(name, raising=False)
    assert isinstance(evaluated(), dg.SkipReason)
