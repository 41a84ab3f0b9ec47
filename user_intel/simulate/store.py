"""ClickHouse itself, inside this process, holding what PostHog would hold; and HogQL's answers as PostHog writes them.

Two databases hold the same tables: `utc`, and `project`, whose times are in the project's time zone. One query runs at
a time: the session is not safe to share between threads.
"""

import re
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from user_intel.files import sql
from user_intel.simulate.hogql import Statement
from user_intel.simulate.refusal import Refusal, invalid

_TABLES = ("events", "session_replay_events", "persons", "person_distinct_ids")
_FORMATTING = {
    "date_time_output_format": "'iso'",
    "output_format_json_escape_forward_slashes": "0",
    "output_format_json_named_tuples_as_objects": "0",
    "output_format_json_quote_64bit_integers": "0",
    "output_format_json_quote_denormals": "0",
    "output_format_parquet_compression_method": "'zstd'",
    "output_format_parquet_string_as_string": "1",
}
_CLICKHOUSE_ERROR = re.compile(
    r"^Code: \d+\. DB::Exception: (?P<detail>.*?)\.? ?\((?P<name>[A-Z_0-9]+)\)\s*$", re.DOTALL
)
# What HogQL notices before ClickHouse would, and therefore names differently.
_NOTICED_BY_HOGQL = {"UNKNOWN_IDENTIFIER", "UNKNOWN_FUNCTION", "UNKNOWN_TABLE"}

Frame = Literal["utc", "project"]


@dataclass(frozen=True)
class Rows:
    """A query's answer. `body` is a JSON array of arrays, `types` are ClickHouse's, `seconds` is the time it took.

    `page` is the size of the page that was cut for a query without LIMIT; `more` whether rows are left beyond it.
    """

    columns: list[str]
    types: list[list[str]]
    body: bytes
    count: int
    page: int | None
    more: bool
    seconds: float


class Store:
    """The stand-in's ClickHouse. `timezone` is the project's; `folder` is the session's own, and empty."""

    def __init__(self, folder: Path, timezone: str) -> None:
        self._session = _session(folder)
        self._lock = threading.Lock()
        self._timezone = timezone
        formatting = ", ".join(f"{name} = {value}" for name, value in _FORMATTING.items())
        self._session.query(f"set {formatting}")
        self._enter("project", timezone, create=True)
        for table in _TABLES:
            self._session.query(sql(f"simulate/create_{table}"))
        for table in _TABLES:
            self._session.query(sql(f"simulate/project_{table}"))

    def load(self, table: Literal["events", "session_replay_events"], path: Path) -> None:
        """Adds the rows of a Parquet file."""
        with self._lock:
            self._enter("utc", "UTC")
            self._session.query(sql(f"simulate/load_{table}"), params={"path": str(path.resolve())})

    def ask(self, statement: Statement, frame: Frame) -> Rows:
        """The rows of a HogQL statement. Raises Refusal for what ClickHouse refuses."""
        with self._lock:
            began = time.perf_counter()
            self._enter(frame, self._timezone if frame == "project" else "UTC")
            raw = self._run(statement.sql, "JSONCompact", {})
            return _rows(raw, statement, began)

    def own(self, name: str, format_: str, parameters: dict[str, object]) -> bytes:
        """The answer of one of the stand-in's own queries, in UTC."""
        with self._lock:
            self._enter("utc", "UTC")
            return self._run(sql(f"simulate/{name}"), format_, parameters)

    def close(self) -> None:
        """Ends ClickHouse."""
        with self._lock:
            self._session.close()

    def _enter(self, frame: Frame, timezone: str, create: bool = False) -> None:
        self._session.query("set session_timezone = {zone:String}", params={"zone": timezone})
        if create:
            for database in ("utc", "project"):
                self._session.query("create database {name:Identifier}", params={"name": database})
        self._session.query("use {name:Identifier}", params={"name": frame})

    def _run(self, text: str, format_: str, parameters: dict[str, object]) -> bytes:
        from chdb import ChdbError

        try:
            return bytes(self._session.query(text, format_, params=parameters).bytes())
        except ChdbError as error:
            raise _refused(str(error)) from None


def _session(folder: Path) -> Any:
    from chdb import session

    # chdb comes without types.
    opened: Any = session
    return opened.Session(str(folder))


def _rows(raw: bytes, statement: Statement, began: float) -> Rows:
    """An answer of ClickHouse in its format JSONCompact, cut to a page. Big answers are never made into objects."""
    meta, data, tail = _parts(raw)
    described: list[dict[str, str]] = msgspec.json.decode(meta)
    names = [column["name"] for column in described]
    types = [column["type"] for column in described]
    count = int(msgspec.json.decode(tail)["rows"])
    more = statement.page is not None and count > statement.page
    if more or _shifted(types):
        rows = msgspec.json.decode(data)[: statement.page]
        count = len(rows)
        data = msgspec.json.encode(_in_zones(rows, types))
    return Rows(
        columns=list(statement.columns) if len(statement.columns) == len(names) else names,
        types=[list(pair) for pair in zip(names, types, strict=True)],
        body=_on_one_line(_without_empty_fractions(data)),
        count=count,
        page=statement.page,
        more=more,
        seconds=time.perf_counter() - began,
    )


def _parts(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """The members meta and data of `{"meta": [...], "data": [...], "rows": ...}`, and the rest as an object."""
    data_at, rest_at = raw.index(b'"data":'), raw.rindex(b'"rows":')
    meta = raw[raw.index(b"[") : data_at].rstrip().rstrip(b",")
    return meta, raw[data_at + 7 : rest_at].rstrip().rstrip(b","), b"{" + raw[rest_at:]


def _without_empty_fractions(data: bytes) -> bytes:
    """PostHog writes an instant without a fraction when there is none."""
    return data.replace(b'.000000Z"', b'Z"')


def _on_one_line(data: bytes) -> bytes:
    """PostHog sends no white space between rows; inside strings line ends are escaped."""
    return data.replace(b"\n\t\t", b"").replace(b"\n\t", b"")


def _shifted(types: list[str]) -> dict[int, ZoneInfo]:
    """The columns that hold instants of a time zone other than UTC."""
    zones = {place: match[1] for place, type_ in enumerate(types) if (match := re.search(r"DateTime.*'(.+)'", type_))}
    return {place: ZoneInfo(name) for place, name in zones.items() if name not in {"UTC", "Etc/UTC"}}


def _in_zones(rows: list[list[Any]], types: list[str]) -> list[list[Any]]:
    for place, zone in _shifted(types).items():
        for row in rows:
            if isinstance(row[place], str):
                row[place] = datetime.fromisoformat(row[place]).astimezone(zone).isoformat()
    return rows


def _refused(message: str) -> Refusal:
    found = _CLICKHOUSE_ERROR.match(message)
    if not found:
        return Refusal(500, "server_error", "error", "ClickHouse error while executing query.")
    name, detail = found["name"], found["detail"].split(" In scope ")[0]
    if name == "SYNTAX_ERROR":
        return invalid("hogql_syntax_error", detail)
    if name in _NOTICED_BY_HOGQL:
        return invalid("hogql_query_error", detail)
    return invalid(name.lower(), f"{detail}.")
