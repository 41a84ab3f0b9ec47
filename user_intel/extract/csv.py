"""CSV files as a source of events: columns user_id, timestamp, action, and optionally metadata and others.

A file is read once, streaming, into private rows parted by day under the home; then, if not too many rows were bad,
each day lands. So nothing raw is ever stored, no file has to fit into memory, and a killed import leaves whole
days behind which the next one leaves as they are. Bad rows are kept, scrubbed, with their reason.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from user_intel import files, privacy
from user_intel.errors import BudgetError, DayBusy, InputError, LakeError
from user_intel.extract.csv_head import (
    BUFFER_BYTES,
    MAX_LINE_BYTES,
    OPTIONAL,
    REQUIRED,
    Head,
    read_head,
    refuse_endless_lines,
)  # fmt: skip
from user_intel.extract.landing import land_rows
from user_intel.extract.normalise import Normaliser
from user_intel.lake import Connection, Lake, Relation

SOURCE = "csv"
# Of DuckDB; a process that imports needs 300 MB beside it, and 1 GiB has to do for files of any size.
MEMORY_LIMIT = "600MB"
Progress = Callable[[str, int, int], None]

_NO_DAY = "day=__HIVE_DEFAULT_PARTITION__"
_LATEST = timedelta(days=1)


@dataclass(frozen=True)
class Imported:
    """What an import did: rows taken, how many were new and how many the lake had, rejected ones, the days touched."""

    rows: int
    added: int
    duplicates: int
    rejected: int
    days: tuple[date, ...]
    rejected_path: Path | None


@dataclass(frozen=True)
class _Staged:
    """One file's private rows on disk, parted by day."""

    head: Head
    folder: Path
    rows: int
    rejected: int


def import_csv(
    paths: Sequence[Path],
    lake: Lake,
    normaliser: Normaliser,
    *,
    max_rejected_share: float = 0.01,
    now: datetime | None = None,
    on_progress: Progress | None = None,
) -> Imported:
    """Brings CSV files (also .gz, .zst) into `events`; importing one again, or one that overlaps, adds what is new.

    `now` is a naive UTC instant for the check of future times. `on_progress` is told (what, done, of how many). Raises
    InputError when a file is no such CSV, BudgetError when more than `max_rejected_share` of all rows are bad; the lake
    is then untouched. Rejected rows are in `<home>/rejected/csv/`.
    """
    told = on_progress or _say_nothing
    lake = replace(lake, memory_limit=MEMORY_LIMIT)
    latest = (now or datetime.now(UTC).replace(tzinfo=None)) + _LATEST
    heads = [read_head(path) for path in paths]
    with _only_import(lake), _scratch(lake) as scratch:
        staged = []
        for place, head in enumerate(heads):
            told(f"reading {head.path.name}", place, len(heads))
            staged.append(_stage(head, scratch / str(place), lake, normaliser, latest))
        _refuse_too_many(staged, max_rejected_share, lake)
        landed = _land(staged, lake, normaliser, told)
    rows, rejected = sum(file.rows for file in staged), sum(file.rejected for file in staged)
    return Imported(
        rows=rows,
        added=sum(landed.values()),
        duplicates=rows - sum(landed.values()),
        rejected=rejected,
        days=tuple(sorted(landed)),
        rejected_path=rejected_folder(lake) if rejected else None,
    )


def rejected_folder(lake: Lake) -> Path:
    """Where the rejected rows of imports are kept, one Parquet file for each imported file."""
    return lake.home / "rejected" / SOURCE


def _stage(head: Head, folder: Path, lake: Lake, normaliser: Normaliser, latest: datetime) -> _Staged:
    refuse_endless_lines(head)
    with lake.connect() as connection:
        try:
            return _staged(connection, head, folder, lake, normaliser, latest)
        except (duckdb.InvalidInputException, duckdb.IOException) as error:
            # Only the first line: what follows may quote the file.
            said = str(error).splitlines()[0]
            if "No space left" in said or "write" in said.lower():
                raise LakeError(f"{lake.home} cannot be written: {said} Nothing was imported; free space.") from None
            raise InputError(f"{head.path} cannot be read to its end: {said} Nothing was imported.") from None


def _staged(
    connection: Connection, head: Head, folder: Path, lake: Lake, normaliser: Normaliser, latest: datetime
) -> _Staged:
    normaliser.prepare(connection, SOURCE)
    cells = _cells(connection, head, int(folder.name), latest)
    cells.create_view("csv_cells", replace=True)
    connection.sql(files.sql("extract/csv_checked")).create_view("csv_checked", replace=True)
    raw = connection.sql(files.sql("extract/csv_raw_events"))
    normaliser.private_events(connection, raw, SOURCE)
    staged = connection.sql(files.sql("extract/csv_staged"))
    staged.write_parquet(str(folder), partition_by=["day"], compression="lz4")
    broken = _broken(connection, head)
    rows, bad = _parquet_rows(connection, folder, "day=[0-9]*"), _parquet_rows(connection, folder, _NO_DAY)
    if rows + bad + broken == 0:
        raise InputError(f"{head.path} has a header but no rows.")
    target = _rejected_path(lake, head.path)
    target.unlink(missing_ok=True)
    if bad + broken:
        _keep_rejected(connection, cells, normaliser, target)
    return _Staged(head, folder, rows, bad + broken)


def _cells(connection: Connection, head: Head, number: int, latest: datetime) -> Relation:
    """One row per row of the file: the named columns (null where the file has none) and the others as JSON."""
    privacy.set_variables(
        connection,
        {
            "csv_path": str(head.path),
            "csv_name": head.path.name,
            "csv_number": number,
            "csv_columns": dict.fromkeys(head.columns, "VARCHAR"),
            "csv_delimiter": head.delimiter,
            "csv_compression": head.compression,
            "csv_max_line_bytes": MAX_LINE_BYTES,
            "csv_buffer_bytes": BUFFER_BYTES,
            "csv_latest": latest,
        },
    )
    connection.execute(files.sql("extract/csv_time_macros"))
    found = connection.sql(files.sql("extract/csv_cells"))
    named = [_column_or_null(name, head.columns) for name in (*REQUIRED, *OPTIONAL)]
    return found.project(*named, _as_json(head.extras).alias("extras"))


def _column_or_null(name: str, columns: Sequence[str]) -> duckdb.Expression:
    if name in columns:
        return duckdb.ColumnExpression(name)
    return duckdb.ConstantExpression(None).cast("VARCHAR").alias(name)


def _as_json(names: Sequence[str]) -> duckdb.Expression:
    if not names:
        return duckdb.ConstantExpression(None).cast("VARCHAR")
    pairs = [part for name in names for part in (duckdb.ConstantExpression(name), duckdb.ColumnExpression(name))]
    return duckdb.FunctionExpression("json_object", *pairs).cast("VARCHAR")


def _broken(connection: Connection, head: Head) -> int:
    """How many lines are no rows. Raises InputError for a quote left open: what follows it cannot be told apart."""
    connection.sql(files.sql("extract/csv_broken")).create_view("csv_broken", replace=True)
    broken = connection.view("csv_broken")
    swallowed = broken.filter(duckdb.ColumnExpression("swallowed_others")).aggregate("min(row_number)").fetchall()
    if swallowed[0][0] is not None:
        raise InputError(
            f"{head.path}, row {swallowed[0][0]}: a quote is opened and not closed, so the rows after it cannot be "
            "told apart. Close it, or double the quotes inside cells. Nothing was imported."
        )
    return int(broken.aggregate("count(*)").fetchall()[0][0])


def _keep_rejected(connection: Connection, cells: Relation, normaliser: Normaliser, target: Path) -> None:
    """Writes the rejected rows. Reads the file a second time, in order, which alone tells a row's number."""
    connection.view("csv_broken").to_table("csv_broken_rows")
    connection.table("csv_broken_rows").create_view("csv_broken", replace=True)
    cells.project("*, row_number() over () as place").create_view("csv_cells", replace=True)
    connection.sql(files.sql("extract/csv_checked")).create_view("csv_checked", replace=True)
    raw = connection.sql(files.sql("extract/csv_rejected"))
    normaliser.private_events(connection, raw, SOURCE).create_view("private_rejects", replace=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}")
    connection.sql(files.sql("extract/csv_reject_file")).write_parquet(str(beside), compression="zstd")
    beside.replace(target)


def _refuse_too_many(staged: Sequence[_Staged], max_share: float, lake: Lake) -> None:
    rows, rejected = sum(file.rows for file in staged), sum(file.rejected for file in staged)
    if rejected <= max_share * (rows + rejected):
        return
    worst = max(staged, key=lambda file: file.rejected)
    with duckdb.connect() as connection:
        kept = connection.read_parquet(str(_rejected_path(lake, worst.head.path)))
        row, reason, expected = kept.project("row, reason, expected").order("row").limit(1).fetchall()[0]
    raise BudgetError(
        f"{rejected:,} of {rows + rejected:,} rows are bad, more than the share of {max_share:.2%} allowed; nothing "
        f"was imported. The first in {worst.head.path}: row {row}: {reason}; expected {expected}. All are in "
        f"{rejected_folder(lake)}. Mend the file, or raise USER_INTEL_MAX_REJECTED_SHARE."
    )


def _land(staged: Sequence[_Staged], lake: Lake, normaliser: Normaliser, told: Progress) -> dict[date, int]:
    """Rows added by day."""
    by_day = _paths_by_day(staged)
    added: dict[date, int] = {}
    if not by_day:
        return added
    with lake.connect() as connection:
        everything = _private_rows(connection, [path for paths in by_day.values() for path in paths])
        everything.create_view("staged_rows")
        everything.create_view("private_events")
        normaliser.look_up(connection, SOURCE)
        connection.execute(files.sql("extract/csv_repeated"))
        for place, day in enumerate(sorted(by_day)):
            told("writing days", place, len(by_day))
            _private_rows(connection, by_day[day]).create_view("staged_rows", replace=True)
            connection.sql(files.sql("extract/csv_numbered")).create_view("private_events", replace=True)
            added[day] = land_rows(connection, lake, day, normaliser.looked_up(connection), ()).added
    return added


def _paths_by_day(staged: Sequence[_Staged]) -> dict[date, list[Path]]:
    by_day: dict[date, list[Path]] = {}
    for path in (path for file in staged for path in file.folder.glob("day=[0-9]*/*.parquet")):
        by_day.setdefault(date.fromisoformat(path.parent.name.removeprefix("day=")), []).append(path)
    return by_day


def _private_rows(connection: Connection, paths: Sequence[Path]) -> Relation:
    return connection.read_parquet([str(path) for path in paths], hive_partitioning=False)


def _parquet_rows(connection: Connection, folder: Path, pattern: str) -> int:
    if not any(folder.glob(f"{pattern}/*.parquet")):
        return 0
    found = connection.read_parquet(f"{folder}/{pattern}/*.parquet", hive_partitioning=False)
    return int(found.aggregate("count(*)").fetchall()[0][0])


def _rejected_path(lake: Lake, path: Path) -> Path:
    place = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    return rejected_folder(lake) / f"{path.name}-{place}.parquet"


@contextmanager
def _only_import(lake: Lake) -> Iterator[None]:
    """Holds the imports of this home: what is left in the scratch folder is then of one that was killed."""
    from filelock import FileLock, Timeout

    locks = lake.home / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(locks / "import.lock", timeout=0):
            for left in (lake.home / "tmp").glob("import-*"):
                shutil.rmtree(left, ignore_errors=True)
            yield
    except Timeout:
        raise DayBusy("Another import runs in this home. Nothing was changed; rerun when it has finished.") from None


@contextmanager
def _scratch(lake: Lake) -> Iterator[Path]:
    folder = lake.scratch_folder("import-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _say_nothing(what: str, done: int, total: int) -> None:
    """Nobody asked for progress."""
