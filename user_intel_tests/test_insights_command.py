"""`user-intel insights` and `user-intel briefing` as a product manager meets them, and as a program does."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from user_intel.explain.briefings import write_briefings
from user_intel.explain.identity import insight_id
from user_intel.explain.insights import write_insights
from user_intel.llm.models import open_models
from user_intel.state import open_state
from user_intel.state.publishing import register
from user_intel_tests.detect.hand_made import new_lake
from user_intel_tests.explain.made_days import DAY, PRODUCT, a_problem, write_pain_points
from user_intel_tests.explain.test_ranking import YESTERDAY, said
from user_intel_tests.llm.asking import settings
from user_intel_tests.test_cli import user_intel

CART, PAY, OLD, SENT = (
    a_problem("/cart", 0.412),
    a_problem("/pay/:id", 0.3),
    a_problem("/old", 0.25),
    a_problem("/send", 0.2),
)
NOT_RUN = DAY + timedelta(days=1)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose last day has an open insight, one that was approved, one dismissed and one that is quiet."""
    home = tmp_path_factory.mktemp("insights")
    lake = new_lake(home, PRODUCT)
    write_pain_points(lake, [OLD], YESTERDAY)
    write_pain_points(lake, [CART, PAY, OLD, SENT])
    with open_models(settings(home, None, "offline"), day=DAY) as models:
        write_insights(lake, PRODUCT, models, [said(OLD, reason="an old page")], DAY)
        write_briefings(lake, PRODUCT, models, [], DAY)
    write_pain_points(lake, [CART], NOT_RUN)
    with open_state(settings(home, None, "offline")) as state:
        register(lake, state)
        state.decide(insight_id(PAY.pain_point_id), "approved", by="anna", reason="next sprint")
        state.decide(insight_id(SENT.pain_point_id), "dismissed", by="anna", reason="known")
    return home


def asked(home: Path, *words: str, code: int = 0) -> CompletedProcess[str]:
    done = user_intel(*words, home=home)
    assert done.returncode == code, done.stderr
    return done


def test_open_insights_are_told_first_to_act_on_first(home: Path) -> None:
    done = asked(home, "insights")
    told = done.stdout
    assert told.startswith("2026-03-29: 2 insights of 4, what to look at first is first")
    assert told.index("At /cart 41 % of sessions leave") < told.index("At /pay/:id 30 % of sessions leave")
    assert "/old" not in told
    assert "/send" not in told
    for label in ("what", "why it matters", "a guess why", "what to change", "how to measure"):
        assert f"    {label} " in told
    assert f"proof: user-intel explain {insight_id(CART.pain_point_id)} --proof" in " ".join(told.split())
    assert "approved" in told
    assert "next sprint" in told
    assert "no model was asked" in " ".join(done.stderr.split())
    assert "not shown: 1 dismissed, 1 quiet; --all shows them" in done.stderr


def test_all_of_them_and_the_quiet_ones_with_the_reason(home: Path) -> None:
    everything = asked(home, "insights", "--all").stdout
    assert "4 insights, " in everything
    assert "At /send 20 % of sessions leave" in everything
    quiet = asked(home, "insights", "--quiet").stdout
    assert "1 insight of 4" in quiet
    assert "dismissed on 2026-03-28: an old page" in " ".join(quiet.split())


def test_programs_get_a_json_object_a_line_with_facts_claims_and_status(home: Path) -> None:
    rows = [json.loads(line) for line in asked(home, "insights", "--all", "--json").stdout.splitlines()]
    assert [(row["place"], row["subject"], row["status"], row["quiet"]) for row in rows] == [
        (1, "/cart", "new", False),
        (2, "/pay/:id", "approved", False),
        (3, "/send", "dismissed", False),
        (4, "/old", "new", True),
    ]
    assert rows[0]["claims"][0]["fact_id"] == "value"
    assert rows[0]["facts"]["facts"][0]["id"] == "value"
    assert (rows[0]["day"], rows[0]["provider"], rows[0]["cost_usd"]) == ("2026-03-29", "offline", 0.0)


def test_a_briefing_is_markdown_in_a_pipe(home: Path) -> None:
    day, week = (asked(home, "briefing", *words).stdout for words in ((), ("--week",)))
    assert day.startswith("# ")
    assert "/cart" in day
    assert "/pay/:id: 30 %" in day
    assert "**" in day
    assert week != day
    assert json.loads(asked(home, "briefing", "--json").stdout)["scope"] == "day"


@pytest.mark.parametrize("command", ["insights", "briefing"])
def test_a_day_that_was_not_explained_says_what_to_run(home: Path, tmp_path: Path, command: str) -> None:
    again = "Next: user-intel run --from 2026-03-30 --to 2026-03-30 --select explain"
    assert again in asked(home, command, "--day", str(NOT_RUN), code=2).stderr
    assert "user-intel demo" in asked(tmp_path / "empty", command, code=2).stderr
