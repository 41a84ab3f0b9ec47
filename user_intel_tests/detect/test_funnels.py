"""Funnels: small days worked by hand, and any day against a slow count in plain Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from user_intel.detect.flows import Flow
from user_intel.detect.funnels import days_needed, funnels
from user_intel.lake import Connection, Lake
from user_intel.product import Funnel, Product, Thresholds
from user_intel.tables import FUNNELS, catalogue
from user_intel_tests import real_data
from user_intel_tests.detect.funnels_told_slowly import Figures, deepest_of_all, told
from user_intel_tests.detect.walks import DAY, START, Visit, Walk, merged, relations, visits_of

DEVICES = {"device_type": ["mobile", "desktop"]}
MODES = ["ordered", "strict", "unordered"]


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """A DuckDB for all tests of the module."""
    with duckdb.connect(config={"threads": 2}) as opened:
        yield opened


def flow(steps: str, **options: Any) -> Flow:
    return Flow("flow", tuple(steps.split()), mined=False, options=Funnel(**options))


def counted(
    connection: Connection,
    visits: Sequence[Visit],
    wanted: Flow,
    segments: Mapping[str, Sequence[str]] | None = None,
    day: date | None = None,
) -> Figures:
    """What `funnels` says of visits, by segment and position."""
    sessions, steps = relations(connection, visits, list(segments or {}), day)
    found = funnels(connection, Product(), [wanted], sessions, steps, DAY, segments or {})
    measures = ["entered", "converted", "overall_conversion", "median_time_s"]
    return {(row["segment"], row["position"]): {m: row[m] for m in measures} for row in found.to_dicts()}


def entered(connection: Connection, walks: Sequence[Walk], wanted: Flow) -> list[int]:
    """How many units came to each position."""
    return [figures["entered"] for figures in counted(connection, visits_of(walks), wanted).values()]


def same(found: Figures, expected: Figures) -> bool:
    return found == {
        key: {name: pytest.approx(value) if value is not None else None for name, value in figures.items()}
        for key, figures in expected.items()
    }


A_DAY = [Walk("s1", "a b c"), Walk("s2", "a x b"), Walk("s3", "b a"), Walk("s4", "a"), Walk("s5", "x")]


def test_a_funnel_in_order_has_all_its_figures(connection: Connection) -> None:
    sessions, steps = relations(connection, visits_of(A_DAY))
    found = funnels(connection, Product(), [flow("a b c")], sessions, steps, DAY, {}).to_dicts()
    ci = [binomtest(*counts).proportion_ci(method="wilson") for counts in ((2, 4), (1, 2), (1, 4))]
    said = {"day": DAY, "flow": "flow", "segment": "all", "mode": "ordered", "unit": "session", "mined": False}
    measures = [
        ("a", 4, 2, 0.5, 1.0, *ci[0], 15.0),
        ("b", 2, 1, 0.5, 0.5, *ci[1], 10.0),
        ("c", 1, None, None, 0.25, *ci[2], None),
    ]
    names = ["step", "entered", "converted", "step_conversion", "overall_conversion", "low", "high", "median_time_s"]
    for position, (row, expected) in enumerate(zip(found, measures, strict=True), start=1):
        assert row == {**said, "position": position, **dict(zip(names, map(pytest.approx, expected), strict=True))} | {
            "step": expected[0]
        } | {name: None for name, value in zip(names, expected, strict=True) if value is None}


@pytest.mark.parametrize(
    ("mode", "expected"), [("ordered", [4, 2, 1]), ("strict", [4, 1, 1]), ("unordered", [4, 3, 1])]
)
def test_order_decides_who_comes_how_far(connection: Connection, mode: str, expected: list[int]) -> None:
    assert entered(connection, A_DAY, flow("a b c", order=mode)) == expected


def test_a_strict_funnel_is_tried_from_every_first_step(connection: Connection) -> None:
    assert entered(connection, [Walk("s", "a x a b x a b c")], flow("a b c", order="strict")) == [1, 1, 1]
    assert entered(connection, [Walk("s", "a b x c a b")], flow("a b c", order="strict")) == [1, 1, 0]


def test_a_user_may_take_several_sessions_and_a_session_may_not(connection: Connection) -> None:
    walks = [Walk("s1", "a"), Walk("s2", "b", start=START + timedelta(hours=3)), Walk("s3", "a b", user="v")]
    assert entered(connection, walks, flow("a b")) == [2, 1]
    assert entered(connection, walks, flow("a b", unit="user")) == [2, 2]
    times = counted(connection, visits_of(walks), flow("a b", unit="user"))
    assert times["all", 1]["median_time_s"] == (3 * 3600 + 10) / 2


def test_a_users_steps_count_within_the_window_from_whichever_first_step_goes_deepest(connection: Connection) -> None:
    hours = {"s1": (0, "a"), "s2": (1, "b"), "s3": (20, "a"), "s4": (21, "b"), "s5": (30, "c")}
    start = START - timedelta(days=2)
    walks = [Walk(name, step, start=start + timedelta(hours=hour)) for name, (hour, step) in hours.items()]
    found = counted(connection, visits_of(walks), flow("a b c", unit="user", window_days=1))
    assert [figures["entered"] for figures in found.values()] == [1, 1, 1]
    assert found["all", 2]["median_time_s"] == 9 * 3600
    without = [walk for walk in walks if walk.session != "s3"]
    assert entered(connection, without, flow("a b c", unit="user", window_days=1)) == [1, 1, 0]
    assert entered(connection, without, flow("c b a", unit="user", window_days=1, order="unordered")) == [1, 1, 0]


def test_the_last_instant_of_a_users_window_belongs_to_it(connection: Connection) -> None:
    for late_us, expected in ((0, [1, 1]), (1, [1, 0])):
        end = START + timedelta(days=1, microseconds=late_us)
        walks = [Walk("s1", "a", start=START), Walk("s2", "b", start=end)]
        found = counted(connection, visits_of(walks), flow("a b", unit="user", window_days=1), day=DAY)
        assert [figures["entered"] for figures in found.values()] == expected


def test_strict_between_a_users_sessions_means_one_visit_after_the_other(connection: Connection) -> None:
    walks = [Walk("s1", "x a"), Walk("s2", "b x", start=START + timedelta(hours=1))]
    between = Walk("s3", "y", start=START + timedelta(minutes=30))
    assert entered(connection, walks, flow("a b", unit="user", order="strict")) == [1, 1]
    assert entered(connection, [*walks, between], flow("a b", unit="user", order="strict")) == [1, 0]


def test_from_an_excluded_step_on_a_unit_is_out(connection: Connection) -> None:
    walks = [Walk("s1", "a no b"), Walk("s2", "no a b"), Walk("s3", "a b no c"), Walk("s4", "a no a b c")]
    for mode in MODES:
        assert entered(connection, walks, flow("a b c", order=mode, exclude=["no"])) == [3, 1, 0]
    later = [Walk("s1", "a"), Walk("s2", "no", start=START + timedelta(hours=1)), Walk("s3", "a b", user="v")]
    later.append(Walk("s4", "a b", start=START + timedelta(hours=2)))
    assert entered(connection, later, flow("a b", exclude=["no"])) == [3, 2]
    assert entered(connection, later, flow("a b", exclude=["no"], unit="user")) == [2, 1]


@pytest.mark.parametrize(
    ("breakdown", "mobile", "desktop"),
    [
        ("first_touch", [(2, 2, 1.0), (2, 1, 1.0), (1, None, 0.5)], [(0, 0, None), (0, 0, None), (0, None, None)]),
        ("last_touch", [(1, 1, 1.0), (1, 0, 1.0), (0, None, 0.0)], [(1, 1, 1.0), (1, 1, 1.0), (1, None, 1.0)]),
        ("each_step", [(2, 2, 1.0), (1, 0, 1.0), (0, None, 0.5)], [(0, 0, None), (1, 1, None), (1, None, None)]),
    ],
)
def test_a_user_belongs_to_the_segment_it_first_last_or_each_time_touched(
    connection: Connection, breakdown: str, mobile: list[Any], desktop: list[Any]
) -> None:
    phone, desk = {"device_type": "mobile"}, {"device_type": "desktop"}
    walks = [
        Walk("s1", "a", values=phone),
        Walk("s2", "b x c", start=START + timedelta(hours=1), values=desk),
        Walk("s3", "a b", user="v", values=phone),
        Walk("s4", "x", user="v", start=START + timedelta(hours=1), values=desk),
    ]
    wanted = flow("a b c", unit="user", breakdown=breakdown)
    found = counted(connection, visits_of(walks), wanted, DEVICES)
    for segment, expected in (("device_type=mobile", mobile), ("device_type=desktop", desktop)):
        rows = [found[segment, position] for position in (1, 2, 3)]
        assert [(row["entered"], row["converted"], row["overall_conversion"]) for row in rows] == expected


def test_visits_at_the_same_instant_follow_their_positions(connection: Connection) -> None:
    at_once = [Walk("s1", "a b", every_s=0), Walk("s2", "b a", every_s=0)]
    assert entered(connection, at_once, flow("a b")) == [2, 1]
    # The third visit of one session and the first of another fall together: the first goes first.
    one, other = visits_of([Walk("s1", "x y b"), Walk("s2", "a", start=START + timedelta(seconds=20))]), flow("a b")
    assert [f["entered"] for f in counted(connection, one, replace(other, options=Funnel(unit="user"))).values()] == [
        1,
        1,
    ]


def test_sessions_are_of_the_window_and_users_of_their_longer_one(connection: Connection) -> None:
    days_ago = {
        "s1": (13, "a"),
        "s2": (6, "b"),
        "s3": (14, "a b"),
        "s4": (7, "a b"),
        "s5": (6, "a b"),
        "s6": (-1, "a b"),
    }
    walks = [
        Walk(name, steps, user=name if name > "s2" else "u", start=START - timedelta(days=ago))
        for name, (ago, steps) in days_ago.items()
    ]
    assert entered(connection, walks, flow("a b")) == [1, 1]
    assert entered(connection, walks, flow("a b", unit="user")) == [3, 3]
    assert entered(connection, walks, flow("a b", unit="user", window_days=1)) == [1, 1]


def test_days_needed_are_those_of_the_longest_window() -> None:
    flows = {"one": ["a", "b"], "two": ["a", "b"]}
    user = Funnel(unit="user", window_days=30)
    assert days_needed(Product(flows=flows, funnels={"one": user})) == 30
    assert days_needed(Product(flows=flows, funnels={"one": Funnel(window_days=30)})) == 7
    assert days_needed(Product(thresholds=Thresholds(window_days=40), flows=flows, funnels={"one": user})) == 40


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("unit", ["session", "user"])
def test_a_flow_whose_steps_never_occur_and_a_window_without_visits_say_so(
    connection: Connection, mode: str, unit: str
) -> None:
    wanted = flow("p q r", order=mode, unit=unit, exclude=["never"])
    for visits in (visits_of(A_DAY), []):
        sessions, steps = relations(connection, visits, list(DEVICES))
        found = funnels(connection, Product(), [wanted], sessions, steps, DAY, DEVICES)
        assert found.height == 9
        assert found["entered"].to_list() == [0] * 9
        assert found["converted"].to_list() == [0, 0, None] * 3
        rates = ["step_conversion", "overall_conversion", "low", "high", "median_time_s"]
        assert found.select(pl.col(rates).is_null().all()).row(0) == (True,) * 5


def test_no_flows_give_no_rows_but_all_columns(connection: Connection) -> None:
    sessions, steps = relations(connection, visits_of(A_DAY))
    found = funnels(connection, Product(), [], sessions, steps, DAY, {})
    assert found.height == 0
    assert found.columns == list(FUNNELS.column_names)


def test_the_rows_can_be_stored(connection: Connection, tmp_path: Path) -> None:
    lake = Lake(tmp_path, catalogue(Product()))
    sessions, steps = relations(connection, visits_of(A_DAY), ["device_type"])
    wanted = [flow("a b c"), replace(flow("b a", order="strict"), name="another", mined=True)]
    found = funnels(connection, Product(), wanted, sessions, steps, DAY, DEVICES)
    connection.register("found", found)
    assert lake.write_day("funnels", DAY, connection.table("found")) == 15
    assert lake.frame("funnels").collect().equals(found)


def test_a_property_may_be_called_anything_and_a_value_too(connection: Connection) -> None:
    name, value = 'Plan "x" $1', "it's; free"
    walks = [Walk("s1", "a b", values={name: value}), Walk("s2", "a", values={name: None}), Walk("s3", "a")]
    found = counted(connection, visits_of(walks), flow("a b"), {name: [value, "none has it"]})
    assert [found[f"{name}={value}", place]["entered"] for place in (1, 2)] == [1, 1]
    assert [found[f"{name}=none has it", place]["entered"] for place in (1, 2)] == [0, 0]


# --- any day -----------------------------------------------------------------------------------------------------

WALKS = st.lists(
    st.builds(
        lambda user, minutes, every_s, steps, device: (user, minutes, every_s, " ".join(steps), device),
        st.sampled_from("uv"),
        st.integers(0, 5 * 24 * 60),
        st.sampled_from([0, 10, 3600, 40_000]),
        st.lists(st.sampled_from("abcxn"), min_size=1, max_size=7),
        st.sampled_from(["mobile", "desktop", None]),
    ),
    max_size=6,
)
FLOWS = st.builds(
    lambda steps, options: flow(" ".join(steps), **options),
    st.sampled_from(["ab", "abc", "cab"]),
    st.fixed_dictionaries(
        {
            "order": st.sampled_from(MODES),
            "unit": st.sampled_from(["session", "user"]),
            "window_days": st.sampled_from([1, 2, 7]),
            "exclude": st.sampled_from([[], ["n"], ["n", "x"]]),
            "breakdown": st.sampled_from(["first_touch", "last_touch", "each_step"]),
        }
    ),
)


def walks_of(drawn: Sequence[tuple[str, int, float, str, str | None]]) -> list[Walk]:
    """Walks from what hypothesis drew; no two sessions begin at the same microsecond."""
    begin = START - timedelta(days=6)
    return [
        Walk(f"s{n}", steps, user, begin + timedelta(minutes=minutes, microseconds=n), every_s, {"device_type": device})
        for n, (user, minutes, every_s, steps, device) in enumerate(drawn)
    ]


@settings(max_examples=150, deadline=None)
@given(drawn=WALKS, wanted=FLOWS)
def test_any_funnel_is_what_a_slow_count_says(
    connection: Connection, drawn: list[tuple[str, int, float, str, str | None]], wanted: Flow
) -> None:
    visits = visits_of(walks_of(drawn))
    assert same(counted(connection, visits, wanted, DEVICES, DAY), told(visits, wanted, DEVICES))


@settings(max_examples=40, deadline=None)
@given(drawn=WALKS.filter(bool))
def test_no_choice_of_visits_goes_deeper_than_an_ordered_funnel(
    connection: Connection, drawn: list[tuple[str, int, float, str, str | None]]
) -> None:
    visits = sorted(visits_of([replace(walk, user="u") for walk in walks_of(drawn)]), key=lambda v: (v.at, v.position))
    wanted = flow("a b c", unit="user", window_days=1)
    found = [figures["entered"] for figures in counted(connection, visits, wanted, day=DAY).values()]
    assert sum(found) == deepest_of_all(visits, wanted)


@settings(max_examples=25, deadline=None)
@given(drawn=WALKS, wanted=FLOWS, seed=st.integers(0, 99))
def test_other_names_of_users_and_another_order_of_rows_change_nothing(
    connection: Connection, drawn: list[tuple[str, int, float, str, str | None]], wanted: Flow, seed: int
) -> None:
    visits = visits_of(walks_of(drawn))
    changed = [replace(visit, user={"u": "v", "v": "another"}[visit.user]) for visit in visits]
    Random(seed).shuffle(changed)
    assert counted(connection, visits, wanted, DEVICES, DAY) == counted(connection, changed, wanted, DEVICES, DAY)


@settings(max_examples=25, deadline=None)
@given(drawn=WALKS, wanted=st.lists(FLOWS, min_size=2, max_size=4))
def test_flows_counted_together_are_those_counted_alone(
    connection: Connection, drawn: list[tuple[str, int, float, str, str | None]], wanted: list[Flow]
) -> None:
    flows = [replace(each, name=f"flow {n}") for n, each in enumerate(wanted)]
    sessions, steps = relations(connection, visits_of(walks_of(drawn)), list(DEVICES), DAY)
    alone = [funnels(connection, Product(), [each], sessions, steps, DAY, DEVICES) for each in flows]
    assert funnels(connection, Product(), flows, sessions, steps, DAY, DEVICES).equals(pl.concat(alone))


# --- real data ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def incidents(shared_data: Path) -> list[Visit]:
    """Incidents as sessions, their status as steps, whoever worked on them as users; no two at the same instant."""
    return merged(
        (
            row["case"],
            row["org:resource"],
            f"{row['concept:name']}, {row['lifecycle:transition']}",
            row["time:timestamp"].replace(tzinfo=None) + timedelta(microseconds=number),
            {"impact": row["impact"]},
        )
        for number, row in enumerate(real_data.bpic2013_rows(shared_data))
    )


@pytest.fixture(scope="module")
def shopping(shared_data: Path) -> list[Visit]:
    """The shop's sessions as they are, with their platform; no two visits at the same instant."""
    rows = enumerate(sorted(real_data.shop_rows(shared_data), key=lambda row: row["timestamp"]))
    return merged(
        (
            row["session_id"],
            row["user_id"],
            row["event"],
            datetime.fromisoformat(row["timestamp"]) + timedelta(microseconds=number),
            {"platform": row["platform"]},
        )
        for number, row in rows
    )


INCIDENT = ("Queued, Awaiting Assignment", "Accepted, In Progress", "Completed, Resolved", "Completed, Closed")
PURCHASE = ("product_view", "add_to_cart", "cart", "shipping_details", "payment_details", "purchase")


@pytest.mark.parametrize("mode", MODES)
def test_incidents_come_as_far_as_counted_slowly(connection: Connection, incidents: list[Visit], mode: Any) -> None:
    impacts = {"impact": ["Low", "Medium", "High", "Major"]}
    for steps, options in (
        (INCIDENT, Funnel(order=mode)),
        (INCIDENT, Funnel(order=mode, exclude=["Accepted, Wait - User"])),
        (INCIDENT[1:], Funnel(order=mode, unit="user", window_days=1)),
    ):
        wanted = Flow("incident", steps, mined=False, options=options)
        expected = told(incidents, wanted, impacts)
        assert same(counted(connection, incidents, wanted, impacts, DAY), expected)
        assert expected["all", len(steps)]["entered"] > 0


@pytest.mark.parametrize("mode", MODES)
def test_the_shop_sells_as_much_as_counted_slowly(connection: Connection, shopping: list[Visit], mode: Any) -> None:
    platforms = {"platform": ["desktop", "mobile", "tablet"]}
    assert {visit.values["platform"] for visit in shopping} == {*platforms["platform"]}
    breakdowns = [("session", "first_touch"), ("user", "first_touch"), ("user", "last_touch"), ("user", "each_step")]
    for unit, breakdown in breakdowns:
        wanted = flow(" ".join(PURCHASE), order=mode, unit=unit, breakdown=breakdown, exclude=["error_page"])
        found = counted(connection, shopping, wanted, platforms, DAY)
        assert same(found, told(shopping, wanted, platforms))
        for place in range(1, len(PURCHASE) + 1):
            parts = [found[f"platform={value}", place]["entered"] for value in platforms["platform"]]
            assert sum(parts) == found["all", place]["entered"]
