"""Erases one person: from every table of the lake, from the graph, from clips of recordings, from pages not landed yet
and from rejected rows.

The person's pseudonym is remembered first, so that nothing that is being extracted or imported meanwhile, or will be
later, brings them back. Other stores that hold people register here as they come. The state of decisions (`state/`) is
none: insights speak of steps and segments, and what people write there is scrubbed before it is kept.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from user_intel import privacy
from user_intel.errors import InputError
from user_intel.graph.connection import Graph
from user_intel.graph.forgetting import forget_in_graph
from user_intel.journeys.transitions import transitions
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import load_product
from user_intel.watch.shelf import sweep_unnamed
from user_intel.whole_files import write_whole

_PSEUDONYM = re.compile(r"[0-9a-f]{32}")
_WAIT_S = 120.0


@dataclass(frozen=True)
class Forgotten:
    """What was erased: rows by table (only tables that had some; sessions of `journey_graph`), and rows of pages and
    rejected files beside them.
    """

    rows: dict[str, int]
    other_rows: int

    @property
    def total(self) -> int:
        """Rows erased in all."""
        return sum(self.rows.values()) + self.other_rows


def forget(
    user_id: str, lake: Lake, salt: bytes, *, person_ids: Sequence[str] = (), graph: Graph | None = None
) -> Forgotten:
    """Erases the person called `user_id` (as the source knows them, or as the tables do) and keeps them out.

    `person_ids` are other ids of the same person at the source. Only days that hold the person are rewritten, each
    under its writing lock; `transitions` of these days are counted anew, in `graph` too, where one is used. Forgetting
    twice changes nothing more. Raises InputError for an empty id, DayBusy when a day stays locked, GraphError when the
    graph fails (rerun then: the person is already kept out).
    """
    if not user_id.strip():
        raise InputError("The user id is empty; give the id as the source knows it, or the user_id seen in tables.")
    users = _pseudonyms((user_id, *person_ids), salt)
    _remember(lake.home, users)
    rows = {}
    walked: list[date] = []
    for table in lake.tables.values():
        if "user_id" in table.column_names:
            days = _days_with(lake, table.name, users)
            rows[table.name] = sum(_erase_day(lake, table.name, day, users) for day in days)
            if table.name == "steps":
                _recount_transitions(lake, days)
                walked = days
    if graph is not None:
        rows["journey_graph"] = forget_in_graph(lake, load_product(lake.home), graph, users, walked)
    sweep_unnamed(lake, lake.days("replay_clips"))
    other_rows = sum(_erase_in_file(path, users) for path in _other_files(lake.home))
    return Forgotten({table: count for table, count in rows.items() if count}, other_rows)


def _pseudonyms(ids: Sequence[str], salt: bytes) -> tuple[str, ...]:
    made = {privacy.pseudonym(identity, salt) for identity in ids}
    return tuple(sorted(made | {identity for identity in ids if _PSEUDONYM.fullmatch(identity)}))


def _remember(home: Path, users: Sequence[str]) -> None:
    from filelock import FileLock

    (home / "locks").mkdir(parents=True, exist_ok=True)
    with FileLock(home / "locks" / "forgotten.lock"):
        known = privacy.forgotten_users(home) | set(users)
        write_whole(privacy.forgotten_path(home), "".join(f"{user}\n" for user in sorted(known)))


def _days_with(lake: Lake, table: str, users: Sequence[str]) -> list[date]:
    with lake.connect() as connection:
        theirs = lake.read(connection, table).filter(_is_one_of(users))
        return sorted(row[0] for row in theirs.project("day").distinct().fetchall())


def _erase_day(lake: Lake, table: str, day: date, users: Sequence[str]) -> int:
    with lake.writing(table, day, wait_s=_WAIT_S), lake.connect() as connection:
        held = lake.read(connection, table, [day])
        before = _count(held)
        return before - lake.write_day(table, day, held.filter(_is_none_of(users)))


def _recount_transitions(lake: Lake, days: Sequence[date]) -> None:
    for day in sorted(set(days) & set(lake.days("transitions"))):
        with lake.writing("transitions", day, wait_s=_WAIT_S), lake.connect() as connection:
            lake.write_day("transitions", day, transitions(lake.read(connection, "steps", [day])))


def _other_files(home: Path) -> Iterator[Path]:
    yield from (home / "landing").rglob("*.parquet")
    yield from (home / "rejected").rglob("*.parquet")


def _erase_in_file(path: Path, users: Sequence[str]) -> int:
    """Rows of these people in a Parquet file of normalised or rejected rows; the file is replaced when it has some."""
    with duckdb.connect() as connection:
        rows = connection.read_parquet(str(path), hive_partitioning=False)
        theirs = _theirs(rows, users)
        erased = _count(rows.filter(theirs)) if theirs is not None else 0
        if theirs is not None and erased:
            _replace(connection, rows.filter(~theirs), path)
    return erased


def _theirs(rows: Relation, users: Sequence[str]) -> duckdb.Expression | None:
    if "user_id" in rows.columns:
        return _is_one_of(users)
    if "content" not in rows.columns:
        return None
    content = duckdb.CoalesceOperator(duckdb.ColumnExpression("content"), duckdb.ConstantExpression(""))
    pattern = duckdb.ConstantExpression("|".join(users))
    return duckdb.FunctionExpression("regexp_matches", content, pattern)


def _replace(connection: Connection, rows: Relation, path: Path) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        rows.write_parquet(str(beside), compression="zstd")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _is_one_of(users: Sequence[str]) -> duckdb.Expression:
    return duckdb.ColumnExpression("user_id").isin(*map(duckdb.ConstantExpression, users))


def _is_none_of(users: Sequence[str]) -> duckdb.Expression:
    column = duckdb.ColumnExpression("user_id")
    return column.isnotin(*map(duckdb.ConstantExpression, users)) | column.isnull()


def _count(rows: Relation) -> int:
    return int(rows.aggregate("count(*)").fetchall()[0][0])
