"""Every ready-made question on both servers, beside slow plain Python over the same days of the lake."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import pytest

from user_intel.errors import InputError
from user_intel.graph import asking
from user_intel.graph.asking import BUCKETS, Answer, Asked, Known, ask, pasteable
from user_intel.graph.connection import Graph
from user_intel.graph.loading import load_days
from user_intel.graph.questions import question, questions
from user_intel.lake import Lake
from user_intel_tests.detect.hand_made import rows, write_rows
from user_intel_tests.graph.close import same
from user_intel_tests.graph.conftest import empty
from user_intel_tests.graph.questions_told_slowly import ANSWERS, Row, look
from user_intel_tests.graph.wandering import DAYS, PRODUCT, STEPS, wandering_lake

ODD = STEPS[7]
RAGE, DEAD = "3f9a41c07be2", "dead-at-help"
# What each question is asked with here: at least one step of a strange name, one that nobody comes to in the end.
ASKED: dict[str, list[list[str]]] = {
    "after_pain_point": [[RAGE], [RAGE, "4"], [DEAD, "1"]],
    "by_day": [["/help"], [ODD], ["/old"]],
    "cycles_through": [["/home"], ["/admin"]],
    "entry_steps": [[]],
    "exit_steps": [[]],
    "followed_without": [["/home", "paid", "/cart"], ["/home", "/home", "/item"], ["/item", "paid", "/old"]],
    "hubs": [[]],
    "new_ways": [[]],
    "next_steps": [["/cart"], [ODD], ["/old"]],
    "only_segment": [["device=desktop"], ["plan=pro"]],
    "paths_after": [["/item"], [ODD, "1"], ["/home", "4"]],
    "paths_between": [["/home", "paid"], ["/home", "/home"]],
    "paths_ending_after": [["/help"], ["/home", "0"], [ODD, "4"]],
    "paths_to": [["/cart"], ["/home", "1"], [ODD, "4"]],
    "previous_steps": [["/home"], ["/old"]],
    "segment_steps": [["device=mobile"], ["plan=pro", "1"]],
    "session_path": [[f"{DAYS[-1]}-3"], [f"{DAYS[0]}-0"]],
    "sessions_at": [["/help"], [ODD]],
    "sessions_with": [[RAGE]],
    "shortest_ways": [["/home", "/contact"], ["/old", ODD]],
    "steps_to_goal": [["purchase"], ["support"]],
}
RANGES = [(None, None), (DAYS[1], DAYS[2])]


@dataclass(frozen=True)
class Loaded:
    """A graph, the lake it was loaded from, and which sessions met each pain point."""

    graph: Graph
    lake: Lake
    hits: dict[str, set[str]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lake, dict[str, set[str]]]:
    """The wandering product, with two pain points of the last days and the sessions that met them."""
    lake = wandering_lake(tmp_path_factory.mktemp("wandering"))
    hits: dict[str, set[str]] = {RAGE: set(), DEAD: set()}
    for day in DAYS[-2:]:
        signals = []
        for name, signal, step in ((RAGE, "rage_click", "/cart"), (DEAD, "dead_click", "/help")):
            at = sorted({row["session_id"] for row in rows(lake, "steps", day) if row["step"] == step})[::2]
            hits[name] |= set(at)
            sessions = {row["session_id"]: row for row in rows(lake, "sessions", day)}
            signals += [
                {"day": day, "signal": signal, "session_id": session, "user_id": sessions[session]["user_id"],
                 "at": sessions[session]["started_at"], "step": step, "element": "button.go", "intensity": 4.0}
                for session in at
            ]  # fmt: skip
        write_rows(lake, "frustration_signals", day, signals)
        write_rows(lake, "pain_points", day, [
            {"day": day, "pain_point_id": name, "kind": kind, "subject": "button.go", "subjects": ["button.go", step],
             "segment": "all", "value": 0.5, "expected": 0.0, "facts": "{}", "first_day": day, "last_day": day,
             "days_seen": 1, "priority": "P1", "trend": "new"}
            for name, kind, step in ((RAGE, "rage_click", "/cart"), (DEAD, "dead_click", "/help"))
        ])  # fmt: skip
    return lake, hits


@pytest.fixture(scope="module", params=["embedded", "neo4j"])
def loaded(request: pytest.FixtureRequest, lake: tuple[Lake, dict[str, set[str]]]) -> Iterator[Loaded]:
    """Each server with the wandering product's days in it."""
    graph: Graph = request.getfixturevalue(f"_open_{request.param}")
    empty(graph)
    load_days(lake[0], PRODUCT, graph, DAYS)
    yield Loaded(graph, *lake)
    empty(graph)


def asked(loaded: Loaded, name: str, *words: str, **others: object) -> Answer:
    return ask(loaded.graph, Asked(name, words, **others), Known(7, DAYS))  # type: ignore[arg-type]


def expected(loaded: Loaded, name: str, words: list[str], days: tuple[date, ...]) -> list[Row]:
    return ANSWERS[name](look(loaded.lake, days, DAYS, loaded.hits), **question(name).read(words))


@pytest.mark.parametrize("name", questions())
def test_every_question_is_answered_as_slow_python_answers_it(loaded: Loaded, name: str) -> None:
    some = 0
    for words in ASKED[name]:
        for first, last in RANGES if question(name).uses("days") else RANGES[:1]:
            answer = asked(loaded, name, *words, first=first, last=last, limit=10_000)
            slowly = expected(loaded, name, words, answer.days)
            assert same(answer.rows, slowly), f"{name} {words} {answer.days}: {answer.rows[:3]} not {slowly[:3]}"
            assert answer.buckets == BUCKETS
            assert all(tuple(row) == answer.columns for row in slowly)
            some += len(slowly)
    assert some, "an answer that is always empty proves nothing"


@pytest.mark.parametrize("name", questions())
def test_what_is_pasted_into_a_browser_says_the_same(loaded: Loaded, name: str) -> None:
    words = ASKED[name][0]
    answer = asked(loaded, name, *words)
    pasted = pasteable(question(name), question(name).read(words), answer.days, 10_000)
    assert len(loaded.graph.read(pasted)) == len(asked(loaded, name, *words, limit=10_000).rows)
    assert "$" not in pasted.replace("{$x}", "")


@pytest.mark.parametrize("name", questions())
def test_the_example_that_each_question_gives_of_itself_has_an_answer(loaded: Loaded, name: str) -> None:
    program, command, *words = shlex.split(question(name).example)
    assert (program, command) == ("user-intel", "graph")
    assert asked(loaded, *words).rows


def test_there_is_a_slow_answer_for_every_question_and_none_for_others() -> None:
    assert set(questions()) == set(ANSWERS) == set(ASKED)


def test_a_limit_cuts_the_last_rows_and_says_so(loaded: Loaded) -> None:
    all_of_them = asked(loaded, "paths_after", "/home", limit=1_000)
    some = asked(loaded, "paths_after", "/home", limit=3)
    assert some.rows == all_of_them.rows[:3]
    assert "there are more than these 3: --limit shows more" in some.notes
    assert not any("more than" in note for note in all_of_them.notes)
    exact = asked(loaded, "paths_after", "/home", limit=len(all_of_them.rows))
    assert not any("more than" in note for note in exact.notes)


def test_a_busy_step_is_looked_at_by_sample_which_is_said_and_can_be_lifted(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits = sum(row["step"] == "/home" for row in look(loaded.lake, DAYS, DAYS, {}).steps)
    of_a_quarter = replace(question("paths_after"), most=visits // 4)
    monkeypatch.setattr(asking, "question", lambda name: of_a_quarter)
    sampled = asked(loaded, "paths_after", "/home", limit=1_000)
    everything = asked(loaded, "paths_after", "/home", limit=1_000, everything=True)
    assert 240 <= sampled.buckets <= 260
    assert 0 < sampled.rows[0]["of_sessions"] < everything.rows[0]["of_sessions"] / 2
    assert f"a sample: {sampled.buckets / 10:.1f}% of sessions were looked at" in " ".join(sampled.notes)
    assert "sample" not in " ".join(everything.notes)


@pytest.mark.parametrize(
    ("name", "words", "days", "said"),
    [
        ("paths_after", ["/cartt"], {}, "There is no step '/cartt' in the graph. Nearest are /cart"),
        ("session_path", ["nobody"], {}, "There is no such session in the graph"),
        ("sessions_with", ["3f9a41c07be"], {}, "Nearest are 3f9a41c07be2"),
        ("only_segment", ["device=mobil"], {}, "has the segment 'device=mobil'. Nearest are device=mobile"),
        ("steps_to_goal", ["purchases"], {}, "has the flow 'purchases'. Nearest are purchase"),
        ("by_day", ["/help"], {"last": date(2026, 4, 2)}, "2026-04-02: not loaded (there: 2026-03-21 to"),
        ("by_day", ["/help"], {"last": date(2026, 4, 2)}, "Next: user-intel run --from 2026-04-02 --to 2026-04-02"),
        ("by_day", ["/help"], {"first": DAYS[3], "last": DAYS[2]}, "turn them round"),
        ("hubs", [], {"first": DAYS[0]}, "hubs does not look at single days: leave out --from and --to."),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_with_a_remedy(
    loaded: Loaded, name: str, words: list[str], days: dict[str, date], said: str
) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        asked(loaded, name, *words, **days)


def test_days_missing_among_those_of_the_window_are_told(loaded: Loaded) -> None:
    assert "2026-03-27 to 2026-03-29" in asked(loaded, "by_day", "/home").notes
    notes = asked(loaded, "paths_after", "/home").notes
    assert f"{DAYS[0]} to {DAYS[-1]}, 5 days of them not in the graph" in notes
