"""CSV files into the lake: once, whole, private, and bad input answered in words."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel import privacy
from user_intel.errors import BudgetError, DayBusy, InputError
from user_intel.extract.csv import Imported, import_csv
from user_intel.extract.normalise import Normaliser
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import catalogue

SALT = b"a salt of the tests, long enough"
NOW = datetime(2026, 11, 20, 12)  # noqa: DTZ001
HEADER = "user_id,timestamp,action,metadata\n"
ROW = "anna,2026-11-01T10:00:00Z,/cart,\n"


def lake_in(home: Path, product: Product | None = None) -> Lake:
    return Lake(home, catalogue(product or Product()))


def written(folder: Path, name: str, content: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def imported(lake: Lake, *paths: Path, product: Product | None = None, share: float = 0.0) -> Imported:
    return import_csv(paths, lake, Normaliser(product or Product(), SALT), max_rejected_share=share, now=NOW)


def events(lake: Lake, columns: str = "*") -> list[tuple[Any, ...]]:
    with lake.connect() as connection:
        return lake.read(connection, "events").order('"at", event_id').project(columns).fetchall()


def rejects(lake: Lake) -> list[tuple[int, str, str]]:
    pattern = str(lake.home / "rejected" / "csv" / "*.parquet")
    with duckdb.connect() as connection:
        return connection.read_parquet(pattern).order("row").project('"row", reason, content').fetchall()


def refusal(lake: Lake, path: Path) -> str:
    with pytest.raises(InputError) as refused:
        imported(lake, path)
    assert lake.days("events") == []
    assert path.name in str(refused.value)
    return str(refused.value)


def test_a_row_becomes_an_event(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    text = (
        "metadata;Action;session_id;User_ID;plan;timestamp\n"
        '"{""price"": 12.5, ""email"": ""x@y.example""}";/item/12?a=b;s1;anna@example.com;pro;'
        "2026-11-01 10:00:00.5+01:00\n"
    )  # fmt: skip
    result = imported(lake, written(tmp_path, "a.csv", text))
    assert result == Imported(1, 1, 0, 0, (date(2026, 11, 1),), None)
    columns = 'user_id, session_id, "at", event, step, page, source, is_bot, properties'
    row = events(lake, columns)[0]
    assert row[:-1] == (
        privacy.pseudonym("anna@example.com", SALT), "s1", datetime(2026, 11, 1, 9, 0, 0, 500000), "$pageview",  # noqa: DTZ001
        "/item/:id", "/item/:id", "csv", False,
    )  # fmt: skip
    assert json.loads(row[-1]) == {"plan": "pro", "price": 12.5}


def test_importing_again_changes_nothing(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    path = written(tmp_path, "a.csv", HEADER + ROW * 3 + ROW.replace("anna", "bert"))
    assert imported(lake, path).added == 4
    before = events(lake)
    again = imported(lake, path)
    assert (again.rows, again.added, again.duplicates) == (4, 0, 4)
    assert events(lake) == before


def test_overlapping_files_unite_as_multisets(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    first = written(tmp_path, "a.csv", HEADER + ROW * 2 + ROW.replace("/cart", "/a"))
    second = written(tmp_path, "b.csv", HEADER + ROW.replace("/cart", "/b") + ROW * 3)
    imported(lake, first)
    assert imported(lake, second).added == 2
    assert Counter(step for (step,) in events(lake, "step")) == {"/cart": 3, "/a": 1, "/b": 1}
    together = lake_in(tmp_path / "other")
    imported(together, second, first)
    assert events(together) == events(lake)


@given(
    files=st.lists(
        st.lists(
            st.tuples(st.sampled_from("ab"), st.integers(0, 1), st.sampled_from(["x", "y"])), min_size=1, max_size=8
        ),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=3, deadline=None)
def test_in_whatever_order_files_come_the_lake_is_the_same(
    files: list[list[tuple[str, int, str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("files")
    texts = ["".join(f"{u},2026-11-0{d + 1},{a},\n" for u, d, a in rows) for rows in files]
    paths = [written(folder, f"{place}.csv", HEADER + text) for place, text in enumerate(texts)]
    one, other = lake_in(folder / "one"), lake_in(folder / "other")
    for path in paths:
        imported(one, path)
    imported(other, *reversed(paths))
    assert events(one) == events(other)
    expected: Counter[tuple[str, int, str]] = Counter()
    for rows in files:
        expected |= Counter(rows)
    assert len(events(one)) == expected.total()


def test_own_event_ids_count_once(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    text = "uuid,user_id,timestamp,action\ne1,a,2026-11-01,x\ne1,a,2026-11-01,x\ne2,a,2026-11-01,x\n,a,2026-11-01,x\n"
    result = imported(lake, written(tmp_path, "a.csv", text))
    assert (result.rows, result.added, result.duplicates) == (4, 3, 1)
    assert {"e1", "e2"} < {event_id for (event_id,) in events(lake, "event_id")}


def test_packed_files_are_read(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    packed = written(tmp_path, "a.csv.gz", gzip.compress((HEADER + ROW).encode()))
    zst = tmp_path / "b.csv.zst"
    with duckdb.connect() as connection:
        source = connection.read_csv(
            str(written(tmp_path, "b.csv", HEADER + ROW.replace("anna", "bert"))), all_varchar=True
        )
        source.write_csv(str(zst), compression="zstd")
    assert imported(lake, packed, zst).added == 2


def test_bots_are_marked_by_the_user_agent_column(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    text = "user_id,timestamp,action,user_agent\na,2026-11-01,/x,Googlebot/2.1\nb,2026-11-01,/x,Firefox\n"
    imported(lake, written(tmp_path, "a.csv", text))
    assert sorted(is_bot for (is_bot,) in events(lake, "is_bot")) == [False, True]


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("2026-11-01T10:00:00Z", "2026-11-01 10:00:00"),
        ("2026-11-01 10:00:00.123456", "2026-11-01 09:00:00.123456"),
        ("2026-11-01T10:00:00+05:30", "2026-11-01 04:30:00"),
        ("2026-11-01T10:00:00-0800", "2026-11-01 18:00:00"),
        ("2026-11-01 10:00:00 UTC", "2026-11-01 10:00:00"),
        ("2026-11-01 10:00:00 America/New_York", "2026-11-01 15:00:00"),
        ("2026-07-01 10:00", "2026-07-01 08:00:00"),
        ("2026-11-01", "2026-10-31 23:00:00"),
        ("2026/11/01 10:00:00", "2026-11-01 09:00:00"),
        ("01.11.2026 10:00", "2026-11-01 09:00:00"),
        ("17/May/2015:10:05:03 +0000", "2015-05-17 10:05:03"),
        ("Sun, 01 Nov 2026 10:00:00 +0200", "2026-11-01 08:00:00"),
        ("1793527200", "2026-11-01 10:00:00"),
        ("1793527200.25", "2026-11-01 10:00:00.250000"),
        ("1793527200123", "2026-11-01 10:00:00.123000"),
        ("1793527200123456", "2026-11-01 10:00:00.123456"),
        (" 2026-11-01T10:00:00Z ", "2026-11-01 10:00:00"),
    ],
)  # fmt: skip
def test_times_are_read_in_their_zone_or_the_products(berlin: _Times, cell: str, utc: str) -> None:
    assert str(berlin.read(cell)) == utc


@pytest.mark.parametrize(
    "cell", ["yesterday", "2026-13-01", "03/04/2026", "12", "infinity", "2026-02-30 10:00", "-1", "NaN", "10:00"]
)
def test_other_times_are_not_guessed(berlin: _Times, cell: str) -> None:
    assert berlin.read(cell) is None


class _Times:
    """Reads cells as the import does, for a product in Berlin."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def read(self, cell: str) -> datetime | None:
        found: datetime | None = self._connection.execute("select utc_time(trim($cell))", {"cell": cell}).fetchall()[0][
            0
        ]
        return found


@pytest.fixture(scope="module")
def berlin() -> Any:
    with duckdb.connect(config={"TimeZone": "UTC", "autoinstall_known_extensions": False}) as connection:
        privacy.set_variables(connection, {"zone": "Europe/Berlin"})
        connection.execute(privacy.files.sql("extract/csv_time_macros"))
        yield _Times(connection)


# --- bad files ---------------------------------------------------------------------------------------------------


def test_files_that_are_none_are_refused_in_words(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    assert "empty" in refusal(lake, written(tmp_path, "empty.csv", ""))
    assert "no rows" in refusal(lake, written(tmp_path, "header.csv", HEADER))
    assert "not there" in refusal(lake, tmp_path / "missing.csv")
    assert "folder" in refusal(lake, tmp_path)
    assert "not gzip" in refusal(lake, written(tmp_path, "plain.csv.gz", HEADER + ROW))
    assert "damaged" in refusal(
        lake, written(tmp_path, "cut.csv.gz", gzip.compress((HEADER + ROW * 999).encode())[:-30])
    )
    assert "UTF-16" in refusal(lake, written(tmp_path, "utf16.csv", (HEADER + ROW).encode("utf-16")))
    assert "without an end" in refusal(lake, written(tmp_path, "long.csv", HEADER + ROW + "x" * 17_000_000))


def test_a_header_that_does_not_fit_is_refused_with_advice(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    message = refusal(lake, written(tmp_path, "a.csv", "user_id,time,event\na,2026-11-01,x\n"))
    assert "no column timestamp and action" in message
    assert "found user_id, time, event" in message
    assert "Rename 'time' to 'timestamp'" in message
    assert "Rename 'event' to 'action'" in message
    assert "Rename 'user_idd' to 'user_id'" in refusal(lake, written(tmp_path, "b.csv", "user_idd,timestamp,action\n"))
    assert "comma, semicolon, tab, bar" in refusal(
        lake, written(tmp_path, "c.csv", "user_id^timestamp^action\na^2026^x\n")
    )
    assert "names plan twice" in refusal(lake, written(tmp_path, "d.csv", "user_id,timestamp,action,plan,Plan\n"))


def test_a_quote_left_open_fails_the_file_rather_than_lose_what_follows(tmp_path: Path) -> None:
    text = HEADER + ROW * 3 + 'bert,2026-11-01,"open,\n' + ROW * 500
    assert "row 5" in refusal(lake_in(tmp_path / "home"), written(tmp_path, "a.csv", text))


# --- bad rows ----------------------------------------------------------------------------------------------------

BAD_ROWS = {
    3: ("anna@example.com,not a time,/x,\n", "timestamp cannot be read"),
    5: ("anna,2027-01-01,/x,\n", "timestamp lies in the future"),
    6: ("anna,1969-12-31,/x,\n", "timestamp lies before 1990"),
    8: ('anna,2026-11-01,/x,"{""password"": ""hunter2"", "\n', "metadata is not a JSON object"),
    9: ("anna,2026-11-01,/x,[1]\n", "metadata is not a JSON object"),
    10: (",2026-11-01,/x,\n", "user_id is empty"),
    11: ("anna,2026-11-01, ,\n", "action is empty"),
    13: ("anna,2026-11-01\n", "fewer cells than the header has columns"),
    14: ("anna,2026-11-01,/x,,hunter2\n", "more cells than the header has columns"),
    15: ("an\x00na,2026-11-01,/x,\n", "a cell holds a NUL byte"),
    17: ("anna,2026-11-01,caf\udce9,\n", "not UTF-8"),
    18: ("anna,2026-11-01," + "x" * 10_000_000 + ",\n", "longer than a row may be"),
    19: ("anna,,/x,\n", "timestamp is empty"),
}  # fmt: skip


def test_bad_rows_are_kept_with_number_and_reason_and_the_others_taken(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    lines = [BAD_ROWS[number][0] if number in BAD_ROWS else ROW for number in range(2, 31)]
    path = written(tmp_path, "a.csv", (HEADER + "".join(lines)).encode(errors="surrogateescape"))
    result = imported(lake, path, share=0.5)
    assert (result.rows, result.rejected) == (29 - len(BAD_ROWS), len(BAD_ROWS))
    found = rejects(lake)
    assert {row: reason for row, reason, _ in found} == {row: reason for row, (_, reason) in BAD_ROWS.items()}
    kept = " ".join(content for _, _, content in found)
    assert all(word not in kept for word in ("anna", "example.com", "hunter2"))
    assert privacy.pseudonym("anna@example.com", SALT) in kept
    assert result.rejected_path == lake.home / "rejected" / "csv"


def test_too_many_bad_rows_fail_the_import_as_a_whole(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    good = written(tmp_path, "good.csv", HEADER + ROW * 50)
    bad = written(tmp_path, "bad.csv", HEADER + ROW * 48 + "anna,never,/x,\n" * 2)
    with pytest.raises(BudgetError, match=r"2 of 100 rows .* row 50: timestamp cannot be read; expected a time"):
        imported(lake, good, bad, share=0.01)
    assert lake.days("events") == []
    assert len(rejects(lake)) == 2
    assert imported(lake, good, bad, share=0.02).added == 50 + 0
    assert not list((lake.home / "tmp").glob("*"))


def test_a_mended_file_leaves_no_rejected_rows_behind(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    imported(lake, written(tmp_path, "a.csv", HEADER + ROW + "anna,never,/x,\n"), share=0.5)
    assert len(rejects(lake)) == 1
    imported(lake, written(tmp_path, "a.csv", HEADER + ROW))
    assert not list((lake.home / "rejected" / "csv").glob("*"))


def test_two_imports_at_once_do_not_mix(tmp_path: Path) -> None:
    from filelock import FileLock

    lake = lake_in(tmp_path / "home")
    (lake.home / "locks").mkdir(parents=True)
    with FileLock(lake.home / "locks" / "import.lock"), pytest.raises(DayBusy, match="Another import"):
        imported(lake, written(tmp_path, "a.csv", HEADER + ROW))


def test_a_forgotten_person_stays_out_of_later_imports(tmp_path: Path) -> None:
    lake = lake_in(tmp_path / "home")
    path = written(tmp_path, "a.csv", HEADER + ROW + ROW.replace("anna", "bert"))
    gone = privacy.pseudonym("anna", SALT)
    import_csv([path], lake, Normaliser(Product(), SALT, frozenset([gone])), now=NOW)
    assert [user for (user,) in events(lake, "user_id")] == [privacy.pseudonym("bert", SALT)]


def test_an_import_killed_at_any_moment_and_run_again_is_the_same(tmp_path: Path) -> None:
    dice = random.Random(4)
    days = [date(2026, 11, 1) + timedelta(days=d) for d in range(6)]
    rows = "".join(
        f"u{dice.randrange(300)},{dice.choice(days)}T{dice.randrange(24):02}:00:00Z,/p{dice.randrange(9)},\n"
        for _ in range(15_000)
    )
    path = written(tmp_path, "a.csv", HEADER + rows)
    whole, killed = lake_in(tmp_path / "whole"), lake_in(tmp_path / "killed")
    started = time.monotonic()
    _import_in_a_process(whole.home, path).wait()
    took = time.monotonic() - started
    for moment in (0.6, 0.9):
        process = _import_in_a_process(killed.home, path)
        time.sleep(took * moment)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert imported(killed, path).rows == 15_000
    assert events(killed) == events(whole)
    assert not list((killed.home / "tmp").glob("import-*"))


def _import_in_a_process(home: Path, path: Path) -> subprocess.Popen[bytes]:
    program = (
        "import sys; from pathlib import Path; from datetime import datetime\n"
        "from user_intel_tests.extract.test_csv import imported, lake_in\n"
        "imported(lake_in(Path(sys.argv[1])), Path(sys.argv[2]))"
    )
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-c", program, str(home), str(path)], cwd=root, stderr=subprocess.DEVNULL)
