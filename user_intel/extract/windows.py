"""A day cut into windows that one question each can answer, and how far each of them was read.

Pure: windows know nothing of PostHog or of files. Reading is by key, not by offset: a window remembers the last
(timestamp, uuid) it gave, and the rest of it is itself a window.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import msgspec

from user_intel.extract.posthog_api import MOST_ROWS, Counts, Stretch

# Rows a window should hold, as counted by the minute; half of what one answer may have, so that it may yet grow.
WINDOW_ROWS: Final = 25_000
# What one page may weigh: up to four are in memory at once (being fetched or written), each some four times.
PAGE_BYTES: Final = 24_000_000
FIRST_PAGE_ROWS: Final = 8_000
FEWEST_PAGE_ROWS: Final = 250
# A window shorter than this is not halved any more; its pages are made shorter instead.
SHORTEST: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)


class Window(msgspec.Struct):
    """The events of `[start, end)` received in a range of time, of which those up to (`start`, `after`) were read.

    `expected` is how many rows are still to come; None when nobody counted.
    """

    start: datetime
    end: datetime
    received_from: datetime
    received_to: datetime
    expected: int | None = None
    after: str = ""
    done: bool = False

    @property
    def stretch(self) -> Stretch:
        """What is still to be read, as a question's bounds."""
        return Stretch(self.start, self.end, self.received_from, self.received_to)

    def advance(self, rows: int, asked: int, last: tuple[datetime, str] | None) -> None:
        """Notes a page of `rows` where `asked` were asked for, the `last` of which had this timestamp and uuid.

        A short page ends the window only when as many rows came as were counted: the source may cut answers shorter
        than asked, without a word. An empty page always ends it.
        """
        if self.expected is not None:
            self.expected = max(0, self.expected - rows)
        if last is not None:
            self.start, self.after = last
        self.done = last is None or (rows < asked and not self.expected)

    def reach(self, other: Window) -> None:
        """Takes over how far `other`, a copy of this window, was read."""
        self.start, self.after, self.expected, self.done = other.start, other.after, other.expected, other.done

    def halves(self) -> list[Window] | None:
        """The rest of the window as two, cut in the middle of its time; None when it is too short for that."""
        length = self.end - self.start
        if length <= SHORTEST:
            return None
        middle = self.start + length / 2
        received = self.received_from, self.received_to
        return [
            Window(self.start, middle, *received, after=self.after),
            Window(middle, self.end, *received),
        ]


class PageSize:
    """How many rows to ask for: as many as weigh `PAGE_BYTES`, by the rows seen so far, and fewer when told to."""

    def __init__(self) -> None:
        self.rows = FIRST_PAGE_ROWS
        self._most = MOST_ROWS

    def learn(self, rows: int, weight: int) -> None:
        """Takes into account a page of `rows` weighing `weight` bytes."""
        if rows and weight:
            self.rows = max(FEWEST_PAGE_ROWS, min(self._most, PAGE_BYTES * rows // weight))

    def halve(self) -> bool:
        """Asks for half as many from now on; False when that would be too few to go on with."""
        if self.rows <= FEWEST_PAGE_ROWS:
            return False
        self._most = self.rows = max(FEWEST_PAGE_ROWS, self.rows // 2)
        return True


def plan(stretch: Stretch, minutes: Mapping[datetime, Counts], window_rows: int = WINDOW_ROWS) -> list[Window]:
    """Windows that cover `stretch` without gaps, each of whole minutes that hold about `window_rows` rows together.

    Minutes without events cost nothing: they belong to the window before them. No window at all when there are none.
    """
    windows: list[Window] = []
    for minute in sorted(minutes):
        rows = minutes[minute].rows
        last = windows[-1] if windows else None
        if last is None or (last.expected or 0) + rows > window_rows:
            start = max(minute, stretch.start) if windows else stretch.start
            if last is not None:
                last.end = start
            windows.append(Window(start, stretch.end, stretch.received_from, stretch.received_to, rows))
        else:
            last.expected = (last.expected or 0) + rows
    return windows


def differing(stretch: Stretch, minutes: Mapping[datetime, Counts], held: Mapping[datetime, int]) -> list[Window]:
    """Windows over just those minutes of which the source counts more different events than are `held`."""
    lacking = {minute: counts for minute, counts in minutes.items() if counts.unique > held.get(minute, 0)}
    found: list[Window] = []
    for first, last in _runs(sorted(lacking)):
        run = replace(stretch, start=max(first, stretch.start), end=min(last + MINUTE, stretch.end))
        found += plan(run, {minute: counts for minute, counts in lacking.items() if first <= minute <= last})
    return found


def _runs(minutes: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
    """First and last of each run of consecutive minutes."""
    runs: list[tuple[datetime, datetime]] = []
    for minute in minutes:
        if runs and minute - runs[-1][1] == MINUTE:
            runs[-1] = (runs[-1][0], minute)
        else:
            runs.append((minute, minute))
    return runs
