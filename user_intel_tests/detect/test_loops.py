"""Loops: walks worked by hand, any walk against a slow search, and the table of a day in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel.detect.loops import find_loops, loops
from user_intel.detect.run import JUDGED, count_day
from user_intel.detect.scene import open_scene
from user_intel.detect.segments import Segments
from user_intel.detect.window import Window, run
from user_intel.lake import Connection
from user_intel.product import Product, Thresholds
from user_intel_tests.detect.hand_made import DAY, Session, new_lake, write

Found = dict[tuple[str, ...], tuple[int, float]]


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """A DuckDB for all tests of the module."""
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def looped(connection: Connection, *walks: str, product: Product | None = None) -> list[tuple[str, Found]]:
    """Of each walk (`step:seconds ...`, a session each) its cycles, with the rounds and the seconds lost."""
    import polars as pl

    rows = []
    for number, walk in enumerate(walks):
        places = [(step, float(seconds or 10)) for step, _, seconds in (word.partition(":") for word in walk.split())]
        for position, (step, dwell_s) in enumerate(places, start=1):
            at_end = position == len(places)
            rows.append((DAY, str(number), "anna", position, step, None if at_end else dwell_s))
    schema = {"day": pl.Date, "session_id": pl.String, "user_id": pl.String, "position": pl.Int32, "step": pl.String,
              "dwell_s": pl.Float64}  # fmt: skip
    connection.register("window_steps", pl.DataFrame(rows, schema=schema, orient="row"))
    people = pl.DataFrame(sorted({row[:3] for row in rows}), schema=["day", "session_id", "user_id"], orient="row")
    connection.register("window_sessions", people)
    connection.register("robots", people.clear().select("day", "user_id"))
    run(connection, "session_people")
    find_loops(Window(connection, product or Product(), [DAY], Segments({}, {})))
    names = connection.view("window_sessions").project("session_id, hash(session_id) as session").pl()
    found = connection.table("loop_runs").pl().join(names, on="session").rows(named=True)
    return [
        (walk, {tuple(r["cycle"]): (r["rounds"], r["time_lost_s"]) for r in found if r["session_id"] == str(number)})
        for number, walk in enumerate(walks)
    ]


def test_walks_worked_by_hand(connection: Connection) -> None:
    # The first round is no loss; the visit that closes the last round belongs to what comes after.
    expected: list[tuple[str, Found]] = [
        ("a b", {}),
        ("a b a", {}),
        ("a b a b", {}),  # one round and a half
        ("a:1 b:2 a:4 b:8 a:16", {("a", "b"): (2, 12)}),
        ("a:1 b:2 a:4 b:8 a:16 b", {("a", "b"): (2, 28)}),  # two rounds and a half: from whichever step, two
        ("a:1 b:2 a:4 b:8 a:16 b:32 a", {("a", "b"): (3, 60)}),
        ("x:9 b:1 a:2 b:4 a:8 b:16 y", {("a", "b"): (2, 12)}),
        ("c:1 a:2 b:4 c:8 a:16 b:32 c", {("a", "b", "c"): (2, 56)}),
        ("c b a c b a c", {("a", "c", "b"): (2, 30)}),  # the other way round is another cycle
        ("d:1 a:1 b:1 c:1 d:1 a:1 b:1 c:1 d", {("a", "b", "c", "d"): (2, 4)}),
        ("a b a b a b a b a", {("a", "b"): (4, 60)}),  # no cycle of four
        ("a b c b a b c b a", {}),  # not four different steps
        ("a b a b a x a b a b a", {("a", "b"): (2, 40)}),  # two runs of one session: lost in both
    ]
    assert looped(connection, *(walk for walk, _ in expected)) == expected


def test_more_rounds_may_be_asked_for(connection: Connection) -> None:
    thrice = Product(thresholds=Thresholds(loop_rounds=3))
    found = looped(connection, "a b a b a", "a b a b a b a", product=thrice)
    assert [set(cycles) for _, cycles in found] == [set(), {("a", "b")}]


def cycles_told_slowly(walk: Sequence[str]) -> set[tuple[str, ...]]:
    """Every cycle of two to four different steps that a walk goes round twice and comes back to where it began."""
    found = set()
    for length in (2, 3, 4):
        for start in range(len(walk) - 2 * length):
            ring = walk[start : start + length]
            again = walk[start : start + 2 * length + 1]
            if len(set(ring)) == length and list(again) == [*ring, *ring, ring[0]]:
                found.add(min(tuple(ring[turn:] + ring[:turn]) for turn in range(length)))
    return found


def merged(steps: Sequence[str]) -> list[str]:
    """A walk: consecutive identical steps are one visit."""
    return [step for n, step in enumerate(steps) if n == 0 or steps[n - 1] != step]


_walk = st.lists(st.sampled_from("abcd"), min_size=1, max_size=30).map(merged)
_looping = st.builds(
    lambda start, ring, rounds, end: merged([*start, *ring * rounds, ring[0], *end]),
    _walk,
    st.lists(st.sampled_from("abcd"), min_size=2, max_size=4, unique=True),
    st.integers(1, 4),
    _walk,
)


@settings(max_examples=30, deadline=None)
@given(walks=st.lists(st.one_of(_walk, _looping), min_size=1, max_size=12))
def test_any_walk_against_a_slow_search(connection: Connection, walks: list[list[str]]) -> None:
    found = looped(connection, *(" ".join(walk) for walk in walks))
    assert [set(cycles) for _, cycles in found] == [cycles_told_slowly(walk) for walk in walks]


def test_another_looping_session_never_lowers_the_number_of_loops(connection: Connection) -> None:
    # Sessions lie side by side in the order of the table: none may see the steps of its neighbours.
    walks = ["a b a", "b a b a b", "c d a b c", "a b a b"]
    alone = looped(connection, *walks)
    for place in range(len(walks) + 1):
        more = [*walks[:place], "b c d b c d b", *walks[place:]]
        found = looped(connection, *more)
        assert found.pop(place) == ("b c d b c d b", {("b", "c", "d"): (2, 30)})
        assert found == alone


def test_the_table_says_who_loops_what_it_costs_and_how_they_fare(tmp_path: Path) -> None:
    product = Product(flows={"buy": ["/a", "/paid"]}, thresholds=Thresholds(min_sessions=2))
    lake = new_lake(tmp_path, product)
    write(lake, DAY, [
        Session("/a:1 /b:1 /a:5 /b:5 /a:1 /paid", "anna"),
        Session("/a:1 /b:1 /a:2 /b:3 /a:2 /b:3 /a", "anna"),
        Session("/b:1 /a:1 /b:7 /a:7 /b", "ben"),
        Session("/a /b /paid", "cleo"),
        Session("/b /a", "dan"),
        Session("/a /paid", "eve"),
    ])  # fmt: skip
    count_day(lake, product, DAY)
    with lake.connect() as connection:
        row, *others = loops(open_scene(connection, lake, product, DAY, JUDGED)).to_dicts()
    assert others == []
    assert (row["cycle"], row["segment"]) == (["/a", "/b"], "all")
    assert (row["sessions"], row["users"], row["median_repeats"]) == (3, 2, 2)
    assert row["time_lost_s"] == 10 + 10 + 14
    # Five sessions came to /b. Of cleo and dan, who came to both and did not loop, one paid; eve saw no /b.
    assert (row["arrivals"], row["loop_rate"]) == (5, 3 / 5)
    assert (row["goal_rate"], row["goal_rate_without"]) == (1 / 3, 1 / 2)
    assert (row["p_value"], row["reason"]) == (None, "too_few_sessions")
