"""Personas in words: all in one question, names checked against traits and kept, what is refused asked once more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from user_intel.explain.claims import Draft, PersonaDraft
from user_intel.explain.cluster_insights import ExplainedPersonas, write_cluster_insights
from user_intel.explain.narrator import narrate_persona
from user_intel.explain.persona_facts import facts_of_cluster
from user_intel.lake import Lake
from user_intel.llm.models import open_models
from user_intel_tests.detect.hand_made import new_lake
from user_intel_tests.explain.made_days import DAY, PRODUCT, fenced, write_pain_points
from user_intel_tests.explain.made_personas import BatchAuthor, a_persona, write_personas
from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import SOON, settings
from user_intel_tests.llm.stand_ins import MODEL, StandIn

EVENING = a_persona("persona-1", "Evening users, often visit /cart", {"evening_share": 0.8, "step_shares: /cart": 0.6})
EXPORTING = a_persona(
    "persona-2", "Users who often use report exported", {"feature_shares: report_exported": 0.7, "weekend_share": -0.5}
)
GONE = a_persona("persona-3", "Night users", {}, status="gone", users=0)
BETTER = {"persona-1": "Evening cart visitors", "persona-2": "Workday report exporters"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = new_lake(tmp_path, PRODUCT)
    write_personas(lake, [EVENING, EXPORTING, GONE])
    write_pain_points(lake, [])
    return lake


def author(lake: Lake, manner: Callable[[str, Any, int], Draft | None] | None = None, day: date = DAY) -> BatchAuthor:
    def true(key: str) -> PersonaDraft:
        row = next(row for row in lake.rows("cluster_profiles", day) if row["cluster_key"] == key)
        return narrate_persona(facts_of_cluster(row, lake, PRODUCT))

    return BatchAuthor(true, manner or (lambda key, draft, _: draft.model_copy(update={"name": BETTER[key]})))


def explained(lake: Lake, stand_in: StandIn | None, day: date = DAY) -> tuple[ExplainedPersonas, dict[str, Any]]:
    with open_models(settings(lake.home, stand_in, f"openai:{MODEL}"), day=day, patience=SOON) as models:
        result = write_cluster_insights(lake, PRODUCT, models, [], day)
    return result, {row["cluster_key"]: row for row in lake.rows("cluster_insights", day)}


def test_all_personas_that_are_there_are_described_in_one_call_and_a_rerun_takes_none(lake: Lake) -> None:
    writes = author(lake)
    with stand_ins.running(writes) as stand_in:
        result, rows = explained(lake, stand_in)
        again, rows_again = explained(lake, stand_in)
    assert writes.asked == [["persona-1", "persona-2"]]
    assert list(rows) == ["persona-1", "persona-2"]
    assert {row["provider"] for row in rows.values()} == {"openai"}
    # Its cost is shared: 3,001 tokens are 1,501 and 1,500.
    assert [row["input_tokens"] for row in rows.values()] == [1_501, 1_500]
    assert result.renamed == BETTER == again.renamed
    assert rows_again == rows


def test_each_persona_is_shown_with_its_key_facts_and_names(lake: Lake) -> None:
    with stand_ins.running(author(lake)) as stand_in:
        explained(lake, stand_in)
    shown = fenced(stand_in.asked[0])["facts"]
    assert shown["key"] == "persona-2"
    assert {"users", "share", "trait0", "trait0_rest"} <= {row[0] for group in shown["facts"] for row in group["rows"]}


def test_a_name_that_its_traits_do_not_bear_is_not_taken(lake: Lake) -> None:
    wrong = {"persona-1": "Night owls", "persona-2": "Weekend report exporters"}
    manner = author(lake, lambda key, draft, _: draft.model_copy(update={"name": wrong[key]}))
    with stand_ins.running(manner) as stand_in:
        result, rows = explained(lake, stand_in)
    assert result.renamed == {}
    assert {row["name"] for row in rows.values()} == {EVENING["name"], EXPORTING["name"]}


def test_of_two_personas_only_one_gets_a_name_that_both_could_have(lake: Lake) -> None:
    write_personas(lake, [EVENING, {**EVENING, "cluster_key": "persona-2", "name": "Users of the cart"}])
    same = author(lake, lambda key, draft, _: draft.model_copy(update={"name": "Evening cart visitors"}))
    with stand_ins.running(same) as stand_in:
        _, rows = explained(lake, stand_in)
    assert [row["name"] for row in rows.values()] == ["Evening cart visitors", "Users of the cart"]


def test_a_persona_keeps_its_better_name_on_the_next_day_whatever_is_proposed_then(lake: Lake) -> None:
    tomorrow = DAY + timedelta(days=1)
    with stand_ins.running(author(lake)) as stand_in:
        explained(lake, stand_in)
    write_personas(lake, [{**EVENING, "users": 410}, EXPORTING], tomorrow)
    write_pain_points(lake, [], tomorrow)
    others = {"persona-1": "Evening users", "persona-2": "Report exporters"}
    new = author(lake, lambda key, draft, _: draft.model_copy(update={"name": others[key]}), tomorrow)
    with stand_ins.running(new) as stand_in:
        _, rows = explained(lake, stand_in, tomorrow)
    assert {key: row["name"] for key, row in rows.items()} == BETTER
    # Offline it stays as well.
    lake.drop_day("cluster_insights", tomorrow)
    _, rows = explained_offline(lake, tomorrow)
    assert {key: row["name"] for key, row in rows.items()} == BETTER
    assert {row["provider"] for row in rows.values()} == {"offline"}


def explained_offline(lake: Lake, day: date) -> tuple[ExplainedPersonas, dict[str, Any]]:
    with open_models(settings(lake.home, None, "offline"), day=day) as models:
        result = write_cluster_insights(lake, PRODUCT, models, [], day)
    return result, {row["cluster_key"]: row for row in lake.rows("cluster_insights", day)}


def test_only_what_was_refused_or_left_out_is_asked_for_once_more(lake: Lake) -> None:
    def manner(key: str, draft: PersonaDraft, times: int) -> PersonaDraft | None:
        if key == "persona-1" and times == 1:
            return draft.model_copy(update={"title": "They are 77 % of all users"})
        return draft if key == "persona-1" or times == 2 else None

    writes = author(lake, manner)
    with stand_ins.running(writes) as stand_in:
        result, rows = explained(lake, stand_in)
    assert writes.asked == [["persona-1", "persona-2"], ["persona-1", "persona-2"]]
    assert {row["provider"] for row in rows.values()} == {"openai"}
    refused = fenced(stand_in.asked[1])["refused"]
    assert [reason["key"] for reason in refused if "77 %" in reason.get("text", "")] == ["persona-1"]
    assert any(reason["key"] == "persona-2" for reason in refused)
    assert "77 %" in rows["persona-1"]["refusals"]
    assert rows["persona-2"]["refusals"] == "[]"
    assert result.account.asks == 2


LIE = "They are rich and young."


def test_one_that_is_refused_twice_is_told_by_the_narrator_the_other_by_the_model(lake: Lake) -> None:
    def manner(key: str, draft: PersonaDraft, times: int) -> PersonaDraft:
        return draft.model_copy(update={"who": LIE, "title": LIE}) if key == "persona-1" else draft

    writes = author(lake, manner)
    with stand_ins.running(writes) as stand_in:
        _, rows = explained(lake, stand_in)
    assert writes.asked == [["persona-1", "persona-2"], ["persona-1"]]
    assert [row["provider"] for row in rows.values()] == ["offline", "openai"]
    assert "young" not in rows["persona-1"]["who"]


def test_eight_personas_take_two_calls(lake: Lake) -> None:
    named = [f"Users of {word}" for word in ("north", "south", "east", "west", "above", "below", "left", "right")]
    write_personas(lake, [{**EVENING, "cluster_key": f"persona-{n}", "name": name} for n, name in enumerate(named, 1)])
    writes = author(lake, lambda _key, draft, _times: draft)
    with stand_ins.running(writes) as stand_in:
        _, rows = explained(lake, stand_in)
    assert sorted(map(len, writes.asked)) == [2, 6]
    assert {row["provider"] for row in rows.values()} == {"openai"}


def test_where_there_are_no_personas_nobody_is_asked(lake: Lake) -> None:
    write_personas(lake, [GONE])
    with stand_ins.running(author(lake)) as stand_in:
        result, rows = explained(lake, stand_in)
        assert stand_in.asked == []
    assert (result.rows, rows) == (0, {})
