"""Briefings: the day and the week in one question, in the order of the feed, numbers grounded, reruns for nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from user_intel.explain.briefing_facts import facts_of_briefing
from user_intel.explain.briefings import Briefed, write_briefings
from user_intel.explain.claims import BriefingDraft, Draft
from user_intel.explain.insights import write_insights
from user_intel.explain.narrator import narrate_briefing
from user_intel.lake import Lake
from user_intel.llm.models import open_models
from user_intel_tests.detect.hand_made import new_lake
from user_intel_tests.explain.made_days import DAY, PRODUCT, a_problem, fenced, write_pain_points
from user_intel_tests.explain.made_personas import BatchAuthor
from user_intel_tests.explain.test_ranking import said
from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import SOON, settings
from user_intel_tests.llm.stand_ins import MODEL, StandIn

YESTERDAY = DAY - timedelta(days=1)
FOUND = [a_problem(), a_problem("/pay", 0.3)]
THEN = [a_problem(day=YESTERDAY), a_problem("/catalog", 0.2, YESTERDAY)]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A home where /pay became a problem and /catalog is none any more."""
    lake = new_lake(tmp_path, PRODUCT)
    write_pain_points(lake, THEN, YESTERDAY)
    write_pain_points(lake, FOUND)
    with open_models(settings(tmp_path, None, "offline"), day=DAY) as models:
        write_insights(lake, PRODUCT, models, [], DAY)
    return lake


def author(lake: Lake, manner: Callable[[str, Any, int], Draft | None] | None = None) -> BatchAuthor:
    def true(scope: str) -> BriefingDraft:
        return narrate_briefing(facts_of_briefing(lake, PRODUCT, DAY, scope))

    return BatchAuthor(true, manner or (lambda _key, draft, _: draft))


def briefed(lake: Lake, stand_in: StandIn | None, llm: str = f"openai:{MODEL}") -> tuple[Briefed, dict[str, Any]]:
    with open_models(settings(lake.home, stand_in, llm), day=DAY, patience=SOON) as models:
        result = write_briefings(lake, PRODUCT, models, [said(a_problem("/old"), reason="an old page")], DAY)
    return result, {row["scope"]: row for row in lake.rows("briefings", DAY)}


def test_day_and_week_are_briefed_in_one_call_and_a_rerun_takes_none(lake: Lake) -> None:
    writes = author(lake)
    with stand_ins.running(writes) as stand_in:
        _, rows = briefed(lake, stand_in)
        _, again = briefed(lake, stand_in)
    assert writes.asked == [["day", "week"]]
    assert {row["provider"] for row in rows.values()} == {"openai"}
    assert "/pay" in rows["day"]["text"]
    assert again == rows


def test_what_the_team_said_is_told_as_knowledge(lake: Lake) -> None:
    with stand_ins.running(author(lake)) as stand_in:
        briefed(lake, stand_in)
    assert [line["reason"] for line in fenced(stand_in.asked[0])["knowledge"]] == ["an old page"]


def test_a_briefing_with_a_number_of_its_own_is_asked_for_again_alone_then_narrated(lake: Lake) -> None:
    def manner(scope: str, draft: BriefingDraft, times: int) -> BriefingDraft:
        return (
            draft.model_copy(update={"text": f"{draft.text}\n\nAbout 1,234 users left."}) if scope == "week" else draft
        )

    writes = author(lake, manner)
    with stand_ins.running(writes) as stand_in:
        result, rows = briefed(lake, stand_in)
    assert writes.asked == [["day", "week"], ["week"]]
    assert [rows[scope]["provider"] for scope in ("day", "week")] == ["openai", "offline"]
    assert "1,234" in rows["week"]["refusals"]
    assert "1,234" not in rows["week"]["text"]
    assert result.account.refused_claims["unbound"] == 2


def test_offline_the_narrator_briefs_and_what_is_quiet_is_not_told(lake: Lake) -> None:
    with open_models(settings(lake.home, None, "offline"), day=DAY) as models:
        write_insights(lake, PRODUCT, models, [said(FOUND[0])], DAY)
    _, rows = briefed(lake, None, "offline")
    assert {row["model"] for row in rows.values()} == {"narrator"}
    assert "/pay" in rows["day"]["text"]
    assert "/cart" not in rows["day"]["text"]


def test_a_day_without_problems_is_briefed_too(lake: Lake) -> None:
    write_pain_points(lake, [])
    lake.drop_day("insights", DAY)
    _, rows = briefed(lake, None, "offline")
    assert set(rows) == {"day", "week"}
