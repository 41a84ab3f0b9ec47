"""One ticket for each problem: after reruns, kills at any moment, lost answers, side by side, with the state lost."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from user_intel.act import filing
from user_intel.lake import Lake
from user_intel.state import open_state
from user_intel_tests.act.desks import Deployment, approved, changes, deployment, told_on
from user_intel_tests.act.made_insights import later, leaving
from user_intel_tests.act.processes import start
from user_intel_tests.act.stand_in import JiraStandIn
from user_intel_tests.detect.hand_made import DAY
from user_intel_tests.postgres import Postgres
from user_intel_tests.state.conftest import server_address, told_postgres

SHIPPING = leaving()
LAG_S = 0.3


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filing, "_LOOK_EVERY_S", 0.1)


def owners(jira: JiraStandIn) -> Counter[str]:
    """How many tickets there are of every problem."""
    return Counter(ticket["properties"]["user_intel"]["identity"] for ticket in jira.tickets())


def recorded(at: Deployment) -> dict[str, str | None]:
    with open_state(at.settings) as state:
        return {ticket.pain_point_id: ticket.key for ticket in state.tickets()}


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def create(jira: JiraStandIn) -> str:
    return f"POST /rest/api/{3 if jira.flavour == 'cloud' else 2}/issue"


@pytest.mark.parametrize(
    ("flavour", "fault"),
    [
        ("cloud", "lost_answer"),
        ("cloud", "html"),
        ("server", "lost_answer"),
        ("server", "500_after"),
        ("server", "half_answer"),
    ],
)
def test_a_ticket_whose_answer_was_lost_is_found_and_not_made_again(
    stand_in: Callable[[str], JiraStandIn], tmp_path: Path, flavour: str, fault: str
) -> None:
    jira = stand_in(flavour)
    jira.clear()
    jira.turn(index_lag_s=LAG_S)
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    jira.play(fault, match=create(jira))
    row = at.row(SHIPPING)
    (ticket,) = jira.tickets()
    assert (row.action, row.key) == ("created", ticket["key"])
    assert changes(jira) == ["POST /issue"]


def test_a_request_that_never_arrived_is_sent_again_after_looking(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira, index_lag_s=LAG_S)
    approved(at, SHIPPING)
    jira.play("dropped", match=create(jira))
    assert at.row(SHIPPING).action == "created"
    assert len(jira.tickets()) == 1
    assert changes(jira) == ["POST /issue", "POST /issue"]


def test_killed_between_creating_and_recording_the_next_run_finds_the_ticket(jira: JiraStandIn, tmp_path: Path) -> None:
    # Longer than it takes to start again, so that whoever does not wait for the index makes a second one.
    jira.turn(index_lag_s=3)
    at = deployment(tmp_path, jira, index_lag_s=6)
    approved(at, SHIPPING)
    killed = start(tmp_path, jira.environment(), hold=True)
    until(jira.tickets)
    killed.kill()
    killed.join()
    assert recorded(at) == {SHIPPING.pain_point_id: None}
    # At once: Jira's search does not know the ticket yet.
    row = at.row(SHIPPING)
    (ticket,) = jira.tickets()
    assert (row.action, row.key, row.insight_status) == ("created", ticket["key"], "in_jira")
    assert recorded(at) == {SHIPPING.pain_point_id: ticket["key"]}


def test_with_the_state_lost_jira_is_believed(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    key = at.row(SHIPPING).key
    assert key
    # A copy that somebody made has the label, and is not the problem's ticket.
    jira.change(key, clone=True)
    for path in tmp_path.glob("state.db*"):
        path.unlink()
    approved(at, SHIPPING)
    assert at.row(SHIPPING).key == key
    assert changes(jira) == ["POST /issue"]


def test_a_comment_whose_answer_was_lost_is_not_made_again(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    at.run()
    at.explained([SHIPPING], later(7))
    jira.play("lost_answer", match="/comment", after=1)
    assert at.row(SHIPPING, later(7)).action == "updated"
    assert at.row(SHIPPING, later(7)).action == "updated"
    assert len(told_on(jira)) == 1


def test_a_hundred_reruns_leave_one_ticket_for_each_problem(
    cloud: JiraStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [leaving(f"/{name}") for name in "abc"]
    at = deployment(tmp_path, cloud)
    approved(at, *found)
    tables = set()
    with at.lake.connect() as connection:
        # Opening an engine takes longer than all that a run asks of it.
        monkeypatch.setattr(Lake, "connect", lambda _: nullcontext(connection))
        for _ in range(101):
            at.run()
            tables.add(at.lake.day_path("jira_issues", DAY).read_bytes())
    assert owners(cloud) == {each.pain_point_id: 1 for each in found}
    assert len(tables) == 1
    assert changes(cloud) == ["POST /issue"] * 3
    assert told_on(cloud) == []


def test_twenty_kills_at_any_moment_leave_one_ticket_for_each_problem(cloud: JiraStandIn, tmp_path: Path) -> None:
    cloud.turn(index_lag_s=1.5, latency_s=0.01)
    found = [leaving(f"/{number:02}") for number in range(50)]
    at = deployment(tmp_path, cloud, index_lag_s=3, daily_cap=100)
    approved(at, *found)
    dice, kills, orphans = random.Random(8), 0, 0
    while kills < 20:
        made = len(cloud.tickets())
        process = start(tmp_path, cloud.environment())
        if kills % 2:
            # As soon as Jira has made one more.
            until(lambda made=made, process=process: len(cloud.tickets()) > made or not process.is_alive())
        else:
            time.sleep(dice.uniform(0.02, 0.5))
        kills += process.is_alive()
        process.kill()
        process.join()
        keys = [key for key in recorded(at).values() if key]
        orphans += len(cloud.tickets()) > len(keys)
        assert len(cloud.tickets()) < len(found), "there was nothing left to be killed at"
    assert owners(cloud).most_common(1)[0][1] == 1

    last = start(tmp_path, cloud.environment())
    last.join(120)
    assert last.exitcode == 0
    assert owners(cloud) == {each.pain_point_id: 1 for each in found}
    assert recorded(at) == {t["properties"]["user_intel"]["identity"]: t["key"] for t in cloud.tickets()}
    assert {row.action for row in at.rows().values()} == {"created"}
    # Some were killed where it hurts: Jira had made a ticket that nobody had recorded.
    assert orphans


def test_runs_side_by_side_share_the_tickets_and_make_none_twice(jira: JiraStandIn, tmp_path: Path) -> None:
    jira.turn(index_lag_s=LAG_S, latency_s=0.01)
    found = [leaving(f"/{number:02}") for number in range(10)]
    at = deployment(tmp_path, jira)
    approved(at, *found)
    processes = [start(tmp_path, jira.environment()) for _ in range(3)]
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    assert owners(jira) == {each.pain_point_id: 1 for each in found}
    assert changes(jira) == ["POST /issue"] * 10


def test_two_machines_that_share_a_postgresql_make_none_twice(
    cloud: JiraStandIn, tmp_path: Path, postgres: Postgres
) -> None:
    cloud.turn(index_lag_s=LAG_S, latency_s=0.01)
    shared = {"USER_INTEL_STATE_URL": server_address(postgres, "tickets")}
    told_postgres(postgres, "create database tickets")
    found = [leaving(f"/{number:02}") for number in range(10)]
    homes = [tmp_path / name for name in ("one", "two")]
    for home in homes:
        alone = deployment(home, cloud)
        at = replace(alone, settings=cloud.settings(USER_INTEL_HOME=home, **shared))
        at.explained(found)
    for each in found:
        at.decide(each, "approved")
    killed = start(homes[0], {**cloud.environment(), **shared}, hold=True)
    until(cloud.tickets)
    killed.kill()
    killed.join()
    processes = [start(home, {**cloud.environment(), **shared}) for home in homes]
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    assert owners(cloud) == {each.pain_point_id: 1 for each in found}
