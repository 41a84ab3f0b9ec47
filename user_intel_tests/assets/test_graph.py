"""journey_graph as `user-intel run` starts it: days in one run, its check, and what Dagster shows of them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import yaml

from assets import graph as assets
from user_intel.errors import GraphAway, GraphError
from user_intel_tests.graph.wandering import DAYS, PRODUCT, wandering_lake

ROOT = Path(__file__).parents[2]


def shown(home: Path) -> dict[str, Any]:
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey("journey_graph"), asset_partitions=[DAYS[-1].isoformat()])
        (record,) = instance.fetch_materializations(wanted, limit=1).records
        assert record.asset_materialization
        return {name: entry.value for name, entry in record.asset_materialization.metadata.items()}


def test_a_run_over_two_days_loads_checks_and_tells_them(tmp_path: Path) -> None:
    home = tmp_path / "home"
    lake = wandering_lake(home)
    (home / "product.yaml").write_text(yaml.safe_dump(PRODUCT.model_dump(include={"flows", "segments"})))
    (home / "dagster").mkdir()
    (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("POSTHOG_", "NEO4J_"))},
        "USER_INTEL_HOME": str(home),
        "DAGSTER_HOME": str(home / "dagster"),
        "USER_INTEL_FIRST_DAY": str(DAYS[0]),
        "USER_INTEL_GRAPH_IDLE_MINUTES": "0.1",
    }
    command = [sys.executable, "-m", "assets.run", "--from", str(DAYS[-2]), "--to", str(DAYS[-1])]
    done = subprocess.run([*command, "--select", "journey_graph"], cwd=ROOT, env=environment, text=True,
                          capture_output=True, timeout=300)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-6000:]
    assert '"failed_checks": []' in done.stdout
    told = shown(home)
    assert told["depth"] == "every session: 40 of 40 sessions"
    assert (told["server"], told["chains"], told["pruned_days"]) == ("embedded", "all", "none")
    assert told["visits"] == told["visits_of_the_day"] > 40
    assert told["visits_per_second"] > 0
    users = {row["user_id"] for row in lake.frame("sessions", [DAYS[-1]]).collect().to_dicts()}
    assert not [user for user in users if user in str(told)]


def test_a_refusal_ends_the_step_and_what_may_pass_is_tried_again() -> None:
    with pytest.raises(dg.Failure, match="no such database") as ended, assets._refusals_end_the_step():
        raise GraphError("no such database")
    assert ended.value.allow_retries is False
    with pytest.raises(GraphAway), assets._refusals_end_the_step():
        raise GraphAway("restarting")
