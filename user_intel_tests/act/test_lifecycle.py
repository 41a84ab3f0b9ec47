"""A problem's ticket from first to last, the same on Cloud and Server: opened once, followed, told, closed."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from user_intel.act.by_hand import create, named_cases
from user_intel.act.cases import cases_of
from user_intel.act.composing import still_there
from user_intel.act.filing import Desk
from user_intel.act.jira import open_jira
from user_intel.act.outcomes import outcomes_of
from user_intel.act.rich_text import rich_text, words_of
from user_intel.errors import JiraAway, JiraError
from user_intel.explain.identity import insight_id
from user_intel.state import open_state
from user_intel_tests.act.desks import approved, changes, deployment, told_on
from user_intel_tests.act.made_insights import later, leaving
from user_intel_tests.act.stand_in import JiraStandIn
from user_intel_tests.detect.hand_made import DAY

SHIPPING, CART = leaving(), leaving("/cart", severity=20.0)
TITLE = "Improve Shipping: 41 % of mobile sessions leave, 12 % expected"


def on(days: int) -> str:
    """So many days after the first, at noon, as Jira says times."""
    return datetime.combine(later(days), time(12), tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def test_an_approved_insight_becomes_a_ticket_that_says_everything(jira: JiraStandIn, tmp_path: Path) -> None:
    links = {"dashboard": "https://intel.test/i/{insight_id}", "posthog": "https://ph.test/project/1",
             "dagster": "https://dagster.test"}  # fmt: skip
    at = deployment(tmp_path, jira, labels=["ux"], component="Checkout", links=links,
                    custom_fields={"Story Points": "{severity}"})  # fmt: skip
    approved(at, SHIPPING)
    row = at.row(SHIPPING)

    (ticket,) = jira.tickets()
    assert (row.action, row.key, row.title) == ("created", ticket["key"], TITLE)
    assert row.url == f"{jira.url}/browse/{ticket['key']}"
    assert at.status(SHIPPING) == row.insight_status == "in_jira"
    fields = ticket["fields"]
    assert fields["summary"] == TITLE
    assert fields["labels"] == ["ux", f"user-intel-{SHIPPING.pain_point_id}"]
    assert fields["customfield_10010"] == 60.0
    assert ticket["properties"]["user_intel"] == {"identity": SHIPPING.pain_point_id}
    said = words_of(fields["description"])
    parts = (
        "What happens", "41 % of mobile sessions leave /shipping.", "Evidence", "sessions at /shipping",
        "device_type=mobile", "Probable cause (a guess, not a finding)", "The form may ask for too much.",
        "Recommendation", "Ask for less.", "How it will be verified", "Watch exit_rate for 14 days.", "in Dagster",
        "in the dashboard", "in PostHog", insight_id(SHIPPING.pain_point_id),
    )  # fmt: skip
    for part in parts:
        assert part in said, part
    assert outcomes_of(at.lake, DAY) == [row]


def test_running_a_day_again_changes_nothing_and_gives_the_same_table(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING, CART)
    at.run()
    first, sent = at.lake.day_path("jira_issues", DAY).read_bytes(), len(jira.tickets())
    at.run()
    assert at.lake.day_path("jira_issues", DAY).read_bytes() == first
    assert len(jira.tickets()) == sent == 2
    assert told_on(jira) == []


def test_new_numbers_are_told_once_a_week_while_the_problem_stays(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    at.run()
    actions = {}
    for days in (6, 7, 7, 13, 14):
        at.explained([SHIPPING], later(days))
        action = at.row(SHIPPING, later(days)).action
        # A rerun of the day says that it told, and does not tell again.
        assert actions.setdefault(days, action) == action
    assert [days for days, action in actions.items() if action == "updated"] == [7, 14]
    assert len(told_on(jira)) == 2
    assert told_on(jira)[0].startswith("Still there. At /shipping 41 % of sessions with device_type=mobile leave")
    assert told_on(jira)[1].endswith(f"user_intel {later(14)}: {insight_id(SHIPPING.pain_point_id)}, recurring")


def test_a_day_without_the_problem_tells_nothing(cloud: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, cloud)
    approved(at, SHIPPING)
    at.run()
    at.explained([CART], later(9))
    assert at.row(SHIPPING, later(9)).action == "unchanged"
    assert told_on(cloud) == []


def test_done_is_shipped_and_what_outlives_it_is_reopened_with_one_comment(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    key = at.row(SHIPPING).key
    assert key
    jira.change(key, status="Done", resolved=on(1))
    seen = []
    for days in (1, 7, 8, 9):
        at.explained([SHIPPING], later(days))
        row = at.row(SHIPPING, later(days))
        seen.append((days, row.insight_status, row.action))
        if days == 8:
            assert at.row(SHIPPING, later(days)) == row
    assert seen == [
        (1, "shipped", "unchanged"), (7, "shipped", "unchanged"),
        # Eight days on, all of the window looked at lies after the change.
        (8, "reopened", "updated"), (9, "reopened", "unchanged"),
    ]  # fmt: skip
    (said,) = told_on(jira)
    assert said.startswith(f"The problem is still there 7 days after this ticket was done ({later(1)}). ")

    # Taken up again in Jira it is followed as before; done once more, it has another window to show.
    jira.change(key, status="In Progress")
    at.explained([SHIPPING], later(20))
    assert at.row(SHIPPING, later(20)).insight_status == "in_jira"
    jira.change(key, status="Done")
    at.explained([SHIPPING], later(21))
    assert at.row(SHIPPING, later(21)).insight_status == "shipped"


def test_a_ticket_that_wont_be_done_dismisses_its_insight(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira, policy="auto", min_severity=50)
    at.explained([SHIPPING])
    key = at.row(SHIPPING).key
    assert key
    jira.change(key, status="Closed", resolution="Won't Do")
    for days in (1, 9):
        at.explained([SHIPPING], later(days))
        row = at.row(SHIPPING, later(days))
        assert (row.insight_status, row.action, row.status) == ("dismissed", "unchanged", "Closed")
    with open_state(at.settings) as state:
        known = state.status(row.insight_id)
    assert known
    assert (known.reason, known.by) == (f"{key} is Won't Do in Jira", "jira")
    assert told_on(jira) == []
    assert len(jira.tickets()) == 1


def test_what_people_decide_after_jira_stands(cloud: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, cloud)
    approved(at, SHIPPING)
    key = at.row(SHIPPING).key
    assert key
    at.decide(SHIPPING, "dismissed", reason="we live with it")
    at.explained([SHIPPING], later(1))
    row = at.row(SHIPPING, later(1))
    assert (row.insight_status, row.status, row.action) == ("dismissed", "To Do", "unchanged")


def test_a_ticket_deleted_in_jira_is_told_and_not_made_anew(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    key = at.row(SHIPPING).key
    assert key
    jira.change(key, delete=True)
    at.explained([SHIPPING], later(8))
    row = at.row(SHIPPING, later(8))
    assert (row.key, row.status, row.action) == (key, "gone", "unchanged")
    assert "not in Jira any more" in str(row.reason)
    assert jira.tickets() == []

    # Whoever asks for one by name gets another.
    with open_state(at.settings) as state, open_jira(at.settings) as tracker:
        asked = named_cases(at.lake, state, [row.insight_id])
        (made,) = create(lambda day: Desk(at.lake, at.product, at.settings, state, tracker, day, "anna"), asked)
    assert made.key == jira.tickets()[0]["key"] != key


def test_an_insight_approved_again_after_jira_was_done_gets_no_second_ticket(
    cloud: JiraStandIn, tmp_path: Path
) -> None:
    at = deployment(tmp_path, cloud)
    approved(at, SHIPPING)
    key = at.row(SHIPPING).key
    assert key
    cloud.change(key, status="Closed", resolution="Won't Do")
    at.explained([SHIPPING], later(1))
    assert at.row(SHIPPING, later(1)).insight_status == "dismissed"
    at.decide(SHIPPING, "approved")
    row = at.row(SHIPPING, later(1))
    assert (row.insight_status, row.action) == ("approved", "unchanged")
    assert row.reason == f"approved again, but {key} is Closed: open it again in Jira"
    assert len(cloud.tickets()) == 1


def test_a_moved_ticket_is_followed_under_its_new_key(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    key = at.row(SHIPPING).key
    assert key
    jira.change(key, move="BARE-77")
    at.explained([SHIPPING], later(7))
    row = at.row(SHIPPING, later(7))
    assert (row.key, row.url, row.action) == ("BARE-77", f"{jira.url}/browse/BARE-77", "updated")


@pytest.mark.parametrize(
    ("flavour", "fault", "said"),
    [
        (
            "cloud",
            {"fault": "400", "errors": {"labels": "Field 'labels' cannot be set."}},
            "Field 'labels' cannot be set.",
        ),
        (
            "server",
            {"fault": "403", "messages": ["You do not have permission to create issues."]},
            "do not have permission",
        ),
        (
            "cloud",
            {"fault": "404", "messages": ["No project could be found with key 'SHOP'."]},
            "No project could be found",
        ),
    ],
)
def test_what_jira_refuses_is_told_in_its_words_while_the_others_go_on(
    stand_in: Callable[[str], JiraStandIn], tmp_path: Path, flavour: str, fault: dict[str, Any], said: str
) -> None:
    jira = stand_in(flavour)
    jira.clear()
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING, CART)
    # The second POST /issue: searches end in /search or /jql.
    jira.play(match="POST /rest/api/3/issue" if jira.flavour == "cloud" else "POST /rest/api/2/issue", **fault)
    rows = at.rows()
    refused, filed = (rows[insight_id(each.pain_point_id)] for each in (SHIPPING, CART))
    assert (refused.action, refused.key, refused.insight_status) == ("refused", None, "approved")
    assert said in str(refused.reason)
    assert filed.action == "created"
    assert len(jira.tickets()) == 1
    # Nothing of the refusal is left in the way of the next run.
    assert at.row(SHIPPING).action == "created"


def test_fields_the_project_wants_are_named_before_anything_is_sent(cloud: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, cloud, issue_type="Bug", priorities={"P1": "Urgent"})
    approved(at, SHIPPING)
    row = at.row(SHIPPING)
    assert '"Severity" (customfield_10040) must be filled in for Bug' in str(row.reason)
    assert "Urgent" in str(row.reason)
    assert changes(cloud) == []


def test_the_daily_cap_holds_is_told_and_lets_the_rest_wait(cloud: JiraStandIn, tmp_path: Path) -> None:
    found = [leaving(f"/{name}", severity=float(number)) for number, name in enumerate("abcde")]
    at = deployment(tmp_path, cloud, daily_cap=2)
    approved(at, *found)
    acted = at.run()
    assert acted.waiting == 3
    waiting = [row for row in acted.outcomes if row.action == "refused"]
    assert {row.reason for row in waiting} == {
        "the daily cap of 2 tickets is reached; it waits for the next day"
    }  # fmt: skip
    assert {row.title for row in acted.outcomes if row.key} == {
        f"Improve {name}: 41 % of mobile sessions leave, 12 % expected" for name in "DE"
    }
    at.run()
    assert len(cloud.tickets()) == 2
    at.explained(found, later(1))
    at.run(later(1))
    assert len(cloud.tickets()) == 4


def test_an_old_day_run_again_opens_nothing_and_keeps_its_table(cloud: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, cloud, policy="auto", min_severity=0)
    at.explained([SHIPPING])
    at.run()
    at.explained([SHIPPING, CART], later(1))
    before = at.lake.day_path("jira_issues", DAY).read_bytes()
    asked = len(cloud.requests())
    acted = at.run(DAY, today=later(1))
    assert acted.words == f"no ticket was touched: {later(1)} is the last day of insights, and only that acts"
    assert at.lake.day_path("jira_issues", DAY).read_bytes() == before
    at.lake.drop_day("jira_issues", DAY)
    (told,) = at.run(DAY, today=later(1)).outcomes
    assert (told.action, told.key) == ("created", cloud.tickets()[0]["key"])
    assert len(cloud.requests()) == asked
    # The last day of a history that is long over opens nothing either.
    assert "more than jira.max_age_days (3) old" in at.run(later(1), today=later(40)).words
    assert len(cloud.requests()) == asked


def test_an_approved_problem_that_is_gone_is_told(cloud: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, cloud)
    approved(at, SHIPPING)
    at.explained([CART], later(1))
    row = at.row(SHIPPING, later(1))
    assert row.action == "refused"
    assert f"{later(1)} no longer has the problem (last seen {DAY})" in str(row.reason)
    assert cloud.tickets() == []


def test_when_jira_goes_away_what_was_done_is_told_and_nobody_knocks_for_every_ticket(
    cloud: JiraStandIn, tmp_path: Path
) -> None:
    at = deployment(tmp_path, cloud)
    approved(at, SHIPPING, CART)
    cloud.play("503", match="/search/jql", times=50, retry_after="900")
    rows = at.rows()
    assert {row.action for row in rows.values()} == {"refused"}
    assert [str(row.reason).startswith("not asked any more") for row in rows.values()] == [False, True]
    assert sum("/search" in request["path"] for request in cloud.requests()) == 1


@pytest.mark.parametrize(("fault", "error"), [("401", JiraError), ("503", JiraAway)])
def test_a_jira_that_lets_nothing_be_done_fails_the_run_and_what_was_decided_is_shown(
    cloud: JiraStandIn, tmp_path: Path, fault: str, error: type[JiraError]
) -> None:
    at = deployment(tmp_path, cloud)
    approved(at, SHIPPING)
    cloud.play(fault, times=50, retry_after="900")
    with pytest.raises(error):
        at.run()
    assert len(cloud.requests()) == 1
    assert at.lake.days("jira_issues") == []
    with at.lake.query() as views:
        assert views.execute("select status from insight_status").fetchall() == [("approved",)]


@pytest.mark.parametrize("posted", [True, False])
def test_a_comment_that_a_killed_run_reserved_is_looked_for_the_next_day(
    jira: JiraStandIn, tmp_path: Path, posted: bool
) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    key = at.row(SHIPPING).key
    assert key
    at.explained([SHIPPING], later(7))
    with open_state(at.settings) as state:
        identity = SHIPPING.pain_point_id
        state.claim_comment(identity, kind="recurring", day=later(7), every_days=7, by="policy")
    if posted:
        (case,) = cases_of(at.lake, later(7))
        jira.change(key, comment=rich_text(still_there(case), "cloud" if jira.flavour == "cloud" else "server"))
    at.explained([SHIPPING], later(8))
    assert at.row(SHIPPING, later(8)).action == ("unchanged" if posted else "updated")
    assert len(told_on(jira)) == 1


def test_filing_takes_little_time_besides_jiras_own(cloud: JiraStandIn, tmp_path: Path) -> None:
    found = [leaving(f"/{name}") for name in "abcdefgh"]
    at = deployment(tmp_path, cloud)
    approved(at, *found)
    began = datetime.now(UTC)
    acted = at.run()
    assert (datetime.now(UTC) - began) / len(found) < timedelta(seconds=2)
    assert len(acted.outcomes) == len(cloud.tickets()) == 8
