"""A day of events out of PostHog into the lake, complete or not at all.

The day is cut into windows (`windows.py`), read by key with two questions in flight (`posthog_api.py`), written page
by page (`pages.py`), compared with what PostHog counts, and only then put in the place of the old day. Killed, it goes
on at the page it had reached. Memory holds three pages whatever the day's size.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec

from user_intel.days import day_bounds
from user_intel.errors import CountMismatch, SourceError
from user_intel.extract import landing
from user_intel.extract.normalise import Normaliser
from user_intel.extract.pages import DayPages, Progress, fingerprint, landing_folder
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
from user_intel.lake import Lake
from user_intel.product import Product

__all__ = ["DayDifference", "Extraction", "PostHog", "differing_days", "extract_day"]

_LOG = logging.getLogger(__name__)

# Told after every page: rows read so far, and rows counted (None where nobody counted).
OnProgress = Callable[[int, int | None], None]

# What DuckDB may use while pages are fetched and while they are landed; the pages themselves need as much again.
MEMORY: Final = "300MB"
REPLACED_SOURCES: Final = frozenset({"posthog", "batch_export"})


@dataclass(frozen=True)
class Extraction:
    """What one extraction of a day did. `fetched` = `unique` + `duplicates`; `rejected` are among them."""

    day: date
    fetched: int
    unique: int
    rejected: int
    duplicates: int
    landed: int
    pages: int
    windows: int
    seconds: float
    bytes: int


@dataclass(frozen=True)
class DayDifference:
    """A day of which PostHog now counts other events than were extracted."""

    day: date
    source_rows: int
    lake_rows: int

    @property
    def summary(self) -> str:
        """The difference in words."""
        return f"{self.source_rows:,} events in PostHog, {self.lake_rows:,} extracted"


class Receipt(msgspec.Struct):
    """What was left out when a day was landed: rejected events and those of forgotten people."""

    left_out: int


def extract_day(
    posthog: PostHog,
    lake: Lake,
    product: Product,
    normaliser: Normaliser,
    day: date,
    *,
    on_progress: OnProgress | None = None,
) -> Extraction:
    """Replaces the events of `day` that came from PostHog (through its API or its exports) by what it holds now.

    Raises CountMismatch when what was read is not what PostHog counts (the old day is untouched, the pages are
    dropped), DayBusy when another extraction of the day is running, SourceError or BudgetError when PostHog fails;
    after those a rerun goes on where this one stopped.
    """
    started = time.monotonic()
    # Landing sorts a whole day; it spills instead of growing.
    slim = replace(lake, memory_limit=MEMORY)
    with lake.writing("events-extraction", day), slim.connect() as connection:
        pages = DayPages(landing_folder(lake.home, day), connection, normaliser, "posthog")
        reader = _DayReader(posthog, product, pages, day, on_progress)
        held = reader.read()
        landed = landing.land_day(slim, day, pages.paths(), REPLACED_SOURCES)
        rejected = sum(page.rejected for page in pages.progress.pages)
        pages.keep_rejected(lake.home / "rejected" / "posthog" / day.isoformat())
        _write_receipt(lake.home, day, Receipt(held.unique - _lake_rows(slim, day)))
        pages.drop()
    return _told(day, pages.progress, held, rejected, landed.rows, time.monotonic() - started)


def differing_days(posthog: PostHog, lake: Lake, product: Product, days: Sequence[date]) -> list[DayDifference]:
    """Those of `days` of which PostHog now counts more or fewer events than were extracted: late data shows here."""
    found = [_difference(posthog, lake, product, day) for day in days]
    return [difference for difference in found if difference.source_rows != difference.lake_rows]


def _difference(posthog: PostHog, lake: Lake, product: Product, day: date) -> DayDifference:
    start, end = day_bounds(day, product.zone)
    counts = posthog.counts(start, end, _utc_now())
    return DayDifference(day, counts.unique, _lake_rows(lake, day) + _read_receipt(lake.home, day).left_out)


def _lake_rows(lake: Lake, day: date) -> int:
    with lake.connect() as connection:
        rows = lake.read(connection, "events", [day]).filter("source in ('posthog', 'batch_export')")
        return int(rows.aggregate("count(*)").fetchall()[0][0])


class _DayReader:
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
            self._plan_repair()
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
        minutes = self._posthog.minute_counts(self._stretch)
        self._progress.windows = plan(self._stretch, minutes)
        self._progress.planned = sum(counts.rows for counts in minutes.values())
        self._pages.save()

    def _plan_repair(self) -> None:
        """More arrived in the lake of PostHog while it was read: the minutes concerned are read again."""
        minutes = self._posthog.minute_counts(self._stretch)
        again = differing(self._stretch, minutes, self._pages.held_by_minute())
        _LOG.warning("%s: reading %d stretches again that hold more than was read", self._day, len(again))
        self._progress.windows += again
        self._progress.repaired = True
        self._pages.save()

    def _counted(self) -> Counts:
        return self._posthog.counts(*self._bounds, self._progress.as_of)

    def _refuse_mismatch(self, held: Counts, counted: Counts) -> None:
        # Copies of an event vanish when ClickHouse merges its parts: rows may lie between the count before and after.
        bounds = sorted((counted.rows, counted.rows if self._progress.planned is None else self._progress.planned))
        rows_fit = self._progress.repaired or bounds[0] <= held.rows <= bounds[1]
        if held.unique == counted.unique and rows_fit:
            return
        self._pages.drop()
        raise CountMismatch(
            f"PostHog counts {counted.unique:,} different events in {counted.rows:,} rows on {self._day}, but gave "
            f"{held.unique:,} in {held.rows:,}. The lake's day is untouched; rerun, and if it stays so, ask for fewer "
            "changes to that day (deletions, merges) while it is read."
        )

    def _read_windows(self) -> None:
        waiting = deque(window for window in self._progress.windows if not window.done)
        flying: dict[Future[_Fetched], Window] = {}
        with ThreadPoolExecutor(QUERIES_AT_ONCE, thread_name_prefix="posthog") as pool:
            while waiting or flying:
                while waiting and len(flying) < QUERIES_AT_ONCE:
                    window = waiting.popleft()
                    flying[pool.submit(self._fetch, msgspec.structs.replace(window))] = window
                finished, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in finished:
                    waiting.extendleft(self._settle(flying.pop(future), future))

    def _settle(self, window: Window, future: Future[_Fetched]) -> list[Window]:
        """Writes what came of a window; the windows that are now to be read, last first."""
        try:
            fetched = future.result()
        except TooHeavyError as fault:
            return self._lighter(window, fault)
        window.advance(len(fetched.rows), fetched.asked, fetched.last)
        if fetched.rows:
            self._size.learn(len(fetched.rows), fetched.weight)
            self._pages.add_fetched(fetched.rows, fetched.weight)
        self._pages.save()
        self._on_progress(self._progress.fetched, self._progress.planned)
        return [] if window.done else [window]

    def _lighter(self, window: Window, fault: TooHeavyError) -> list[Window]:
        halves = window.halves()
        if halves is not None:
            _LOG.warning("%s Asking for half of the %s from %s.", fault, window.end - window.start, window.start)
            position = self._progress.windows.index(window)
            self._progress.windows[position : position + 1] = halves
            self._pages.save()
            return halves[::-1]
        if self._size.halve():
            _LOG.warning("%s Asking for %d rows at a time.", fault, self._size.rows)
            return [window]
        raise SourceError(
            f"PostHog cannot give even {self._size.rows} events of {window.start} UTC at once: {fault} "
            "A batch export (POSTHOG_FILE_DOWNLOADS=true, or `user-intel import` of its files) can."
        )

    def _fetch(self, window: Window) -> _Fetched:
        asked = self._size.rows
        rows = self._posthog.events_page(window.stretch, window.after, asked, self._names)
        return _Fetched(rows, asked)


@dataclass(frozen=True)
class _Fetched:
    """One answer: its rows, and how many were asked for."""

    rows: list[EventRow]
    asked: int

    @property
    def last(self) -> tuple[datetime, str] | None:
        """Timestamp and uuid of the last row."""
        return (parsed(self.rows[-1][4]), self.rows[-1][0]) if self.rows else None

    @property
    def weight(self) -> int:
        """About how many bytes the rows are."""
        return sum(len(row[6] or "") + len(row[7] or "") + 250 for row in self.rows)


def _told(day: date, progress: Progress, held: Counts, rejected: int, landed: int, seconds: float) -> Extraction:
    extraction = Extraction(
        day=day,
        fetched=held.rows,
        unique=held.unique,
        rejected=rejected,
        duplicates=held.rows - held.unique,
        landed=landed,
        pages=len(progress.pages),
        windows=len(progress.windows),
        seconds=round(seconds, 3),
        bytes=sum(page.weight for page in progress.pages),
    )
    _LOG.info("extracted %s: %d events in %d pages, %.1f s", day, held.unique, extraction.pages, seconds)
    return extraction


def _receipt_path(home: Path, day: date) -> Path:
    return home / "receipts" / "posthog" / f"{day.isoformat()}.json"


def _write_receipt(home: Path, day: date, receipt: Receipt) -> None:
    path = _receipt_path(home, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    beside.write_bytes(msgspec.json.encode(receipt))
    beside.replace(path)


def _read_receipt(home: Path, day: date) -> Receipt:
    try:
        return msgspec.json.decode(_receipt_path(home, day).read_bytes(), type=Receipt)
    except FileNotFoundError:
        return Receipt(0)


def _utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
