"""`user-intel graph` as a person meets it, and as a program does."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from user_intel.errors import InputError
from user_intel.graph.asking import Asked
from user_intel.graph.connection import Graph
from user_intel.graph.loading import load_days
from user_intel.graph.questions import questions
from user_intel.settings import Settings
from user_intel.terminal import graph as command
from user_intel_tests.detect.hand_made import DAY, Session, new_lake
from user_intel_tests.graph.conftest import empty
from user_intel_tests.graph.wandering import PRODUCT, write_journeys
from user_intel_tests.test_cli import user_intel

WALKS = ["/home /item /cart paid", "/home /item /cart", "/home /item:3 /home /cart", "/help:7 /contact"]


@pytest.fixture(scope="module")
def home(embedded_settings: Settings, _open_embedded: Graph) -> Path:
    """A home whose graph holds one day of four sessions."""
    empty(_open_embedded)
    lake = new_lake(embedded_settings.home, PRODUCT)
    write_journeys(lake, DAY, [Session(walk, user=f"u{n}", hour=n) for n, walk in enumerate(WALKS)])
    load_days(lake, PRODUCT, _open_embedded, [DAY])
    return embedded_settings.home


@pytest.fixture
def here(home: Path, embedded_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process, as if it were one of the home."""
    monkeypatch.setattr(command, "settings", lambda: embedded_settings)
    monkeypatch.setattr(command, "open_lake", lambda: new_lake(home, PRODUCT))


def test_a_question_is_answered_as_a_table_with_notes_beside_it(home: Path) -> None:
    answer = user_intel("graph", "paths_after", "/home", "2", home=home)
    assert [" ".join(line.split()) for line in answer.stdout.splitlines()] == [
        "path sessions share of_sessions",
        "/home > /item > /cart 2 0.667 3",
        "/home > /item > /home 1 0.333 3",
    ]
    assert answer.stderr.strip() == str(DAY)
    assert answer.returncode == 0


@pytest.mark.usefixtures("here")
def test_json_is_one_object_a_line_and_csv_has_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    command.run_graph(Asked("by_day", ["/item"]), "json")
    assert json.loads(capsys.readouterr().out) == {
        "day": str(DAY), "visits": 3, "sessions": 3, "users": 3, "entries": 0, "exits": 0,
    }  # fmt: skip
    command.run_graph(Asked("paths_between", ["/home", "paid"]), "csv")
    told = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert told == [["path", "sessions", "times", "of_sessions"], ["/home > /item > /cart > paid", "1", "1", "3"]]
    command.run_graph(Asked("cycles_through", ["/help"]), "csv")
    assert capsys.readouterr().out == "cycle,sessions,times,of_sessions\n"


@pytest.mark.usefixtures("here")
def test_a_session_is_found_and_then_shown(capsys: pytest.CaptureFixture[str]) -> None:
    command.run_graph(Asked("sessions_at", ["/contact"]), "json")
    found = json.loads(capsys.readouterr().out)
    assert (found["started_at"], found["entry_step"], found["goals"]) == (f"{DAY} 03:00:00", "/help", ["support"])
    command.run_graph(Asked("session_path", [found["session_id"]]), "table")
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["position", "step", "entered_at", "dwell_s", "nth"]
    assert [line[1] for line in lines[1:]] == ["/help", "/contact"]


@pytest.mark.usefixtures("here")
def test_days_that_are_not_there_are_told_with_the_next_command() -> None:
    other = DAY.replace(day=22)
    said = f"{other}: not loaded (there: {DAY}). Next: user-intel run --from {other} --to {other} --select"
    with pytest.raises(InputError, match=re.escape(said)):
        command.run_graph(Asked("by_day", ["/item"], first=other, last=other), "csv")


def test_all_questions_are_listed_in_a_line_each_and_explained_without_a_server(tmp_path: Path) -> None:
    home = tmp_path / "home"
    listed = user_intel("graph", "--list", home=home, COLUMNS="80").stdout.splitlines()
    assert [line.split()[0] for line in listed] == list(questions())
    days = ("--from", "2026-03-01", "--to", "2026-03-02")
    told = user_intel("graph", "paths-after", "it's", "--explain", *days, home=home)
    assert "Usage: user-intel graph paths_after STEP [DEPTH] [--from DAY] [--to DAY] [--limit 20]" in told.stdout
    assert 'MATCH (begin:Event {step: "it\'s", bucket: bucket})' in told.stdout
    assert "begin.day IN [date('2026-03-01'), date('2026-03-02')]" in told.stdout
    assert not (home / "graph").exists()


def test_a_slip_of_the_pen_is_told_before_a_server_is_started(tmp_path: Path) -> None:
    home = tmp_path / "home"
    wrong = user_intel("graph", "path_after", "/cart", home=home)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("user-intel: There is no question 'path_after'. Did you mean paths_after")
    few = user_intel("graph", "paths_between", "/cart", home=home)
    assert "takes 2 arguments, found 1. Usage: user-intel graph paths_between FROM TO." in few.stderr
    assert not (home / "graph").exists()
