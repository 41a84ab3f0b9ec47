"""What is sent, and what never is: a dry run shows the very request; no identity is in any request."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from user_intel.act import checks, outcomes
from user_intel.act.by_hand import named_cases, rehearse
from user_intel.act.cases import cases_of
from user_intel.act.filing import Desk
from user_intel.act.jira import open_jira
from user_intel.act.outcomes import Outcome
from user_intel.act.reporting import file_report, report_of
from user_intel.explain.identity import insight_id
from user_intel.state import open_state
from user_intel_tests.act.desks import approved, changes, deployment
from user_intel_tests.act.made_insights import later, leaving
from user_intel_tests.act.stand_in import TOKEN, JiraStandIn
from user_intel_tests.detect.hand_made import DAY, write_rows

SHIPPING = leaving()
USER_ID, SESSION_ID = "5f0e9c3a7b1d4e2f8a6c0b9d3e7f1a2c", "019a53b8-c37a-7d73-a7e8-24f8361585e5"


def test_without_a_jira_the_day_shows_what_would_be_sent(tmp_path: Path) -> None:
    at = deployment(tmp_path, labels=["ux"])
    approved(at, SHIPPING)
    acted = at.run()
    (row,) = acted.outcomes
    assert "Jira is not configured" in acted.words
    assert (row.action, row.key, row.insight_status) == ("dry_run", None, "approved")
    request = json.loads(str(row.request))
    assert (request["method"], request["path"]) == ("POST", "/rest/api/3/issue")
    assert request["body"]["fields"]["project"] == {"key": "PROJECT"}
    assert request["body"]["fields"]["labels"] == ["ux", f"user-intel-{SHIPPING.pain_point_id}"]
    assert request["body"]["properties"] == [{"key": "user_intel", "value": {"identity": SHIPPING.pain_point_id}}]
    before = at.lake.day_path("jira_issues", DAY).read_bytes()
    at.run()
    assert at.lake.day_path("jira_issues", DAY).read_bytes() == before
    assert at.status(SHIPPING) == "approved"
    with open_state(at.settings) as state:
        assert state.tickets() == []


def test_a_dry_run_shows_the_very_request_that_is_sent_then(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    with open_state(at.settings) as state, open_jira(at.settings) as tracker:
        asked = named_cases(at.lake, state, [insight_id(SHIPPING.pain_point_id)])
        (row,) = rehearse(at.lake, at.product, at.settings, state, asked, tracker)
    assert changes(jira) == []
    assert (row.action, row.reason) == ("dry_run", None)
    at.run()
    (sent,) = [each for each in jira.requests() if each["method"] == "POST" and each["path"].endswith("/issue")]
    assert json.loads(str(row.request)) == {"method": "POST", "path": sent["path"], "body": sent["body"]}
    with open_state(at.settings) as state, open_jira(at.settings) as tracker:
        (again,) = rehearse(at.lake, at.product, at.settings, state, asked, tracker)
    assert (again.action, again.key, again.request) == ("unchanged", jira.tickets()[0]["key"], None)


def test_no_request_ever_holds_an_identity(jira: JiraStandIn, tmp_path: Path) -> None:
    """People and sessions stand in every table; a ticket's whole life, a report and a clip later, none was sent."""
    links = {"dashboard": "https://intel.test/{insight_id}", "posthog": "https://ph.test/project/1"}
    at = deployment(tmp_path, jira, attach_clips=True, links=links)
    approved(at, SHIPPING)
    whose = {"session_id": SESSION_ID, "user_id": USER_ID}
    for days in (0, 7, 15):
        day = later(days)
        at.explained([SHIPPING], day)
        write_rows(at.lake, "sessions", day, [{**whose, "day": day}])
        shown = {**whose, "day": day, "pain_point_id": SHIPPING.pain_point_id, "met": True}
        write_rows(at.lake, "replay_clips", day, [
            {**shown, "clip_id": "a", "place": 1, "kind": "moment", "status": "drawn", "file": f"{SESSION_ID}.mp4",
             "url": f"https://ph.test/replay/{SESSION_ID}", "recording_id": SESSION_ID},
        ])  # fmt: skip
        write_rows(at.lake, "video_findings", day, [
            {**shown, "finding_id": "f", "kind": "error", "step": "/shipping", "grounded": True, "confidence": 1.0,
             "description": "An error is shown."},
        ])  # fmt: skip
    clip = tmp_path / "replays" / f"{SESSION_ID}.mp4"
    clip.parent.mkdir()
    clip.write_bytes(b"a masked video")
    at.lake.drop_day("insights", later(7))
    at.lake.drop_day("insights", later(15))

    key = at.row(SHIPPING).key
    assert key
    assert [each["filename"] for each in jira.tickets()[0]["attachments"]] == ["recording-1-moment.mp4"]
    at.explained([SHIPPING], later(7))
    assert at.row(SHIPPING, later(7)).action == "updated"
    done = datetime.combine(later(7), time(12), tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    jira.change(key, status="Done", resolved=done)
    at.explained([SHIPPING], later(15))
    assert at.row(SHIPPING, later(15)).insight_status == "reopened"
    with open_state(at.settings) as state, open_jira(at.settings) as tracker:
        desk = Desk(at.lake, at.product, at.settings, state, tracker, DAY, "anna")
        file_report(desk, report_of(at.lake, at.product.jira, DAY, "day", cases_of(at.lake, DAY), {}))

    everything = json.dumps(jira.requests())
    assert len(changes(jira)) == 5
    assert "An error is shown." in everything
    for secret in (USER_ID, SESSION_ID, SESSION_ID.replace("-", "&#45;"), TOKEN):
        assert secret not in everything
    assert checks.identities_told(at.lake, at.product, DAY) == ""


@pytest.mark.parametrize("secret", [USER_ID, SESSION_ID])
def test_the_check_sees_an_identity_that_is_told(tmp_path: Path, secret: str) -> None:
    at = deployment(tmp_path)
    write_rows(at.lake, "sessions", DAY, [{"session_id": SESSION_ID, "user_id": USER_ID, "day": DAY}])
    row = Outcome("insight-1", "1", "dry_run", request=json.dumps({"see": f"https://ph.test/replay/{secret}?t=4"}))
    outcomes.write_outcomes(at.lake, DAY, [row])
    assert checks.identities_told(at.lake, at.product, DAY) == "1 id of users or sessions stand in what is sent"
    outcomes.write_outcomes(at.lake, DAY, [replace(row, request="{}")])
    assert checks.identities_told(at.lake, at.product, DAY) == ""


def test_the_checks_tell_refusals_and_what_is_told_twice(tmp_path: Path) -> None:
    at = deployment(tmp_path)
    rows = [Outcome("insight-1", "1", "created", "SHOP-1"), Outcome("insight-2", "2", "unchanged", "SHOP-1"),
            Outcome("insight-3", "3", "refused", reason="Field 'labels' cannot be set.")]  # fmt: skip
    outcomes.write_outcomes(at.lake, DAY, rows)
    assert checks.told_twice(at.lake, DAY) == "told of twice: SHOP-1"
    assert checks.refusals(at.lake, DAY) == "1 problem refused: Field 'labels' cannot be set."
    outcomes.write_outcomes(at.lake, DAY, rows[:1])
    assert checks.told_twice(at.lake, DAY) == checks.refusals(at.lake, DAY) == ""


def test_a_report_has_one_ticket_however_often_it_is_asked_for(jira: JiraStandIn, tmp_path: Path) -> None:
    at = deployment(tmp_path, jira)
    approved(at, SHIPPING)
    at.run()
    text = "**Shipping** got worse.\n\n- Ask for less."
    write_rows(at.lake, "briefings", DAY, [{"day": DAY, "scope": "day", "title": "Worse", "text": text}])
    keys = set()
    for _ in range(3):
        with open_state(at.settings) as state, open_jira(at.settings) as tracker:
            desk = Desk(at.lake, at.product, at.settings, state, tracker, DAY, "anna")
            tickets = {ticket.pain_point_id: ticket for ticket in state.tickets()}
            new = report_of(at.lake, at.product.jira, DAY, "day", cases_of(at.lake, DAY), tickets)
            keys.add(file_report(desk, new).key)
    assert len(keys) == 1
    report = jira.tickets()[-1]
    assert report["fields"]["summary"] == f"What users struggled with on {DAY}: 1 problem"
    said = json.dumps(report["fields"]["description"])
    assert "got worse." in said
    assert f"/browse/{jira.tickets()[0]['key']}" in said
    # It is no problem's ticket: the day's table and the daily round leave it alone.
    assert [row.pain_point_id for row in at.run().outcomes] == [SHIPPING.pain_point_id]
