"""`user-intel jira` as a product manager meets it, and as a program does."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from user_intel.explain.identity import insight_id
from user_intel.state import open_state
from user_intel_tests.act.desks import Deployment, approved, deployment
from user_intel_tests.act.made_insights import leaving
from user_intel_tests.act.stand_in import JiraStandIn
from user_intel_tests.detect.hand_made import DAY
from user_intel_tests.test_cli import user_intel

SHIPPING, CART = leaving(), leaving("/cart", severity=20.0)
ID = insight_id(SHIPPING.pain_point_id)


def asked(at: Deployment, jira: JiraStandIn | None, *arguments: str) -> "CompletedProcess[str]":
    environment = jira.environment() if jira else {}
    return user_intel("jira", *arguments, home=at.lake.home, **environment)


def test_tickets_are_opened_by_name_followed_and_reported(cloud: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path / "home", cloud)
    at.explained([SHIPPING, CART])
    done = asked(at, cloud, "create", ID)
    assert done.returncode == 0, done.stderr
    (ticket,) = cloud.tickets()
    assert ID in done.stdout
    assert ticket["key"] in done.stdout
    assert "1 created" in done.stderr

    again = asked(at, cloud, "create", ID, "--json")
    assert json.loads(again.stdout)["key"] == ticket["key"]
    assert len(cloud.tickets()) == 1

    cloud.change(ticket["key"], status="Done")
    (told,) = [json.loads(line) for line in asked(at, cloud, "status", "--json").stdout.splitlines()]
    assert (told["key"], told["status"], told["insight_status"]) == (ticket["key"], "Done", "shipped")
    assert "token" not in told
    assert at.status(SHIPPING) == "shipped"

    report = asked(at, cloud, "report", "--day", str(DAY))
    assert report.stdout.split()[0] == cloud.tickets()[-1]["key"]
    assert len(cloud.tickets()) == 2


def test_all_approved_are_opened_and_the_days_table_knows(cloud: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path / "home", cloud)
    at.explained([SHIPPING, CART])
    at.run()
    at.decide(SHIPPING, "approved")
    at.decide(CART, "approved")
    done = asked(at, cloud, "create", "--all-approved")
    assert done.returncode == 0, done.stderr
    assert "2 created" in done.stderr
    rows = user_intel("sql", "select action, count(*) as n from jira_issues group by 1", "--format", "csv",
                      home=at.lake.home)  # fmt: skip
    assert rows.stdout == "action,n\ncreated,2\n"
    assert "No approved insight is without a ticket." in asked(at, cloud, "create", "--all-approved").stderr


def test_without_a_jira_the_request_is_shown_and_nothing_kept(tmp_path: Path) -> None:
    at = deployment(tmp_path / "home")
    approved(at, SHIPPING)
    done = asked(at, None, "create", ID)
    assert done.returncode == 0, done.stderr
    assert "this is what would be sent" in done.stderr
    request = json.loads(done.stdout[done.stdout.index("{") :])
    assert request["path"] == "/rest/api/3/issue"
    assert at.status(SHIPPING) == "approved"
    with open_state(at.settings) as state:
        assert state.tickets() == []


def test_what_is_refused_is_told_and_fails_the_command(cloud: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path / "home", cloud)
    at.explained([SHIPPING, CART])
    at.decide(CART, "dismissed", reason="known")
    cart = insight_id(CART.pain_point_id)
    done = asked(at, cloud, "create", ID, cart)
    assert done.returncode == 1
    assert f"it is dismissed; approve it first: user-intel approve {cart}" in done.stderr
    assert len(cloud.tickets()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create"], "Name the insights, or give --all-approved"),
        (["create", ID[:-1] + "f"], f"There is no insight '{ID[:-1]}f'; there are 1, such as {ID}."),
    ],
)
def test_what_cannot_be_meant_is_an_error_with_a_remedy(tmp_path: Path, arguments: list[str], said: str) -> None:
    at = deployment(tmp_path / "home")
    at.explained([SHIPPING])
    done = asked(at, None, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
