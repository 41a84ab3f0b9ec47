"""Where a day of events comes from: PostHog when it is configured, else the files that were imported.

A source extracts a day into the lake and can say how many events it holds, so that late ones are noticed.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Protocol

from user_intel import privacy
from user_intel.errors import SourceError
from user_intel.extract import checks, landing
from user_intel.extract.normalise import Normaliser
from user_intel.extract.posthog import DayDifference, Extraction, PostHog, differing_days, extract_day
from user_intel.extract.recordings import extract_recordings
from user_intel.lake import Lake, open_lake
from user_intel.product import Product, load_product
from user_intel.settings import Settings, settings

_LOG = logging.getLogger(__name__)


class Source(Protocol):
    """What the orchestrator asks of any source."""

    def extract_events(self, day: date) -> Extraction:
        """Replaces the day's events of this source in the lake; other sources' events stay."""

    def extract_recordings(self, day: date) -> int:
        """Replaces the day's list of recordings and returns their number."""

    def differing_days(self, days: Sequence[date]) -> list[DayDifference]:
        """Those of `days` for which the source now counts other events than the lake holds."""


def open_source() -> Source:
    """The source of this process's settings."""
    chosen = settings()
    lake, product = open_lake(), load_product(chosen.home)
    return PostHogSource(chosen, lake, product) if chosen.uses_posthog else ImportedFiles(lake)


def open_normaliser(chosen: Settings, product: Product) -> Normaliser:
    """How raw events of this deployment become rows of `events`: its product, its salt, the people it forgot."""
    return Normaliser(product, privacy.load_salt(chosen), privacy.forgotten_users(chosen.home))


@dataclass(frozen=True)
class PostHogSource:
    """A PostHog project, asked anew for each day."""

    settings: Settings
    lake: Lake
    product: Product

    def extract_events(self, day: date) -> Extraction:
        """Replaces the day by what PostHog holds now, verified against its counts."""
        with self._posthog() as posthog:
            share = self.settings.max_rejected_share
            return extract_day(posthog, self.lake, self.product, self._normaliser, day, max_rejected_share=share)

    def extract_recordings(self, day: date) -> int:
        """Replaces the day's list of recordings and returns their number."""
        with self._posthog() as posthog:
            return extract_recordings(posthog, self.lake, self.product, self._normaliser, day)

    def differing_days(self, days: Sequence[date]) -> list[DayDifference]:
        """Those of `days` of which PostHog now counts other events than were extracted."""
        with self._posthog() as posthog:
            return differing_days(posthog, self.lake, self.product, days)

    @contextmanager
    def _posthog(self) -> Iterator[PostHog]:
        with PostHog.from_settings(self.settings) as posthog:
            yield posthog

    @cached_property
    def _normaliser(self) -> Normaliser:
        return open_normaliser(self.settings, self.product)


@dataclass(frozen=True)
class ImportedFiles:
    """Files imported into the lake: a day's rows are there already, and a day without rows is an empty one."""

    lake: Lake

    def extract_events(self, day: date) -> Extraction:
        """Keeps the day's imported rows. Raises SourceError when nothing was ever imported."""
        started = time.monotonic()
        if not self.lake.days("events"):
            raise SourceError(
                "There are no events to work on: set POSTHOG_HOST, POSTHOG_PROJECT_ID and POSTHOG_API_KEY, or import "
                "files with `user-intel import`. `user-intel demo` shows the whole without either."
            )
        rows = checks.event_rows(self.lake, [day]).get(day)
        if rows is None:
            rows = landing.land_day(self.lake, day, [], ()).rows
        else:
            extra = {"table": "events", "day": day, "rows": rows}
            _LOG.info("kept the imported events of %s: %d rows", day, rows, extra=extra)
        return Extraction(day, rows, rows, 0, 0, rows, 0, 0, round(time.monotonic() - started, 3), 0)

    def extract_recordings(self, day: date) -> int:
        """Files bring no recordings: the day keeps the list it has, or gets an empty one."""
        with self.lake.connect() as connection:
            held = self.lake.read(connection, "recordings", [day])
            return self.lake.write_day("recordings", day, held)

    def differing_days(self, days: Sequence[date]) -> list[DayDifference]:
        """None: a file holds what was imported."""
        return []
