"""The order of the feed and what stays quiet in it, worked out by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from user_intel.detect.wording import PainPoint
from user_intel.explain.ranking import clearly_worse, earlier_of, factor, last_words, placed
from user_intel.product import Explain
from user_intel.state.records import Feedback, Verdict
from user_intel_tests.detect.made_pain_points import DAY, facts, made

RULES = Explain()
YESTERDAY = DAY - timedelta(days=1)
ACTIVE = [{"id": "active_users", "value": 1000}]


def problem(kind: str = "drop_off", subject: str = "/cart", **changed: object) -> PainPoint:
    return made(kind, subject, **{"facts": facts(numbers=ACTIVE), **changed})


def said(about: PainPoint, verdict: Verdict = "dismissed", day: date = YESTERDAY, **changed: object) -> Feedback:
    known = {
        "insight_id": "i", "pain_point_id": about.pain_point_id, "kind": about.kind, "subject": about.subject,
        "segment": about.segment, "verdict": verdict, "reason": None, "until": None, "by": "anna", "day": day,
        "at": datetime.fromisoformat("2026-03-28T12:00"),
    }  # fmt: skip
    return Feedback(**{**known, **changed})  # type: ignore[arg-type]


def feed(
    found: list[PainPoint], feedback: list[Feedback], then: list[PainPoint] | None = None
) -> list[tuple[str, str | None]]:
    """The feed as (subject, quiet_because); `then` is how things stood yesterday, the same as today when left out."""
    earlier = earlier_of({YESTERDAY: {each.pain_point_id: each for each in (found if then is None else then)}})
    ranked = placed(found, last_words(feedback, DAY, RULES), RULES, earlier)
    assert [each.place for each in ranked] == list(range(1, len(found) + 1))
    return [(each.found.subject, each.quiet_because) for each in ranked]


def test_without_feedback_the_feed_is_in_order_of_severity() -> None:
    found = [
        problem(subject="/a", severity=5.0),
        problem(subject="/b", severity=40.0),
        problem(subject="/c", severity=None),
    ]
    assert feed(found, []) == [("/b", None), ("/a", None), ("/c", None)]


def test_one_useful_and_one_dismissed_problem_of_a_kind_move_others_of_it_by_a_fifth() -> None:
    # 2 x (1 + 2) / (1 + 4) = 1.2 and 2 x (0 + 2) / (1 + 4) = 0.8.
    found = problem(subject="/x")
    assert factor(found, [said(problem(subject="/y"), "useful")], RULES) == pytest.approx(1.2)
    assert factor(found, [said(problem(subject="/y"))], RULES) == pytest.approx(0.8)
    assert factor(found, [said(problem("loop", "/y"))], RULES) == 1
    assert factor(found, [said(problem("loop", "/x"), "useful")], RULES) == pytest.approx(1.2)


@given(st.lists(st.sampled_from(["useful", "dismissed", "wrong"]), max_size=200))
def test_whatever_is_said_a_severity_is_never_more_than_doubled_or_halved(verdicts: list[Verdict]) -> None:
    words = [said(problem(subject="/x"), verdict) for verdict in verdicts]
    assert 0.5 <= factor(problem(subject="/x"), words, RULES) <= 2


def test_useful_kinds_rise_and_dismissed_ones_sink() -> None:
    drop, loop = problem("drop_off", "/a", severity=10.0), problem("loop", "/b", severity=11.0)
    assert [name for name, _ in feed([drop, loop], [])] == ["/b", "/a"]
    assert [name for name, _ in feed([drop, loop], [said(problem("drop_off", "/c"), "useful")])] == ["/a", "/b"]
    assert [name for name, _ in feed([drop, loop], [said(problem("loop", "/c"))])] == ["/a", "/b"]


def test_what_was_dismissed_is_quiet_and_last_and_says_why() -> None:
    found = [problem(subject="/a", severity=90.0), problem(subject="/b", severity=1.0)]
    told = feed(found, [said(found[0], reason="a known bug")])
    assert told == [("/b", None), ("/a", "dismissed on 2026-03-28: a known bug")]
    assert feed(found, [said(found[0], "wrong")])[1] == ("/a", "called wrong on 2026-03-28")


def test_the_last_word_counts_and_useful_takes_a_dismissal_back() -> None:
    found = problem()
    later = datetime.fromisoformat("2026-03-28T13:00")
    assert feed([found], [said(found), said(found, "useful", at=later)]) == [("/cart", None)]
    assert feed([found], [said(found, "useful"), said(found, at=later)]) == [("/cart", "dismissed on 2026-03-28")]
    before = YESTERDAY - timedelta(days=1)
    assert feed([found], [said(found, day=before, at=later), said(found, "useful")]) == [("/cart", None)]


@pytest.mark.parametrize("day", [DAY, DAY + timedelta(days=3), DAY - timedelta(days=91)])
def test_feedback_on_the_same_or_later_days_or_long_ago_counts_nothing(day: date) -> None:
    found = problem()
    assert feed([found], [said(found, day=day)]) == [("/cart", None)]


def test_a_dismissal_ends_on_the_day_it_was_made_until() -> None:
    found = problem()
    assert feed([found], [said(found, until=DAY)]) == [("/cart", None)]
    assert feed([found], [said(found, until=DAY + timedelta(days=1))])[0][1] is not None


def test_it_is_heard_again_when_its_interval_lies_beyond_that_of_then() -> None:
    then = problem(value=0.40, low=0.35, high=0.45)
    beyond, touching = problem(value=0.52, low=0.46, high=0.58), problem(value=0.50, low=0.44, high=0.56)
    assert feed([beyond], [said(then)], [then]) == [("/cart", None)]
    assert feed([touching], [said(then)], [then])[0][1] is not None


def test_of_adoption_less_is_worse() -> None:
    then = problem("underused_feature", value=0.20, expected=0.4, low=0.15, high=0.25)
    less, more = (problem("underused_feature", value=v, expected=0.4, low=v - 0.04, high=v + 0.04) for v in (0.1, 0.3))
    assert clearly_worse(less, then)
    assert not clearly_worse(more, then)


def test_it_is_heard_again_when_it_hits_clearly_more_of_the_active_users() -> None:
    # Wilson: 60 of 1000 is 4.7 to 7.7 %; 90 is 7.4 to 10.9 %, 100 is 8.3 to 12.0 %.
    then = problem(users=60)
    assert not clearly_worse(problem(users=90), then)
    assert clearly_worse(problem(users=100), then)


def test_an_anomaly_is_heard_again_when_it_lies_further_off_by_half_of_what_is_ordinary() -> None:
    then = problem("anomaly", "sessions", value=60.0, expected=100.0, low=80.0, high=120.0)
    assert clearly_worse(problem("anomaly", "sessions", value=40.0, expected=100.0, low=80.0, high=120.0), then)
    assert not clearly_worse(problem("anomaly", "sessions", value=41.0, expected=100.0, low=80.0, high=120.0), then)


def test_where_nobody_knows_how_it_was_it_stays_quiet() -> None:
    assert feed([problem(users=900)], [said(problem())], then=[])[0][1] is not None


def test_the_same_problem_of_another_segment_is_quiet_too() -> None:
    mobile = problem(segment="device=mobile", pain_point_id="mobile")
    told = feed([problem()], [said(mobile)], [mobile])
    assert told == [("/cart", "the same of device=mobile was dismissed on 2026-03-28")]


def test_a_subject_is_quiet_when_two_of_its_problems_were_dismissed_and_none_is_useful() -> None:
    found = problem("drop_off", "/old")
    loop, slow = problem("loop", "/old"), problem("slow_step", "/old")
    assert feed([found], [said(loop)], [loop]) == [("/old", None)]
    because = "2 problems of /old were dismissed, the last on 2026-03-28"
    assert feed([found], [said(loop), said(slow)], [loop, slow]) == [("/old", because)]
    turned = problem("u_turn", "/old")
    assert feed([found], [said(loop), said(slow), said(turned, "useful")], [loop, slow, turned]) == [("/old", None)]


def test_a_kind_is_quiet_when_it_was_dismissed_on_three_subjects_unless_it_hits_clearly_more_users() -> None:
    others = [problem("u_turn", f"/{name}", users=60) for name in "abc"]
    words = [said(each) for each in others]
    because = "u-turns was dismissed on 3 subjects, the last on 2026-03-28"
    assert feed([problem("u_turn", "/d", users=90)], words, others) == [("/d", because)]
    assert feed([problem("u_turn", "/d", users=100)], words, others) == [("/d", None)]
    assert feed([problem("u_turn", "/d", users=90)], words[:2], others) == [("/d", None)]


@given(st.permutations([said(problem(subject=f"/{name}")) for name in "abcd"]))
def test_the_order_in_which_feedback_comes_changes_nothing(feedback: list[Feedback]) -> None:
    assert last_words(feedback, DAY, RULES) == last_words(sorted(feedback, key=lambda f: f.subject), DAY, RULES)
