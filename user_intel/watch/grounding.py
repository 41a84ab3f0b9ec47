"""Whether a recording's events bear out what a model says it saw. Code decides, not a model; nothing is mended.

A finding must lie inside the clip; something of its kind must have happened within two seconds of it (detection.md);
clicks it counts must be as many as there were, as exactly as two seconds allow; and its words may hold no number but
those clicks.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

from user_intel.watch.answers import SeenFinding
from user_intel.watch.clock import Stretch
from user_intel.watch.findings import FindingKind
from user_intel.watch.tracks import Track

SLACK_S: Final = 2.0
# Times a model gives for the ends of a clip are rounded.
_EDGE_S: Final = 1.0
_PAUSE_S: Final = 2.0
_MOVES: Final = 3
_NUMBERS: Final = re.compile(r"\d+(?:[.,]\d+)*")
_SMALL_NUMBERS: Final = {
    word: number
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
} | {"once": 1, "twice": 2, "thrice": 3}
# "one" and "once" are no counts more often than they are.
_NO_COUNTS: Final = frozenset({"one", "once", "zero"})
_DOZENS: Final = frozenset({"dozen", "dozens", "hundred", "hundreds", "thousand", "thousands"})


@dataclass(frozen=True)
class Happened:
    """What a recording's events tell, in all its windows together: seconds of the session, in order."""

    presses: Sequence[float]
    moves: Sequence[float]
    changes: Sequence[float]
    deeds: Sequence[float]
    errors: Sequence[float]

    @classmethod
    def of(cls, tracks: Mapping[int, Track]) -> Self:
        """Of all that a recording shows."""
        every = list(tracks.values())
        return cls(
            presses=sorted(press.at_s for track in every for press in track.presses),
            moves=sorted(at_s for track in every for at_s, _, _ in track.moves),
            changes=sorted(at_s for track in every for at_s in track.changes),
            deeds=sorted(at_s for track in every for at_s in track.deeds),
            errors=sorted({at_s for track in every for at_s in track.errors}),
        )

    def within(self, span: Stretch) -> dict[str, list[float]]:
        """What is near a clip, as it is kept beside it: enough to check every finding inside it."""
        near = Stretch(span.from_s - 2 * SLACK_S, span.to_s + 2 * SLACK_S)
        return {name: [at for at in times if near.from_s <= at <= near.to_s] for name, times in vars(self).items()}

    def refusal(self, kind: FindingKind, at: Stretch) -> str | None:
        """Why nothing of the kind happened around `at`; None where something did."""
        near = Stretch(at.from_s - SLACK_S, at.to_s + SLACK_S)
        there = {
            "hesitation": self._paused(near),
            "frustration": self.clicks(near) >= 1,
            "repetition": self.clicks(near) >= 2 or _count(self.deeds, near) >= 4,
            "erratic_cursor": _count(self.moves, near) >= _MOVES,
            "error": _count(self.errors, near) + _count(self.changes, near) >= 1,
            "confusion": _count(self.deeds, near) + _count(self.changes, near) >= 1 or self._paused(near),
        }
        return None if there[kind] else f"no event of the recording within {SLACK_S:.0f} s is one of {kind}"

    def clicks(self, at: Stretch) -> int:
        """Clicks within a stretch."""
        return _count(self.presses, at)

    def _paused(self, near: Stretch) -> bool:
        first = max(0, bisect_left(self.deeds, near.from_s) - 1)
        last = bisect_right(self.deeds, near.to_s) + 1
        around = [near.from_s, *self.deeds[first:last], near.to_s]
        around.sort()
        return any(after - before >= _PAUSE_S for before, after in pairwise(around))


def refusal(seen: SeenFinding, at: Stretch, clip: Stretch, video_s: float, happened: Happened) -> str | None:
    """Why a finding is not borne out; None where it is. `at` is where it lies in the session, `clip` what was shown."""
    if seen.from_s > seen.to_s:
        return "it ends before it begins"
    if seen.to_s > video_s + _EDGE_S or at.from_s < clip.from_s - _EDGE_S or at.to_s > clip.to_s + _EDGE_S:
        return "it lies outside the clip"
    if (nothing := happened.refusal(seen.kind, at)) is not None:
        return nothing
    if (miscounted := _miscounted(seen.clicks, at, happened)) is not None:
        return miscounted
    loose = [number for text in (seen.what_was_seen, seen.suggestion) for number in numbers_in(text)]
    others = sorted({number for number in loose if number != seen.clicks})
    return f"it says a number that nothing bears out: {others[0]:g}" if others else None


def numbers_in(text: str) -> list[float]:
    """Every number a text says, in digits or in words; of a dozen, a hundred or a thousand, not a number at all."""
    found = [float(each.replace(",", "")) if each.count(".") < 2 else float("nan") for each in _NUMBERS.findall(text)]
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in _SMALL_NUMBERS and word not in _NO_COUNTS:
            found.append(float(_SMALL_NUMBERS[word]))
        elif word in _DOZENS:
            found.append(float("nan"))
    return found


def _miscounted(clicks: int, at: Stretch, happened: Happened) -> str | None:
    """A model's times are good to two seconds: what surely lies inside at least, what may lie inside at most."""
    if not clicks:
        return None
    inner = Stretch(at.from_s + SLACK_S, at.to_s - SLACK_S)
    least = happened.clicks(inner) if inner.length_s > 0 else 1
    most = happened.clicks(Stretch(at.from_s - SLACK_S, at.to_s + SLACK_S))
    if least <= clicks <= most:
        return None
    return f"it counts {clicks} clicks where there were {least} to {most}" if most else "there was no click"


def _count(times: Sequence[float], at: Stretch) -> int:
    return max(0, bisect_right(times, at.to_s) - bisect_left(times, at.from_s))
