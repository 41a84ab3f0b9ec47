"""The answer to every ready-made question, in slow plain Python over the lake's rows: no graph, no SQL.

`ANSWERS[name](seen, **arguments)` gives all rows in the order the question promises.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from user_intel.lake import Lake

Row = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """The lake's rows of some days, and of all days that FLOW covers."""

    days: Sequence[date]
    sessions: list[Row]
    steps: list[Row]
    flows: list[Row]
    pain_points: list[Row]
    hits: dict[str, set[str]]

    @property
    def walks(self) -> dict[str, list[Row]]:
        """The visits of each session in order."""
        found = defaultdict(list)
        for row in sorted(self.steps, key=lambda row: (row["session_id"], row["position"])):
            found[row["session_id"]].append(row)
        return found

    @property
    def names(self) -> dict[str, list[str]]:
        """The steps of each session in order."""
        return {session: [row["step"] for row in visits] for session, visits in self.walks.items()}


def look(lake: Lake, days: Sequence[date], flow_days: Sequence[date], hits: dict[str, set[str]]) -> Seen:
    """What the lake holds of the days."""

    def rows(table: str, of: Sequence[date]) -> list[Row]:
        return lake.frame(table, of).collect().to_dicts()

    return Seen(days, rows("sessions", days), rows("steps", days), rows("transitions", flow_days),
                rows("pain_points", days), hits)  # fmt: skip


def ways_on(seen: Seen, step: str, back: bool) -> list[Row]:
    at = {session for session, names in seen.names.items() if step in names}
    sessions, times, medians = defaultdict(set), Counter[str | None](), defaultdict(list)
    for session, names in seen.names.items():
        if names[0 if back else -1] == step:
            sessions[None].add(session)
            times[None] += 1
        for here, there in pairwise(names[::-1] if back else names):
            if here == step:
                sessions[there].add(session)
                times[there] += 1
    for day in seen.days:
        gaps = defaultdict(list)
        for row in seen.steps:
            if row["day"] == day and row["step"] == step and row["next_step"] is not None:
                gaps[row["next_step"]].append(row["dwell_s"])
        for there, dwells in gaps.items():
            medians[there] += [_median(dwells)] * len(dwells)
    told = [
        {"previous_step" if back else "next_step": there, "sessions": len(who), "share": len(who) / len(at),
         "times": times[there],
         **({} if back else {"typical_s": _mean(medians[there]) if there is not None else None})}
        for there, who in sessions.items()
    ]  # fmt: skip
    name = "previous_step" if back else "next_step"
    return sorted(told, key=lambda row: (-row["sessions"], row[name] is None, row[name]))


def paths_after(seen: Seen, step: str, depth: int) -> list[Row]:
    return _ranked("path", [
        tuple(names[(at := names.index(step)): at + depth + 1]) for names in seen.names.values() if step in names
    ])  # fmt: skip


def paths_to(seen: Seen, step: str, depth: int) -> list[Row]:
    return _ranked("path", [
        tuple(names[max(0, (at := names.index(step)) - depth): at + 1])
        for names in seen.names.values() if step in names
    ])  # fmt: skip


def paths_ending_after(seen: Seen, step: str, depth: int) -> list[Row]:
    ends = []
    for names in seen.names.values():
        if step in names:
            rest = names[len(names) - 1 - names[::-1].index(step) :]
            ends.append(tuple(rest) if len(rest) <= depth + 1 else None)
    return _ranked("path", ends)


def paths_between(seen: Seen, begin: str, end: str) -> list[Row]:
    found = []
    for session, names in seen.names.items():
        for at, name in enumerate(names):
            for until in range(at + 1, len(names)):
                between = names[at + 1 : until]
                if name == begin and names[until] == end and not {begin, end} & set(between) and len(between) <= 4:
                    found.append((session, tuple(names[at : until + 1])))
    return _ranked_by_session("path", found, sum(begin in names for names in seen.names.values()))


def cycles_through(seen: Seen, step: str) -> list[Row]:
    found = []
    for session, names in seen.names.items():
        places = [at for at, name in enumerate(names) if name == step]
        for at, until in pairwise(places):
            between = names[at + 1 : until]
            if len(between) <= 3 and len(set(between)) == len(between):
                found.append((session, tuple(names[at : until + 1])))
    return _ranked_by_session("cycle", found, sum(step in names for names in seen.names.values()))


def followed_without(seen: Seen, first: str, then: str, without: str) -> list[Row]:
    came, did = 0, 0
    for names in seen.names.values():
        near = [(i, j) for i in range(len(names)) for j in range(i + 1, min(len(names), i + 51))]
        pairs = [(i, j) for i, j in near if (names[i], names[j]) == (first, then)]
        came += first in names
        did += any(without not in names[i + 1 : j] for i, j in pairs)
    return [{"of_sessions": came, "sessions": did, "share": did / came}] if came else []


def session_path(seen: Seen, session: str) -> list[Row]:
    met = Counter[str]()
    told = []
    for row in seen.walks[session]:
        met[row["step"]] += 1
        told.append({"position": row["position"], "step": row["step"], "entered_at": row["entered_at"],
                     "dwell_s": row["dwell_s"], "nth": met[row["step"]]})  # fmt: skip
    return told


def sessions_listed(seen: Seen, wanted: Iterable[str]) -> list[Row]:
    columns = ("session_id", "started_at", "step_count", "entry_step", "exit_step", "goals")
    told = [{name: row[name] for name in columns} for row in seen.sessions if row["session_id"] in set(wanted)]
    return sorted(sorted(told, key=lambda row: row["session_id"]), key=lambda row: row["started_at"], reverse=True)


def after_pain_point(seen: Seen, pain_point: str, depth: int) -> list[Row]:
    places = {step for row in seen.pain_points if row["pain_point_id"] == pain_point for step in row["subjects"]}
    ways = []
    for session in seen.hits[pain_point]:
        names = seen.names.get(session, [])
        at = next((at for at, name in enumerate(names) if name in places), None)
        if at is not None:
            ways.append(tuple(names[at : at + depth + 1]))
    return _ranked("path", ways)


def steps_to_goal(seen: Seen, flow: str) -> list[Row]:
    reached = {row["session_id"]: flow in row["goals"] for row in seen.sessions}
    of_with, of_without = sum(reached.values()), len(reached) - sum(reached.values())
    told = []
    for step in {row["step"] for row in seen.steps}:
        came = {session for session, names in seen.names.items() if step in names}
        with_goal = sum(reached[session] for session in came)
        without_goal = len(came) - with_goal
        if with_goal:
            told.append({"step": step, "with_goal": with_goal, "without_goal": without_goal,
                         "share_with": with_goal / of_with, "share_without": without_goal / of_without,
                         "of_with": of_with, "of_without": of_without})  # fmt: skip
    return sorted(told, key=lambda r: (-(r["with_goal"] * of_without - r["without_goal"] * of_with), r["step"]))


def ends(seen: Seen, place: int) -> list[Row]:
    counted = Counter(names[place] for names in seen.names.values())
    came = Counter(step for names in seen.names.values() for step in set(names))
    visits = Counter(row["step"] for row in seen.steps)
    told: list[Row] = []
    for step, many in counted.items():
        share = many / counted.total()
        if place == 0:
            told.append({"step": step, "entries": many, "share": share, "visits": visits[step]})
        else:
            told.append(
                {"step": step, "exits": many, "share": share, "sessions": came[step], "exit_rate": many / came[step]}
            )
    return sorted(told, key=lambda row: (-row["entries" if place == 0 else "exits"], row["step"]))


def by_day(seen: Seen, step: str) -> list[Row]:
    told = []
    for day in sorted(seen.days, reverse=True):
        visits = [row for row in seen.steps if row["day"] == day and row["step"] == step]
        walks = [names for session, names in seen.names.items() if seen.walks[session][0]["day"] == day]
        if visits:
            told.append({"day": day, "visits": len(visits), "sessions": len({row["session_id"] for row in visits}),
                         "users": len({row["user_id"] for row in visits}),
                         "entries": sum(names[0] == step for names in walks),
                         "exits": sum(names[-1] == step for names in walks)})  # fmt: skip
    return told


def only_segment(seen: Seen, segment: str) -> list[Row]:
    key, _, value = segment.partition("=")
    values = {row["session_id"]: row[key] for row in seen.sessions}
    told = []
    for step in {row["step"] for row in seen.steps}:
        visits = [row for row in seen.steps if row["step"] == step]
        if {values[row["session_id"]] for row in visits} == {value}:
            told.append({"step": step, "sessions": len({row["session_id"] for row in visits}),
                         "user_days": len({(row["day"], row["user_id"]) for row in visits}),
                         "days": len({row["day"] for row in visits})})  # fmt: skip
    return sorted(told, key=lambda row: (-row["sessions"], row["step"]))


def segment_steps(seen: Seen, segment: str, least: int) -> list[Row]:
    key, _, value = segment.partition("=")
    values = {row["session_id"]: row[key] for row in seen.sessions}
    of_all, of_segment = Counter[str](), Counter[str]()
    for session, names in seen.names.items():
        of_all.update(set(names))
        of_segment.update(set(names) if values[session] == value else ())
    usual = of_segment.total() / of_all.total()
    told = [
        {"step": step, "sessions": of_segment[step], "all_sessions": many, "share": of_segment[step] / many,
         "lift": of_segment[step] / many / usual}
        for step, many in of_all.items() if many >= least and of_segment[step]
    ]  # fmt: skip
    return sorted(told, key=lambda row: (-round(row["lift"], 9), -row["sessions"], row["step"]))


def _edges(seen: Seen) -> dict[tuple[str, str], int]:
    found = Counter[tuple[str, str]]()
    for row in seen.flows:
        found[row["from_step"], row["to_step"]] += row["sessions"]
    return found


def hubs(seen: Seen) -> list[Row]:
    edges = _edges(seen)
    told = []
    for step in {step for edge in edges for step in edge}:
        into, out = ({e: n for e, n in edges.items() if e[place] == step} for place in (1, 0))
        told.append({"step": step, "steps_before": len(into), "steps_after": len(out),
                     "sessions_in": sum(into.values()), "sessions_out": sum(out.values())})  # fmt: skip
    return sorted(told, key=lambda row: (-row["steps_before"] - row["steps_after"],
                                         -row["sessions_in"] - row["sessions_out"], row["step"]))  # fmt: skip


def shortest_ways(seen: Seen, begin: str, end: str) -> list[Row]:
    edges = _edges(seen)
    ways = [(begin,)]
    for _ in range(6):
        ways = [(*way, b) for way in ways for a, b in edges if a == way[-1] and b not in way]
        if found := [way for way in ways if way[-1] == end]:
            told = [{"path": list(way), "steps": len(way) - 1,
                     "least_sessions": min(edges[pair] for pair in pairwise(way))} for way in found]  # fmt: skip
            return sorted(told, key=lambda row: (-row["least_sessions"], row["path"]))
    return []


def new_ways(seen: Seen) -> list[Row]:
    first: dict[tuple[str, str], date] = {}
    for row in sorted(seen.flows, key=lambda row: row["day"]):
        first.setdefault((row["from_step"], row["to_step"]), row["day"])
    told = [
        {"from_step": a, "to_step": b, "first_day": first[a, b], "sessions": sessions}
        for (a, b), sessions in _edges(seen).items() if first[a, b] in seen.days
    ]  # fmt: skip
    return sorted(told, key=lambda row: (-row["sessions"], row["from_step"], row["to_step"]))


def _ranked(name: str, ways: Sequence[tuple[str, ...] | None]) -> list[Row]:
    told = [
        {name: list(way), "sessions": many, "share": many / len(ways), "of_sessions": len(ways)}
        for way, many in Counter(ways).items() if way is not None
    ]  # fmt: skip
    return sorted(told, key=lambda row: (-row["sessions"], row[name]))


def _ranked_by_session(name: str, found: Sequence[tuple[str, tuple[str, ...]]], of_sessions: int) -> list[Row]:
    times, sessions = Counter(way for _, way in found), Counter(way for _, way in set(found))
    told = [
        {name: list(way), "sessions": sessions[way], "times": many, "of_sessions": of_sessions}
        for way, many in times.items()
    ]
    return sorted(told, key=lambda row: (-row["sessions"], -row["times"], row[name]))


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


ANSWERS: dict[str, Callable[..., list[Row]]] = {
    "next_steps": lambda seen, step: ways_on(seen, step, back=False),
    "previous_steps": lambda seen, step: ways_on(seen, step, back=True),
    "paths_after": paths_after,
    "paths_to": paths_to,
    "paths_ending_after": paths_ending_after,
    "paths_between": lambda seen, **ends: paths_between(seen, ends["from"], ends["to"]),
    "followed_without": followed_without,
    "cycles_through": cycles_through,
    "session_path": session_path,
    "sessions_at": lambda seen, step: sessions_listed(seen, [s for s, names in seen.names.items() if step in names]),
    "sessions_with": lambda seen, pain_point: sessions_listed(seen, seen.hits[pain_point]),
    "after_pain_point": after_pain_point,
    "steps_to_goal": steps_to_goal,
    "entry_steps": lambda seen: ends(seen, 0),
    "exit_steps": lambda seen: ends(seen, -1),
    "by_day": by_day,
    "only_segment": only_segment,
    "segment_steps": segment_steps,
    "hubs": hubs,
    "shortest_ways": lambda seen, **ends: shortest_ways(seen, ends["from"], ends["to"]),
    "new_ways": new_ways,
}
