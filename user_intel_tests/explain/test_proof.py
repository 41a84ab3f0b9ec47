"""Proofs: every fact's query gives its number again on a lake that detect really judged; a changed number is seen."""

import json
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from user_intel.bench.grounding import measure
from user_intel.detect import summary
from user_intel.detect.run import detect_window, write_tallies
from user_intel.explain.briefing_facts import facts_of_briefing
from user_intel.explain.claims import Grounded
from user_intel.explain.facts import Fact
from user_intel.explain.grounding import check
from user_intel.explain.insight_facts import facts_of
from user_intel.explain.narrator import narrate, narrate_briefing
from user_intel.explain.proof import is_same, prove
from user_intel.explain.stored import ungrounded
from user_intel.lake import Lake
from user_intel_tests.detect.hand_made import DAY, new_lake, rows, write_rows
from user_intel_tests.detect.troubled_shop import DAYS, PRODUCT, PRODUCT_YAML, TROUBLED, write_shop
from user_intel_tests.test_cli import user_intel


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop whose last days go wrong, judged by detect and told by the narrator."""
    home = tmp_path_factory.mktemp("proven") / "home"
    home.mkdir()
    (home / "product.yaml").write_text(PRODUCT_YAML, encoding="utf-8")
    lake = new_lake(home, PRODUCT)
    write_shop(lake)
    # Its days are alike before trouble begins, and after.
    for alike in (DAYS[:-4], TROUBLED):
        write_tallies(lake, PRODUCT, alike[0])
        for day in alike[1:]:
            write_rows(lake, "tallies", day, [{**row, "day": day} for row in rows(lake, "tallies", alike[0])])
    detect_window(lake, PRODUCT, DAY, ["pain_points"])
    _tell(lake)
    return home


def _tell(lake: Lake) -> None:
    told = []
    for place, point in enumerate(summary.ranked_pain_points(lake, DAY), start=1):
        facts = facts_of(point, lake, PRODUCT)
        grounded = check(narrate(point, facts), facts)
        assert isinstance(grounded, Grounded), grounded
        known = {"insight_id": f"insight-{place}", "pain_point_id": point.pain_point_id, "place": place, "quiet": False}
        told.append(_row(grounded, facts.text()) | known)
    write_rows(lake, "insights", DAY, told)
    briefings = []
    for scope in ("day", "week"):
        facts = facts_of_briefing(lake, PRODUCT, DAY, scope)
        grounded = check(narrate_briefing(facts), facts)
        assert isinstance(grounded, Grounded), grounded
        briefings.append(_row(grounded, facts.text()) | {"scope": scope})
    write_rows(lake, "briefings", DAY, briefings)


def _row(grounded: Grounded, facts: str) -> dict[str, Any]:
    return {"day": DAY, **grounded.texts, "facts": facts, "claims": grounded.claims_text(), "grounded": True,
            "refusals": "[]", "provider": "offline", "model": "narrator"}  # fmt: skip


def all_facts(lake: Lake) -> Iterable[Fact]:
    for point in summary.ranked_pain_points(lake, DAY):
        yield from facts_of(point, lake, PRODUCT).facts
    for scope in ("day", "week"):
        yield from facts_of_briefing(lake, PRODUCT, DAY, scope).facts


def test_every_fact_is_proven_and_rates_are_counted_anew(home: Path) -> None:
    lake = new_lake(home, PRODUCT)
    proofs = prove(lake, all_facts(lake))
    assert [(each.fact.id, each.fact.value, each.found) for each in proofs if not each.holds] == []
    depths = Counter(each.fact.source.depth for each in proofs)
    assert len(proofs) > 60
    assert depths["visits"] >= 8
    assert depths["counts"] >= 3
    # Of the 160 sessions on mobile of four days that came to /cart, 80 left there.
    leaving = next(each for each in proofs if each.fact.id == "value" and each.fact.source.query == "exits")
    assert (leaving.found, leaving.row["units"], leaving.row["sessions"]) == (0.5, 160, 80)


def test_a_fact_that_is_not_so_any_more_is_seen(home: Path) -> None:
    lake = new_lake(home, PRODUCT)
    value = next(fact for fact in all_facts(lake) if fact.id == "value")
    (proof,) = prove(lake, [replace(value, value=float(value.value) + 0.001)])  # type: ignore[arg-type]
    assert not proof.holds
    assert proof.query.startswith("with")
    assert is_same(proof.found or 0, value.value)


def test_the_command_shows_each_number_with_its_fact_and_runs_its_query_again(home: Path) -> None:
    answer = user_intel("explain", "insight-1", "--proof", home=home)
    assert answer.returncode == 0, answer.stderr
    assert "value: exit rate, 0.5 of sessions at /cart (2026-03-26 to 2026-03-29, device=mobile)" in answer.stdout
    assert "sql/explain/exits.sql: counted anew from visits" in answer.stdout
    assert "$step = '/cart'" in answer.stdout
    assert "are equal" in answer.stdout
    assert "DIFFERENT" not in answer.stdout
    # Rows without anybody in them.
    assert "2026-03-29" in answer.stdout
    assert not {row["user_id"] for row in rows(new_lake(home, PRODUCT), "sessions", DAY)} & set(answer.stdout.split())


def test_json_holds_texts_claims_facts_and_proofs(home: Path) -> None:
    told = json.loads(user_intel("explain", "week", "--proof", "--json", home=home).stdout)
    assert told["proven"] is True
    assert {claim["fact_id"] for claim in told["claims"]} == set(told["facts"])
    assert all(fact["proof"]["equal"] and fact["proof"]["sql"] for fact in told["facts"].values())


def test_a_number_that_comes_out_otherwise_ends_the_command_with_one(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "home"
    shutil.copytree(home, other)
    lake = new_lake(other, PRODUCT)
    told = rows(lake, "tallies", DAY)
    circles = [{**row, "hits": row["hits"] + 5} if row["metric"] == "loop" else row for row in told]
    write_rows(lake, "tallies", DAY, circles)
    kinds = [each.kind for each in summary.ranked_pain_points(lake, DAY)]
    answer = user_intel("explain", f"insight-{kinds.index('loop') + 1}", "--proof", home=other)
    assert answer.returncode == 1
    assert "DIFFERENT" in answer.stdout
    assert "differ: value, low, high" in answer.stdout


def test_an_insight_that_is_not_there_says_what_is(home: Path) -> None:
    answer = user_intel("explain", "insight-9", home=home)
    assert answer.returncode == 2
    assert "There is no 'insight-9' on 2026-03-29; there are insight-1, insight-2" in answer.stderr


def test_the_bench_changes_the_texts_that_stand_there_and_counts_what_is_caught(home: Path) -> None:
    found = measure(new_lake(home, PRODUCT), PRODUCT, [DAY], changes=120, seed=1)
    assert (found.texts, found.refused_texts) == (4, 0)
    assert found.made.total() > 100
    assert found.caught.total() >= 0.99 * found.made.total(), found.missed


def test_stored_texts_are_checked_again_whatever_they_claim(home: Path, tmp_path: Path) -> None:
    assert ungrounded(new_lake(home, PRODUCT), PRODUCT, DAY) == []
    other = tmp_path / "home"
    shutil.copytree(home, other)
    lake = new_lake(other, PRODUCT)
    first, *rest = rows(lake, "insights", DAY)
    lies = {"recommendation": "Give every user 5 dollars at /cart.", "title": first["title"].replace("50 %", "60 %")}
    write_rows(lake, "insights", DAY, [first | lies, *rest])
    seen = ungrounded(lake, PRODUCT, DAY)
    assert {(each.table, each.key, each.refusal.field) for each in seen} == {
        ("insights", "insight-1", "title"), ("insights", "insight-1", "recommendation")
    }  # fmt: skip
    assert "recommendation: '5 dollars' (unbound" in "\n".join(map(str, seen))
