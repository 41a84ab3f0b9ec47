"""The production set-up as processes: the commands of compose.yaml, started here on a real PostgreSQL.

No container engine is needed: what stands between this test and `docker compose up` is the image itself.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
import yaml

from user_intel.days import day_range
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import catalogue
from user_intel_tests.postgres import Postgres, free_port

ROOT = Path(__file__).parents[2]
PATIENCE_S = 300
TABLES = ["events", "recordings", "sessions", "steps", "transitions"]


class Deployment:
    """The running processes, seen through the webserver's GraphQL."""

    def __init__(self, url: str, lake: Lake, logs: Path) -> None:
        self.url, self.lake, self.logs = url, lake, logs
        self.processes: list[subprocess.Popen[bytes]] = []

    def ask(self, query: str, **variables: object) -> dict[str, object]:
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=30)
        told = answer.raise_for_status().json()
        assert "errors" not in told, told
        return told["data"]

    def until(self, what: str, condition: Callable[[], object]) -> object:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if found := condition():
                return found
            if any(process.poll() is not None for process in self.processes):
                break
            time.sleep(1)
        tails = "\n".join(f"== {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self.logs.glob("*.log")))
        pytest.fail(f"{what}: not within {PATIENCE_S} s, or a process ended\n{tails}")

    def runs(self) -> list[dict[str, object]]:
        query = "{ runsOrError { ... on Runs { results { runId status jobName tags { key value } } } } }"
        found = self.ask(query)["runsOrError"]["results"]  # type: ignore[index]
        return [{**run, "tags": {tag["key"]: tag["value"] for tag in run["tags"]}} for run in found]

    def materialised(self, asset: str) -> set[str]:
        query = """query($key: AssetKeyInput!) { assetNodeOrError(assetKey: $key) { ... on AssetNode {
            assetPartitionStatuses { ... on TimePartitionStatuses { ranges { startKey endKey status } } } } } }"""
        statuses = self.ask(query, key={"path": [asset]})["assetNodeOrError"]["assetPartitionStatuses"]  # type: ignore[index]
        spans = [span for span in statuses["ranges"] if span["status"] == "MATERIALIZED"]
        days = (day_range(date.fromisoformat(s["startKey"]), date.fromisoformat(s["endKey"])) for s in spans)
        return {day.isoformat() for span in days for day in span}


def command_of(service: str, changes: dict[str, str]) -> list[str]:
    """The command of a compose service, with container addresses changed to this machine's."""
    compose = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    words = [changes.get(word, word) for word in compose["services"][service]["command"]]
    return [str(Path(sys.executable).parent / words[0]), *words[1:]]


@pytest.fixture(scope="module")
def deployment(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    from user_intel.simulate import SimulatedProduct, StandIn
    from user_intel.simulate.product import product_yaml

    folder = tmp_path_factory.mktemp("deployment")
    home, logs, instance = folder / "home", folder / "logs", folder / "dagster"
    for made in (home, logs, instance):
        made.mkdir()
    (home / "product.yaml").write_text(product_yaml(), encoding="utf-8")
    (instance / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    code, web = free_port(), free_port()
    today = date.today()  # noqa: DTZ011  # the product's zone is UTC, and so is the machine's day where it matters
    days = [today - timedelta(days=back) for back in range(8, 0, -1)]
    with ExitStack() as stack:
        posthog = stack.enter_context(StandIn(product=SimulatedProduct(seed=3, users=60), days=days))
        environment = {
            **os.environ,
            **postgres.environment,
            "USER_INTEL_HOME": str(home),
            "DAGSTER_HOME": str(instance),
            "USER_INTEL_CODE_HOST": "127.0.0.1",
            "USER_INTEL_CODE_PORT": str(code),
            # Every minute instead of every night: the tick is what is waited for.
            "USER_INTEL_SCHEDULE": "* * * * *",
            "USER_INTEL_GRAPH_IDLE_MINUTES": "0.1",
            "USER_INTEL_FIRST_DAY": days[0].isoformat(),
            "POSTHOG_HOST": posthog.url,
            "POSTHOG_PROJECT_ID": str(posthog.project_id),
            "POSTHOG_API_KEY": posthog.api_key,
        }
        changes = {"0.0.0.0": "127.0.0.1", "4000": str(code), "3000": str(web)}  # noqa: S104  # it is what is changed
        found = Deployment(f"http://127.0.0.1:{web}", Lake(home, catalogue(Product())), logs)
        for service in ("code", "webserver", "daemon"):
            log = stack.enter_context((logs / f"{service}.log").open("wb"))
            process = subprocess.Popen(
                command_of(service, changes),
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=heed_interrupts,
            )
            stack.callback(end, process)
            found.processes.append(process)
            if service == "code":
                wait_for_port(code, process, logs / "code.log")
        found.until("the webserver answers", lambda: answers(found.url))
        yield found


def heed_interrupts() -> None:
    """As a service manager starts it: Dagster ends on SIGTERM only if SIGINT is not ignored, as in a shell's `&`."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(60)
    finally:
        process.kill()
        process.wait()


def wait_for_port(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    import socket

    for _ in range(PATIENCE_S):
        assert process.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(1)
    pytest.fail(f"the code server did not answer: {log.read_text()}")


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/server_info", timeout=5).is_success
    except httpx.TransportError:
        return False


def test_a_schedule_tick_becomes_a_materialised_day(deployment: Deployment) -> None:
    def scheduled() -> list[dict[str, object]]:
        return [r for r in deployment.runs() if r["tags"].get("dagster/schedule_name") == "nightly"]  # type: ignore[attr-defined]

    (run,) = deployment.until("the schedule ticks", scheduled)[:1]  # type: ignore[index]
    deployment.until("the run ends", lambda: scheduled()[-1]["status"] in ("SUCCESS", "FAILURE"))
    assert scheduled()[-1]["status"] == "SUCCESS", (deployment.logs / "code.log").read_text()[-5000:]
    day = run["tags"]["dagster/partition"]
    assert deployment.materialised("journey_graph") >= {day}
    for table in deployment.lake.tables:
        assert deployment.materialised(table) >= {day}
        assert date.fromisoformat(day) in deployment.lake.days(table)


def test_a_backfill_of_five_days_is_one_run(deployment: Deployment) -> None:
    today = date.today()  # noqa: DTZ011  # as above
    days = [(today - timedelta(days=back)).isoformat() for back in range(7, 2, -1)]
    launched = deployment.ask(
        """mutation($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
            __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }""",
        params={"assetSelection": [{"path": [table]} for table in TABLES], "partitionNames": days},
    )["launchPartitionBackfill"]
    backfill = launched["backfillId"]  # type: ignore[index]

    def status() -> str:
        query = (
            "query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }"
        )
        return str(deployment.ask(query, id=backfill)["partitionBackfillOrError"]["status"])  # type: ignore[index]

    deployment.until("the backfill ends", lambda: status() in ("COMPLETED_SUCCESS", "COMPLETED_FAILED", "FAILED"))
    assert status() == "COMPLETED_SUCCESS", json.dumps(deployment.runs(), indent=1)
    runs = [run for run in deployment.runs() if run["tags"].get("dagster/backfill") == backfill]  # type: ignore[attr-defined]
    assert len(runs) == 1
    for table in TABLES:
        assert deployment.materialised(table) >= set(days)
        assert {day.isoformat() for day in deployment.lake.days(table)} >= set(days)
