"""One person goes from everywhere and stays out; everybody else stays as they were."""

import shutil
import stat
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from user_intel import privacy
from user_intel.errors import InputError
from user_intel.extract.csv import import_csv
from user_intel.extract.normalise import Normaliser
from user_intel.forget import Forgotten, forget
from user_intel.journeys.build import build_journeys
from user_intel.journeys.transitions import transitions
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.segment.features import write_features
from user_intel.tables import catalogue
from user_intel_tests.detect.hand_made import write_rows

SALT = b"a salt of the tests, long enough"
DAYS = [date(2026, 11, 1), date(2026, 11, 2)]
NOW = datetime(2026, 11, 20, 12)  # noqa: DTZ001
TEXT = """user_id,timestamp,action
anna,2026-11-01T10:00:00Z,/a
anna,2026-11-01T10:01:00Z,/b
bert,2026-11-01T10:00:00Z,/a
bert,2026-11-01T10:01:00Z,/b
bert,2026-11-02T10:00:00Z,/a
bert,2026-11-02T10:01:00Z,/b
anna,never,/c
bert,never,/c
"""


@pytest.fixture(scope="module")
def as_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of two people, journeys and all; anna only on the first; a rejected row and a landing page of each."""
    folder = tmp_path_factory.mktemp("made")
    made = Lake(folder / "home", catalogue(Product()))
    _import(made, folder)
    for day in DAYS:
        build_journeys(made, Product(), day)
        with made.connect() as connection:
            made.write_day("transitions", day, transitions(made.read(connection, "steps", [day])))
    page = made.home / "landing" / "posthog" / "day=2026-11-03" / "page-1.parquet"
    page.parent.mkdir(parents=True)
    page.write_bytes(made.day_path("events", DAYS[0]).read_bytes())
    return made.home


@pytest.fixture
def lake(as_made: Path, tmp_path: Path) -> Lake:
    """A copy that a test may change."""
    shutil.copytree(as_made, tmp_path / "home")
    return Lake(tmp_path / "home", catalogue(Product()))


def _import(lake: Lake, folder: Path) -> None:
    path = folder / "a.csv"
    path.write_text(TEXT)
    normaliser = Normaliser(Product(), SALT, privacy.forgotten_users(lake.home))
    import_csv([path], lake, normaliser, max_rejected_share=0.5, now=NOW)


def rows(lake: Lake, table: str, columns: str) -> list[tuple[Any, ...]]:
    with lake.connect() as connection:
        return sorted(lake.read(connection, table).project(columns).fetchall())


def everything(home: Path) -> bytes:
    """The bytes of every row in every Parquet file of a home, as text."""
    found = b""
    for path in sorted(home.rglob("*.parquet")):
        with duckdb.connect() as connection:
            found += str(connection.read_parquet(str(path), hive_partitioning=False).fetchall()).encode()
    return found


def test_a_person_is_gone_from_every_table_page_and_rejected_row(lake: Lake) -> None:
    anna = privacy.pseudonym("anna", SALT)
    assert anna.encode() in everything(lake.home)
    untouched = lake.day_path("events", DAYS[1]).stat().st_mtime_ns
    result = forget("anna", lake, SALT)
    assert result == Forgotten({"events": 2, "sessions": 1, "steps": 2}, other_rows=3)
    assert result.total == 8
    assert anna.encode() not in everything(lake.home)
    assert lake.day_path("events", DAYS[1]).stat().st_mtime_ns == untouched
    bert = privacy.pseudonym("bert", SALT)
    assert Counter(rows(lake, "events", "user_id, step")) == {(bert, "/a"): 2, (bert, "/b"): 2}


def test_their_habits_and_group_go_and_those_of_others_stay_as_they_were(lake: Lake) -> None:
    write_features(lake, Product(), DAYS[0])
    anna, bert = (privacy.pseudonym(name, SALT) for name in ("anna", "bert"))
    groups = [{"day": DAYS[0], "user_id": user, "cluster_key": "persona-1"} for user in (anna, bert)]
    write_rows(lake, "user_clusters", DAYS[0], groups)
    of_bert = [row for row in rows(lake, "user_features", "*") if bert in row]
    result = forget("anna", lake, SALT)
    assert (result.rows["user_features"], result.rows["user_clusters"]) == (1, 1)
    assert anna.encode() not in everything(lake.home)
    assert rows(lake, "user_features", "*") == of_bert
    assert rows(lake, "user_clusters", "user_id, cluster_key") == [(bert, "persona-1")]


def test_transitions_of_their_days_are_counted_anew(lake: Lake) -> None:
    columns = "day, from_step, to_step, sessions, users"
    assert rows(lake, "transitions", columns) == [(DAYS[0], "/a", "/b", 2, 2), (DAYS[1], "/a", "/b", 1, 1)]
    forget("anna", lake, SALT)
    assert rows(lake, "transitions", columns) == [(DAYS[0], "/a", "/b", 1, 1), (DAYS[1], "/a", "/b", 1, 1)]


def test_they_stay_out_of_later_imports(lake: Lake, tmp_path: Path) -> None:
    forget("anna", lake, SALT)
    _import(lake, tmp_path)
    assert privacy.pseudonym("anna", SALT).encode() not in everything(lake.home)
    assert stat.S_IMODE(privacy.forgotten_path(lake.home).stat().st_mode) == 0o600
    assert "anna" not in privacy.forgotten_path(lake.home).read_text()


def test_the_id_seen_in_tables_and_other_ids_will_do_too(lake: Lake) -> None:
    assert forget(privacy.pseudonym("anna", SALT), lake, SALT).rows["events"] == 2
    assert forget("somebody", lake, SALT, person_ids=["bert"]).rows["events"] == 4
    assert rows(lake, "events", "user_id") == []
    assert rows(lake, "transitions", "sessions") == []


def test_forgetting_somebody_unknown_or_twice_changes_no_row(lake: Lake) -> None:
    forget("anna", lake, SALT)
    before = everything(lake.home)
    assert forget("anna", lake, SALT) == forget("nobody", lake, SALT) == Forgotten({}, 0)
    assert everything(lake.home) == before
    assert len(privacy.forgotten_users(lake.home)) == 2


def test_an_empty_id_forgets_nobody(lake: Lake) -> None:
    with pytest.raises(InputError, match="empty"):
        forget(" ", lake, SALT)
    assert not privacy.forgotten_path(lake.home).exists()
