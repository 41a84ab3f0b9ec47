"""The answers that prompts ask for are ones that every provider's structured output knows, over a real socket."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from user_intel.explain.batches import drafts_of
from user_intel.explain.claims import BriefingDraft, InsightDraft, PersonaDraft
from user_intel.llm.asks import Ask
from user_intel.prompts import prompt
from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import PROVIDERS, models
from user_intel_tests.llm.stand_ins import MODEL, Says

CLAIM = {"field": "title", "quote": "41 %", "fact_id": "value"}
TEXTS = ("title", "problem", "why_it_matters", "hypothesis", "recommendation", "verification")
INSIGHT = {**dict.fromkeys(TEXTS, "Words."), "claims": [CLAIM]}
PERSONA = {
    **dict.fromkeys(("name", "title", "who", "why_it_matters", "hypothesis"), "Words."),
    "pain_points": [], "recommendations": ["Words."], "claims": [],
}  # fmt: skip
BRIEFING = {"title": "Words.", "text": "Words.", "claims": [CLAIM]}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("name", "said", "draft"),
    [
        ("insight", INSIGHT, InsightDraft(**INSIGHT)),
        ("cluster_insight", {"drafts": [{"key": "k", "draft": PERSONA}]}, PersonaDraft(**PERSONA)),
        ("briefing", {"drafts": [{"key": "k", "draft": BRIEFING}]}, BriefingDraft(**BRIEFING)),
    ],
)
def test_every_provider_takes_every_schema_and_gives_back_its_drafts(
    tmp_path: Path, provider: str, name: str, said: dict[str, object], draft: BaseModel
) -> None:
    asked = prompt(name)
    with (
        stand_ins.running(lambda _: Says(json.dumps(said))) as stand_in,
        models(tmp_path, stand_in, f"{provider}:{MODEL}") as opened,
    ):
        answer = opened.ask(Ask(name, "Rules.", "Facts.", asked.schema, asked.limits.output_tokens))
    assert list(drafts_of(answer.value, ["k"])) == [("k", draft)]


def test_drafts_nobody_asked_for_and_second_ones_of_a_key_are_passed_over() -> None:
    told = [{"key": key, "draft": {**BRIEFING, "title": title}} for key, title in (("a", "1"), ("x", "2"), ("a", "3"))]
    answer = prompt("briefing").schema.model_validate({"drafts": told})
    assert [(key, draft.texts()["title"]) for key, draft in drafts_of(answer, ["a", "b"])] == [("a", "1")]
