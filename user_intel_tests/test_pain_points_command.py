"""`user-intel pain-points` as a product manager meets it, and as a program does."""

import json
import shutil
from dataclasses import asdict
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from user_intel.lake import Lake
from user_intel.terminal.pain_points import print_top
from user_intel_tests.detect.hand_made import DAY, Session, before, new_lake, write, write_rows
from user_intel_tests.detect.made_pain_points import ONE_OF_EACH, facts, made
from user_intel_tests.detect.troubled_shop import PRODUCT, PRODUCT_YAML
from user_intel_tests.test_cli import user_intel

COST = "at least 61 conversions of purchase lost, worth $1,230"
AGAIN = "Next: user-intel run --from 2026-03-27 --to 2026-03-27 --select detect"
MOBILE = made(
    "drop_off", "/cart", segment="device=mobile", flow="purchase", lost_conversions=61.4, lost_usd=1228.0,
    severity=40.0, priority="P0", pain_point_id="first",
    facts=facts(numbers=[{"id": "users_hit_share", "value": 0.25}],
                also=[{"kind": "rapid_exit", "subject": "/cart", "segment": "all", "value": 0.1, "expected": 0.01}]),
)  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home: the last day has all kinds of pain points, the day before none, the one before was not judged.

    All tests ask it, none changes it.
    """
    home = tmp_path_factory.mktemp("asked") / "home"
    home.mkdir()
    (home / "product.yaml").write_text(PRODUCT_YAML, encoding="utf-8")
    lake = new_lake(home, PRODUCT)
    for day in (before(2), before(1), DAY):
        write(lake, day, [Session("/home", values={"device": "mobile", "plan": "free"})])
        write_rows(lake, "tallies", day, [])
    write_rows(lake, "pain_points", before(1), [])
    store(lake, *ONE_OF_EACH, MOBILE)
    cut = [("/home", "all", "no_baseline"), ("/cart", "all", None), ("paid", "all", "goal"),
           ("/home", "device=mobile", "no_baseline")]  # fmt: skip
    rows = [{"day": DAY, "step": step, "segment": segment, "reason": reason} for step, segment, reason in cut]
    write_rows(lake, "drop_offs", DAY, rows)
    return home


def store(lake: Lake, *found: object) -> None:
    write_rows(lake, "pain_points", DAY, [{**asdict(each), "facts": json.dumps(each.facts)} for each in found])  # type: ignore[attr-defined,call-overload]


@cache
def asked(home: Path, *arguments: str) -> "CompletedProcess[str]":
    """What the command answers, asked once: a process takes a second to start."""
    return user_intel("pain-points", *arguments, home=home, COLUMNS="140")


def told(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_the_most_severe_problem_of_the_last_day_comes_first_in_words(home: Path) -> None:
    lines = told(asked(home).stdout)
    assert lines[:7] == [
        "2026-03-29 and the 6 days before: 15 problems, the most severe first",
        "",
        "P0  At /cart 41 % of sessions with device=mobile leave, 12 % expected (flow purchase)",
        f"96 users hit in 120 sessions (25 % of active users); {COST}; severity 40 of 100",
        "since 2026-03-26, seen on 4 days; new",
        "also rapid exits: /cart (10 %, 1.0 % expected)",
        "",
    ]


def test_ten_are_shown_unless_all_are_asked_for(home: Path) -> None:
    some, everything = asked(home), asked(home, "--all")
    assert sum(line.startswith(("P0", "P1")) for line in told(some.stdout)) == 10
    assert "5 more: --all shows them" in some.stderr
    assert sum(line.startswith(("P0", "P1")) for line in told(everything.stdout)) == 15
    assert "more: --all" not in everything.stderr


def test_what_could_not_be_said_is_said(home: Path) -> None:
    answer = told(asked(home).stderr)
    assert "3 of 35 days of history are there; more make it sharper" in answer
    assert "not cut by plan: too few users of at least two values" in answer
    assert "not judged: 1 of 3 steps for people leaving: too little history to compare with" in answer


def test_problems_can_be_chosen_by_kind_and_segment(home: Path) -> None:
    answer = asked(home, "--kind", "drop_off", "--segment", "device=mobile").stdout
    assert "1 problem of 15" in answer
    assert "/cart" in answer
    assert "no problem was found like that" in asked(home, "--kind", "loop", "--segment", "plan=pro").stdout


def test_json_is_one_object_a_line_with_every_column_and_fact(home: Path) -> None:
    answer = asked(home, "--json")
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.stderr == ""
    assert len(found) == 15
    assert found[0] == {**asdict(MOBILE), "day": "2026-03-29", "first_day": "2026-03-26", "last_day": "2026-03-29"}


def test_a_day_without_problems_says_so(home: Path) -> None:
    answer = asked(home, "--day", str(before(1)))
    assert answer.returncode == 0
    assert "2026-03-28 and the 6 days before: no problem was found\n" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--day", "2026-03-27"], f"2026-03-27 was not judged (judged are 2026-03-28 to 2026-03-29). {AGAIN}"),
        (["--day", "2026-01-01"], "2026-01-01 was not run"),
        (["--kind", "drop-off"], "There is no kind 'drop-off'; kinds are drop_off, loop,"),
    ],
)  # fmt: skip
def test_what_was_not_judged_or_cannot_be_meant_is_an_error_with_a_remedy(
    home: Path, arguments: list[str], said: str
) -> None:
    answer = asked(home, *arguments)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert answer.stdout == ""


def test_the_demo_shows_the_first_problems_in_a_line_each(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    print_top(new_lake(home, PRODUCT), DAY, 2)
    found = told(capsys.readouterr().out)
    assert found[0] == "15 problems of users found on 2026-03-29; the first 2:"
    assert found[1].startswith("P0  At /cart 41 % of sessions with device=mobile leave")
    print_top(new_lake(home, PRODUCT), before(1), 2)
    assert "No problem of users was found on 2026-03-28." in capsys.readouterr().out


def test_before_anything_was_judged_the_next_command_is_named(home: Path, tmp_path: Path) -> None:
    home = shutil.copytree(home, tmp_path / "home")
    lake = new_lake(home, PRODUCT)
    for day in lake.days("pain_points"):
        lake.drop_day("pain_points", day)
    again = "user-intel run --from 2026-03-27 --to 2026-03-29 --select detect"
    assert f"No day was judged yet. Next: {again}" in asked(home).stderr
    assert "or user-intel demo" in asked(tmp_path / "nothing").stderr
