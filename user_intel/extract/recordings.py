"""A day's list of session recordings out of PostHog into the lake: metadata only, never what is seen in them.

The list comes from `session_replay_events` by query, read by key: one question gives as many recordings as hundreds of
calls to PostHog's own list would. A recording becomes private as an event does: it goes through the same normaliser,
as if its first page were an event.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

import duckdb

from user_intel import files
from user_intel.days import day_bounds
from user_intel.extract.normalise import Normaliser
from user_intel.extract.posthog_api import PostHog, RecordingRow, parsed
from user_intel.lake import Lake
from user_intel.product import Product

Connection = duckdb.DuckDBPyConnection

_LOG = logging.getLogger(__name__)

PAGE_ROWS: Final = 10_000
# The order of a row of sql/extract/posthog/recordings_page.sql.
_COLUMNS: Final = (
    "session_id", "identity", "started_at", "ended_at", "active_ms", "clicks", "keypresses", "console_errors",
    "first_url",
)  # fmt: skip


def extract_recordings(posthog: PostHog, lake: Lake, product: Product, normaliser: Normaliser, day: date) -> int:
    """Replaces the recordings that started on `day` by those PostHog holds now, and returns their number.

    Raises DayBusy when another process is at it, SourceError or BudgetError when PostHog fails; the old day then stays.
    """
    with lake.writing("recordings", day), lake.connect() as connection:
        lake.read(connection, "recordings", []).create("recordings_of_day")
        for page in recordings(posthog, *day_bounds(day, product.zone)):
            _gather(connection, normaliser, page)
        rows = lake.write_day("recordings", day, connection.table("recordings_of_day"))
    _LOG.info("extracted %d recordings of %s", rows, day)
    return rows


def recordings(posthog: PostHog, start: datetime, end: datetime) -> Iterator[list[RecordingRow]]:
    """Pages of the recordings that started in `[start, end)` (naive UTC), in order, as PostHog has them."""
    after = ""
    # An answer may be cut shorter than asked without a word: only an empty one is the end.
    while page := posthog.recordings_page(start, end, after, PAGE_ROWS):
        yield page
        start, after = parsed(page[-1][2]), page[-1][0]


def _gather(connection: Connection, normaliser: Normaliser, page: Sequence[RecordingRow]) -> None:
    """Adds a page to the table `recordings_of_day`."""
    connection.register("fetched_recordings", _columns(page))
    raw = connection.sql(files.sql("extract/recordings_raw"))
    normaliser.events(connection, raw, "posthog").create_view("first_pages", replace=True)
    connection.sql(files.sql("extract/recordings")).create_view("recordings_of_page", replace=True)
    connection.execute(files.sql("extract/recordings_gather"))


def _columns(page: Sequence[RecordingRow]) -> dict[str, object]:
    import numpy as np

    columns: dict[str, object] = {}
    for position, name in enumerate(_COLUMNS):
        column = np.empty(len(page), dtype=object)
        column[:] = [None if row[position] is None else str(row[position]) for row in page]
        columns[name] = column
    return columns
