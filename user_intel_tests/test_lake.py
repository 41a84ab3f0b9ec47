"""The lake: a table-day is there whole or not at all, and nobody waits for anybody."""

import multiprocessing
import resource
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from user_intel.errors import DayBusy, LakeError
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import Product
from user_intel.tables import SNAPSHOTS, catalogue

DAY = date(2026, 11, 1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home", catalogue(Product()))


@pytest.fixture
def connection(lake: Lake) -> Iterator[Connection]:
    with lake.connect() as opened:
        yield opened


def rows_of(connection: Connection, day: date = DAY, count: int = 1) -> Relation:
    return connection.sql(
        """select $day as day, 'a' || n as from_step, 'b' as to_step, n as sessions, 1 as users, n as "count",
           1.5 as median_gap_s from range($count) numbers(n)""",
        params={"day": day, "count": count},
    )


def test_what_is_written_is_read_back_by_duckdb_and_polars(lake: Lake, connection: Connection) -> None:
    assert lake.write_day("transitions", DAY, rows_of(connection, count=3)) == 3
    assert len(lake.read(connection, "transitions", [DAY]).fetchall()) == 3
    assert lake.frame("transitions").collect()["count"].to_list() == [0, 1, 2]
    assert lake.days("transitions") == [DAY] == [lake.first_day()]


def test_an_absent_day_or_table_has_columns_and_no_rows(lake: Lake, connection: Connection) -> None:
    relation = lake.read(connection, "events", [DAY])
    assert relation.columns == list(lake.table("events").column_names)
    assert relation.fetchall() == []
    assert lake.frame("events").collect().is_empty()


def test_a_rerun_replaces_the_day(lake: Lake, connection: Connection) -> None:
    lake.write_day("transitions", DAY, rows_of(connection, count=3))
    lake.write_day("transitions", DAY, rows_of(connection, count=2))
    assert len(lake.read(connection, "transitions").fetchall()) == 2


def test_rows_of_another_day_raise_and_leave_the_old_day(lake: Lake, connection: Connection) -> None:
    lake.write_day("transitions", DAY, rows_of(connection))
    with pytest.raises(LakeError, match="outside 2026-11-01"):
        lake.write_day("transitions", DAY, rows_of(connection, DAY + timedelta(days=1)))
    assert len(lake.read(connection, "transitions").fetchall()) == 1


def test_unknown_and_missing_columns_are_named(lake: Lake, connection: Connection) -> None:
    with pytest.raises(LakeError, match=r"missing: users; unknown: x"):
        lake.write_day("transitions", DAY, rows_of(connection).project("* exclude (users), 1 as x"))


def test_an_unknown_table_names_the_known_ones(lake: Lake) -> None:
    with pytest.raises(LakeError, match="events, recordings, sessions"):
        lake.table("evnts")


def _write_on_a_full_disk(home: Path, answers: "multiprocessing.Queue[str]") -> None:
    lake = Lake(home, catalogue(Product()))
    with lake.connect() as connection:
        rows = rows_of(connection, count=200_000)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            lake.write_day("transitions", DAY, rows)
        except LakeError as error:
            answers.put(str(error))


def test_a_full_disk_is_said_and_leaves_the_old_day(lake: Lake, connection: Connection) -> None:
    lake.write_day("transitions", DAY, rows_of(connection))
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    writer = spawn.Process(target=_write_on_a_full_disk, args=(lake.home, answers))
    writer.start()
    assert "free disk space" in answers.get(timeout=60)
    writer.join()
    assert len(lake.read(connection, "transitions").fetchall()) == 1
    assert [path.name for path in lake.day_path("transitions", DAY).parent.iterdir()] == ["data.parquet"]


def test_a_day_that_another_holds_is_busy(lake: Lake) -> None:
    with lake.writing("events", DAY), pytest.raises(DayBusy, match="events of 2026-11-01"), lake.writing("events", DAY):
        pass


def test_views_carry_comments_and_are_made_anew_only_when_something_changed(lake: Lake, connection: Connection) -> None:
    lake.write_day("transitions", DAY, rows_of(connection))
    assert lake.refresh_views()
    assert not lake.refresh_views()
    with lake.query() as views:
        described = views.execute("select view_name, comment from duckdb_views() where not internal").fetchall()
        columns = views.execute("select comment from duckdb_columns() where not internal").fetchall()
        assert views.execute("select count(*) from transitions").fetchall() == [(1,)]
    assert {name for name, _ in described} == {*lake.tables, *SNAPSHOTS}
    assert all(comment for _, comment in described)
    assert all(comment for (comment,) in columns)
    wider = Lake(lake.home, catalogue(Product(segments=["plan"])))
    assert wider.refresh_views()
    with wider.query() as views:
        assert "plan" in views.execute("describe sessions").fetchall()[-1]


def test_a_column_added_later_reads_as_null_on_old_days(lake: Lake, connection: Connection) -> None:
    old = lake.read(connection, "sessions").columns
    nulls = ", ".join(f"null as {name}" for name in old if name not in ("day", "session_id"))
    lake.write_day("sessions", DAY, connection.sql(f"select date '{DAY}' as day, 's' as session_id, {nulls}"))
    wider = Lake(lake.home, catalogue(Product(segments=["plan"])))
    assert wider.read(connection, "sessions").project("plan").fetchall() == [(None,)]


def _query_forever(path: Path, stop: object, answers: "multiprocessing.Queue[object]") -> None:
    queries = 0
    try:
        with duckdb.connect(str(path), read_only=True) as views:
            while not stop.is_set():  # type: ignore[attr-defined]
                (count, total), *_ = views.execute('select count(*), sum("count") from transitions').fetchall()
                assert total == sum(range(count // 5)) * 5, (count, total)
                queries += 1
        answers.put(queries)
    except BaseException as error:  # noqa: BLE001  # whatever it is, the parent shall show it
        answers.put(repr(error))


def test_an_open_connection_neither_disturbs_rewrites_nor_is_disturbed(lake: Lake, connection: Connection) -> None:
    days = [DAY + timedelta(days=n) for n in range(5)]
    for day in days:
        lake.write_day("transitions", day, rows_of(connection, day, 1_000))
    lake.refresh_views()
    spawn = multiprocessing.get_context("spawn")
    stop, answers = spawn.Event(), spawn.Queue()
    analyst = spawn.Process(target=_query_forever, args=(lake.views_path, stop, answers))
    analyst.start()
    for _ in range(30):
        for day in days:
            lake.write_day("transitions", day, rows_of(connection, day, 1_000))
        lake.refresh_views()
    stop.set()
    answer = answers.get(timeout=60)
    analyst.join()
    assert isinstance(answer, int), answer
    assert answer > 0
