"""Asks a ready-made question: checks what it is asked with, bounds what it looks at, and says what that was.

A question over `chains` walks from visit to visit, and a busy step has a hundred thousand visits. So its head says how
many it looks at about (`from: chains (...), about 1500 visits of step`), and sessions are taken by their `bucket`, a
number from 0 to 999 that comes from the session's id: those below $buckets, all 1,000 where there is not more to see.
Whatever was left out is said in the notes of the answer.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from user_intel import files
from user_intel.days import day_range
from user_intel.errors import InputError
from user_intel.graph.questions import Kind, Question, Value, question, shell_word

if TYPE_CHECKING:
    from user_intel.graph.connection import Graph, Row

BUCKETS = 1_000
_NEAR = 5
_KEPT = {"sample": "a sample of sessions", "friction": "sessions that met friction"}


@dataclass(frozen=True)
class Asked:
    """A question as a person asks it: its name, words for its parameters, and what else was chosen."""

    question: str
    words: Sequence[str] = ()
    first: date | None = None
    last: date | None = None
    limit: int | None = None
    everything: bool = False


@dataclass(frozen=True)
class Known:
    """What is known beside the graph: how many days the window has, and the days of the lake, to name what is next."""

    window_days: int
    lake_days: Sequence[date] = ()


@dataclass(frozen=True)
class Answer:
    """Rows of an answer with its columns in order. `buckets` of 1,000 were looked at; notes say what was left out."""

    columns: tuple[str, ...]
    rows: list[Row]
    days: tuple[date, ...]
    buckets: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _LoadedDay:
    day: date
    chains: str | None
    sessions: int


def ask(graph: Graph, asked: Asked, known: Known) -> Answer:
    """The answer to a question. Raises InputError for what cannot be meant: names, days, numbers that are not there."""
    chosen = question(asked.question)
    values = chosen.read(asked.words)
    loaded = _loaded_days(graph)
    days = _days(chosen, asked, loaded, known)
    visits = _check(graph, chosen, values, [each.day for each in loaded if each.chains])
    buckets = BUCKETS if asked.everything else _buckets(graph, chosen, values, loaded, visits)
    limit = asked.limit or chosen.limit
    # One row more than is shown: so it is known whether there are more.
    parameters = {**values, "days": list(days), "buckets": buckets, "limit": limit + 1}
    found = graph.read(chosen.cypher(graph.flavour), parameters)
    rows = [{name: _native(row[name]) for name in chosen.columns} for row in found]
    if not rows:
        _explain_nothing(graph, chosen, values, days)
    notes = _notes(chosen, days, loaded, buckets, limit if len(rows) > limit else None)
    return Answer(chosen.columns, rows[:limit], days, buckets, tuple(notes))


def pasteable(chosen: Question, values: Mapping[str, Value], days: Sequence[date], limit: int) -> str:
    """The Cypher of a question for people, every parameter written out; only ever shown, never run from here."""
    told = {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}
    dates = ", ".join(f"date('{day}')" for day in days)
    told["days"] = f"[{dates}]"
    told |= {"buckets": str(BUCKETS), "limit": str(limit)}
    lines = [line for line in chosen.cypher("neo4j").splitlines() if not line.startswith("//")]
    return re.sub(r"\$([a-z_]+)", lambda found: told[found[1]], "\n".join(lines))


def _loaded_days(graph: Graph) -> list[_LoadedDay]:
    rows = graph.read(files.cypher("lookup/loaded_days"))
    return [_LoadedDay(row["day"].to_native(), row["chains"], row["sessions"]) for row in rows]


def _days(chosen: Question, asked: Asked, loaded: Sequence[_LoadedDay], known: Known) -> tuple[date, ...]:
    """The days a question is about. Raises InputError naming those that there are, and the next command."""
    if not loaded:
        raise InputError(f"The graph holds no day yet. Next: {_load(known.lake_days)}")
    if (asked.first or asked.last) and not chosen.uses("days"):
        raise InputError(f"{chosen.name} does not look at single days: leave out --from and --to.")
    there = [each.day for each in loaded if chosen.source != "chains" or each.chains]
    if not there:
        raise InputError(
            f"The graph keeps no sessions, only counts by day, and {chosen.name} is about sessions. "
            f"graph: in product.yaml says which are kept; then {_load(known.lake_days)}"
        )
    last = asked.last or there[-1]
    first = asked.first or (there[0] if chosen.source == "chains" else last - timedelta(days=known.window_days - 1))
    if first > last:
        raise InputError(f"--from {first} is after --to {last}; turn them round.")
    wanted = list(day_range(first, last))
    missing = [day for day in wanted if day not in there]
    if missing and (asked.first or asked.last):
        given = [day for day in missing if (asked.first and day >= asked.first) or day == asked.last] or missing
        kept = "their sessions are not kept in the graph" if given[0] in {each.day for each in loaded} else "not loaded"
        raise InputError(f"{_span(given)}: {kept} (there: {_span(there)}). Next: {_load(given)}")
    return tuple(day for day in wanted if day in there)


def _check(graph: Graph, chosen: Question, values: Mapping[str, Value], days: Sequence[date]) -> dict[Value, int]:
    """Visits on `days` of each step asked for. Raises InputError for a step, session or pain point not there."""
    steps = _of_kind(chosen, values, "step")
    found = graph.read(files.cypher("lookup/steps"), {"names": steps, "days": list(days)})
    visits = {row["name"]: row["visits"] for row in found}
    for step in steps:
        if step not in visits:
            names = [row["name"] for row in graph.read(files.cypher("lookup/step_names"))]
            raise InputError(f"There is no step {step!r} in the graph.{_nearest(str(step), names)}")
    for session in _of_kind(chosen, values, "session"):
        if not graph.read(files.cypher("lookup/session"), {"session": session}):
            raise InputError(
                "There is no such session in the graph; sessions older than the window are not kept. "
                "user-intel graph sessions_at STEP lists some."
            )
    for pain_point in _of_kind(chosen, values, "pain_point"):
        if not graph.read(files.cypher("lookup/pain_point"), {"pain_point": pain_point}):
            known = [row["pain_point_id"] for row in graph.read(files.cypher("lookup/pain_points"))]
            raise InputError(
                f"There is no pain point {pain_point!r} in the graph.{_nearest(str(pain_point), known)} "
                "user-intel pain-points --json tells each pain_point_id."
            )
    return visits


def _buckets(
    graph: Graph,
    chosen: Question,
    values: Mapping[str, Value],
    loaded: Sequence[_LoadedDay],
    visits: Mapping[Value, int],
) -> int:
    """How many of the 1,000 buckets hold about as much as the question is to look at."""
    if chosen.most is None:
        return BUCKETS
    if chosen.most_of == "all":
        there = sum(each.sessions for each in loaded if each.chains)
    elif chosen.most_of == "pain_point":
        there = graph.read(files.cypher("lookup/pain_point"), {"pain_point": values["pain_point"]})[0]["sessions"]
    else:
        there = visits[values[chosen.most_of]]
    return min(BUCKETS, max(1, math.ceil(BUCKETS * chosen.most / max(1, there))))


def _native(value: Any) -> Any:
    """The driver's dates and times as Python's own, times in UTC without saying so, as everywhere in the lake."""
    told = value.to_native() if hasattr(value, "to_native") else value
    return told.astimezone(UTC).replace(tzinfo=None) if isinstance(told, datetime) and told.tzinfo else told


def _explain_nothing(graph: Graph, chosen: Question, values: Mapping[str, Value], days: Sequence[date]) -> None:
    """Raises InputError where an answer is empty because a name is not there, and not because there is nothing."""
    for kind, lookup in (("segment", "lookup/segments"), ("flow", "lookup/goals")):
        for value in _of_kind(chosen, values, "segment" if kind == "segment" else "flow"):
            known = [row["name"] for row in graph.read(files.cypher(lookup), {"days": list(days)})]
            if value not in known:
                raise InputError(f"No session of {_span(days)} has the {kind} {value!r}.{_nearest(str(value), known)}")


def _of_kind(chosen: Question, values: Mapping[str, Value], kind: Kind) -> list[Value]:
    return [values[parameter.name] for parameter in chosen.parameters if parameter.kind == kind]


def _notes(
    chosen: Question, days: Sequence[date], loaded: Sequence[_LoadedDay], buckets: int, cut_at: int | None
) -> list[str]:
    notes = []
    if cut_at:
        notes.append(f"there are more than these {cut_at}: --limit shows more")
    if chosen.any_day:
        return notes
    if chosen.uses("days"):
        gaps = (days[-1] - days[0]).days + 1 - len(days)
        notes.append(_span(days) + (f", {gaps} days of them not in the graph" if gaps else ""))
    else:
        notes.append(f"over the window of days that FLOW covers, up to {loaded[-1].day}")
    if buckets < BUCKETS:
        notes.append(f"a sample: {buckets / BUCKETS:.1%} of sessions were looked at; --everything looks at all of them")
    partly = sorted({each.chains for each in loaded if each.day in days and each.chains in _KEPT})
    if chosen.source == "chains" and partly:
        notes.append(f"the graph keeps only {' and '.join(_KEPT[kept] for kept in partly)}")
    return notes


def _nearest(name: str, known: Sequence[str]) -> str:
    alike = difflib.get_close_matches(name, known, n=_NEAR, cutoff=0.3) or sorted(known)[:_NEAR]
    return f" Nearest are {', '.join(map(shell_word, alike))}." if alike else ""


def _span(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _load(days: Sequence[date]) -> str:
    first, last = (days[0], days[-1]) if days else ("D", "D")
    return f"user-intel run --from {first} --to {last} --select journey_graph"
