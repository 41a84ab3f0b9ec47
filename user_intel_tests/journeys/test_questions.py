"""Questions over stored steps, against plain Python over the same journeys."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median

import duckdb
import polars as pl
import pytest

from user_intel.errors import InputError
from user_intel.journeys import questions
from user_intel.journeys.transitions import transitions
from user_intel.lake import Connection, Relation

DAY = date(2026, 3, 2)
Journeys = dict[str, list[str]]


def stored(journeys: Journeys, folder: Path) -> tuple[Connection, Relation]:
    """The steps of journeys (session -> names), ten seconds apart, as the lake stores them."""
    rows = []
    for session, names in journeys.items():
        for place, (name, following) in enumerate(zip(names, [*names[1:], None], strict=False), start=1):
            moment = datetime.combine(DAY, datetime.min.time()) + timedelta(seconds=10 * place)
            dwell = 10.0 * place if following else None
            rows.append((DAY, session, f"user of {session[0]}", place, name, moment, dwell, 1, following))
    names = ["day", "session_id", "user_id", "position", "step", "entered_at", "dwell_s", "repeats", "next_step"]
    pl.DataFrame(rows, schema=names, orient="row").cast({"next_step": pl.String}).write_parquet(
        folder / "steps.parquet"
    )
    connection = duckdb.connect()
    return connection, connection.read_parquet(str(folder / "steps.parquet"))


@pytest.fixture(scope="module")
def journeys() -> Journeys:
    """Two hundred walks over five steps, no step twice in a row, many loops among them."""
    random = Random(11)
    walks: Journeys = {}
    for number in range(200):
        walk = [random.choice("abcde")]
        for _ in range(random.randrange(12)):
            walk.append(random.choice([s for s in "abcde" if s != walk[-1]]))
        walks[f"{random.choice('xyz')}{number}"] = walk
    return walks


def test_shares_of_every_position_sum_to_one_with_those_who_left(journeys: Journeys, tmp_path: Path) -> None:
    expected: Counter[tuple[int, str | None]] = Counter()
    for walk in journeys.values():
        for place in range(5):
            expected[place + 1, walk[place] if place < len(walk) else None] += 1
    found = questions.step_matrix(*stored(journeys, tmp_path), positions=5).fetchall()
    assert {(position, step): sessions for position, step, sessions, _ in found} == expected
    for place in range(1, 6):
        assert sum(share for position, _, _, share in found if position == place) == pytest.approx(1)


@pytest.mark.parametrize("length", [1, 3, 8])
def test_top_paths_and_all_others_account_for_every_session(journeys: Journeys, tmp_path: Path, length: int) -> None:
    expected = Counter(tuple(walk[:length]) for walk in journeys.values())
    found = questions.top_paths(*stored(journeys, tmp_path), length=length, paths=10).fetchall()
    named = {tuple(path): sessions for path, sessions, _ in found if path}
    assert all(expected[path] == sessions for path, sessions in named.items())
    assert sorted(named.values(), reverse=True) == [count for _, count in expected.most_common(10)]
    assert sum(sessions for _, sessions, _ in found) == len(journeys)
    assert sum(share for _, _, share in found) == pytest.approx(1)


def test_a_path_longer_than_can_be_told_is_refused(journeys: Journeys, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="1 to 8"):
        questions.top_paths(*stored(journeys, tmp_path), length=9)


def test_a_funnel_takes_the_earliest_match_after_the_match_before(journeys: Journeys, tmp_path: Path) -> None:
    wanted = ["c", "a", "e"]
    entered = [0, 0, 0]
    for walk in journeys.values():
        place = 0
        for step in walk:
            if place < len(wanted) and step == wanted[place]:
                entered[place] += 1
                place += 1
    found = questions.funnel(*stored(journeys, tmp_path), funnel=wanted).fetchall()
    assert [row[:4] for row in found] == [
        (1, "c", entered[0], entered[1]),
        (2, "a", entered[1], entered[2]),
        (3, "e", entered[2], None),
    ]
    assert found[1][4:] == (entered[2] / entered[1], entered[1] / entered[0])


def test_cycles_lead_back_by_different_steps_and_never_out_of_the_session(journeys: Journeys, tmp_path: Path) -> None:
    counts: Counter[tuple[str, ...]] = Counter()
    sessions: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for session, walk in journeys.items():
        for start in range(len(walk)):
            for length in (2, 3, 4):
                ring = walk[start : start + length]
                closes = start + length < len(walk) and walk[start + length] == walk[start]
                if closes and len(set(ring)) == length:
                    cycle = min(tuple(ring[n:] + ring[:n]) for n in range(length))
                    counts[cycle] += 1
                    sessions[cycle].add(session)
    found = questions.cycles(*stored(journeys, tmp_path)).fetchall()
    assert {tuple(cycle): count for cycle, _, _, count in found} == counts
    assert {tuple(cycle): count for cycle, count, _, _ in found} == {c: len(s) for c, s in sessions.items()}
    assert {tuple(cycle): users for cycle, _, users, _ in found} == {
        c: len({name[0] for name in s}) for c, s in sessions.items()
    }


def test_time_on_a_step_leaves_out_visits_that_ended_the_session(tmp_path: Path) -> None:
    steps = stored({"x1": ["a", "b", "a"], "y1": ["b", "a", "b"]}, tmp_path)
    found = {step: (visits, p50, p90) for step, visits, p50, p90 in questions.time_on_step(*steps).fetchall()}
    assert found == {"a": (3, 15.0, 19.0), "b": (3, 15.0, 19.0)}


def test_drop_off_counts_sessions_not_visits(tmp_path: Path) -> None:
    steps = stored({"x1": ["a", "b", "a"], "x2": ["a", "b"], "y1": ["b"]}, tmp_path)
    assert sorted(questions.drop_off(*steps).fetchall()) == [("a", 2, 1, 0.5), ("b", 3, 2, 2 / 3)]


def test_transitions_count_sessions_users_and_times(journeys: Journeys, tmp_path: Path) -> None:
    expected: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for session, walk in journeys.items():
        for place, pair in enumerate(pairwise(walk), start=1):
            expected[pair].append((session, 10.0 * place))
    _, steps = stored(journeys, tmp_path)
    found = {(row[1], row[2]): row[3:] for row in transitions(steps).fetchall()}
    assert found == {
        pair: (
            len({s for s, _ in times}),
            len({s[0] for s, _ in times}),
            len(times),
            pytest.approx(median(t for _, t in times)),
        )
        for pair, times in expected.items()
    }


@pytest.mark.parametrize("question", ["step_matrix", "top_paths", "cycles", "time_on_step", "drop_off"])
def test_no_steps_give_no_rows(question: str, tmp_path: Path) -> None:
    connection, steps = stored({"x": ["a"]}, tmp_path)
    assert getattr(questions, question)(connection, steps.limit(0)).fetchall() == []
