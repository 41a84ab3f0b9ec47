"""What gets a ticket, what Jira's word means, when a comment is due: rules over plain values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_intel.act import rules
from user_intel.act.cases import Case, Insight
from user_intel.act.tickets import StatusCategory, TicketStatus
from user_intel.product import Jira, Product
from user_intel.state.moves import MOVES, STATUSES
from user_intel.state.records import Comment, InsightStatus, Status
from user_intel_tests.act.made_insights import insight_row, later, leaving
from user_intel_tests.detect.hand_made import DAY

NIGHT = datetime(2026, 3, 30, 3, tzinfo=UTC)
AT = NIGHT.replace(tzinfo=None)
APPROVED = Jira()
AUTO = Jira(policy="auto", min_severity=50)


def case(step: str, severity: float = 60.0, **changed: Any) -> Case:
    found = leaving(step, severity=severity)
    row = {**insight_row(found), **changed}
    return Case(Insight(*(row[name] for name in Insight.__dataclass_fields__)), found)


def decided(of: Case, status: Status, by: str = "anna", **changed: Any) -> InsightStatus:
    found = of.found
    known = InsightStatus(
        of.insight_id, of.pain_point_id, found.kind, found.subject, found.segment, "", DAY, DAY, status, None, None,
        by, AT,
    )  # fmt: skip
    return replace(known, **changed)


def told(
    name: str, category: StatusCategory, resolution: str | None = None, resolved_at: datetime | None = None
) -> TicketStatus:
    return TicketStatus("1", "SHOP-1", "https://jira.test/browse/SHOP-1", name, category, resolution, resolved_at, AT)


def filed(cases: list[Case], statuses: list[InsightStatus], chosen: Jira = APPROVED, **more: Any) -> list[str]:
    by_id = {each.insight_id: each for each in statuses}
    known = {"ticketed": (), "day": DAY, "opened": 0, **more}
    return [each.found.subject for each in rules.to_file(cases, by_id, chosen=chosen, **known).now]


def test_only_what_people_approved_is_filed_by_default() -> None:
    cases = [case(f"/{name}", 99) for name in ("a", "b", "c", "d")]
    statuses = [decided(cases[0], "approved"), decided(cases[1], "useful"), decided(cases[2], "dismissed")]
    assert filed(cases, statuses) == ["/a"]


def test_auto_files_the_severe_as_well_but_nothing_dismissed_quiet_or_unproven() -> None:
    cases = [case("/approved", 1), case("/severe", 70), case("/more", 90), case("/mild", 49),
             case("/quiet", quiet=True), case("/unproven", grounded=False), case("/dismissed"),
             case("/shipped")]  # fmt: skip
    statuses = [decided(cases[0], "approved"), decided(cases[6], "dismissed"), decided(cases[7], "shipped")]
    assert filed(cases, statuses, AUTO) == ["/approved", "/more", "/severe"]


def test_a_dismissal_that_ended_is_none_any_more() -> None:
    over = case("/a")
    assert filed([over], [decided(over, "dismissed", until=DAY)], AUTO) == ["/a"]
    assert filed([over], [decided(over, "dismissed", until=later(1))], AUTO) == []


def test_a_problem_with_a_ticket_gets_no_other_and_the_cap_counts_what_the_day_opened() -> None:
    cases = [case(f"/{name}") for name in ("a", "b", "c")]
    statuses = [decided(each, "approved") for each in cases]
    assert filed(cases, statuses, ticketed=[cases[1].pain_point_id]) == ["/a", "/c"]
    chosen = rules.to_file(
        cases, {each.insight_id: each for each in statuses}, (), DAY, Jira(daily_cap=3), opened=2
    )  # fmt: skip
    assert [len(chosen.now), len(chosen.waiting)] == [1, 2]


BEFORE, AFTER = NIGHT - timedelta(hours=1), NIGHT + timedelta(hours=1)


@pytest.mark.parametrize(
    ("status", "by", "ticket", "becomes"),
    [
        ("approved", "anna", told("To Do", "new"), "in_jira"),
        ("in_jira", "policy", told("In Review", "indeterminate"), None),
        ("in_jira", "policy", told("Done", "done", "Done", BEFORE), "shipped"),
        ("in_jira", "policy", told("Done", "done"), "shipped"),
        ("in_jira", "policy", told("Done", "done", "Won't Do", BEFORE), "dismissed"),
        ("in_jira", "policy", told("Closed", "done", "Won’t Fix", BEFORE), "dismissed"),
        ("in_jira", "policy", told("Rejected", "done"), "dismissed"),
        ("shipped", "jira", told("To Do", "new"), "in_jira"),
        ("shipped", "anna", told("To Do", "new"), None),
        ("dismissed", "jira", told("To Do", "new"), "in_jira"),
        ("dismissed", "anna", told("To Do", "new"), None),
        ("dismissed", "anna", told("Done", "done", "Done", AFTER), None),
        ("reopened", "policy", told("Done", "done", "Done", BEFORE), None),
        ("reopened", "policy", told("Done", "done", "Done", AFTER), "shipped"),
        ("reopened", "policy", told("In Progress", "indeterminate"), "in_jira"),
        ("approved", "anna", told("Done", "done", "Done", BEFORE), None),
        ("verified", "policy", told("Done", "done", "Done", AFTER), None),
        ("shipped", "anna", told("Done", "done", "Won't Do", AFTER), "dismissed"),
    ],
)  # fmt: skip
def test_jiras_word_moves_an_insight_unless_a_person_spoke_later(
    status: Status, by: str, ticket: TicketStatus, becomes: Status | None
) -> None:
    now = decided(case("/a"), status, by)
    assert rules.follows(now, ticket, rules.meaning_of(ticket, APPROVED)) == becomes


def test_a_team_names_its_own_statuses() -> None:
    chosen = Jira(statuses={"Ready for Launch": "shipped", "Parked": "dismissed", "done": "in_jira"})
    assert rules.meaning_of(told("ready for launch", "indeterminate"), chosen) == "shipped"
    assert rules.meaning_of(told("Parked", "new"), chosen) == "dismissed"
    assert rules.meaning_of(told("Released", "done"), chosen) == "in_jira"


def test_a_problem_stays_when_the_whole_window_lies_behind_the_change() -> None:
    product = Product()
    shipped = rules.shipped_on(decided(case("/a"), "shipped"), told("Done", "done", "Done", AFTER), product)
    assert str(shipped) == "2026-03-30"
    stays = {days: rules.stays(_on(days), shipped, product) for days in (1, 7, 8, 20)}
    assert stays == {1: False, 7: False, 8: True, 20: True}
    assert rules.stays(_on(3), shipped, Product(jira=Jira(reopen_days=2)))


def _on(days: int) -> Case:
    of = case("/a")
    return Case(of.insight, replace(of.found, day=later(days), last_day=later(days)))


@given(st.lists(st.integers(0, 60), unique=True, max_size=60), st.integers(1, 14))
def test_numbers_are_told_at_most_so_often_whichever_days_are_run(days: list[int], every: int) -> None:
    chosen = Jira(comment_days=every)
    comments: list[Comment] = []
    for offset in sorted(days):
        if rules.new_numbers_due(DAY, comments, later(offset), chosen):
            comments.append(Comment("p", "recurring", later(offset), AT, "1"))
    told_on = [DAY, *(each.day for each in comments)]
    gaps = [(after - before).days for before, after in pairwise(told_on)]
    assert all(gap >= every for gap in gaps)
    # And no run let an occasion pass.
    assert all(any(0 <= (later(day) - each).days < every for each in told_on) for day in days)


CATEGORIES: tuple[StatusCategory, ...] = ("new", "indeterminate", "done")
RESOLUTIONS = st.sampled_from([None, "Done", "Won't Do", "Fixed", "Duplicate", "Whatever"])


@given(
    st.sampled_from(STATUSES), st.sampled_from(["anna", "jira", "policy"]), st.sampled_from(CATEGORIES), RESOLUTIONS,
    st.sampled_from([None, BEFORE, AFTER]),
)  # fmt: skip
def test_whatever_jira_says_an_insight_comes_to_rest_by_moves_that_make_sense(
    status: Status, by: str, category: StatusCategory, resolution: str | None, at: datetime | None
) -> None:
    ticket = told("In whatever", category, resolution, at)
    now = decided(case("/a"), status, by)
    seen = [now.status]
    while (to := rules.follows(now, ticket, rules.meaning_of(ticket, APPROVED))) is not None:
        assert to in MOVES[now.status]
        assert to not in seen, "it goes round in circles"
        seen.append(to)
        now = replace(now, status=to, by="jira", at=AT + timedelta(days=1))
    assert len(seen) <= 3
    # A person's no is never overruled.
    if status == "dismissed" and by == "anna":
        assert seen == ["dismissed"]
