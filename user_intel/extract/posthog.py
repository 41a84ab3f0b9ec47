"""A day of events out of PostHog into the lake, complete or not at all.

The day is cut into windows (`windows.py`), read by key with two questions in flight (`reading.py`), written page by
page (`pages.py`), compared with what PostHog counts, and only then put in the place of the old day. Killed, it goes on
at the page it had reached. Memory holds a few pages whatever the day's size.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec

from user_intel.days import day_bounds
from user_intel.errors import BudgetError
from user_intel.extract import landing
from user_intel.extract.normalise import Normaliser
from user_intel.extract.pages import DayPages, Progress, landing_folder
from user_intel.extract.posthog_api import Counts, PostHog
from user_intel.extract.reading import WRITERS, DayReader, OnProgress
from user_intel.lake import Lake
from user_intel.product import Product

__all__ = ["DayDifference", "Extraction", "PostHog", "differing_days", "extract_day"]

_LOG = logging.getLogger(__name__)

# What DuckDB may use while pages are fetched and while they are landed; the pages themselves need as much again.
PAGE_MEMORY: Final = "130MB"
LANDING_MEMORY: Final = "450MB"
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
    max_rejected_share: float = 0.01,
    on_progress: OnProgress | None = None,
) -> Extraction:
    """Replaces the events of `day` that came from PostHog (through its API or its exports) by what it holds now.

    Raises CountMismatch when what was read is not what PostHog counts (the old day is untouched, the pages are
    dropped), BudgetError when more than `max_rejected_share` of the rows are bad, DayBusy when another extraction of
    the day is running, SourceError or BudgetError when PostHog fails, LakeError when the disk is full; after these
    the old day is untouched too, and a rerun goes on where this one stopped.
    """
    started = time.monotonic()
    # Landing sorts a whole day; it spills instead of growing. Two threads at it want twice the memory (seen: 1 M
    # events fail with 2 threads in 450 MB, 5 M pass with 1).
    slim = replace(lake, memory_limit=LANDING_MEMORY, threads=1)
    with lake.writing("events-extraction", day):
        with _pages(lake, normaliser, day) as pages:
            held = DayReader(posthog, product, pages, day, on_progress).read()
        rejected = sum(page.rejected for page in pages.progress.pages)
        pages.keep_rejected(rejected_folder(lake.home, day))
        _refuse_too_many(day, rejected, held.rows, max_rejected_share, rejected_folder(lake.home, day))
        landed = landing.land_day(slim, day, pages.paths(), REPLACED_SOURCES)
        _write_receipt(lake.home, day, Receipt(held.unique - _lake_rows(slim, day)))
        pages.drop()
    return _told(day, pages.progress, held, rejected, landed.rows, time.monotonic() - started)


def rejected_folder(home: Path, day: date) -> Path:
    """Where the rejected rows of a day are kept, replaced by each extraction of it."""
    return home / "rejected" / "posthog" / day.isoformat()


def differing_days(posthog: PostHog, lake: Lake, product: Product, days: Sequence[date]) -> list[DayDifference]:
    """Those of `days` of which PostHog now counts more or fewer events than were extracted: late data shows here."""
    found = [_difference(posthog, lake, product, day) for day in days]
    return [difference for difference in found if difference.source_rows != difference.lake_rows]


def _refuse_too_many(day: date, rejected: int, rows: int, max_share: float, folder: Path) -> None:
    if rejected > max_share * rows:
        raise BudgetError(
            f"{rejected:,} of the {rows:,} rows of {day} are bad, more than the share of {max_share:.2%} allowed; the "
            f"lake's day is untouched. They are in {folder} with their reasons. Mend the clocks that stamp them, or "
            "raise USER_INTEL_MAX_REJECTED_SHARE."
        )


@contextmanager
def _pages(lake: Lake, normaliser: Normaliser, day: date) -> Iterator[DayPages]:
    """The pages of a day, with a small engine for each thread that writes one."""
    small = replace(lake, memory_limit=PAGE_MEMORY)
    with ExitStack() as stack:
        engines = [stack.enter_context(small.connect()) for _ in range(WRITERS)]
        yield DayPages(landing_folder(lake.home, day), engines, normaliser)


def _difference(posthog: PostHog, lake: Lake, product: Product, day: date) -> DayDifference:
    start, end = day_bounds(day, product.zone)
    counts = posthog.counts(start, end, _utc_now())
    return DayDifference(day, counts.unique, _lake_rows(lake, day) + _read_receipt(lake.home, day).left_out)


def _lake_rows(lake: Lake, day: date) -> int:
    with lake.connect() as connection:
        rows = lake.read(connection, "events", [day]).filter("source in ('posthog', 'batch_export')")
        return int(rows.aggregate("count(*)").fetchall()[0][0])


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
