"""PostHog batch exports as a source of events: Parquet files, from a folder or downloaded for one day.

An export holds what was *ingested* in its interval, in any order and possibly twice, so the files of a day cannot be
told by their names: every file is read whole, and its events are parted by the day they happened on. What a file
brings is added to the lake; replacing a day by what PostHog holds is `posthog.py`, which may use `download` here.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb
import msgspec

from user_intel import files, privacy
from user_intel.errors import BudgetError, InputError, SourceError
from user_intel.extract.csv import Imported
from user_intel.extract.landing import land_day
from user_intel.extract.normalise import Normaliser
from user_intel.extract.posthog_api import PostHog
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import Product

SOURCE: Final = "batch_export"
_LOG = logging.getLogger(__name__)

MEMORY: Final = "600MB"
REQUIRED: Final = ("uuid", "event", "timestamp")
OPTIONAL: Final = ("distinct_id", "person_id", "properties", "person_properties", "elements_chain", "created_at")

# PostHog's own limit of an interval, and of the size of a part: parts are held in memory, never on disk.
LONGEST: Final = timedelta(days=7)
PART_MB: Final = 32
POLL_S: Final = 5.0
MOST_POLLS: Final = 720
SLICE_ROWS: Final = 20_000
# PostHog refuses an interval that ends in its future, and its clock is not this one.
CLOCK_SKEW: Final = timedelta(minutes=1)


class _Started(msgspec.Struct):
    id: str


class _Status(msgspec.Struct):
    status: str
    files: list[str] = msgspec.field(default_factory=list)
    error: str | None = None


_STARTED = msgspec.json.Decoder(_Started)
_STATUS = msgspec.json.Decoder(_Status)
_UNDER_WAY = frozenset({"Starting", "Running"})


def import_exports(
    paths: Sequence[Path], lake: Lake, product: Product, normaliser: Normaliser, *, max_rejected_share: float = 0.01
) -> Imported:
    """Adds the events of batch-export files (or of every Parquet file in folders) that the lake has not yet.

    Raises InputError naming the file that is none of a batch export, BudgetError when more than `max_rejected_share`
    of the rows are bad; the lake is then untouched. Rejected rows are in `<home>/rejected/batch_export/`.
    """
    found = [file for path in paths for file in _files(path)]
    slim = replace(lake, memory_limit=MEMORY)
    scratch = lake.scratch_folder("export-")
    try:
        for file in found:
            _refuse_other_files(slim, file)
        staged = [_stage(file, scratch / str(place), slim, product, normaliser) for place, file in enumerate(found)]
        rows, rejected = (sum(counts) for counts in zip(*staged, strict=True)) if staged else (0, 0)
        _refuse_too_many(rows, rejected, max_rejected_share, rejected_folder(lake))
        added = _land(slim, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Imported(
        rows=rows,
        added=sum(added.values()),
        duplicates=rows - sum(added.values()),
        rejected=rejected,
        days=tuple(sorted(added)),
        rejected_path=rejected_folder(lake) if rejected else None,
    )


def rejected_folder(lake: Lake) -> Path:
    """Where the rejected rows of exports are kept, one Parquet file for each file imported."""
    return lake.home / "rejected" / SOURCE


@contextmanager
def downloaded(posthog: PostHog, start: datetime, as_of: datetime) -> Iterator[Iterator[Path]]:
    """The parts of an export of what was ingested from `start` to `as_of` (7 days at most), one at a time.

    Each part is in memory, under a path that is good until the next is asked for. Raises SourceError when PostHog,
    its plan or the key does not allow it, or the export fails.
    """
    end = min(as_of - CLOCK_SKEW, start + LONGEST)
    if end <= start:
        raise SourceError(f"Nothing was ingested yet between {start} and {end} UTC that an export could hold.")
    export = _completed(posthog, start, end)
    memory = os.memfd_create("batch-export")
    try:
        yield _parts(posthog, export, Path(f"/proc/{os.getpid()}/fd/{memory}"))
    finally:
        os.close(memory)


def slices(connection: Connection, path: Path) -> Iterator[tuple[int, int]]:
    """First and last row number of each slice of a file, counted from 0."""
    rows = int(connection.read_parquet(str(path)).aggregate("count(*)").fetchall()[0][0])
    for first in range(0, rows, SLICE_ROWS):
        yield first, min(first + SLICE_ROWS, rows) - 1


def view_export(connection: Connection, path: Path, product: Product) -> None:
    """Makes the view `export_rows`: the raw events of a file. Raises InputError when it is none of a batch export."""
    found = _opened(connection, path)
    columns = [_column_or_null(name, found.columns) for name in (*REQUIRED, *OPTIONAL, "file_row_number")]
    found.project(*columns).create_view("export_file", replace=True)
    privacy.set_variables(connection, {"person_names": list(product.segments)})
    connection.sql(files.sql("extract/export_rows")).create_view("export_rows", replace=True)


def take_slice(
    connection: Connection, first: int, last: int, start: datetime, end: datetime, received_to: datetime
) -> None:
    """Makes the table `page_rows` of those events of `export_rows` between two rows that lie in a stretch of time."""
    bounds = {"first_row": first, "last_row": last, "since": start, "until": end, "received_to": received_to}
    connection.execute(files.sql("extract/export_slice"), bounds)


def _completed(posthog: PostHog, start: datetime, end: datetime) -> str:
    """The path of a new export, once it is complete."""
    collection = f"{posthog.prefix}/file_download_batch_exports/"
    body = {
        "model": "events",
        "file": {"format": "Parquet", "compression": "zstd", "max_size_mb": PART_MB},
        "data_interval_start": start.replace(tzinfo=UTC).isoformat(),
        "data_interval_end": end.replace(tzinfo=UTC).isoformat(),
    }
    # Started twice it would be billed twice.
    export = f"{collection}{posthog.http.post(collection, body, _STARTED, repeatable=False).id}/"
    for _ in range(MOST_POLLS):
        status = posthog.http.get(export, _STATUS)
        if status.status == "Completed":
            return export
        if status.status not in _UNDER_WAY:
            raise SourceError(
                f"PostHog's batch export ended as {status.status}: {status.error or 'no reason was given'}."
            )
        posthog.clock.sleep(POLL_S)
    raise SourceError(f"PostHog's batch export was not complete after {MOST_POLLS * POLL_S / 60:.0f} minutes.")


def _parts(posthog: PostHog, export: str, place: Path) -> Iterator[Path]:
    for part in posthog.http.get(export, _STATUS).files:
        posthog.http.download(f"{export}download/{part}", place)
        yield place


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.is_file() and ".parquet" in file.suffixes)
    if not found:
        raise InputError(f"There is no Parquet file in {path}; a batch export's files end in .parquet or .parquet.zst.")
    return found


def _refuse_other_files(lake: Lake, path: Path) -> None:
    with lake.connect() as connection:
        _opened(connection, path)


def _opened(connection: Connection, path: Path) -> Relation:
    try:
        found = connection.read_parquet(str(path), file_row_number=True)
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        raise InputError(f"{path} is not a readable Parquet file: {str(error).splitlines()[0]}") from None
    missing = [name for name in REQUIRED if name not in found.columns]
    if not {"person_id", "distinct_id"} & set(found.columns):
        missing.append("person_id or distinct_id")
    if missing:
        raise InputError(
            f"{path} is not a batch export of events: it lacks {', '.join(missing)} (it has "
            f"{', '.join(found.columns[:12])}). Export the model 'events' as Parquet."
        )
    return found


def _column_or_null(name: str, columns: Sequence[str]) -> duckdb.Expression:
    if name in columns:
        return duckdb.ColumnExpression(name)
    return duckdb.ConstantExpression(None).alias(name)


def _stage(path: Path, folder: Path, lake: Lake, product: Product, normaliser: Normaliser) -> tuple[int, int]:
    """Writes the events of a file, parted by day, under `folder`; how many rows it took, and how many it rejected."""
    with lake.connect() as connection:
        try:
            view_export(connection, path, product)
            private = normaliser.private_events(connection, connection.sql(files.sql("extract/export_good")), SOURCE)
            folder.mkdir()
            private.write_parquet(str(folder / "private.parquet"), compression="lz4")
        except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.IOException) as error:
            said = str(error).splitlines()[0]
            raise InputError(f"{path} cannot be read to its end: {said} Nothing was imported.") from None
        staged = connection.read_parquet(str(folder / "private.parquet"))
        staged.create_view("private_events", replace=True)
        normaliser.finished(connection, SOURCE).create_view("finished_events", replace=True)
        connection.sql(files.sql("extract/export_days")).write_parquet(
            str(folder / "days"), partition_by=["folder"], compression="lz4"
        )
        taken = _count(staged)
    return taken, _keep_rejected(path, lake, product, normaliser)


def _keep_rejected(path: Path, lake: Lake, product: Product, normaliser: Normaliser) -> int:
    target = rejected_folder(lake) / f"{path.name}.rejected.parquet"
    target.unlink(missing_ok=True)
    with lake.connect() as connection:
        view_export(connection, path, product)
        connection.sql(files.sql("extract/export_bad")).create_view("export_bad_rows")
        bad = connection.view("export_bad_rows")
        if not (rejected := _count(bad)):
            return 0
        raw = bad.project(*(duckdb.ColumnExpression(name) for name in bad.columns if name != "reason"))
        normaliser.events(connection, raw, SOURCE).create_view("private_bad_rows")
        privacy.set_variables(connection, {"export_name": path.name})
        target.parent.mkdir(parents=True, exist_ok=True)
        connection.sql(files.sql("extract/export_rejected")).write_parquet(str(target), compression="zstd")
    return rejected


def _refuse_too_many(rows: int, rejected: int, max_share: float, folder: Path) -> None:
    if rejected > max_share * (rows + rejected):
        raise BudgetError(
            f"{rejected:,} of {rows + rejected:,} rows are bad, more than the share of {max_share:.2%} allowed; "
            f"nothing was imported. They are in {folder} with their reasons. Mend the export, or raise "
            "USER_INTEL_MAX_REJECTED_SHARE."
        )


def _land(lake: Lake, scratch: Path) -> dict[date, int]:
    """Rows added by day."""
    by_day: dict[date, list[Path]] = {}
    for path in sorted(scratch.glob("*/days/folder=*/*.parquet")):
        by_day.setdefault(date.fromisoformat(path.parent.name.removeprefix("folder=")), []).append(path)
    return {day: land_day(lake, day, by_day[day], ()).added for day in sorted(by_day)}


def _count(rows: Relation) -> int:
    return int(rows.aggregate("count(*)").fetchall()[0][0])
