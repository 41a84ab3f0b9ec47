"""One recording, read from a file: its events in time order, its windows, when somebody did something, what is wrong.

The events do not stay in memory: they lie in a file without a name that vanishes with the process, however it ends,
because they are not masked yet. In memory there is one index entry (about 25 bytes) for each event.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from user_intel.errors import RecordingError
from user_intel.product import Watch
from user_intel.watch.clock import Stretch
from user_intel.watch.events import Event, Json, Kind, finite, objects, whole
from user_intel.watch.reading import RecordedValues
from user_intel.watch.shapes import UnknownCompression, events_in, unpacked

_MB: Final = 1 << 20
_MS: Final = 1000
# A session is cut after a day; what lies further from the others than that has a wrong clock.
_LONGEST_MS: Final = 24 * 3600 * _MS
_KNOWN_KINDS: Final = frozenset(Kind)


@dataclass(frozen=True)
class Flaws:
    """What was wrong with a file, as counts; none of it was kept. `cut_off` says in words why the end is missing."""

    cut_off: str = ""
    broken: int = 0
    unknown_shape: int = 0
    unknown_kind: int = 0
    unreadable: int = 0
    repeated: int = 0
    off_clock: int = 0
    # Events that came later than a later one of the same window: they were put in order, so they were kept.
    backwards: int = 0

    def words(self) -> list[str]:
        """One phrase for each flaw there is."""
        phrases = (
            (self.cut_off, self.cut_off),
            (self.broken, f"lines or values that are no JSON: {self.broken}"),
            (self.unknown_shape, f"values that are no rrweb events: {self.unknown_shape}"),
            (self.unknown_kind, f"events of unknown types: {self.unknown_kind}"),
            (self.unreadable, f"events packed in an unknown way: {self.unreadable}"),
            (self.repeated, f"events that were there twice: {self.repeated}"),
            (self.off_clock, f"events over a day away from the others: {self.off_clock}"),
            (self.backwards, f"times the clock went backwards (put in order): {self.backwards}"),
        )
        return [phrase for flaw, phrase in phrases if flaw]


class Recording(AbstractContextManager["Recording"]):
    """A recording's events in order of time; a context manager, because it holds a file. Made by `open_recording`.

    Seconds of the session count from its first event, in whichever window that is.
    """

    def __init__(self, kept: _Kept, flaws: Flaws, idle_s: float) -> None:
        self.windows: Final = tuple(kept.windows)
        self.flaws: Final = flaws
        self._kept = kept
        self._order = sorted(range(len(kept.at_ms)), key=kept.at_ms.__getitem__)
        self.started_ms: Final = kept.at_ms[self._order[0]]
        self.duration_s: Final = self.seconds(kept.at_ms[self._order[-1]])
        # Spans in which nobody did anything for longer than the product's `watch.idle_s`.
        self.idle: Final = tuple(_idle(self._active_s(), self.duration_s, idle_s))

    def __len__(self) -> int:
        return len(self._order)

    def __exit__(self, *_: object) -> None:
        self._kept.file.close()

    @property
    def active_s(self) -> float:
        """Seconds in which somebody did something: the duration without the idle stretches."""
        return self.duration_s - sum(stretch.length_s for stretch in self.idle)

    def seconds(self, at_ms: int) -> float:
        """A time as seconds of the session."""
        return (at_ms - self.started_ms) / _MS

    def events(self, from_s: float = 0.0, *, earlier: frozenset[int] = frozenset()) -> Iterator[Event]:
        """The events from that second on, and before it those of the `earlier` kinds, in order of time.

        They are read as they are asked for. A move of the pointer is one event for each position, at that position's
        own time.
        """
        from_ms = self.started_ms + from_s * _MS
        for place in self._order:
            if self._kept.at_ms[place] >= from_ms or self._kept.kinds[place] in earlier:
                yield self._kept.event(place)

    def times_ms(self) -> list[int]:
        """When each event was, in order; without reading what they hold."""
        return [self._kept.at_ms[place] for place in self._order]

    def snapshots(self) -> list[tuple[float, int]]:
        """Where a window's whole page was recorded: second of the session and window, in order."""
        return [
            (self.seconds(self._kept.at_ms[place]), self._kept.window[place])
            for place in self._order
            if self._kept.traits[place] & _SNAPSHOT
        ]

    def _active_s(self) -> Iterator[float]:
        for place in self._order:
            if self._kept.traits[place] & _ACTIVE:
                yield self.seconds(self._kept.at_ms[place])


def open_recording(path: Path, watch: Watch | None = None, *, partial: bool = False) -> Recording:
    """The recording of a file (see `reading.py` and `shapes.py` for what it may look like).

    Raises RecordingError when there is no such file, when it holds no events or no page at all, when it is larger than
    `watch` allows, and, unless `partial`, when its end is missing; the message says how much of it is there.
    """
    chosen = watch or Watch()
    try:
        stream = path.open("rb")
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}.") from None
    with stream:
        return read_recording(stream, path.name, chosen, partial=partial)


def read_recording(stream: BinaryIO, name: str, watch: Watch, *, partial: bool = False) -> Recording:
    """As `open_recording`, from an open stream; `name` is what its errors call it."""
    kept = _Kept()
    values = RecordedValues(stream, max_bytes=watch.max_recording_mb * _MB, max_value_bytes=watch.max_event_mb * _MB)
    try:
        for value in values:
            for window, event in events_in(value):
                kept.add(window, event)
        return _checked(kept, values, name, watch, partial=partial)
    except RecordingError as error:
        kept.file.close()
        raise RecordingError(f"{name}: {error}") from None


def _checked(kept: _Kept, values: RecordedValues, name: str, watch: Watch, *, partial: bool) -> Recording:
    off_clock = kept.drop_off_clock()
    flaws = Flaws(cut_off=values.cut_off, broken=values.broken, off_clock=off_clock, **kept.flaws)
    if not kept.at_ms:
        found = f" ({'; '.join(flaws.words())})" if flaws.words() else ""
        raise RecordingError(f"it holds no rrweb events{found}. Expected is a JSON array or JSON lines of them.")
    recording = Recording(kept, flaws, watch.idle_s)
    if not recording.snapshots():
        raise RecordingError(
            f"none of its {len(recording):,} events is a full snapshot of a page, so there is nothing to draw"
            + (": it is a mobile recording (wireframes)." if kept.wireframes else ".")
        )
    if flaws.cut_off and not partial:
        raise RecordingError(
            f"{flaws.cut_off}. Its first {len(recording):,} events, {recording.duration_s:.0f} seconds, are usable: "
            "--partial takes them."
        )
    return recording


_ACTIVE: Final = 1
_SNAPSHOT: Final = 2


class _Kept:
    """The events on disk, and where each one lies there."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115
        self.windows: dict[str, int] = {}
        self.flaws = dict.fromkeys(("unknown_shape", "unknown_kind", "unreadable", "repeated", "backwards"), 0)
        self.wireframes = False
        self.at_ms, self.window, self.traits, self.kinds = array("q"), array("L"), array("B"), array("B")
        self._from, self._length = array("Q"), array("L")
        self._end = 0
        self._seen: set[int] = set()
        self._latest: dict[int, int] = {}

    def add(self, window: str, raw: Json) -> None:
        kind, at_ms = whole(raw.get("type")), whole(raw.get("timestamp"))
        if kind is None or at_ms is None or abs(at_ms) > _FARTHEST_MS:
            self.flaws["unknown_shape"] += 1
        elif kind not in _KNOWN_KINDS:
            self.flaws["unknown_kind"] += 1
        else:
            try:
                event = Event(at_ms, self.windows.setdefault(window, len(self.windows)), kind, unpacked(raw))
            except UnknownCompression:
                self.flaws["unreadable"] += 1
                return
            self._add(event)

    def _add(self, event: Event) -> None:
        # ASCII, so that half a surrogate pair is no trouble.
        text = json.dumps(event.data)
        identity = hash((event.at_ms, event.window, event.kind, text))
        if identity in self._seen:
            self.flaws["repeated"] += 1
            return
        self._seen.add(identity)
        if event.kind == Kind.FULL_SNAPSHOT and not isinstance(event.data.get("node"), dict):
            self.wireframes = self.wireframes or "wireframes" in event.data
            self.flaws["unknown_shape"] += 1
            return
        self.flaws["backwards"] += event.at_ms < self._latest.get(event.window, event.at_ms)
        self._latest[event.window] = event.at_ms
        if event.is_move:
            for position in _positions(event):
                self._keep(position, json.dumps(position.data))
        else:
            self._keep(event, text)

    def _keep(self, event: Event, text: str) -> None:
        content = text.encode("ascii")
        self.file.write(content)
        self.at_ms.append(event.at_ms)
        self.window.append(event.window)
        self.traits.append(_ACTIVE * event.is_active | _SNAPSHOT * (event.kind == Kind.FULL_SNAPSHOT))
        self.kinds.append(event.kind)
        self._from.append(self._end)
        self._length.append(len(content))
        self._end += len(content)

    def drop_off_clock(self) -> int:
        """Forgets events more than a day away from the middle one; how many those were. Ends the adding."""
        self.file.flush()
        self._seen.clear()
        if not self.at_ms:
            return 0
        middle = statistics.median_low(self.at_ms)
        places = [place for place, at_ms in enumerate(self.at_ms) if abs(at_ms - middle) <= _LONGEST_MS]
        dropped = len(self.at_ms) - len(places)
        if dropped:
            for name in ("at_ms", "window", "traits", "kinds", "_from", "_length"):
                entries: array[int] = getattr(self, name)
                setattr(self, name, array(entries.typecode, (entries[place] for place in places)))
        return dropped

    def event(self, place: int) -> Event:
        content = os.pread(self.file.fileno(), self._length[place], self._from[place])
        return Event(self.at_ms[place], self.window[place], self.kinds[place], json.loads(content))


# Unix times up to the year 5138; beyond that, sums of times would leave 64 bits.
_FARTHEST_MS: Final = 10**14


def _positions(event: Event) -> Iterator[Event]:
    """One event for each position of a move, whose `timeOffset` is how long before the event it was."""
    for position in objects(event.data.get("positions")):
        offset_ms = min(0.0, max(finite(position.get("timeOffset")) or 0.0, float(-_LONGEST_MS)))
        alone: Json = {**event.data, "positions": [{**position, "timeOffset": 0}]}
        yield Event(event.at_ms + round(offset_ms), event.window, event.kind, alone)


def _idle(active_s: Iterator[float], ends_s: float, longest_s: float) -> Iterator[Stretch]:
    before_s = 0.0
    for at_s in (*active_s, ends_s):
        if at_s - before_s > longest_s:
            yield Stretch(before_s, at_s)
        before_s = at_s
