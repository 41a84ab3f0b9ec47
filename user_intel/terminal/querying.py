"""`user-intel sql`: one read-only question to the views, printed as a table, CSV or JSON."""

import csv
import json
import sys
from collections.abc import Iterator
from typing import Literal

import duckdb
from rich.markup import escape

from user_intel.errors import InputError
from user_intel.lake import open_lake
from user_intel.terminal.console import ERR, OUT, plain_table

FETCH_ROWS = 10_000


def run_sql(query: str, format_: Literal["table", "csv", "json"], max_rows: int) -> None:
    """Prints the answer to one SELECT (also FROM, DESCRIBE, SHOW, EXPLAIN). Raises InputError for anything else."""
    with open_lake().query() as connection:
        _refuse_writes(connection, query)
        try:
            answer = connection.execute(query)
            columns = [column[0] for column in answer.description or []]
            rows = _rows(connection)
            _PRINTERS[format_](columns, rows, max_rows)
        except duckdb.Error as error:
            raise InputError(f"The query does not run: {_one_line(error)}") from None


def _refuse_writes(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise InputError(f"The query is not SQL that DuckDB knows: {_one_line(error)}") from None
    readable = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN, duckdb.StatementType.RELATION}
    if len(statements) != 1 or statements[0].type not in readable:
        raise InputError("Exactly one reading statement (SELECT, FROM, DESCRIBE, SHOW, EXPLAIN) can be run.")


def _rows(connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    while rows := connection.fetchmany(FETCH_ROWS):
        yield from rows


def _print_table(columns: list[str], rows: Iterator[tuple[object, ...]], max_rows: int) -> None:
    table = plain_table(*map(escape, columns))
    for number, row in enumerate(rows):
        if number == max_rows:
            left = 1 + sum(1 for _ in rows)
            ERR.print(f"{left:,} rows more: --max-rows shows them, --format csv or json holds all", highlight=False)
            break
        table.add_row(*("" if value is None else escape(str(value)) for value in row))
    OUT.print(table)


def _print_csv(columns: list[str], rows: Iterator[tuple[object, ...]], _: int) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def _print_json(columns: list[str], rows: Iterator[tuple[object, ...]], _: int) -> None:
    for row in rows:
        print(json.dumps(dict(zip(columns, row, strict=True)), default=str, ensure_ascii=False))  # noqa: T201


_PRINTERS = {"table": _print_table, "csv": _print_csv, "json": _print_json}


def _one_line(error: duckdb.Error) -> str:
    return " ".join(str(error).split())
