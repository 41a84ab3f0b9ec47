"""Two clocks of one video: seconds of the session, and seconds of the video that shows them.

A video shows a span of the session at one speed and leaps over idle stretches, each of which becomes a caption of fixed
length. So video time is a piecewise linear, strictly rising function of session time, and each converts into the other
exactly, inside a caption too: there the session clock races.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of the session, in seconds since the recording began; `from_s` < `to_s`."""

    from_s: float
    to_s: float

    @property
    def length_s(self) -> float:
        return self.to_s - self.from_s


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a video, at one pace: it shows `session` in `video`. `skipped`: as a caption, for it was idle."""

    session: Stretch
    video: Stretch
    skipped: bool


@dataclass(frozen=True)
class Clock:
    """Session time and video time of one video. Made by `clock_of`; the pieces follow each other without a gap."""

    pieces: tuple[Piece, ...]

    @property
    def session(self) -> Stretch:
        """The span of the session that the video shows."""
        return Stretch(self.pieces[0].session.from_s, self.pieces[-1].session.to_s)

    @property
    def video_s(self) -> float:
        """The length of the video."""
        return self.pieces[-1].video.to_s

    @property
    def shown_s(self) -> float:
        """Seconds of the session that are shown, without those skipped."""
        return sum(piece.session.length_s for piece in self.pieces if not piece.skipped)

    def to_video(self, session_s: float) -> float:
        """The second of the video that shows this second of the session; its ends for what lies outside."""
        piece = self.pieces[_place(self._session_starts, session_s)]
        return _moved(session_s, piece.session, piece.video)

    def to_session(self, video_s: float) -> float:
        """The second of the session that is shown at this second of the video; its ends for what lies outside."""
        piece = self.pieces[_place(self._video_starts, video_s)]
        return _moved(video_s, piece.video, piece.session)

    def caption_at(self, video_s: float) -> Piece | None:
        """The idle stretch whose caption is shown at this second of the video; None while the session runs."""
        piece = self.pieces[_place(self._video_starts, video_s)]
        return piece if piece.skipped else None

    @cached_property
    def _session_starts(self) -> list[float]:
        return [piece.session.from_s for piece in self.pieces]

    @cached_property
    def _video_starts(self) -> list[float]:
        return [piece.video.from_s for piece in self.pieces]


def clock_of(shown: Stretch, idle: Sequence[Stretch], *, speed: float, caption_s: float) -> Clock:
    """The clock of a video of `shown` at `speed`, in which each of the `idle` stretches is a caption of `caption_s`.

    Idle stretches are in order and do not overlap; what of them lies outside `shown` is left out. A stretch whose
    caption would take longer than showing it is shown.
    """
    if not (speed > 0 and caption_s > 0 and shown.length_s > 0):
        raise ValueError(f"a clock needs a positive length, speed and caption, not {shown}, {speed}, {caption_s}")
    pieces: list[Piece] = []
    at_s = 0.0
    for stretch, is_idle in _parts(shown, idle):
        skipped = is_idle and stretch.length_s / speed > caption_s
        length_s = caption_s if skipped else stretch.length_s / speed
        pieces.append(Piece(stretch, Stretch(at_s, at_s + length_s), skipped))
        at_s += length_s
    return Clock(tuple(pieces))


def _parts(shown: Stretch, idle: Sequence[Stretch]) -> Iterator[tuple[Stretch, bool]]:
    at_s = shown.from_s
    for stretch in idle:
        from_s, to_s = max(stretch.from_s, at_s), min(stretch.to_s, shown.to_s)
        if from_s >= to_s:
            continue
        if from_s > at_s:
            yield Stretch(at_s, from_s), False
        yield Stretch(from_s, to_s), True
        at_s = to_s
    if at_s < shown.to_s:
        yield Stretch(at_s, shown.to_s), False


def _place(starts: Sequence[float], at_s: float) -> int:
    return max(0, bisect_right(starts, at_s) - 1)


def _moved(at_s: float, source: Stretch, target: Stretch) -> float:
    """Where `at_s` of one span lies in another, at its ends exactly."""
    share = min(1.0, max(0.0, (at_s - source.from_s) / source.length_s))
    return target.to_s if share == 1.0 else target.from_s + share * target.length_s
