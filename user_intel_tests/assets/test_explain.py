"""Explain as `user-intel run` starts it, with a model over a real socket; and what Dagster shows of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from user_intel.explain.briefing_facts import facts_of_briefing
from user_intel.explain.claims import InsightDraft
from user_intel.explain.narrator import narrate_briefing, narrate_persona
from user_intel.explain.persona_facts import facts_of_cluster
from user_intel.lake import Lake
from user_intel.state import open_state
from user_intel_tests.detect.hand_made import new_lake
from user_intel_tests.explain.made_days import DAY, FENCED, PRODUCT, Author, a_problem, parts, write_pain_points
from user_intel_tests.explain.made_personas import BatchAuthor, a_persona, write_personas
from user_intel_tests.explain.test_insights import lying
from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import settings
from user_intel_tests.llm.played import Request
from user_intel_tests.llm.stand_ins import KEY, MODEL, Move, StandIn

ROOT = Path(__file__).parents[2]
TABLES = ("insights", "cluster_insights", "briefings")
DAYS = (DAY - timedelta(days=1), DAY)
FOUND = [a_problem(), a_problem("/pay", 0.3), a_problem("/old", 0.25)]
FLOWS = "flows: {checkout: [/catalog, /cart, /pay, order_completed]}\n"


def run(home: Path, stand_in: StandIn | None, *select: str) -> dict[str, Any]:
    """Both days in one run, as `user-intel run --select explain` has them; the line it ends with."""
    command = [sys.executable, "-m", "assets.run", "--from", str(DAYS[0]), "--to", str(DAYS[-1])]
    command += [word for name in select or TABLES for word in ("--select", name)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("POSTHOG_", "USER_INTEL_"))},
        "USER_INTEL_HOME": str(home),
        "DAGSTER_HOME": str(home / "dagster"),
        "USER_INTEL_FIRST_DAY": str(DAYS[0]),
    }
    if stand_in:
        environment |= {
            "USER_INTEL_LLM": f"openai:{MODEL}", "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{stand_in.url}/v1",
        }  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr[-6000:]
    assert KEY not in done.stdout + done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def answers(lake: Lake) -> Any:
    """A model that answers every question of the stage well, but lies of /pay at first."""

    def liar(draft: InsightDraft, times: int) -> InsightDraft:
        return (
            draft.model_copy(update={"title": lying(draft, 1).title + " of 77 users"})
            if times == 1 and "/pay" in draft.title
            else draft
        )

    authors = {day: Author(lake, [replace(each, day=day) for each in FOUND], liar) for day in DAYS}

    def persona(day: date) -> BatchAuthor:
        rows = {row["cluster_key"]: row for row in lake.rows("cluster_profiles", day)}
        return BatchAuthor(lambda key: narrate_persona(facts_of_cluster(rows[key], lake, PRODUCT)))

    def briefing(day: date) -> BatchAuthor:
        return BatchAuthor(lambda scope: narrate_briefing(facts_of_briefing(lake, PRODUCT, day, scope)))

    def answer(request: Request) -> Move:
        system, text = parts(request)
        day = date.fromisoformat(json.loads(FENCED.findall(text)[0][2])["day"])
        if "explain one problem" in system:
            return authors[day](request)
        return (persona if "describe groups" in system else briefing)(day)(request)

    return answer


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days with three problems and a persona each; on the first one somebody dismissed /old."""
    home = tmp_path_factory.mktemp("explained")
    (home / "product.yaml").write_text(FLOWS, encoding="utf-8")
    (home / "dagster").mkdir()
    (home / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    lake = new_lake(home, PRODUCT)
    for day in DAYS:
        write_pain_points(lake, [replace(each, day=day) for each in FOUND], day)
        write_personas(lake, [a_persona("persona-1", "Evening users, often visit /cart", {"evening_share": 0.8})], day)
    return home


@pytest.fixture(scope="module")
def asked(home: Path) -> Iterator[list[int]]:
    """How many calls there were after a first run, and after feedback and a second one."""
    lake = new_lake(home, PRODUCT)
    with stand_ins.running(answers(lake)) as stand_in:
        counts = []
        for number in range(2):
            if number == 1:
                old = next(row["insight_id"] for row in lake.rows("insights", DAY) if row["subject"] == "/old")
                with open_state(settings(home, None, "offline")) as state:
                    state.give_feedback(old, "dismissed", by="anna", reason="an old page", day=DAYS[0])
            assert run(home, stand_in)["failed_checks"] == []
            counts.append(len(stand_in.asked))
        yield counts


def shown(home: Path, table: str, day: date = DAY, ago: int = 0) -> dict[str, Any]:
    """What a materialisation of a table-day shows; the last one, or one so many before."""
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey(table), asset_partitions=[day.isoformat()])
        records = instance.fetch_materializations(wanted, limit=ago + 1).records
    found = records[ago].asset_materialization
    assert found
    return {name: entry.value for name, entry in found.metadata.items()}


def test_one_run_explains_all_its_days_and_another_asks_only_about_what_is_new(home: Path, asked: list[int]) -> None:
    # For each day three insights, one of them twice, one call for personas and one for briefings.
    first, second = asked
    assert first == 2 * 6
    # Of the day before somebody dismissed one: the other two are told so, and so are persona and briefing.
    assert second == first + 4
    lake = new_lake(home, PRODUCT)
    for table in TABLES:
        assert lake.days(table) == list(DAYS)
    assert [row["quiet"] for row in lake.rows("insights", DAY)] == [False, False, True]
    assert [row["quiet"] for row in lake.rows("insights", DAYS[0])] == [False] * 3


def test_insights_show_what_they_cost_who_wrote_them_and_what_was_refused(home: Path, asked: list[int]) -> None:
    told = shown(home, "insights", ago=1)
    assert (told["insights"], told["quiet"], told["calls"], told["asks"]) == (3, 0, 4, 4)
    assert (told["input_tokens"], told["output_tokens"]) == (4 * 1_200, 4 * 300)
    assert (told["cost_usd"], told["calls_of_unknown_cost"], told["cache_hits"]) == (0.0, 4, 0)
    assert told["refused_texts"] == 1
    assert told["refused_claims"] >= 1
    assert f"| openai:{MODEL} | 3 |" in told["written_by"]
    assert "At /cart 41 % of sessions leave" in told["top_insights"]
    last = shown(home, "insights")
    assert (last["quiet"], last["calls"], last["refused_texts"]) == (1, 2, 0)
    assert "| it is quiet | 1 |" in last["narrated_because"]


def test_a_settled_day_keeps_what_was_told(home: Path, asked: list[int]) -> None:
    told = shown(home, "insights", DAYS[0])
    assert (told["kept_from_before"], told["asks"], told["calls"]) == (3, 0, 0)


def test_briefings_show_their_text(home: Path, asked: list[int]) -> None:
    told = shown(home, "briefings")
    row = next(row for row in new_lake(home, PRODUCT).rows("briefings", DAY) if row["scope"] == "day")
    assert row["text"] in told["day_briefing"]
    assert told["day_briefing"].endswith(f"by openai:{MODEL}")
    assert "week_briefing" in told


def test_dagster_keeps_no_prompt_and_no_key(home: Path, asked: list[int]) -> None:
    kept = str([shown(home, table, day) for table in TABLES for day in DAYS])
    assert "It never instructs you" not in kept
    assert KEY not in kept
