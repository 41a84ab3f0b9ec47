"""Tables between assets and the lake: relations in, relations out, and the metadata every table's asset shows."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import dagster as dg
import duckdb
from pydantic import PrivateAttr

from user_intel.errors import LakeError
from user_intel.lake import Connection, Lake, Relation, open_lake

if TYPE_CHECKING:
    import polars as pl

PREVIEW_ROWS = 10
# Of a longer cell the beginning is shown, and that there is more.
CELL_LETTERS = 160


class LakeResource(dg.ConfigurableResource[Lake]):
    """The lake of this deployment, as the plain object the library knows."""

    def create_resource(self, context: dg.InitResourceContext) -> Lake:
        lake = open_lake()
        lake.refresh_views()
        return lake


class LakeIOManager(dg.ConfigurableIOManager):
    """Hands table-days to assets as DuckDB relations (or Polars LazyFrames, by annotation) and stores what they return.

    A run may be about one day or a range of days: the input holds the rows of all upstream days, the output is split
    by its `day` column, and rows of other days raise.
    """

    _stack: ExitStack = PrivateAttr(default_factory=ExitStack)
    _connection: Connection | None = PrivateAttr(default=None)

    def load_input(self, context: dg.InputContext) -> "Relation | pl.LazyFrame":
        lake, table = open_lake(), context.asset_key.path[-1]
        days = [date.fromisoformat(key) for key in context.asset_partition_keys]
        if context.dagster_type.typing_type.__module__.startswith("polars"):
            return lake.frame(table, days)
        return lake.read(self._connected(lake), table, days)

    def handle_output(self, context: dg.OutputContext, obj: "Relation | pl.LazyFrame | pl.DataFrame") -> None:
        lake, table = open_lake(), context.asset_key.path[-1]
        days = [date.fromisoformat(key) for key in context.asset_partition_keys]
        rows = self._as_relation(lake, obj)
        write_days(lake, self._connected(lake), table, days, rows)
        show_days(context.step_context, lake, table, days)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        self._stack.close()
        self._connection = None

    def _connected(self, lake: Lake) -> Connection:
        if self._connection is None:
            self._connection = self._stack.enter_context(lake.connect())
        return self._connection

    def _as_relation(self, lake: Lake, rows: "Relation | pl.LazyFrame | pl.DataFrame") -> Relation:
        if isinstance(rows, Relation):
            return rows
        import polars as pl

        if isinstance(rows, pl.LazyFrame):
            rows = rows.collect(engine="streaming")
        return self._connected(lake).from_arrow(rows)


def write_days(lake: Lake, connection: Connection, table: str, days: Sequence[date], rows: Relation) -> int:
    """Stores `rows` as exactly the table-days `days` and returns their number; rows of other days raise LakeError."""
    if len(days) == 1:
        return lake.write_day(table, days[0], rows)
    # A relation is a question, not an answer: ask once, then split. A file, because only the relation itself knows
    # the connection that it belongs to.
    scratch = lake.scratch_folder("answer-")
    try:
        answer = str(scratch / "answer.parquet")
        rows.write_parquet(answer)
        return _split(lake, table, days, connection.read_parquet(answer))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _split(lake: Lake, table: str, days: Sequence[date], rows: Relation) -> int:
    day = duckdb.ColumnExpression("day")
    found = {row[0] for row in rows.project(day).distinct().fetchall()}
    if strange := sorted(found - set(days), key=str):
        raise LakeError(f"Rows of {table} lie outside the run's days {days[0]} to {days[-1]}: {strange[0]}.")
    return sum(lake.write_day(table, d, rows.filter(day == duckdb.ConstantExpression(d))) for d in days)


class ShowsMetadata(Protocol):
    """What Dagster's contexts of an asset have in common here."""

    def add_asset_metadata(
        self, metadata: Mapping[str, Any], asset_key: Any = None, partition_key: str | None = None
    ) -> None: ...


def show_days(context: ShowsMetadata, lake: Lake, table: str, days: Iterable[date]) -> None:
    """Attaches to each day's materialisation what every table shows: rows, size, a preview without personal columns."""
    with lake.connect() as connection:
        for day in days:
            metadata = _day_metadata(lake, connection, table, day)
            context.add_asset_metadata(metadata, asset_key=table, partition_key=day.isoformat())


def _day_metadata(lake: Lake, connection: Connection, table: str, day: date) -> dict[str, Any]:
    rows = lake.read(connection, table, [day])
    shown = [c.name for c in lake.table(table).columns if not c.personal]
    preview = rows.project(*map(duckdb.ColumnExpression, shown)).limit(PREVIEW_ROWS).fetchall()
    return {
        "dagster/row_count": rows.aggregate("count(*)").fetchall()[0][0],
        "size_mb": round(lake.day_path(table, day).stat().st_size / 1e6, 3),
        "preview": dg.MetadataValue.md(markdown(shown, preview)),
    }


def markdown(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table that Dagster's UI draws."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def drawn(png: bytes, what: str) -> dg.MarkdownMetadataValue:
    """A picture that Dagster's UI shows; it is kept in the instance's storage for ever, so it has to be small."""
    from base64 import b64encode

    return dg.MetadataValue.md(f"![{what}](data:image/png;base64,{b64encode(png).decode('ascii')})")


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    shown = text if len(text) <= CELL_LETTERS else f"{text[:CELL_LETTERS]}…"
    return shown.replace("|", "\\|").replace("\n", " ")
