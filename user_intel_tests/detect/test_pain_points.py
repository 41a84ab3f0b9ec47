"""Pain points: a shop whose every day is the same until a button fails on phones, worked by hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from user_intel.detect.evidence import Evidence
from user_intel.detect.history import Key
from user_intel.detect.pain_points import pain_point_id, trend
from user_intel.detect.pricing import Price, priority, severity, within_real_losses
from user_intel.detect.problems import Problem
from user_intel.detect.run import detect_window
from user_intel.product import Goals, Product, Thresholds
from user_intel_tests.detect.hand_made import DAY, Row, Session, before, new_lake, rows, write_alike, write_rows

SHOP = Product(segments=["device"], flows={"buy": ["/home", "/cart", "paid"]}, goals=Goals(value_usd={"paid": 20}))
FEATURED = SHOP.model_copy(update={"features": ["export"]})
QUIET_DAYS, TROUBLED_DAYS = 14, 3
_RAGE = ("rage_click", "/cart", "button#pay")
# Of twenty visitors two leave at each step on the way to the last, and twelve pay.
_LEAVE_AFTER = {0: 1, 1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 4, 7: 4}


def shop_day(failing: int = 0, angry: bool = False) -> list[Session]:
    """A hundred visitors, every other one on a phone. `failing` of those who would have paid by phone do not."""
    visitors = []
    for number in range(100):
        on_phone, steps = number % 2 == 1, _LEAVE_AFTER.get(number % 20, 5)
        fails = on_phone and steps == 5 and failing > 0
        failing -= fails
        walk = ["/home:9", "/list:9", "/item:20", "/cart:9", "paid"][: 4 if fails else steps]
        device = {"device": "mobile" if on_phone else "desktop"}
        visitors.append(Session(" ".join(walk), f"visitor {number}", device, [_RAGE] if fails and angry else ()))
    return visitors


def found(
    home: Path, troubled: Sequence[Session], changed: Callable[[list[Session]], list[Session]] = list, day: Any = DAY
) -> list[Row]:
    """The pain points of `day` after fourteen quiet days and three troubled ones, facts as dictionaries."""
    lake = new_lake(home, SHOP)
    days = [before(back) for back in reversed(range(QUIET_DAYS + TROUBLED_DAYS))]
    write_alike(lake, SHOP, days[:QUIET_DAYS], changed(shop_day()))
    write_alike(lake, SHOP, days[QUIET_DAYS:], changed(list(troubled)))
    detect_window(lake, SHOP, day, ["pain_points"])
    return [{**row, "facts": json.loads(row["facts"])} for row in rows(lake, "pain_points", day)]


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> Row:
    """Fifteen a day fail by phone and go."""
    (row,) = found(tmp_path_factory.mktemp("lake"), shop_day(failing=15))
    return row


@pytest.fixture(scope="module")
def angry(tmp_path_factory: pytest.TempPathFactory) -> Row:
    """Fifteen a day fail by phone, hammer on the button, and go."""
    (row,) = found(tmp_path_factory.mktemp("lake"), shop_day(failing=15, angry=True))
    return row


def test_the_step_the_segment_and_the_day_it_began_are_found(silent: Row) -> None:
    assert (silent["kind"], silent["subject"], silent["segment"]) == ("drop_off", "/cart", "device=mobile")
    assert (silent["first_day"], silent["last_day"], silent["days_seen"]) == (before(2), DAY, 3)
    assert (silent["flow"], silent["metric"], silent["trend"]) == ("buy", "exit_rate", "new")


def test_its_figures_are_those_of_the_days_since_it_began(silent: Row) -> None:
    # By phone 35 a day come to the cart; five always left there, and now fifteen more.
    interval = binomtest(60, 105).proportion_ci(method="wilson")
    assert (silent["value"], silent["sessions"], silent["users"]) == (60 / 105, 60, 60)
    assert (silent["low"], silent["high"]) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert silent["expected"] == pytest.approx(5 / 35, abs=0.01)
    assert silent["q_value"] < 0.001


def test_its_price_severity_and_priority_follow_from_them(silent: Row) -> None:
    # All who passed the cart paid.
    lost = 105 * (silent["low"] - silent["expected"])
    assert silent["lost_conversions"] == pytest.approx(lost)
    assert silent["lost_usd"] == pytest.approx(20 * lost)
    # In the window 4 * 60 + 3 * 45 paid and 700 came, 60 of them were hit.
    share_lost, share_hit, excess = lost / (lost + 375), 60 / 700, 1 - silent["expected"] / silent["value"]
    assert silent["severity"] == round(100 * (1 - (1 - share_lost) * (1 - share_hit * excess)), 1)
    assert silent["priority"] == "P1"
    numbers = {number["id"]: number["value"] for number in silent["facts"]["numbers"]}
    assert (numbers["active_users"], numbers["conversions"]) == (700, 375)


def test_every_fact_names_its_days_and_people(silent: Row) -> None:
    told = {n["id"]: (n["from"], n["to"], n["segment"]) for n in silent["facts"]["numbers"]}
    whole_window = (str(before(6)), str(DAY), "all")
    assert {name for name, of in told.items() if of == whole_window} == {"active_users", "conversions"}
    assert {of for of in told.values() if of != whole_window} == {(str(before(2)), str(DAY), "device=mobile")}


def test_anger_and_leaving_are_told_once_and_the_button_speaks(angry: Row) -> None:
    assert (angry["kind"], angry["subjects"]) == ("rage_click", ["button#pay", "/cart"])
    assert (angry["segment"], angry["sessions"], angry["value"]) == ("device=mobile", 45, 45 / 105)
    assert "drop_off" in [also["kind"] for also in angry["facts"]["also"]]
    goal_rates = {n["id"]: n["value"] for n in angry["facts"]["numbers"] if n["id"].startswith("goal_rate")}
    # Of 60 by phone in the cart who were not angry 45 paid.
    assert goal_rates == {"goal_rate:buy": 0, "goal_rate_without:buy": 0.75}
    assert 0 < angry["lost_conversions"] <= 45 * 0.75


def test_names_and_the_order_of_rows_mean_nothing(angry: Row, tmp_path: Path) -> None:
    def disguised(sessions: list[Session]) -> list[Session]:
        shuffled = Random(8).sample(sessions, len(sessions))
        return [replace(session, user=f"x{hash(session.user) % 10**9}") for session in shuffled]

    assert found(tmp_path, shop_day(failing=15, angry=True), disguised) == [angry]


def test_the_day_before_it_was_the_same_problem(angry: Row, tmp_path: Path) -> None:
    (earlier,) = found(tmp_path, shop_day(failing=15, angry=True), day=before(1))
    same = ("pain_point_id", "kind", "subject", "segment", "first_day")
    assert [earlier[name] for name in same] == [angry[name] for name in same]
    assert (earlier["last_day"], earlier["sessions"]) == (before(1), 30)


def test_nine_sessions_are_no_evidence_and_twelve_are(tmp_path: Path) -> None:
    assert found(tmp_path / "nine", shop_day(failing=3, angry=True)) == []
    (row,) = found(tmp_path / "twelve", shop_day(failing=4, angry=True))
    assert (row["kind"], row["sessions"]) == ("rage_click", 12)


def test_two_of_five_is_the_most_that_one_user_may_be(tmp_path: Path) -> None:
    enough = Evidence(sessions=10, users=5, units=100, top_user_share=0.4, design_effect=1)
    assert enough.is_enough(Thresholds())
    for lacking in ({"sessions": 9}, {"users": 4}, {"top_user_share": 0.41}):
        assert not replace(enough, **lacking).is_enough(Thresholds())
    # Fifteen a day, but seven of them are the same person's.
    stormy = shop_day(failing=15, angry=True)
    hit = [number for number, session in enumerate(stormy) if session.signals]
    one = [replace(s, user="storm", returns=True) if number in hit[:7] else s for number, s in enumerate(stormy)]
    assert "rage_click" not in [row["kind"] for row in found(tmp_path, one)]


def slow(session: Session) -> Session:
    return replace(session, walk=session.walk.replace("/list:9", "/list:40"))


def in_circles(session: Session) -> Session:
    return replace(session, walk=session.walk.replace("/item:20", "/item:20 /list:5 /item:5 /list:5 /item:5"))


def without_export(session: Session) -> Session:
    return replace(session, walk=session.walk.replace("/list:9 export:1 /list:9", "/list:9"))


@pytest.mark.parametrize(("spoilt", "kind", "subjects", "value", "expected", "units", "hit"), [
    # Of 50 by phone 45 a day come to the list, 40 of them go on; 10 of the 45 export.
    (slow, "slow_step", ["/list"], 40, 9, 120, 120),
    (in_circles, "loop", ["/item", "/list"], 1, 0, 120, 120),
    (without_export, "underused_feature", ["export"], 0, 10 / 45, 135, 135),
])  # fmt: skip
def test_other_kinds_by_hand(
    spoilt: Callable[[Session], Session], kind: str, subjects: list[str], value: float, expected: float, units: int,
    hit: int, tmp_path: Path,
) -> None:  # fmt: skip
    def exporting(sessions: list[Session]) -> list[Session]:
        return [
            replace(s, walk=s.walk.replace("/list:9 ", "/list:9 export:1 /list:9 ")) if number // 2 % 5 < 2 else s
            for number, s in enumerate(sessions)
        ]

    lake = new_lake(tmp_path, FEATURED)
    days = [before(back) for back in reversed(range(QUIET_DAYS + TROUBLED_DAYS))]
    usual = exporting(shop_day())
    write_alike(lake, FEATURED, days[:QUIET_DAYS], usual)
    by_phone = [spoilt(s) if s.values["device"] == "mobile" else s for s in usual]
    write_alike(lake, FEATURED, days[QUIET_DAYS:], by_phone)
    detect_window(lake, FEATURED, DAY, ["pain_points"])
    (row,) = rows(lake, "pain_points")
    assert (row["kind"], row["subjects"], row["segment"]) == (kind, subjects, "device=mobile")
    assert (row["first_day"], row["value"], row["sessions"]) == (before(2), pytest.approx(value), hit)
    assert row["expected"] == pytest.approx(expected, abs=0.02)
    (told,) = (n["value"] for n in json.loads(row["facts"])["numbers"] if n["id"] == "units")
    assert told == units


@pytest.mark.parametrize("often", [1, 100])
def test_an_event_that_vanished_is_told_however_many_there_were(often: int, tmp_path: Path) -> None:
    lake = new_lake(tmp_path, SHOP)
    for back in range(20):
        day = {"day": before(back), "step": "", "segment": "all", "units": 100, "hits": 90}
        counted = [{**day, "metric": "day", "subject": "sessions", "total": 100.0}]
        if back > 1:
            counted.append({**day, "metric": "event", "subject": "saved", "total": 100.0 * often})
        write_rows(lake, "tallies", before(back), counted)
    detect_window(lake, SHOP, DAY, ["pain_points"])
    (row,) = rows(lake, "pain_points")
    assert (row["kind"], row["subject"], row["value"], row["expected"]) == ("anomaly", "event:saved", 0, 100 * often)
    assert (row["first_day"], row["days_seen"], row["trend"]) == (before(1), 2, "new")


def test_an_id_tells_problems_apart_and_never_changes() -> None:
    told = ("rage_click", "button#pay", "/cart", "device=mobile")
    assert pain_point_id(*told) == pain_point_id(*told)
    others = {pain_point_id(*told[:n], "other", *told[n + 1 :]) for n in range(4)}
    assert len({*others, pain_point_id(*told)}) == 5
    assert pain_point_id("a", "bc", "", "") != pain_point_id("ab", "c", "", "")


@pytest.mark.parametrize(("hit", "wanted"), [(200, "P0"), (199, "P1"), (50, "P1"), (49, "P2"), (10, "P2"), (9, "P3")])
def test_priority_is_the_share_of_active_users_hit(hit: int, wanted: str) -> None:
    assert priority(hit, 1000) == wanted


def test_severity_by_hand() -> None:
    # Half of the hits are too many and a fifth of all users are hit: 0.1; a quarter of the conversions are lost.
    assert severity(0.5, 200, 1000, 0.25) == 32.5  # 100 * (1 - 0.75 * 0.9)
    assert severity(0.5, 0, 1000, 0.0) == 0
    assert severity(1.0, 1000, 1000, 0.0) == severity(0.0, 0, 1000, 1.0) == 100


_prices = st.lists(
    st.builds(Price, st.sampled_from(["a", "b"]), st.floats(0, 1e6), st.integers(0, 1000)) | st.just(Price()),
    max_size=8,
)
_losses = st.tuples(st.integers(0, 5000), st.integers(0, 5000)).map(lambda pair: (max(pair), min(pair)))


@given(prices=_prices, a=_losses, b=_losses)
def test_losses_are_never_more_than_a_flow_really_lost(
    prices: list[Price], a: tuple[int, int], b: tuple[int, int]
) -> None:
    shrunk = within_real_losses(prices, {"a": a, "b": b})
    for flow, (entered, reached) in {"a": a, "b": b}.items():
        told = [(old.lost_conversions or 0, new.lost_conversions or 0) for old, new in zip(prices, shrunk, strict=True)
                if new.flow == flow]  # fmt: skip
        claimed, left = (sum(each) for each in zip(*told, strict=True)) if told else (0, 0)
        assert left == pytest.approx(min(claimed, entered - reached))
        # All shrink alike.
        assert all(new * claimed == pytest.approx(old * left) for old, new in told)


@pytest.mark.parametrize(("changes", "wanted"), [
    ({"began": before(6)}, "new"),
    ({"earlier_value": 0.2}, "worse"),
    ({"earlier_value": 0.6}, "better"),
    ({"earlier_value": 0.42}, "same"),
    ({"earlier_value": 0.3, "units": 20.0, "earlier_units": 20.0}, "same"),  # could be chance
    ({"earlier_value": None}, "same"),
    ({"began": before(6), "began_known": False, "earlier_value": 0.2}, "worse"),
])  # fmt: skip
def test_trend_by_hand(changes: dict[str, Any], wanted: str) -> None:
    problem = Problem(
        "exit", Key("/cart", "/cart", "all"), "own_baseline", before(6), DAY, before(20), True, 1000, 400, 0.4, 0.1,
        0.37, 0.43, 0.001, 0.01, 50, [DAY - timedelta(days=1), DAY], 0.4, 1000,
    )  # fmt: skip
    scene = cast(Any, SimpleNamespace(product=SHOP, day=DAY))
    assert trend(scene, replace(problem, **changes)) == wanted
