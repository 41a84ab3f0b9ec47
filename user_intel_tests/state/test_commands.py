"""Deciding from the terminal, as a person does it and reads it, and what SQL and `doctor` then say."""

import json
import os
import pwd
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from user_intel import cli, doctor, settings
from user_intel.errors import InputError, StateError
from user_intel.lake import Lake
from user_intel.tables.explain import INSIGHTS
from user_intel_tests.postgres import PASSWORD, Postgres, free_port
from user_intel_tests.state.conftest import DAY, empty_database, server_address
from user_intel_tests.state.test_publishing import explain
from user_intel_tests.test_cli import user_intel

ME = pwd.getpwuid(os.geteuid()).pw_name


def lake_of(home: Path) -> Lake:
    """The part of a home's lake that matters here; views of all tables take their time."""
    return Lake(home, {INSIGHTS.name: INSIGHTS}, threads=1)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with an explained day that was not acted on yet; commands run in this process find it."""
    lake = lake_of(tmp_path / "home")
    explain(lake, DAY, {"a1": "Improve Shipping", "b2": "Speed the cart up", "c3": "Show the coupon"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("USER_INTEL_HOME", str(lake.home))
    monkeypatch.setenv("COLUMNS", "160")
    settings.settings.cache_clear()
    yield lake.home
    settings.settings.cache_clear()


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints to stdout."""
    capsys.readouterr()
    cli.app(list(arguments), standalone_mode=False)
    return capsys.readouterr().out


def shown(home: Path) -> dict[str, str]:
    """The statuses as SQL sees them."""
    with lake_of(home).query() as views:
        return dict(views.execute("select insight_id, status from insight_status").fetchall())


def test_several_insights_are_decided_about_at_once_and_sql_sees_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, "approve", "insight-a1", "insight-b2")
    assert told.splitlines() == ["approved  insight-a1  Improve Shipping", "approved  insight-b2  Speed the cart up"]
    until = DAY + timedelta(days=30)
    told = said(capsys, "dismiss", "insight-c3", "--reason", "gone in May", "--until", str(until), "--by", "maria")
    assert told == f"dismissed until {until}  insight-c3  Show the coupon (gone in May)\n"
    said(capsys, "ship", "insight-b2")
    assert shown(home) == {"insight-a1": "approved", "insight-b2": "shipped", "insight-c3": "dismissed"}


def test_one_unknown_insight_leaves_all_as_they_were(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match=r"There is no insight 'insight-a2'; near to it are .*insight-a1"):
        said(capsys, "approve", "insight-b2", "insight-a2")
    assert set(shown(home).values()) == {"new"}


def test_a_dismissal_asks_for_a_reason_and_a_mistake_is_one_line(home: Path) -> None:
    refused = user_intel("dismiss", "insight-a1", home=home)
    assert (refused.returncode, "--reason" in refused.stderr) == (2, True)
    unknown = user_intel("ship", "insight-x", home=home)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr.startswith("user-intel: There is no insight 'insight-x'; near to it are ")
    assert unknown.stderr.count("\n") == 1


def test_feedback_is_kept_by_who_gave_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "feedback", "insight-a1", "wrong", "--reason", "we changed the tracking")
    assert told.splitlines() == [
        f"{ME} calls insight-a1 of {DAY} wrong",
        "dismissed  insight-a1  Improve Shipping (we changed the tracking)",
    ]
    said(capsys, "feedback", "insight-a1", "useful", "--by", "tom")
    assert shown(home)["insight-a1"] == "useful"


@pytest.mark.parametrize("name", ["jira", "Policy", " "])
def test_nobody_decides_in_the_name_of_a_machine(home: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(InputError, match="--by names the person who decides"):
        said(capsys, "approve", "insight-a1", "--by", name)


def test_the_audit_says_who_did_what(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "audit") == ""
    said(capsys, "approve", "insight-a1", "--by", "maria")
    said(capsys, "dismiss", "insight-a1", "--by", "tom", "--reason", "known")
    lines = [line.rstrip() for line in said(capsys, "audit", "insight-a1").splitlines()]
    assert [line[21:] for line in lines] == [
        "tom gave feedback on insight-a1",
        "day: 2026-11-14",
        "reason: known",
        "verdict: dismissed",
        "tom decided about insight-a1",
        "day: 2026-11-14",
        "reason: known",
        "status: approved -> dismissed",
        "maria decided about insight-a1",
        "day: 2026-11-14",
        "status: new -> approved",
    ]
    entries = [json.loads(line) for line in said(capsys, "audit", "--json").splitlines()]
    assert [(entry["by"], entry["after"].get("status")) for entry in entries] == [
        ("tom", None),
        ("tom", "dismissed"),
        ("maria", "approved"),
    ]
    assert len(said(capsys, "audit", "--top", "1").splitlines()) == 4
    with pytest.raises(InputError, match="There is no insight 'insight-x'"):
        said(capsys, "audit", "insight-x")


def test_the_roadmap_is_added_to_listed_and_told_how_far_it_is(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--title", "Short form", "--hypothesis", "Fewer fields, fewer exits", "--metric", "/shipping to /payment")
    told = said(capsys, "roadmap", "add", *words, "--sample-size", "4000", "--days", "14", "--insight", "insight-a1")
    assert told == "item 1 is planned: Short form\n"
    assert said(capsys, "roadmap", "set", "1", "running", "--by", "maria") == "item 1 is running: Short form\n"
    heading, line = said(capsys, "roadmap").splitlines()
    assert heading.split()[:3] == ["item", "status", "title"]
    assert line.split() == ["1", "running", "Short", "form", "/shipping", "to", "/payment", "4,000", "14", "insight-a1"]
    (item,) = map(json.loads, said(capsys, "roadmap", "--json").splitlines())
    assert (item["sample_size"], item["duration_days"], item["insight_id"], item["by"]) == (4_000, 14, "insight-a1", ME)
    with lake_of(home).query() as views:
        assert views.execute("select status, added_by from roadmap").fetchall() == [("running", ME)]
    with pytest.raises(InputError, match="There is no insight 'insight-x'"):
        said(capsys, "roadmap", "add", *words, "--insight", "insight-x")


def test_the_state_says_where_it_is_and_goes_down_and_up(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "approve", "insight-a1")
    assert said(capsys, "state") == f"SQLite, {home}/state.db: revision 0001 of 0001\n"
    assert said(capsys, "state", "--to", "base", "--yes").endswith("revision base of 0001\n")
    assert said(capsys, "state").endswith("revision 0001 of 0001\n")
    assert said(capsys, "audit") == ""


def test_doctor_says_where_the_state_is_and_how_much_was_decided(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    postgres: Postgres,
    state_database: str,
) -> None:
    said(capsys, "approve", "insight-a1")
    found = doctor._state()
    assert (found.state, found.words) == (
        "default",
        f"SQLite, {home}/state.db; 3 insights known, 1 decided about; set USER_INTEL_STATE_URL for a PostgreSQL",
    )
    assert len(said(capsys, "audit", "--json").splitlines()) == 1, "the doctor's trial leaves no entry"
    empty_database(postgres, state_database)
    monkeypatch.setenv("USER_INTEL_STATE_URL", server_address(postgres, state_database))
    settings.settings.cache_clear()
    found = doctor._state()
    where = f"PostgreSQL, {state_database} at 127.0.0.1:{postgres.port}"
    assert (found.state, found.words) == ("works", f"{where}; 0 insights known, 0 decided about, may be written")
    monkeypatch.setenv("USER_INTEL_STATE_URL", f"postgresql://dagster:{PASSWORD}@127.0.0.1:{free_port()}/state")
    settings.settings.cache_clear()
    with pytest.raises(StateError, match="does not answer") as caught:
        doctor._state()
    assert PASSWORD not in str(caught.value)
