"""The pages of a day under extraction: a private folder that a killed extraction finds again.

`<home>/landing/posthog/day=D/` holds for each page its normalised rows (`page-N.parquet`) and the ids that were in it
(`ids-N.parquet`), beside `progress.json`, which is replaced by rename after every page: what it does not name was not
read. Nothing here asks PostHog, and nothing raw touches the disk.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import duckdb
import msgspec

from user_intel import files
from user_intel.errors import LakeError
from user_intel.extract import batch_export
from user_intel.extract.normalise import Normaliser
from user_intel.extract.posthog_api import Counts, EventRow, Stretch
from user_intel.extract.windows import Window

Connection = duckdb.DuckDBPyConnection
Relation = duckdb.DuckDBPyRelation

_LOG = logging.getLogger(__name__)

# The order of a row of sql/extract/posthog/events_page.sql, by the names of raw events.
RAW_COLUMNS: Final = (
    "event_id", "event", "identity", "session_id", "at", "ingested_at", "properties", "elements_chain", "person",
)  # fmt: skip

# After this the pages of a killed extraction are read again: too much may have arrived since.
KEPT_FOR: Final = timedelta(hours=12)


class Page(msgspec.Struct):
    """One page that was read and written: its number, the rows it had, and those of them that were rejected."""

    number: int
    rows: int
    rejected: int
    weight: int


class Progress(msgspec.Struct):
    """How far a day was read. `as_of` bounds the time of ingestion, so that later arrivals change nothing."""

    fingerprint: str
    as_of: datetime
    windows: list[Window] = msgspec.field(default_factory=list)
    pages: list[Page] = msgspec.field(default_factory=list)
    # Rows PostHog counted when the windows were planned; None until then.
    planned: int | None = None
    repaired: bool = False

    @property
    def fetched(self) -> int:
        """Rows read so far, duplicates and rejected ones included."""
        return sum(page.rows for page in self.pages)


@dataclass
class DayPages:
    """The pages of one day. Those of `connections` that are not writing a page wait in a queue for the next.

    `write` may be called by as many threads as there are connections; everything else belongs to one thread.
    """

    folder: Path
    connections: Sequence[Connection]
    normaliser: Normaliser
    progress: Progress = field(init=False)
    _idle: SimpleQueue[Connection] = field(default_factory=SimpleQueue, init=False, repr=False)
    _numbers: Iterator[int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for connection in self.connections:
            self._idle.put(connection)

    def resume(self, fingerprint: str, as_of: datetime) -> bool:
        """Finds the progress of an earlier extraction of the same kind, else begins anew; whether it found some.

        `fingerprint` tells what the stored rows depend on: pages made under another are dropped, and old ones too.
        """
        found = self._stored_progress()
        self._numbers = count(found.pages[-1].number + 1 if found and found.pages else 1)
        if found is not None and found.fingerprint == fingerprint and found.as_of > as_of - KEPT_FOR:
            self.progress = found
            self._drop_unfinished()
            return True
        self.drop()
        self.folder.mkdir(parents=True, mode=0o700)
        self.progress = Progress(fingerprint, as_of)
        return False

    def save(self) -> None:
        """Makes the progress durable, all or nothing."""
        beside = self._progress_path.with_suffix(".tmp")
        with self._room_on_disk():
            with beside.open("wb") as handle:
                handle.write(msgspec.json.encode(self.progress))
                handle.flush()
                os.fsync(handle.fileno())
            beside.replace(self._progress_path)

    def drop(self) -> None:
        """Removes the folder with everything in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def write_fetched(self, number: int, rows: Sequence[EventRow], weight: int) -> Page:
        """Writes one answer of PostHog as page `number`; it counts once it is noted."""
        with self._connection() as connection, self._room_on_disk():
            connection.register("fetched_page", _columns(rows))
            connection.execute(files.sql("extract/posthog_page"))
            connection.unregister("fetched_page")
            return self._write_page_rows(connection, number, weight, "posthog")

    def write_exported(self, number: int, part: Path, rows: tuple[int, int], stretch: Stretch) -> Page:
        """Writes what the rows `first` to `last` of a batch export's file hold of `stretch` as page `number`."""
        with self._connection() as connection, self._room_on_disk():
            batch_export.view_export(connection, part, self.normaliser.product)
            batch_export.take_slice(connection, *rows, stretch.start, stretch.end, stretch.received_to)
            return self._write_page_rows(connection, number, 0, batch_export.SOURCE)

    def slices(self, part: Path) -> list[tuple[int, int]]:
        """First and last row of each page that a batch export's file makes."""
        with self._connection() as connection:
            return list(batch_export.slices(connection, part))

    def next_number(self) -> int:
        """A number no page has had."""
        return next(self._numbers)

    def note(self, page: Page) -> None:
        """Makes a written page count, with whatever else changed in the progress."""
        self.progress.pages.append(page)
        self.save()

    def paths(self) -> list[Path]:
        """The files of normalised rows, in the order they were read; one without rows when nothing was read."""
        if not self.progress.pages:
            self.note(self.write_fetched(self.next_number(), [], 0))
        return [self._path("page", page.number) for page in self.progress.pages]

    def held(self) -> Counts:
        """Rows read so far, and different events among them."""
        self.paths()
        with self._connection() as connection:
            self._view_ids(connection)
            rows, unique = connection.execute(files.sql("extract/held_ids")).fetchall()[0]
        return Counts(rows, unique)

    def held_by_minute(self) -> Mapping[datetime, int]:
        """Different events read so far, by the minute they happened in."""
        self.paths()
        with self._connection() as connection:
            self._view_ids(connection)
            return dict(connection.execute(files.sql("extract/held_ids_by_minute")).fetchall())

    def keep_rejected(self, folder: Path) -> None:
        """Copies the rejected rows to `folder`, in place of those that an earlier extraction left there."""
        shutil.rmtree(folder, ignore_errors=True)
        for page in self.progress.pages:
            if page.rejected:
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                shutil.copy(self._path("rejected", page.number), folder / f"rejected-{page.number:05}.parquet")

    def _write_page_rows(self, connection: Connection, number: int, weight: int, source: str) -> Page:
        """Writes the raw events of the temporary table `page_rows` as page `number`."""
        on_time = connection.sql(files.sql("extract/page_on_time"))
        _write(self.normaliser.events(connection, on_time, source), self._path("page", number))
        _write(connection.sql(files.sql("extract/page_ids")), self._path("ids", number))
        rows = _count(connection.table("page_rows"))
        return Page(number, rows, self._write_rejected(connection, number, source), weight)

    def _write_rejected(self, connection: Connection, number: int, source: str) -> int:
        ahead = connection.sql(files.sql("extract/page_ahead_of_time"))
        if not (rejected := _count(ahead)):
            return 0
        self.normaliser.events(connection, ahead, source).create_view("rejected_events", replace=True)
        _write(connection.sql(files.sql("extract/page_rejected")), self._path("rejected", number))
        return rejected

    @contextmanager
    def _room_on_disk(self) -> Iterator[None]:
        try:
            yield
        except (OSError, duckdb.IOException) as error:
            raise LakeError(
                f"Could not write pages under {self.folder}: {error}. Nothing read so far is lost; free disk space or "
                "mend the folder's permissions, then rerun."
            ) from error

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        connection = self._idle.get()
        try:
            yield connection
        finally:
            self._idle.put(connection)

    def _view_ids(self, connection: Connection) -> None:
        ids = [str(self._path("ids", page.number)) for page in self.progress.pages]
        connection.read_parquet(ids).create_view("page_ids", replace=True)

    def _stored_progress(self) -> Progress | None:
        try:
            return msgspec.json.decode(self._progress_path.read_bytes(), type=Progress)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            _LOG.warning("the progress noted in %s is of another version or damaged; beginning anew", self.folder)
            return None

    def _drop_unfinished(self) -> None:
        noted = {page.number for page in self.progress.pages}
        for path in self.folder.glob("*-*.parquet*"):
            if int(path.name.split("-")[1].split(".")[0]) not in noted:
                path.unlink()

    @property
    def _progress_path(self) -> Path:
        return self.folder / "progress.json"

    def _path(self, kind: str, number: int) -> Path:
        return self.folder / f"{kind}-{number:05}.parquet"


def landing_folder(home: Path, day: date) -> Path:
    """Where the pages of a day wait until all are there."""
    return home / "landing" / "posthog" / f"day={day.isoformat()}"


def fingerprint(normaliser: Normaliser, *parts: str) -> str:
    """A digest of all that stored rows depend on besides the events: product, salt, the forgotten, and `parts`."""
    said = [normaliser.product.model_dump_json(), sorted(normaliser.forgotten), parts]
    return hashlib.blake2b(msgspec.json.encode(said), key=normaliser.salt[:64], digest_size=16).hexdigest()


def _columns(rows: Sequence[EventRow]) -> dict[str, object]:
    """Rows as columns DuckDB can read in place: arrays of objects need neither pandas nor pyarrow."""
    import numpy as np

    columns: dict[str, object] = {}
    for position, name in enumerate(RAW_COLUMNS):
        column = np.empty(len(rows), dtype=object)
        column[:] = [row[position] for row in rows]
        columns[name] = column
    return columns


def _write(rows: Relation, path: Path) -> None:
    rows.write_parquet(str(path), compression="zstd")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _count(rows: Relation) -> int:
    return int(rows.aggregate("count(*)").fetchall()[0][0])
