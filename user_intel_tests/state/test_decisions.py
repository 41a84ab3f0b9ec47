"""What may be decided about an insight, what old days may know of it, and that everything is on the trail."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from user_intel.errors import InputError
from user_intel.settings import Settings
from user_intel.state import open_state
from user_intel.state.moves import MOVES, STATUSES, words
from user_intel.state.records import SeenInsight, Status
from user_intel.state.store import State
from user_intel_tests.state.conftest import DAY, seen

LATER = DAY + timedelta(days=1)


def test_an_insight_is_new_when_it_is_seen_first_and_its_days_and_title_grow(state: State) -> None:
    state.register([seen("a", LATER, "Improve Shipping more"), seen("a", DAY - timedelta(days=3), "An old title")])
    found = state.status("insight-a")
    assert found is not None
    assert (found.status, found.by, found.reason) == ("new", None, None)
    assert (found.first_day, found.last_day) == (DAY - timedelta(days=3), LATER)
    assert found.title == "Improve Shipping more"


def test_registering_again_leaves_what_was_decided(state: State) -> None:
    state.decide("insight-a", "approved", by="maria")
    state.register([seen("a"), seen("d")])
    assert {name: found.status for name, found in state.statuses().items()} == {
        "insight-a": "approved",
        "insight-b": "new",
        "insight-c": "new",
        "insight-d": "new",
    }


def test_more_insights_than_one_statement_holds_are_registered(state: State) -> None:
    state.register([seen(f"{number:04}") for number in range(2_345)])
    assert len(state.statuses()) == 2_345 + 3


def test_only_moves_of_the_table_are_made(sqlite_state: State) -> None:
    def named(now: Status, to: Status) -> str:
        return f"insight-{now}-{to}"

    sqlite_state.register([seen(f"{now}-{to}") for now in STATUSES for to in STATUSES])
    for now in STATUSES:
        for step in WAYS[now]:
            sqlite_state.decide_all([named(now, to) for to in STATUSES], step, by="maria", reason="for the test")
    for to in STATUSES:
        allowed = [named(now, to) for now in STATUSES if to == now or to in MOVES[now]]
        decided = sqlite_state.decide_all(allowed, to, by="maria", reason="for the test")
        assert {found.status for found in decided} == {to}
        for now in set(STATUSES) - {to}:
            if to not in MOVES[now]:
                with pytest.raises(InputError, match=f"is {words(now)} and cannot become {words(to)}"):
                    sqlite_state.decide(named(now, to), to, by="maria", reason="for the test")
                assert sqlite_state.known(named(now, to)).status == now


# How each status is come to, worked out by hand.
WAYS: dict[Status, tuple[Status, ...]] = {
    "new": (),
    "seen": ("seen",),
    "useful": ("seen", "useful"),
    "dismissed": ("dismissed",),
    "approved": ("useful", "approved"),
    "in_jira": ("approved", "in_jira"),
    "shipped": ("approved", "in_jira", "shipped"),
    "verified": ("approved", "in_jira", "shipped", "verified"),
    "reopened": ("approved", "in_jira", "shipped", "reopened"),
}


def test_nothing_becomes_new_again_and_no_status_is_a_dead_end() -> None:
    assert not [status for status, moves in MOVES.items() if "new" in moves]
    for status in STATUSES:
        reached = {status}
        while more := {to for now in reached for to in MOVES[now]} - reached:
            reached |= more
        assert reached >= set(STATUSES) - {"new"}, f"some status cannot be reached from {status}"


def test_a_move_that_makes_no_sense_says_which_would(state: State) -> None:
    state.decide("insight-a", "shipped", by="maria")
    with pytest.raises(InputError, match="insight-a is shipped and cannot become approved; it can become verified"):
        state.decide("insight-a", "approved", by="maria")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("insight-aa", "near to it are insight-a"),
        ("a", "a is a pain point; its insight is insight-a"),
        ("sight-b", "near to it are insight-b"),
        ("", "there are 3, the last is insight-a"),
    ],
)
def test_an_unknown_insight_is_said_with_those_near_to_it(state: State, asked: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        state.decide(asked, "approved", by="maria")


def test_where_no_insight_is_known_the_error_says_what_to_run(sqlite_settings: Settings) -> None:
    with open_state(sqlite_settings) as empty, pytest.raises(InputError, match=r"none was made yet\. Next: user-intel"):
        empty.decide("insight-a", "approved", by="maria")


def test_several_are_decided_together_or_not_at_all(state: State) -> None:
    decided = state.decide_all(["insight-b", "insight-a"], "approved", by="maria")
    assert [found.insight_id for found in decided] == ["insight-b", "insight-a"]
    with pytest.raises(InputError, match="insight-x"):
        state.decide_all(["insight-c", "insight-x"], "approved", by="maria")
    found = state.status("insight-c")
    assert found is not None
    assert found.status == "new"


def test_a_dismissal_has_a_reason_and_may_have_an_end(state: State) -> None:
    with pytest.raises(InputError, match="without a reason"):
        state.decide("insight-a", "dismissed", by="maria")
    with pytest.raises(InputError, match="Only a dismissal has an end"):
        state.decide("insight-a", "approved", by="maria", until=LATER)
    with pytest.raises(InputError, match="would be over already"):
        state.decide("insight-a", "dismissed", by="maria", reason="known", until=DAY)
    found = state.decide("insight-a", "dismissed", by="maria", reason="known", until=LATER)
    assert (found.reason, found.until) == ("known", LATER)


def test_a_dismissal_ends_on_the_day_it_was_made_until(state: State) -> None:
    until = DAY + timedelta(days=10)
    found = state.decide("insight-a", "dismissed", by="maria", reason="known", until=until)
    assert [found.on(DAY + timedelta(days=days)) for days in (0, 9, 10, 11)] == ["dismissed"] * 2 + ["seen"] * 2
    for_ever = state.decide("insight-b", "dismissed", by="maria", reason="known")
    assert for_ever.on(DAY + timedelta(days=10_000)) == "dismissed"


def test_an_ended_dismissal_can_be_decided_about_like_any_seen_insight(state: State) -> None:
    until = DAY + timedelta(days=2)
    state.decide("insight-a", "dismissed", by="maria", reason="known", until=until)
    with pytest.raises(InputError, match="dismissed and cannot become shipped"):
        state.decide("insight-a", "shipped", by="maria")
    state.register([seen("a", until)])
    assert state.decide("insight-a", "shipped", by="maria").status == "shipped"


def test_deciding_the_same_again_leaves_no_second_entry(state: State) -> None:
    first = state.decide("insight-a", "approved", by="maria")
    assert state.decide("insight-a", "approved", by="tom") == first
    assert len(state.audit_trail("insight-a")) == 1


def test_an_old_day_knows_only_what_was_decided_about_earlier_days(state: State) -> None:
    early = state.decide("insight-a", "dismissed", by="maria", reason="known")
    state.register([seen("a", LATER), seen("d", LATER)])
    state.decide("insight-a", "approved", by="tom")
    assert state.statuses(before=DAY) == {}
    as_of_later = state.statuses(before=LATER)
    assert set(as_of_later) == {"insight-a", "insight-b", "insight-c"}
    told = as_of_later["insight-a"]
    assert (told.status, told.reason, told.by, told.at) == ("dismissed", "known", "maria", early.at)
    after = state.statuses(before=LATER + timedelta(days=1))
    assert (after["insight-a"].status, after["insight-d"].status) == ("approved", "new")


def test_the_last_word_of_a_person_about_a_day_counts(state: State) -> None:
    state.give_feedback("insight-a", "wrong", by="maria", reason="we changed the tracking")
    state.give_feedback("insight-a", "useful", by="tom")
    state.give_feedback("insight-a", "useful", by="maria")
    state.register([seen("a", LATER)])
    state.give_feedback("insight-a", "dismissed", by="maria", reason="known by now")
    told = [(given.day, given.by, given.verdict) for given in state.feedback()]
    assert told == [(DAY, "maria", "useful"), (DAY, "tom", "useful"), (LATER, "maria", "dismissed")]
    assert [given.day for given in state.feedback(before=LATER)] == [DAY, DAY]
    assert state.feedback(before=DAY) == []
    assert {(given.kind, given.subject, given.segment) for given in state.feedback()} == {
        ("drop_off", "/shipping", "device_type=mobile")
    }


@pytest.mark.parametrize(
    ("before", "verdict", "after"),
    [
        ((), "useful", "useful"),
        ((), "dismissed", "dismissed"),
        ((), "wrong", "dismissed"),
        (("dismissed",), "useful", "useful"),
        (("approved",), "dismissed", "approved"),
        (("approved", "in_jira"), "wrong", "in_jira"),
    ],
)
def test_feedback_moves_only_what_nobody_acts_on(
    sqlite_state: State, before: tuple[Status, ...], verdict: str, after: Status
) -> None:
    for step in before:
        sqlite_state.decide("insight-a", step, by="maria", reason="for the test")
    sqlite_state.give_feedback("insight-a", verdict, by="tom")  # type: ignore[arg-type]
    found = sqlite_state.status("insight-a")
    assert found is not None
    assert found.status == after


def test_dismissing_and_calling_useful_are_feedback_too(state: State) -> None:
    until = DAY + timedelta(days=9)
    state.decide("insight-a", "dismissed", by="maria", reason="known", until=until)
    state.decide("insight-b", "useful", by="maria")
    state.decide("insight-c", "approved", by="maria")
    told = [(given.insight_id, given.verdict, given.reason, given.until) for given in state.feedback()]
    assert told == [("insight-a", "dismissed", "known", until), ("insight-b", "useful", None, None)]


def test_the_trail_says_who_did_what_with_before_and_after(state: State) -> None:
    state.decide("insight-a", "approved", by="maria", reason="hurts mobile")
    state.decide("insight-a", "in_jira", by="jira")
    state.give_feedback("insight-b", "useful", by="tom")
    last, first = state.audit_trail("insight-a")
    assert (last.by, last.action, json.loads(last.before), json.loads(last.after)) == (
        "jira",
        "decided about",
        {"status": "approved", "reason": "hurts mobile"},
        {"status": "in_jira", "day": "2026-11-14"},
    )
    assert json.loads(first.before) == {"status": "new"}
    assert json.loads(first.after) == {"status": "approved", "reason": "hurts mobile", "day": "2026-11-14"}
    assert [(entry.by, entry.action) for entry in state.audit_trail("insight-b")] == [
        ("tom", "decided about"),
        ("tom", "gave feedback on"),
    ]
    assert len(state.audit_trail()) == 4
    assert len(state.audit_trail(most=3)) == 3


def test_nothing_personal_reaches_the_files(sqlite_settings: Settings) -> None:
    with open_state(sqlite_settings) as state:
        state.register([seen("a")])
        state.decide("insight-a", "dismissed", by="maria", reason="anna@example.com wrote")
        content = b"".join(path.read_bytes() for path in sqlite_settings.home.glob("state.db*"))
    assert b"[email] wrote" in content
    assert b"anna@" not in content


def test_personal_data_in_what_people_write_is_not_kept(state: State) -> None:
    state.decide("insight-a", "dismissed", by="maria", reason="anna@example.com wrote; call +49 170 1234567")
    state.give_feedback("insight-b", "wrong", by="maria", reason="see 9f86d081884c7d659a2feaa0c55ad015")
    kept = str([state.statuses(), state.feedback(), state.audit_trail()])
    assert "[email] wrote; call [phone]" in kept
    assert "see [token]" in kept
    assert not any(text in kept for text in ("anna@", "1234567", "9f86d0"))


@hypothesis_settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    deeds=st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from(STATUSES), st.integers(0, 4), st.integers(1, 9)), max_size=8
    )
)
def test_what_a_past_day_knows_never_changes_by_what_is_decided_later(
    sqlite_state: State, deeds: list[tuple[str, Status, int, int]]
) -> None:
    """Decisions made about later days must not be seen by earlier ones, in whatever order they come."""
    start = max(found.last_day for found in sqlite_state.statuses().values())
    for name, to, days, lasting in sorted(deeds, key=lambda deed: deed[2]):
        day = start + timedelta(days=days)
        sqlite_state.register([SeenInsight(f"insight-{name}", name, "loop", "x", "all", day, "title")])
        known = sqlite_state.statuses(before=day)
        until = day + timedelta(days=lasting) if to == "dismissed" else None
        try:
            sqlite_state.decide(f"insight-{name}", to, by="maria", reason="so", until=until)
        except InputError:
            continue
        statuses = {name: (found.status, found.until) for name, found in sqlite_state.statuses(before=day).items()}
        assert statuses == {name: (found.status, found.until) for name, found in known.items()}


@pytest.mark.parametrize(
    "text", ["zero \x00 byte", "half a \ud83d pair", "🛒 مرحبا \u202e", "x" * 100_000, "'; drop table insights"]
)
def test_any_text_is_kept_whatever_the_database(state: State, text: str) -> None:
    kept = text.replace("\x00", "\ufffd").replace("\ud83d", "?")
    state.register([SeenInsight("insight-t", "t", "loop", text, text, DAY, text)])
    found = state.decide("insight-t", "approved", by="maria", reason=text)
    assert (found.subject, found.segment, found.title, found.reason) == (kept, kept, kept, kept)
    assert state.known("insight-t") == found
    assert json.loads(state.audit_trail("insight-t")[0].after)["reason"] == kept


def test_looking_at_insights_makes_new_ones_seen_and_undoes_nothing(state: State) -> None:
    state.decide("insight-a", "approved", by="maria")
    state.mark_seen(["insight-a", "insight-b", "insight-x"], by="tom")
    assert [found.status for found in state.statuses().values()] == ["approved", "seen", "new"]
    state.mark_seen([], by="tom")
    state.mark_seen(["insight-b"], by="maria")
    assert [entry.by for entry in state.audit_trail("insight-b")] == ["tom"]


def test_a_day_in_the_far_past_or_future_is_kept_as_it_is(state: State) -> None:
    state.register([seen("old", date(1970, 1, 1)), seen("far", date(9999, 12, 31))])
    assert state.statuses()["insight-far"].last_day == date(9999, 12, 31)
    assert state.statuses()["insight-old"].first_day == date(1970, 1, 1)
