"""Reads one day of events into its pages until they are what PostHog counts.

Two questions are in flight while two answers are being written; pages are noted in the order they were asked for, so
that a window's noted position never runs ahead of a page that is not on disk. What a page looks like on disk is
`pages.py`, what is asked `posthog_api.py`, and how a day is cut `windows.py`.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from user_intel.days import day_bounds
from user_intel.errors import CountMismatch, SourceError, UserIntelError
from user_intel.extract import batch_export
from user_intel.extract.pages import DayPages, Page, Progress, fingerprint
from user_intel.extract.posthog_api import (
    QUERIES_AT_ONCE,
    Counts,
    EventRow,
    PostHog,
    Stretch,
    TooHeavyError,
    parsed,
)
from user_intel.extract.windows import PageSize, Window, differing, plan
from user_intel.product import Product

_LOG = logging.getLogger(__name__)

# Told after every page: rows read so far, and rows counted (None where nobody counted).
OnProgress = Callable[[int, int | None], None]

# A page is too small for more than one of DuckDB's threads, so two pages are written at a time.
WRITERS: Final = 2
MOST_UNWRITTEN: Final = 2
# What the columns of a row weigh besides its properties and elements.
ROW_BYTES: Final = 250


class DayReader:
    """Reads one day into its pages until they are what PostHog counts."""

    def __init__(
        self, posthog: PostHog, product: Product, pages: DayPages, day: date, on_progress: OnProgress | None
    ) -> None:
        self._posthog = posthog
        self._names = product.segments
        self._pages = pages
        self._day = day
        self._bounds = day_bounds(day, product.zone)
        self._on_progress = on_progress or (lambda rows, counted: None)
        self._size = PageSize()

    def read(self) -> Counts:
        """Every event of the day is in a page when this returns; rows and different events of all pages."""
        self._resume_or_plan()
        self._read_windows()
        held, counted = self._pages.held(), self._counted()
        if held.unique < counted.unique and not self._progress.repaired:
            self._progress.repaired = True
            self._plan_missing()
            self._read_windows()
            held, counted = self._pages.held(), self._counted()
        self._refuse_mismatch(held, counted)
        return held

    @property
    def _progress(self) -> Progress:
        return self._pages.progress

    @property
    def _stretch(self) -> Stretch:
        return Stretch(*self._bounds, received_to=self._progress.as_of)

    def _resume_or_plan(self) -> None:
        kind = fingerprint(
            self._pages.normaliser, self._posthog.host, self._posthog.project_id, *map(str, self._bounds)
        )
        if self._pages.resume(kind, _utc_now()):
            _LOG.info("going on with %s at page %d", self._day, len(self._progress.pages) + 1)
            return
        if self._posthog.file_downloads and self._take_export():
            self._plan_missing()
            return
        minutes = self._posthog.minute_counts(self._stretch)
        self._progress.windows = plan(self._stretch, minutes)
        self._progress.planned = sum(counts.rows for counts in minutes.values())
        self._pages.save()

    def _take_export(self) -> bool:
        """Makes pages of a batch export of the day, where plan and key allow one; whether it came."""
        try:
            with batch_export.downloaded(self._posthog, self._bounds[0], self._progress.as_of) as parts:
                for part in parts:
                    self._take_part(part)
        except SourceError as fault:
            _LOG.warning("%s: no batch export, asking by queries instead: %s", self._day, fault)
            self._progress.pages.clear()
            return False
        return True

    def _take_part(self, part: Path) -> None:
        rows = self._pages.slices(part)
        with ThreadPoolExecutor(WRITERS, thread_name_prefix="posthog-write") as writing:
            writes = [
                writing.submit(self._pages.write_exported, self._pages.next_number(), part, few, self._stretch)
                for few in rows
            ]
        # Not saved before the whole export is in: half of one could not be told from a whole one.
        self._progress.pages += [write.result() for write in writes]
        self._on_progress(self._progress.fetched, None)

    def _plan_missing(self) -> None:
        """Windows over the minutes of which PostHog counts more than was read: late ones, ones still on their way."""
        minutes = self._posthog.minute_counts(self._stretch)
        again = differing(self._stretch, minutes, self._pages.held_by_minute())
        _LOG.info("%s: reading %d stretches that hold more than was read", self._day, len(again))
        self._progress.windows += again
        self._pages.save()

    def _counted(self) -> Counts:
        return self._posthog.counts(*self._bounds, self._progress.as_of)

    def _refuse_mismatch(self, held: Counts, counted: Counts) -> None:
        # Copies of an event vanish when ClickHouse merges its parts: rows may lie between the count before and after.
        # What was exported or read again counts twice.
        planned = self._progress.planned
        repeated = self._progress.repaired or planned is None
        rows_fit = repeated or min(counted.rows, planned or 0) <= held.rows <= max(counted.rows, planned or 0)
        if held.unique == counted.unique and rows_fit:
            return
        self._pages.drop()
        raise CountMismatch(
            f"PostHog counts {counted.unique:,} different events in {counted.rows:,} rows on {self._day}, but gave "
            f"{held.unique:,} in {held.rows:,}. The lake's day is untouched; rerun, and if it stays so, ask for fewer "
            "changes to that day (deletions, merges) while it is read."
        )

    def _read_windows(self) -> None:
        waiting = deque(_Reading(window) for window in self._progress.windows if not window.done)
        with (
            ThreadPoolExecutor(QUERIES_AT_ONCE, thread_name_prefix="posthog-ask") as asking,
            ThreadPoolExecutor(WRITERS, thread_name_prefix="posthog-write") as writing,
        ):
            traffic = _Traffic(asking, writing, waiting)
            try:
                self._keep_moving(traffic)
            except UserIntelError:
                # What was answered meanwhile need not be asked again by the next extraction.
                self._bring_in(traffic)
                raise

    def _keep_moving(self, traffic: _Traffic) -> None:
        while traffic.under_way:
            while traffic.has_room:
                reading = traffic.waiting.popleft()
                traffic.asked[traffic.asking.submit(self._ask, msgspec.structs.replace(reading.ahead))] = reading
            for answered in traffic.next_answers():
                self._settle(traffic, answered)
            self._note(traffic, only_finished=True)

    def _bring_in(self, traffic: _Traffic) -> None:
        wait(traffic.asked)
        for answered in [future for future in traffic.asked if future.exception() is None]:
            self._settle(traffic, answered)
        self._note(traffic)

    def _ask(self, window: Window) -> _Answer:
        page_rows = self._size.rows
        return _Answer(self._posthog.events_page(window.stretch, window.after, page_rows, self._names), page_rows)

    def _settle(self, traffic: _Traffic, answered: Future[_Answer]) -> None:
        """Hands an answer to a writer, and its window back to those that wait unless it is at its end."""
        reading = traffic.asked.pop(answered)
        try:
            answer = answered.result()
        except TooHeavyError as fault:
            self._note(traffic)
            traffic.waiting.extendleft(reversed(self._lighter(reading.window, fault)))
            return
        reading.ahead.advance(len(answer.rows), answer.page_rows, answer.last)
        self._size.learn(len(answer.rows), answer.weight)
        number = self._pages.next_number()
        page = traffic.writing.submit(self._pages.write_fetched, number, answer.rows, answer.weight)
        traffic.written.append((page, reading.window, msgspec.structs.replace(reading.ahead)))
        if not reading.ahead.done:
            traffic.waiting.appendleft(reading)

    def _note(self, traffic: _Traffic, *, only_finished: bool = False) -> None:
        """Notes written pages in the order they were asked for: all of them, or those up to the first unfinished."""
        while traffic.written and (traffic.written[0][0].done() or not only_finished):
            page, window, reached = traffic.written.popleft()
            noted = page.result()
            window.reach(reached)
            self._pages.note(noted)
            self._on_progress(self._progress.fetched, self._progress.planned)

    def _lighter(self, window: Window, fault: TooHeavyError) -> list[_Reading]:
        """What to read instead of the rest of a window that was too much at once, all its pages being noted."""
        halves = window.halves()
        if halves is not None:
            _LOG.warning("%s Asking for half of the %s from %s.", fault, window.end - window.start, window.start)
            place = self._progress.windows.index(window)
            self._progress.windows[place : place + 1] = halves
            self._pages.save()
            return [_Reading(half) for half in halves]
        if self._size.halve():
            _LOG.warning("%s Asking for %d rows at a time.", fault, self._size.rows)
            return [_Reading(window)]
        raise SourceError(
            f"PostHog cannot give even {self._size.rows} events of {window.start} UTC at once: {fault} "
            "A batch export can: set POSTHOG_FILE_DOWNLOADS=true, or import its files."
        )


@dataclass
class _Reading:
    """A window as noted, and as far ahead as it was asked for."""

    window: Window
    ahead: Window = field(init=False)

    def __post_init__(self) -> None:
        self.ahead = msgspec.structs.replace(self.window)


@dataclass(frozen=True)
class _Answer:
    """The rows of one answer, and how many were asked for."""

    rows: list[EventRow]
    page_rows: int

    @property
    def last(self) -> tuple[datetime, str] | None:
        """Timestamp and uuid of the last row."""
        return (parsed(self.rows[-1][4]), self.rows[-1][0]) if self.rows else None

    @property
    def weight(self) -> int:
        """About how many bytes the rows are."""
        return sum(len(row[6] or "") + len(row[7] or "") + ROW_BYTES for row in self.rows)


@dataclass
class _Traffic:
    """What is under way: windows that wait, questions asked, and pages being written, each with its window's state."""

    asking: ThreadPoolExecutor
    writing: ThreadPoolExecutor
    waiting: deque[_Reading]
    asked: dict[Future[_Answer], _Reading] = field(default_factory=dict)
    written: deque[tuple[Future[Page], Window, Window]] = field(default_factory=deque)

    @property
    def under_way(self) -> bool:
        """Whether anything is still to be done."""
        return bool(self.waiting or self.asked or self.written)

    @property
    def has_room(self) -> bool:
        """Whether one more question may be asked: answers that nobody can write yet would fill the memory."""
        return bool(self.waiting) and len(self.asked) < QUERIES_AT_ONCE and len(self.written) < MOST_UNWRITTEN

    def next_answers(self) -> list[Future[_Answer]]:
        """Waits until something happened; the questions that were answered since."""
        pending: list[Future[Any]] = [*self.asked, *(page for page, _, _ in self.written)]
        finished, _ = wait(pending, return_when=FIRST_COMPLETED)
        return [future for future in self.asked if future in finished]


def _utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
