"""The narrator: text that a product manager reads, the same for the same facts, and always accepted by the check."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from user_intel.detect.wording import PainPoint
from user_intel.explain.briefing_facts import facts_of_briefing
from user_intel.explain.claims import Grounded
from user_intel.explain.grounding import check
from user_intel.explain.insight_facts import facts_of
from user_intel.explain.narrator import narrate, narrate_briefing, narrate_persona
from user_intel.explain.persona_facts import facts_of_cluster
from user_intel.lake import Lake
from user_intel.tables import catalogue
from user_intel_tests.detect.hand_made import DAY, before, new_lake, write_rows
from user_intel_tests.explain.made_findings import KEYS, NAMES, PRODUCT, found, made, table
from user_intel_tests.explain.made_personas import a_persona

_RATES = {
    "drop_off": "exit_rate", "loop": "loop_rate", "underused_feature": "adoption", "rage_click": "rage_click_rate",
    "dead_click": "dead_click_rate", "error_click": "error_click_rate", "u_turn": "u_turn_rate",
    "form_abandonment": "abandonment_rate", "rapid_exit": "rapid_exit_rate", "slow_step": "p50_s",
}  # fmt: skip
# What names may be: paths with digits, text that looks like numbers, orders or statements, other scripts, emoji.
_PATHS = ["/a", "/item/:id", "/step2/41", "/24-7", "/π", "/más-info", "/because", "/", "/a/b/c?d", "/up", "/x=1"]
_WORDS = ["Pay 50 % off", "Save $5 now", "2", "ignore previous instructions", "Über uns", "购物车 3", "🛒 cart",
          "one two", "because", "More", "users", "99 % of users leave", 'say "hi"',
          "x" * 200, "a\u202eb", "`code`", "<b>bold</b>"]  # fmt: skip
_SHARES = st.one_of(st.sampled_from([0.0, 0.0004, 0.0995, 0.5, 0.9996, 1.0]), st.floats(0, 1))
_SECONDS = st.one_of(st.sampled_from([0.0, 9.96, 59.7, 119.6, 3_599.0, 3_620.0, 9_999.0]), st.floats(0, 20_000))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return new_lake(tmp_path_factory.mktemp("narrated"), PRODUCT)


@st.composite
def pain_points(draw: st.DrawFn) -> PainPoint:
    kind = draw(st.sampled_from(["anomaly", *sorted(_RATES)]))
    place = draw(st.sampled_from(_PATHS))
    word = draw(st.sampled_from(_WORDS))
    subjects = [place]
    if kind == "loop":
        subjects = draw(st.lists(st.sampled_from(_PATHS), min_size=2, max_size=4, unique=True))
    elif kind.endswith("_click"):
        subjects = [f'button.btn "{word}"', place]
    elif kind == "underused_feature":
        subjects = [word]
    measure = _SHARES if kind == "anomaly" else _SECONDS if kind == "slow_step" else _SHARES
    expected, value = sorted((draw(measure), draw(measure)))
    expected = min(expected, 0.95) if kind != "slow_step" else expected
    value = max(value, expected + 0.02) if kind == "slow_step" else min(1.0, max(value, expected + 0.02))
    if kind == "underused_feature":
        value, expected = min(expected, 0.9), max(value, min(expected, 0.9) + 0.02)
    low, high = draw(measure), draw(measure)
    known: dict[str, Any] = {
        "segment": draw(st.sampled_from(["all", "device_type=mobile", "plan=one", "country=US", "plan=50 %",
                                         "Größe=groß"])),
        "flow": draw(st.sampled_from([None, "checkout", "mined: order_completed", "42 steps"])),
        "users": draw(st.integers(0, 2_000_000)), "sessions": draw(st.integers(1, 2_000_000)),
        "active": draw(st.integers(1, 3_000_000)), "low": low, "high": high,
        "trend": draw(st.sampled_from(["new", "worse", "same", "better"])), "days_seen": draw(st.integers(0, 35)),
        "first_day": draw(st.dates(date(2026, 2, 1), date(2026, 3, 29))), "priority": draw(st.sampled_from(["P0",
                                                                                                            "P3"])),
        "goal": draw(_SHARES), "goal_without": draw(_SHARES), "units": draw(st.integers(0, 10_000_000)),
        "notes": draw(st.sampled_from([[], ["since when is not known: it is as old as the data"]])),
        "before": draw(st.one_of(st.none(), measure)),
    }  # fmt: skip
    if known["flow"]:
        known["lost"] = draw(st.one_of(st.floats(0, 100_000), st.just(0.0)))
        known["usd"] = draw(st.one_of(st.none(), st.floats(0, 5_000_000)))
    if draw(st.booleans()):
        known["also"] = [{"kind": draw(st.sampled_from(sorted(_RATES))), "subject": draw(st.sampled_from(_PATHS)),
                          "segment": "all", "value": draw(_SHARES), "expected": draw(_SHARES),
                          "q_value": 0.01}]  # fmt: skip
    if kind == "anomaly":
        return _anomaly(draw, word)
    return made(kind, subjects, _RATES[kind], value, expected, **known)


def _anomaly(draw: st.DrawFn, word: str) -> PainPoint:
    """Recordings that are missing, an event or page that stopped, fewer sessions than usual."""
    metric, note = draw(
        st.sampled_from([("recorded_share", "tracking"), (f"event:{word}", "vanished"), ("page:/step2/41", "vanished"),
                         ("sessions", "volume"), ("users", "volume"), ("conversion:checkout", "volume")])
    )  # fmt: skip
    expected = draw(st.floats(0.3, 1) if note == "tracking" else st.floats(20, 2_000_000))
    value = 0.0 if note == "vanished" else draw(st.floats(0, 0.5)) * expected
    subjects = list(dict.fromkeys([metric, metric.partition(":")[2] or metric]))
    return made("anomaly", subjects, metric, value, expected, notes=[note], users=0, sessions=0, units=0)


# Where names are given, no lake is read.
NOWHERE = Lake(Path("nowhere"), catalogue(PRODUCT))


@settings(max_examples=150, deadline=None)
@given(point=pain_points())
@example(point=made("underused_feature", ["Pay 50 % off"], "adoption", 0.0004, 0.02))
@example(point=made("rapid_exit", ["/"], "rapid_exit_rate", 0.9997, 0.0004, segment="plan=50 %", flow="42 steps"))
def test_what_it_says_of_any_pain_point_passes_the_check(point: PainPoint) -> None:
    facts = facts_of(point, NOWHERE, PRODUCT, NAMES)
    told = check(narrate(point, facts), facts)
    assert not isinstance(told, list), (narrate(point, facts).texts(), told)


@pytest.mark.parametrize("key", KEYS)
def test_every_kind_is_told_with_all_its_parts(lake: Lake, key: str) -> None:
    facts = table(key, lake)
    told = narrate(found(key), facts)
    assert not isinstance(check(told, facts), list)
    assert all(text and text[-1] in ".!?" for name, text in told.texts().items() if name != "title")
    assert narrate(found(key), facts) == told


def test_an_abandoned_form_reads_so(lake: Lake) -> None:
    told = narrate(found("form"), table("form", lake))
    assert told.title == (
        "At /shipping 41 % of sessions with device_type=mobile that begin the form do not send it, 12 % expected"
    )
    assert told.problem == (
        "Of the sessions with device_type=mobile that begin the form at /shipping, 41 % do not send it; 12 % was "
        "expected, which makes it 3.4 times as much. The 95 % interval is 35 % to 47 %. It was seen on 16 days since "
        "2026-03-12; it is getting worse than in the days before."
    )
    assert told.why_it_matters == (
        "96 users met it in 120 sessions, 6.2 % of active users: a P1. It goes with at least 61 conversions of "
        "checkout lost, worth at least $1,230. Of the sessions hit, 2.1 % reach the goal of checkout, of the others "
        "61 %."
    )
    assert told.verification == (
        "Watch the abandonment rate at /shipping with device_type=mobile over 7 days after the change: it should "
        "fall from 41 % towards the 12 % expected. The goal rate of checkout should not suffer."
    )


def test_names_that_give_orders_or_turn_the_text_are_shown_harmless(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    point = made("drop_off", ["/a\u202e<b>\n`x`"], "exit_rate", 0.4, 0.1)
    told = narrate(point, facts_of(point, lake, PRODUCT, NAMES))
    assert not set("\u202e<>`") & set("".join(told.texts().values()))


def test_a_briefing_of_every_kind_of_problem_passes_the_check(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    points = [found(key) for key in KEYS]
    for day, some in ((before(7), points[3:]), (before(1), points[2:]), (DAY, points[:-3])):
        stored = [{**asdict(each), "day": day, "facts": json.dumps(each.facts)} for each in some]
        write_rows(lake, "pain_points", day, stored)
    for scope, news in (("day", 2), ("week", 3)):
        facts = facts_of_briefing(lake, PRODUCT, DAY, scope)
        told = narrate_briefing(facts)
        assert isinstance(check(told, facts), Grounded), check(told, facts)
        assert f"{news} problems new; 3 problems gone" in told.text


def test_what_flows_lose_together_is_the_sum_of_their_problems(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    points = [found(key) for key in ("form", "rage", "error", "drop")]
    stored = [{**asdict(each), "facts": json.dumps(each.facts)} for each in points]
    write_rows(lake, "pain_points", DAY, stored)
    facts = facts_of_briefing(lake, PRODUCT, DAY, "day")
    assert facts["lost:checkout"].value == pytest.approx(61.4 + 20.2 + 7.7)
    assert facts["lost_usd"].value == pytest.approx(1_228 + 808 + 308 + 4_836)
    assert "at least 89 conversions of checkout and 40 conversions of upgrade lost, worth at least $7,180" in (
        narrate_briefing(facts).text
    )


def test_a_quiet_day_says_so(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    write_rows(lake, "pain_points", DAY, [])
    facts = facts_of_briefing(lake, PRODUCT, DAY, "day")
    told = narrate_briefing(facts)
    assert isinstance(check(told, facts), Grounded)
    assert told.title == "2026-03-29: no problem stands out"


@pytest.mark.parametrize("status", ["new", "grown", "shrunk", "stable"])
def test_a_persona_is_told_with_what_sets_it_apart_and_what_troubles_it(tmp_path: Path, status: str) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    point = found("form")
    write_rows(lake, "pain_points", DAY, [{**asdict(point), "facts": json.dumps(point.facts)}])
    hit = {"pain_point_id": point.pain_point_id, "users": 90, "rate": 0.23, "low": 0.19, "high": 0.27, "rest": 0.031}
    known = {"grown": 0.1, "shrunk": 0.31, "stable": 0.19}
    earlier = {"share_before": known[status], "compared_with": before(7)} if status in known else {}
    row = a_persona("persona-3", "Evening users, rarely finish checkout", {"evening_share": 0.8,
                                                                           "step_shares: /cart": -0.6},
                    pain_points=json.dumps([hit]), status=status, return_rate=0.5, return_low=0.4, return_high=0.6,
                    return_rest=0.55, **earlier)  # fmt: skip
    facts = facts_of_cluster(row, lake, PRODUCT)
    told = narrate_persona(facts)
    assert isinstance(check(told, facts), Grounded), check(told, facts)
    assert told.title == "Evening users, rarely finish checkout: 400 users, 20 % of all"
    assert told.pain_points == [
        "Abandoned form at /shipping for device_type=mobile: met by 23 % of its users, by 3.1 % of the rest."
    ]
    assert "sessions in the evening: " in told.who.lower()
    assert "50 % came back in the last days, of all others 55 %: no sure difference" in told.why_it_matters


def test_a_trait_whose_name_says_a_week_is_a_rate_and_no_window(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    row = a_persona("persona-3", "Frequent users", {"sessions_per_week": 0.8})
    facts = facts_of_cluster(row, lake, PRODUCT)
    told = narrate_persona(facts)
    lie = told.model_copy(update={"who": told.who.replace("a week", "this week")})
    assert "sessions a week" in told.who.lower()
    assert isinstance(check(told, facts), Grounded), check(told, facts)
    assert "window" in {each.rule for each in check(lie, facts)}
