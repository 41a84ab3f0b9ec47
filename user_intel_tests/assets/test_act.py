"""jira_issues as `user-intel run` starts it: a range of days whose last one acts, its checks, what Dagster shows."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from assets import act as assets
from user_intel.act.outcomes import outcomes_of
from user_intel.days import yesterday
from user_intel.errors import JiraAway, JiraError
from user_intel.explain.identity import insight_id
from user_intel.product import Product
from user_intel_tests.act.desks import deployment
from user_intel_tests.act.made_insights import leaving
from user_intel_tests.act.stand_in import JiraStandIn

ROOT = Path(__file__).parents[2]
LAST = yesterday(Product().zone)
SHIPPING, CART = leaving(), leaving("/cart")


def shown(home: Path) -> dict[str, Any]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey("jira_issues"), asset_partitions=[LAST.isoformat()])
        (record,) = instance.fetch_materializations(wanted, limit=1).records
        assert record.asset_materialization
        return {name: entry.value for name, entry in record.asset_materialization.metadata.items()}


def test_of_a_range_the_last_day_acts_and_a_refusal_is_a_warning(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with JiraStandIn("cloud") as jira:
        at = deployment(home, jira)
        for days in (1, 0):
            at.explained([SHIPPING, CART], LAST - timedelta(days=days))
        at.decide(SHIPPING, "approved")
        at.decide(CART, "approved")
        jira.play("400", match="POST /rest/api/3/issue", errors={"labels": "Field 'labels' cannot be set."})
        (home / "dagster").mkdir()
        (home / "dagster" / "dagster.yaml").write_text(yaml.safe_dump({"telemetry": {"enabled": False}}))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("POSTHOG_", "JIRA_"))},
            **jira.environment(), "USER_INTEL_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"),
            "USER_INTEL_FIRST_DAY": str(LAST - timedelta(days=3)),
        }  # fmt: skip
        command = [sys.executable, "-m", "assets.run", "--from", str(LAST - timedelta(days=1)), "--to", str(LAST)]
        done = subprocess.run([*command, "--select", "jira_issues"], cwd=ROOT, env=environment, text=True,
                              capture_output=True, timeout=300)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr[-6000:]
        (ticket,) = jira.tickets()
    failed = json.loads(done.stdout.splitlines()[-1])["failed_checks"]
    assert [words.partition(":")[0] for words in failed] == ["jira_issues.nothing_was_refused"]
    assert "Field 'labels' cannot be set." in failed[0]
    told = shown(home)
    assert (told["action/created"], told["action/refused"], told["daily_cap"]) == (1, 1, 10)
    assert ticket["key"] in told["tickets"]
    assert insight_id(SHIPPING.pain_point_id) in told["preview"]
    # The day before was told as it was: nothing had been done for it.
    assert [row.action for row in outcomes_of(at.lake, LAST)] == ["created", "refused"]
    assert outcomes_of(at.lake, LAST - timedelta(days=1)) == []


def test_a_refusal_of_everything_ends_the_step_and_what_may_pass_is_tried_again() -> None:
    with pytest.raises(dg.Failure, match="JIRA_TOKEN") as ended, assets._refusals_end_the_step():
        raise JiraError("Check JIRA_TOKEN.")
    assert ended.value.allow_retries is False
    with pytest.raises(JiraAway), assets._refusals_end_the_step():
        raise JiraAway("busy")
