"""One ticket for each pain point: claimed before it is made, healed where its maker was killed, commented weekly."""

from datetime import datetime, timedelta

import pytest

from user_intel.errors import InputError, StateError
from user_intel.state.records import Status
from user_intel.state.store import State
from user_intel_tests.state.conftest import DAY

NOON = datetime(2026, 11, 15, 12)  # noqa: DTZ001  # the state keeps naive UTC


@pytest.fixture
def clock(state: State, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """What time the state believes it is: the one item of the list."""
    time = [NOON]
    monkeypatch.setattr(state, "_now", lambda: time[0])
    return time


def status_of(state: State, insight_id: str) -> Status:
    return state.known(insight_id).status


def test_a_ticket_is_claimed_once_then_recorded_and_its_insight_is_in_jira(state: State, clock: list[datetime]) -> None:
    state.decide("insight-a", "approved", by="maria")
    claim = state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    assert claim is not None
    assert (claim.key, claim.day, claim.claimed_at, claim.taken_over_from) == (None, DAY, NOON, None)
    assert state.claim_ticket("a", "insight-a", by="maria", day=DAY) is None
    assert status_of(state, "insight-a") == "approved"
    clock[0] += timedelta(seconds=5)
    made = state.record_ticket("a", key="SHOP-7", url="https://jira.example.com/browse/SHOP-7", status="To Do")
    assert (made.key, made.status, made.created_at) == ("SHOP-7", "To Do", clock[0])
    assert status_of(state, "insight-a") == "in_jira"
    assert state.claim_ticket("a", "insight-a", by="maria", day=DAY) is None
    assert state.ticket("a") == made
    assert state.tickets() == [made]
    assert made.token is None, "the token is told to the claimer alone"


def test_recording_the_same_ticket_again_changes_nothing_and_another_is_refused(state: State) -> None:
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    made = state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7", status="To Do")
    assert state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7") == made
    with pytest.raises(StateError, match="has the ticket SHOP-7 already; SHOP-8 would be a second one"):
        state.record_ticket("a", key="SHOP-8", url="https://x/SHOP-8")
    assert state.ticket("a") == made


def test_a_ticket_of_one_problem_is_not_kept_for_another(state: State) -> None:
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7")
    state.claim_ticket("b", "insight-b", by="policy", day=DAY)
    with pytest.raises(StateError, match="SHOP-7 is the ticket of the pain point a already"):
        state.record_ticket("b", key="SHOP-7", url="https://x/SHOP-7")
    assert status_of(state, "insight-b") == "new"


def test_a_claim_that_was_left_is_taken_over_when_it_is_stale(state: State, clock: list[datetime]) -> None:
    left = state.claim_ticket("a", "insight-a", by="policy", day=DAY, stale_after_s=60)
    clock[0] += timedelta(seconds=59)
    assert state.claim_ticket("a", "insight-a", by="maria", day=DAY, stale_after_s=60) is None
    clock[0] += timedelta(seconds=1)
    taken = state.claim_ticket("a", "insight-a", by="maria", day=DAY, stale_after_s=60)
    assert left is not None
    assert taken is not None
    assert (taken.claimed_by, taken.claimed_at, taken.taken_over_from) == ("maria", clock[0], NOON)
    assert not state.release_ticket("a", token=str(left.token), by="policy"), "it is no longer theirs"
    again = state.claim_ticket("a", "insight-a", by="tom", day=DAY, stale_after_s=0)
    assert again is not None
    assert again.taken_over_from == clock[0], "whoever claimed last may just have asked Jira"


def test_a_recorded_ticket_is_never_taken_over(state: State, clock: list[datetime]) -> None:
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7")
    clock[0] += timedelta(days=1_000)
    assert state.claim_ticket("a", "insight-a", by="maria", day=DAY, stale_after_s=0) is None


def test_a_released_claim_is_free_at_once(state: State) -> None:
    claim = state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    assert claim is not None
    assert state.release_ticket("a", token=str(claim.token), by="policy", reason="Jira: summary is too long")
    assert state.ticket("a") is None
    assert state.claim_ticket("a", "insight-a", by="maria", day=DAY) is not None


def test_a_ticket_that_is_gone_from_jira_can_be_made_again(state: State) -> None:
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7")
    state.claim_comment("a", kind="recurring", day=DAY, every_days=7, by="policy")
    state.drop_ticket("a", by="jira", reason="SHOP-7 was deleted")
    assert state.tickets() == []
    assert state.comments() == []
    assert state.decide("insight-a", "approved", by="jira").status == "approved"
    assert state.claim_ticket("a", "insight-a", by="policy", day=DAY) is not None


def test_a_ticket_leaves_what_was_decided_otherwise_meanwhile(state: State) -> None:
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    state.decide("insight-a", "dismissed", by="maria", reason="we go without")
    state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7")
    assert status_of(state, "insight-a") == "dismissed"


def test_a_report_has_a_ticket_though_it_is_no_insight(state: State) -> None:
    assert state.claim_ticket("report:2026-11-14", "report:2026-11-14", by="maria", day=DAY) is not None
    assert state.record_ticket("report:2026-11-14", key="SHOP-9", url="https://x/SHOP-9").key == "SHOP-9"


def test_the_status_jira_showed_last_is_kept_in_its_word(state: State, clock: list[datetime]) -> None:
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7", status="To Do")
    entries = len(state.audit_trail("insight-a"))
    clock[0] += timedelta(days=1)
    noted = state.note_ticket_status("a", "In Arbeit")
    assert (noted.status, noted.status_at) == ("In Arbeit", clock[0])
    state.note_ticket_status("a", "In Arbeit")
    assert len(state.audit_trail("insight-a")) == entries + 1, "what did not change is no entry"


@pytest.mark.parametrize("days", [-7, -6, -1, 0, 1, 6, 7])
def test_a_recurring_problem_is_commented_once_a_week_in_whatever_order_days_run(state: State, days: int) -> None:
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7")
    assert state.claim_comment("a", kind="recurring", day=DAY, every_days=7, by="policy")
    state.note_comment("a", kind="recurring", day=DAY, comment_id="10001")
    other = state.claim_comment("a", kind="recurring", day=DAY + timedelta(days=days), every_days=7, by="policy")
    assert (other is not None) == (abs(days) >= 7)


def test_a_comment_that_was_claimed_and_not_made_is_taken_over_when_it_is_stale(
    state: State, clock: list[datetime]
) -> None:
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    ask = {"kind": "reopened", "day": DAY, "every_days": 1, "by": "policy", "stale_after_s": 60}
    assert state.claim_comment("a", **ask)  # type: ignore[arg-type]
    assert state.claim_comment("a", **ask) is None  # type: ignore[arg-type]
    clock[0] += timedelta(seconds=60)
    taken = state.claim_comment("a", **ask)  # type: ignore[arg-type]
    assert taken is not None
    assert (taken.claimed_at, taken.comment_id) == (clock[0], None)
    state.note_comment("a", kind="reopened", day=DAY, comment_id="10002")
    clock[0] += timedelta(days=1)
    assert state.claim_comment("a", **ask) is None  # type: ignore[arg-type]
    assert [(comment.kind, comment.comment_id) for comment in state.comments("a")] == [("reopened", "10002")]


def test_kinds_of_comments_do_not_stand_in_each_other_s_way(state: State) -> None:
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    assert state.claim_comment("a", kind="recurring", day=DAY, every_days=7, by="policy")
    assert state.claim_comment("a", kind="reopened", day=DAY, every_days=1, by="policy")
    state.release_comment("a", kind="reopened", day=DAY)
    assert state.claim_comment("a", kind="reopened", day=DAY, every_days=1, by="policy")


def test_what_has_no_ticket_is_said(state: State) -> None:
    with pytest.raises(InputError, match="The pain point a has no ticket"):
        state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7")
    with pytest.raises(InputError, match="has no ticket"):
        state.claim_comment("a", kind="recurring", day=DAY, every_days=7, by="policy")
    assert not state.release_ticket("a", token="none", by="maria")


def test_the_trail_of_a_ticket_tells_its_whole_life(state: State) -> None:
    claim = state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    assert claim is not None
    state.release_ticket("a", token=str(claim.token), by="policy", reason="refused")
    state.claim_ticket("a", "insight-a", by="policy", day=DAY)
    state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7")
    state.claim_comment("a", kind="recurring", day=DAY, every_days=7, by="policy")
    state.note_comment("a", kind="recurring", day=DAY, comment_id="1")
    state.note_ticket_status("a", "Done")
    state.drop_ticket("a", by="jira", reason="deleted")
    told = [(entry.by, entry.action, entry.subject) for entry in reversed(state.audit_trail("insight-a"))]
    assert told == [
        ("policy", "claimed the ticket of", "a"),
        ("policy", "released the ticket of", "a"),
        ("policy", "claimed the ticket of", "a"),
        ("jira", "recorded ticket", "SHOP-7"),
        ("jira", "decided about", "insight-a"),
        ("policy", "claimed a comment on", "SHOP-7"),
        ("jira", "commented on", "SHOP-7"),
        ("jira", "read the status of", "SHOP-7"),
        ("jira", "dropped ticket", "SHOP-7"),
    ]
