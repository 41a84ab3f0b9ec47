"""What a CSV file's first line says: its columns and delimiter; and whether it is a CSV file at all.

Every complaint names the file, what was found in it and what to change. Rows are `csv.py`'s.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import duckdb

from user_intel import files
from user_intel.errors import InputError

Compression = Literal["none", "gzip", "zstd"]

REQUIRED = ("user_id", "timestamp", "action")
OPTIONAL = ("metadata", "session_id", "event_id")
MAX_LINE_BYTES = 1_000_000
# DuckDB 2.0 leaves out a line longer than its buffer without a word, so such a line is looked for apart.
BUFFER_BYTES = 16_000_000
_CHUNK_BYTES = 1_000_000
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MAGIC: dict[bytes, Compression] = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_PROMISED: dict[str, Compression] = {".gz": "gzip", ".zst": "zstd"}
_OTHER_NAMES = {
    "user": "user_id", "userid": "user_id", "uid": "user_id", "distinct_id": "user_id", "person_id": "user_id",
    "time": "timestamp", "ts": "timestamp", "date": "timestamp", "datetime": "timestamp", "created_at": "timestamp",
    "event": "action", "event_name": "action", "page": "action", "url": "action", "name": "action",
}  # fmt: skip


@dataclass(frozen=True)
class Head:
    """A CSV file whose header is understood. `columns` are its names in order, lower case, as they are used."""

    path: Path
    compression: Compression
    delimiter: str
    columns: tuple[str, ...]

    @property
    def extras(self) -> tuple[str, ...]:
        """The columns that become properties."""
        return tuple(name for name in self.columns if name not in (*REQUIRED, *OPTIONAL))


def read_head(path: Path) -> Head:
    """The head of a CSV file, packed or not. Raises InputError saying what is wrong with it."""
    compression = _compression(path)
    line = _first_line(path, compression)
    delimiter, columns = _split(path, line)
    return Head(path, compression, delimiter, _unique(path, columns))


def refuse_endless_lines(head: Head) -> None:
    """Raises InputError for a line longer than the buffer, or a damaged .gz. A .zst is not looked into."""
    if head.compression == "zstd":
        return
    run = 0
    try:
        with gzip.open(head.path) if head.compression == "gzip" else head.path.open("rb") as handle:
            while chunk := handle.read(_CHUNK_BYTES):
                run = run + len(chunk) if b"\n" not in chunk else len(chunk) - chunk.rindex(b"\n")
                if run > BUFFER_BYTES - _CHUNK_BYTES:
                    raise InputError(
                        f"{head.path} has a line of many megabytes without an end; is it CSV? Nothing was imported."
                    )
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise InputError(f"{head.path} is cut off or damaged; pack it again. Nothing was imported.") from None


def _compression(path: Path) -> Compression:
    if path.is_dir():
        raise InputError(f"{path} is a folder; name the CSV files in it, for example {path}/*.csv.")
    try:
        with path.open("rb") as handle:
            start = handle.read(4)
    except FileNotFoundError:
        raise InputError(f"{path} is not there; check the name.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    if not start:
        raise InputError(f"{path} is empty; a header with {', '.join(REQUIRED)} and rows below it were expected.")
    found: Compression = next((name for magic, name in _MAGIC.items() if start.startswith(magic)), "none")
    promised = _PROMISED.get(path.suffix)
    if promised and found != promised:
        raise InputError(f"{path} is not {promised}, as its name says; rename it or pack it again.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path} is UTF-16; save it as UTF-8.")
    return found


def _first_line(path: Path, compression: Compression) -> str:
    values = {"path": str(path), "compression": compression, "max_line_bytes": MAX_LINE_BYTES}
    try:
        with duckdb.connect() as connection:
            rows = connection.execute(files.sql("extract/csv_head"), values).fetchall()
    except (duckdb.Error, UnicodeDecodeError):
        raise InputError(
            f"{path}: the first line cannot be read as UTF-8 text; is it a CSV file, whole and not damaged?"
        ) from None
    line = str(rows[0][0] or "") if rows else ""
    if not line.strip():
        raise InputError(f"{path} has no header; its first line is blank.")
    return line.removeprefix("\ufeff")


def _split(path: Path, line: str) -> tuple[str, list[str]]:
    """The delimiter that shows most of the required columns, and the columns."""
    splits = {delimiter: _cells(line, delimiter) for delimiter in _DELIMITERS}
    best = max(splits, key=lambda d: (len(set(REQUIRED) & set(splits[d])), len(splits[d])))
    columns = splits[best]
    missing = [name for name in REQUIRED if name not in columns]
    if missing and len(columns) == 1:
        raise InputError(
            f"{path}: none of {', '.join(_DELIMITERS.values())} parts its first line into columns; a header with "
            f"{', '.join(REQUIRED)} was expected."
        )
    if missing:
        raise InputError(
            f"{path}: no column {' and '.join(missing)}; found {', '.join(columns[:20])}.{_advice(missing, columns)}"
        )
    return best, columns


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip().lower() for cell in next(csv.reader([line], delimiter=delimiter))]


def _advice(missing: list[str], columns: list[str]) -> str:
    advice = []
    for name in missing:
        near = [column for column in columns if _OTHER_NAMES.get(column) == name]
        near = near or get_close_matches(name, columns, n=1, cutoff=0.6)
        if near:
            advice.append(f" Rename {near[0]!r} to {name!r}, if that is what it is.")
    return "".join(advice) or " Add or rename the columns."


def _unique(path: Path, columns: list[str]) -> tuple[str, ...]:
    named = ["event_id" if name == "uuid" and "event_id" not in columns else name for name in columns]
    named = [name or f"column_{place}" for place, name in enumerate(named, start=1)]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise InputError(f"{path}: the header names {', '.join(twice)} twice; rename or drop one.")
    return tuple(named)
