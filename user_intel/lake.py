"""Where tables live: one Parquet file a table-day, and a DuckDB file of views over them.

`<home>/lake/<table>/day=YYYY-MM-DD/data.parquet` is written beside and renamed into place, so a day is there whole or
not at all. A table without days is `<home>/lake/<table>/now/data.parquet`, replaced as a whole in the same way.
`<home>/lake/<table>/schema/data.parquet` holds no rows: it gives an empty table its columns. The views' file is only
ever replaced by rename, so no run waits for an analyst's open connection, nor the reverse.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from user_intel import files
from user_intel.errors import ConfigError, DayBusy, LakeError
from user_intel.tables import SNAPSHOTS, Table

if TYPE_CHECKING:
    import polars as pl

# Schema files that were found to be right once in this process; looking costs more than most reads of small days.
_SCHEMAS_SEEN: set[tuple[Path, tuple[str, ...]]] = set()

Relation = duckdb.DuckDBPyRelation
Connection = duckdb.DuckDBPyConnection

_LOG = logging.getLogger(__name__)

_POLARS_TYPES: dict[str, Callable[[Any], Any]] = {
    "BIGINT": lambda pl: pl.Int64,
    "BOOLEAN": lambda pl: pl.Boolean,
    "DATE": lambda pl: pl.Date,
    "DOUBLE": lambda pl: pl.Float64,
    "INTEGER": lambda pl: pl.Int32,
    "TIMESTAMP": lambda pl: pl.Datetime("us"),
    "VARCHAR": lambda pl: pl.String,
    "VARCHAR[]": lambda pl: pl.List(pl.String),
}

# Small enough that a sorted file lets a reader skip most of it, large enough for vectors to stay full.
ROW_GROUP_ROWS = 122_880


@dataclass(frozen=True)
class Lake:
    """The tables of one home. Cheap to make; holds no connection and no lock."""

    home: Path
    tables: dict[str, Table]
    memory_limit: str = "1200MB"
    threads: int = 0

    @property
    def root(self) -> Path:
        """The folder of all tables."""
        return self.home / "lake"

    @property
    def views_path(self) -> Path:
        """The DuckDB file analysts open."""
        return self.home / "user_intel.duckdb"

    def table(self, name: str) -> Table:
        """The table called `name`. Raises LakeError naming those there are."""
        known = self.tables | SNAPSHOTS
        if name not in known:
            raise LakeError(f"There is no table {name!r}; the tables are {', '.join(known)}.")
        return known[name]

    def day_path(self, table: str, day: date) -> Path:
        """Where the rows of a table-day are, whether or not they are there yet."""
        return self.root / table / f"day={day.isoformat()}" / "data.parquet"

    def snapshot_path(self, table: str) -> Path:
        """Where the rows of a table without days are, whether or not they are there yet."""
        return self.root / table / "now" / "data.parquet"

    def days(self, table: str) -> list[date]:
        """The days that `table` has, in order."""
        found = (self.root / table).glob("day=*/data.parquet")
        return sorted(date.fromisoformat(path.parent.name.removeprefix("day=")) for path in found)

    def first_day(self) -> date | None:
        """The first day that any table has; None in an empty lake."""
        return min((days[0] for days in map(self.days, self.tables) if days), default=None)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """An in-memory DuckDB that spills to a folder of its own under the home; gone when the block ends."""
        scratch = self.scratch_folder("duckdb-")
        connection = duckdb.connect(config=self._engine_settings(scratch))
        try:
            yield connection
        finally:
            connection.close()
            shutil.rmtree(scratch, ignore_errors=True)

    def scratch_folder(self, prefix: str) -> Path:
        """A new empty folder under the home, on the same file system as the lake; the caller removes it."""
        parent = self.home / "tmp"
        parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))

    def read(self, connection: Connection, table: str, days: Iterable[date] | None = None) -> Relation:
        """The rows of `table` on `days` (all days when None), with its columns in order; empty where there are none.

        A day that is not there contributes no rows; of a table without days, all rows are read.
        """
        described = self.table(table)
        paths = [str(self._schema_path(described)), *self._existing_paths(table, days)]
        # union_by_name: a file written before a column was added reads as null there.
        relation = connection.read_parquet(paths, hive_partitioning=False, union_by_name=True)
        return relation.project(*(duckdb.ColumnExpression(name) for name in described.column_names))

    def frame(self, table: str, days: Iterable[date] | None = None) -> pl.LazyFrame:
        """As `read`, as a Polars LazyFrame."""
        import polars as pl

        described = self.table(table)
        paths = [self._schema_path(described), *map(Path, self._existing_paths(table, days))]
        scanned = pl.scan_parquet(paths, hive_partitioning=False, missing_columns="insert")
        return scanned.select(described.column_names)

    def rows(self, table: str, day: date) -> list[dict[str, Any]]:
        """The rows of one table-day by column name, in stored order; for tables of few rows."""
        found: list[dict[str, Any]] = self.frame(table, [day]).collect().to_dicts()
        return found

    def write_day(self, table: str, day: date, rows: Relation) -> int:
        """Replaces one table-day with `rows` and returns their number. All or nothing; readers keep the old day.

        `rows` must have exactly the table's columns (any order). Raises LakeError when they have not, when a row lies
        outside `day`, or when the disk is full; the old day is then untouched.
        """
        ordered = _as_stored(self.table(table), rows)
        return self.write_day_with(table, day, lambda path: _write_parquet(ordered, path))

    def write_rows(self, table: str, day: date, rows: Iterable[Mapping[str, object]]) -> int:
        """As `write_day`, of rows made in Python: few ones, by column name. `day` is added to them."""
        with self.connect() as connection:
            made = _made_rows(connection, self.table(table), ({**row, "day": day} for row in rows))
            return self.write_day(table, day, made)

    def write_day_with(self, table: str, day: date, write: Callable[[Path], None]) -> int:
        """As `write_day`, for whoever writes the Parquet file (all columns, in stored order) at a given path."""
        if table in SNAPSHOTS:
            raise LakeError(f"{table} has no days; it is replaced as a whole.")
        target = self.day_path(table, day)
        count = self._replace(target, f"{table} of {day}", write, lambda path: self._verified_rows(table, day, path))
        _LOG.info("wrote %s of %s: %d rows", table, day, count, extra={"table": table, "day": day, "rows": count})
        return count

    def write_snapshot_rows(self, table: str, rows: Iterable[Mapping[str, object]]) -> int:
        """As `write_snapshot`, of rows made in Python: few ones, by column name."""
        with self.connect() as connection:
            return self.write_snapshot(table, _made_rows(connection, self.table(table), rows))

    def write_snapshot(self, table: str, rows: Relation) -> int:
        """Replaces a table without days by `rows` and returns their number. All or nothing; readers keep the old one.

        `rows` must have exactly the table's columns (any order). Raises LakeError when they have not, or when the disk
        is full; what was there is then untouched.
        """
        if table not in SNAPSHOTS:
            raise LakeError(f"{table} has days; it is written day by day.")
        ordered = _as_stored(SNAPSHOTS[table], rows)
        target = self.snapshot_path(table)
        count = self._replace(target, table, lambda path: _write_parquet(ordered, path), _rows_of)
        _LOG.info("wrote %s: %d rows", table, count, extra={"table": table, "rows": count})
        return count

    def _replace(self, target: Path, what: str, write: Callable[[Path], None], verify: Callable[[Path], int]) -> int:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            write(beside)
            count = verify(beside)
            _replace_durably(beside, target)
        except (OSError, duckdb.IOException) as error:
            raise LakeError(
                f"Could not write {what} under {self.root}: {error}. What was there is untouched; "
                "free disk space or mend the folder's permissions, then rerun."
            ) from error
        finally:
            beside.unlink(missing_ok=True)
        return count

    def drop_day(self, table: str, day: date) -> None:
        """Removes one table-day; nothing happens when it is not there."""
        shutil.rmtree(self.day_path(table, day).parent, ignore_errors=True)

    @contextmanager
    def writing(self, table: str, day: date, *, wait_s: float = 0) -> Iterator[None]:
        """Holds the table-day against other processes. Raises DayBusy when another holds it past `wait_s` seconds."""
        from filelock import FileLock, Timeout

        locks = self.home / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(locks / f"{table}-{day.isoformat()}.lock", timeout=wait_s)
        try:
            with lock:
                yield
        except Timeout:
            raise DayBusy(
                f"Another process is writing {table} of {day}. Nothing was changed; rerun when it has finished."
            ) from None

    def refresh_views(self) -> bool:
        """Makes the views' file anew if tables, columns or the home's place changed; whether it did so."""
        self.home.mkdir(parents=True, exist_ok=True)
        for table in (self.tables | SNAPSHOTS).values():
            self._schema_path(table)
        wanted = self._view_statements()
        stamp = self.home / "lake" / "views.sql"
        if self.views_path.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return False
        scratch = self.scratch_folder("views-")
        try:
            fresh = scratch / self.views_path.name
            with duckdb.connect(str(fresh)) as connection:
                connection.execute(wanted)
            fresh.replace(self.views_path)
            stamp.write_text(wanted, encoding="utf-8")
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return True

    def query(self) -> Connection:
        """A read-only connection to the views, as an analyst would open. The caller closes it."""
        self.refresh_views()
        return duckdb.connect(str(self.views_path), read_only=True)

    def _view_statements(self) -> str:
        template = files.sql("lake/view")
        return "\n".join(_fill(template, table, self.root.resolve()) for table in (self.tables | SNAPSHOTS).values())

    def _schema_path(self, table: Table) -> Path:
        path = self.root / table.name / "schema" / "data.parquet"
        known = (path, table.column_names)
        if known in _SCHEMAS_SEEN and path.exists():
            return path
        if not path.exists() or _columns_of(path) != list(table.column_names):
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
            with duckdb.connect() as connection:
                nulls = (duckdb.ConstantExpression(None).cast(c.type).alias(c.name) for c in table.columns)
                one_row = connection.values([None])
                _write_parquet(one_row.project(*nulls).limit(0), beside)
            beside.replace(path)
        _SCHEMAS_SEEN.add(known)
        return path

    def _existing_paths(self, table: str, days: Iterable[date] | None) -> list[str]:
        if table in SNAPSHOTS:
            paths = [self.snapshot_path(table)]
        else:
            paths = [self.day_path(table, day) for day in (self.days(table) if days is None else sorted(set(days)))]
        return [str(path) for path in paths if path.exists()]

    def _verified_rows(self, table: str, day: date, path: Path) -> int:
        with duckdb.connect() as connection:
            written = connection.read_parquet(str(path), hive_partitioning=False)
            _refuse_other_columns(self.table(table), written.columns)
            row = written.aggregate("count(*), min(day), max(day)").fetchall()[0]
        count, first, last = row
        if count and (first is None or {first, last} != {day}):
            raise LakeError(
                f"Rows of {table} lie outside {day}: they span {first} to {last}. Nothing was written; the query that "
                "made them must keep to the day it was asked for."
            )
        return int(count)

    def _engine_settings(self, scratch: Path) -> dict[str, str | bool | int | float | list[str]]:
        chosen: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": self.memory_limit,
            "temp_directory": str(scratch),
            "TimeZone": "UTC",
            # The lake never needs the network; nothing may be fetched at run time.
            "autoinstall_known_extensions": False,
        }
        if self.threads:
            chosen["threads"] = self.threads
        return chosen


def open_lake() -> Lake:
    """The lake of this process's settings and product."""
    from user_intel.product import load_product
    from user_intel.settings import settings
    from user_intel.tables import catalogue

    chosen = settings()
    return Lake(chosen.home, catalogue(load_product(chosen.home)), chosen.memory_limit, chosen.threads)


def _as_stored(table: Table, rows: Relation) -> Relation:
    _refuse_other_columns(table, rows.columns)
    typed = rows.project(*(_typed(column.name, column.type) for column in table.columns))
    return typed.sort(*(duckdb.ColumnExpression(name) for name in table.sorted_by))


def _made_rows(connection: Connection, table: Table, rows: Iterable[Mapping[str, object]]) -> Relation:
    """Rows made in Python, typed as the table has its columns."""
    import polars as pl

    schema = {column.name: _POLARS_TYPES[column.type](pl) for column in table.columns}
    connection.register("made_rows", pl.DataFrame(list(rows), schema=schema, orient="row"))
    return connection.view("made_rows")


def _typed(name: str, type_name: str) -> duckdb.Expression:
    return duckdb.ColumnExpression(name).cast(duckdb.type(type_name)).alias(name)


def _refuse_other_columns(table: Table, found: list[str]) -> None:
    missing = sorted(set(table.column_names) - set(found))
    unknown = sorted(set(found) - set(table.column_names))
    if missing or unknown:
        raise LakeError(
            f"Rows for {table.name} must have its columns exactly; missing: {', '.join(missing) or 'none'}; "
            f"unknown: {', '.join(unknown) or 'none'}. Add columns in user_intel/tables/ first."
        )


def _write_parquet(rows: Relation, path: Path) -> None:
    rows.write_parquet(str(path), compression="zstd", row_group_size=ROW_GROUP_ROWS)


def _replace_durably(source: Path, target: Path) -> None:
    with source.open("rb") as handle:
        os.fsync(handle.fileno())
    source.replace(target)


def _rows_of(path: Path) -> int:
    with duckdb.connect() as connection:
        return int(connection.read_parquet(str(path), hive_partitioning=False).aggregate("count(*)").fetchall()[0][0])


def _columns_of(path: Path) -> list[str]:
    with duckdb.connect() as connection:
        return connection.read_parquet(str(path), hive_partitioning=False).columns


def _fill(template: str, table: Table, root: Path) -> str:
    """One table's view with its comments. Names and paths come from `tables.py` and the settings, never from users."""
    if "'" in str(root):
        raise ConfigError(f"USER_INTEL_HOME must not contain a quote: {root}")
    columns = ", ".join(f'"{name}"' for name in table.column_names)
    statements = [template.format(table=table.name, columns=columns, root=root, comment=_quoted(table.comment))]
    comment_on = files.sql("lake/column_comment")
    statements += [
        comment_on.format(table=table.name, column=column.name, comment=_quoted(column.comment))
        for column in table.columns
    ]
    return "\n".join(statements)


def _quoted(text: str) -> str:
    return text.replace("'", "''")
