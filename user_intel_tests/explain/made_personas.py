"""Personas written down by hand, and a scripted model that describes them and briefs on their day."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from user_intel.explain.claims import Draft
from user_intel.lake import Lake
from user_intel_tests.detect.hand_made import write_rows
from user_intel_tests.detect.made_pain_points import DAY
from user_intel_tests.explain.made_days import FENCED, parts
from user_intel_tests.llm.played import Request
from user_intel_tests.llm.stand_ins import Says
from user_intel_tests.segment.made_traits import trait


def a_persona(key: str, name: str, traits: Mapping[str, float], day: date = DAY, **changed: Any) -> dict[str, Any]:
    """A row of cluster_profiles: 400 of 2,000 users, with traits by feature and effect."""
    row = {
        "day": day, "cluster_key": key, "name": name, "colour": "#1F77B4", "users": 400, "share": 0.2, "stability": 0.9,
        "dbcv": 0.4, "traits": json.dumps([asdict(trait(feature, effect)) for feature, effect in traits.items()]),
        "pain_point_ids": [], "status": "stable", "first_day": day, "compared_with": None, "share_before": None,
        "standing": "stable", "name_marks": "[]", "paths": "[]", "exemplars": "[]", "pain_points": "[]",
        "goal_rate": 0.31, "goal_low": 0.28, "goal_high": 0.34, "goal_rest": 0.22, "return_rate": None,
        "return_low": None, "return_high": None, "return_rest": None, "mix": "[]",
    }  # fmt: skip
    return {**row, **changed}


def write_personas(lake: Lake, rows: Sequence[dict[str, Any]], day: date = DAY) -> None:
    """A day's personas, as segment stores them."""
    write_rows(lake, "cluster_profiles", day, [{**row, "day": day} for row in rows])


@dataclass
class BatchAuthor:
    """A model that answers asks about several texts: `drafts` gives the true one of a key, `manner` what it says."""

    drafts: Callable[[str], Draft]
    manner: Callable[[str, Draft, int], Draft | None] = lambda key, draft, times: draft
    asked: list[list[str]] = field(default_factory=list)

    def __call__(self, request: Request) -> Says:
        keys = [json.loads(data)["key"] for name, _, data in FENCED.findall(parts(request)[1]) if name == "facts"]
        self.asked.append(keys)
        told = []
        for key in keys:
            draft = self.manner(key, self.drafts(key), sum(key in each for each in self.asked))
            if draft is not None:
                told.append({"key": key, "draft": draft.model_dump()})
        return Says(json.dumps({"drafts": told}), input_tokens=3_001, output_tokens=900)
