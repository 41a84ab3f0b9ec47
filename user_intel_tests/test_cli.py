"""The command line as a person meets it: run as a process, read from its output."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.tables import catalogue
from user_intel_tests.test_lake import rows_of

ROOT = Path(__file__).parents[1]
PROGRAM = Path(sys.executable).parent / "user-intel"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    lake = Lake(tmp_path / "home", catalogue(Product()))
    with lake.connect() as connection:
        lake.write_day("transitions", date(2026, 11, 1), rows_of(connection, date(2026, 11, 1), 3))
    return lake.home


def user_intel(*arguments: str, home: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("POSTHOG_", "USER_INTEL_"))}
    return subprocess.run(
        [PROGRAM, *arguments],
        capture_output=True,
        text=True,
        cwd=home.parent,
        env={**clean, "USER_INTEL_HOME": str(home), "COLUMNS": "160", **environment},
    )


def test_every_command_is_explained_and_named_in_the_readme(home: Path) -> None:
    listed = user_intel("--help", home=home).stdout
    commands = re.findall(r"^│ ([a-z][a-z-]+)  ", listed, re.MULTILINE)
    assert {"demo", "import", "run", "pain-points", "sql", "simulate", "forget", "doctor", "bench"} <= set(commands)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in commands:
        assert f"user-intel {command}" in readme, f"the README does not name {command}"


def test_help_needs_no_usable_settings(home: Path) -> None:
    assert user_intel("run", "--help", home=home, USER_INTEL_RETENTION_DAYS="ninety").returncode == 0


@pytest.mark.parametrize(
    ("format_", "expected"),
    [
        ("csv", "from_step,count\na1,1\na2,2\n"),
        ("json", '{"from_step": "a1", "count": 1}\n{"from_step": "a2", "count": 2}\n'),
    ],
)
def test_a_question_is_answered_on_stdout(home: Path, format_: str, expected: str) -> None:
    query = 'select from_step, "count" from transitions where "count" > 0'
    answer = user_intel("sql", query, "--format", format_, home=home)
    assert answer.stdout == expected
    assert answer.stderr == ""


def test_a_table_says_how_many_rows_it_does_not_show(home: Path) -> None:
    answer = user_intel("sql", "from transitions", "--max-rows", "2", home=home)
    assert "1 rows more" in answer.stderr
    assert "a1" in answer.stdout
    assert "a2" not in answer.stdout


@pytest.mark.parametrize("query", ["drop view events", "copy events to 'x.csv'", "select 1; select 2", "attach 'x.db'"])
def test_only_reading_is_possible(home: Path, query: str) -> None:
    answer = user_intel("sql", query, home=home)
    assert answer.returncode == 2
    assert "Exactly one reading statement" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_an_error_is_one_line_and_a_traceback_only_with_debug(home: Path) -> None:
    quiet = user_intel("sql", "select nope from events", home=home)
    assert quiet.returncode == 2
    assert quiet.stderr.startswith("user-intel: The query does not run")
    assert quiet.stderr.count("\n") == 1
    assert "Traceback" in user_intel("--debug", "sql", "select nope from events", home=home).stderr


def test_a_wrong_setting_is_named(home: Path) -> None:
    answer = user_intel("sql", "select 1", home=home, USER_INTEL_RETENTION_DAYS="ninety")
    assert answer.returncode == 2
    assert "USER_INTEL_RETENTION_DAYS" in answer.stderr


def test_a_wrong_product_is_named(home: Path) -> None:
    (home / "product.yaml").write_text("flwos: {}\n")
    answer = user_intel("sql", "select 1", home=home)
    assert answer.returncode == 2
    assert "product.yaml: unknown key 'flwos'" in answer.stderr


def test_a_run_of_days_that_are_not_over_is_refused(home: Path) -> None:
    answer = user_intel("run", "--from", "2031-01-01", home=home)
    assert answer.returncode == 2
    assert "A day can be run when it is over" in answer.stderr


def test_a_run_of_an_unknown_stage_names_the_known_ones(home: Path) -> None:
    answer = user_intel("run", "--from", "2026-11-01", "--select", "detct", home=home)
    assert answer.returncode == 2
    assert "stages are act, detect, explain, extract, graph, journeys, segment, watch" in answer.stderr


def test_doctor_says_in_one_line_each_what_works(home: Path) -> None:
    answer = user_intel("doctor", home=home, NO_COLOR="1")
    lines = [line.split(maxsplit=2)[:2] for line in answer.stdout.splitlines()]
    assert answer.returncode == 0, answer
    assert ["works", "lake"] in lines
    assert ["default", "posthog"] in lines
    assert ["default", "identity"] in lines
    assert ["default", "graph"] in lines


def test_doctor_says_why_something_is_broken(home: Path) -> None:
    posthog = {"POSTHOG_HOST": "http://127.0.0.1:1", "POSTHOG_PROJECT_ID": "1", "POSTHOG_API_KEY": "phx_secret"}
    answer = user_intel("doctor", home=home, NO_COLOR="1", **posthog)
    assert answer.returncode == 1
    assert re.search(r"^broken +posthog +PostHog at http://127.0.0.1:1", answer.stdout, re.MULTILINE), answer
    assert "phx_secret" not in answer.stdout + answer.stderr


def test_doctor_names_a_graph_that_does_not_answer(home: Path) -> None:
    neo4j = {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_USER": "neo4j", "NEO4J_PASSWORD": "graph-secret"}
    answer = user_intel("doctor", home=home, NO_COLOR="1", **neo4j)
    assert answer.returncode == 1
    assert re.search(r"^broken +graph +Neo4j at bolt://127.0.0.1:1 does not", answer.stdout, re.MULTILINE), answer
    assert "graph-secret" not in answer.stdout + answer.stderr


def test_the_json_lines_are_json(home: Path) -> None:
    answer = user_intel("sql", "select day, median_gap_s from transitions limit 1", "--format", "json", home=home)
    assert json.loads(answer.stdout) == {"day": "2026-11-01", "median_gap_s": 1.5}
