"""Recordings among the facts of a pain point: counts of what was watched, proven by their query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from user_intel.explain.claims import Claim, Grounded
from user_intel.explain.grounding import check
from user_intel.explain.insight_facts import facts_of
from user_intel.explain.narrator import narrate
from user_intel.explain.proof import prove
from user_intel.explain.video_facts import facts_of_recordings
from user_intel.lake import Lake
from user_intel_tests.detect.hand_made import new_lake, write_rows
from user_intel_tests.explain.made_days import DAY, PRODUCT, a_problem

FOUND = a_problem()


def clip(session: str, met: bool = True, status: str = "drawn", **changed: Any) -> dict[str, Any]:
    return {
        "day": DAY,
        "pain_point_id": FOUND.pain_point_id,
        "session_id": session,
        "met": met,
        "status": status,
        **changed,
    }


def finding(session: str, kind: str, grounded: bool = True, met: bool = True) -> dict[str, Any]:
    known = {"day": DAY, "pain_point_id": FOUND.pain_point_id, "session_id": session, "kind": kind, "met": met}
    return {**known, "finding_id": f"{session} {kind} {grounded}", "grounded": grounded, "from_s": 1.0, "to_s": 2.0}


def lake_with(tmp_path: Path) -> Lake:
    """Four recordings watched of sessions that met it, a contrast, one that was gone, one of another problem."""
    lake = new_lake(tmp_path, PRODUCT)
    clips = [
        clip("a"), clip("b"), clip("b", kind="overview"), clip("c", status="not_drawn"), clip("d"),
        clip("e", met=False), clip("f", status="gone"), clip("g", pain_point_id="another"),
    ]  # fmt: skip
    findings = [
        finding("a", "hesitation"), finding("b", "hesitation"), finding("b", "error"), finding("e", "error", met=False),
        finding("c", "confusion", grounded=False),
    ]  # fmt: skip
    write_rows(lake, "replay_clips", DAY, clips)
    write_rows(lake, "video_findings", DAY, findings)
    return lake


def test_recordings_watched_and_what_they_show_are_counted_by_session_and_proven(tmp_path: Path) -> None:
    lake = lake_with(tmp_path)
    facts = facts_of_recordings(lake, DAY)[FOUND.pain_point_id]
    assert {fact.id: fact.value for fact in facts} == {"recordings": 4, "shows_error": 1, "shows_hesitation": 2}
    assert [proof.found for proof in prove(lake, facts)] == [4, 1, 2]
    assert [fact.value for fact in facts_of_recordings(lake, DAY)["another"]] == [1]


def test_a_text_may_tell_of_them_and_not_make_them_more(tmp_path: Path) -> None:
    lake = lake_with(tmp_path)
    table = facts_of(FOUND, lake, PRODUCT, None, facts_of_recordings(lake, DAY)[FOUND.pain_point_id])
    draft = narrate(FOUND, table)

    def told(number: int) -> object:
        words = f"{number} recordings watched show hesitation"
        more = {
            "problem": f"{draft.problem} {words}.",
            "claims": [*draft.claims, Claim(field="problem", quote=words, fact_id="shows_hesitation")],
        }
        return check(draft.model_copy(update=more), table)

    assert isinstance(told(2), Grounded)
    assert not isinstance(told(3), Grounded)


def test_where_nothing_was_watched_there_are_no_such_facts(tmp_path: Path) -> None:
    assert facts_of_recordings(new_lake(tmp_path, PRODUCT), DAY) == {}
