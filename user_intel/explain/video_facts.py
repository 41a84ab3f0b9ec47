"""What watched recordings add to the facts of a pain point: how many were watched, in how many of them what was seen.

Recordings are chosen, a few for each pain point: these are counts of what was watched, never shares of all sessions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from user_intel.explain.facts import Fact, Source
from user_intel.lake import Lake

_WATCHED = ("drawn", "not_drawn")


def facts_of_recordings(lake: Lake, day: date) -> dict[str, list[Fact]]:
    """The facts of a day by pain point; none where nothing was watched."""
    clips = lake.rows("replay_clips", day)
    found = lake.rows("video_findings", day)
    watched: dict[str, set[str]] = {}
    for clip in clips:
        if clip["met"] and clip["status"] in _WATCHED:
            watched.setdefault(clip["pain_point_id"], set()).add(clip["session_id"])
    seen: dict[str, dict[str, set[str]]] = {}
    for row in found:
        if row["met"] and row["grounded"]:
            sessions = seen.setdefault(row["pain_point_id"], {}).setdefault(row["kind"], set())
            sessions.add(row["session_id"])
    return {id_: _facts(day, id_, sessions, seen.get(id_, {})) for id_, sessions in sorted(watched.items())}


def _facts(day: date, pain_point_id: str, watched: set[str], seen: Mapping[str, set[str]]) -> list[Fact]:
    showing = {kind: len(sessions & watched) for kind, sessions in sorted(seen.items())}
    told: Sequence[tuple[str, str, str, int]] = [
        ("recordings", "recordings watched, chosen among those that met it", "", len(watched)),
        *(
            (f"shows_{kind}", f"watched recordings that show {kind.replace('_', ' ')}", kind, count)
            for kind, count in showing.items()
            if count
        ),
    ]
    return [_fact(day, pain_point_id, *each) for each in told]


def _fact(day: date, pain_point_id: str, id_: str, what: str, kind: str, count: int) -> Fact:
    parameters = {"day": str(day), "pain_point_id": pain_point_id, "kind": kind}
    source = Source("watched", "showing" if kind else "recordings", parameters)
    return Fact(id_, what, count, "count", day, day, source, noun="recordings", of="recordings watched", role="size")
