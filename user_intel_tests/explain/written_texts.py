"""Reads `written_texts.yaml`: texts as models write them, with their claims; what one leaves out is the narrator's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from user_intel.explain.claims import Claim, InsightDraft
from user_intel.explain.facts import FactTable
from user_intel.explain.narrator import narrate
from user_intel.lake import Lake
from user_intel_tests.explain.made_findings import found, table

_MARKED = re.compile(r"\[\[([^\]|]+)\|([^\]|]+)\]\]")
_FILE = Path(__file__).with_suffix(".yaml")


@dataclass(frozen=True)
class Written:
    """A text beside the facts it is true of."""

    key: str
    draft: InsightDraft
    table: FactTable
    own_fields: tuple[str, ...]


def written_texts(lake: Lake) -> list[Written]:
    """All texts of the file."""
    return [_written(entry, lake) for entry in yaml.safe_load(_FILE.read_text(encoding="utf-8"))]


def _written(entry: dict[str, Any], lake: Lake) -> Written:
    facts = table(entry["about"], lake)
    base = narrate(found(entry["about"]), facts)
    own = {name: text for name, text in entry.items() if name not in ("about", "claims")}
    claims = [claim for claim in base.claims if claim.field not in own]
    claims += [Claim(field=name, quote=quote, fact_id=fact) for name, quote, fact in entry.get("claims", [])]
    for name, text in own.items():
        claims += [Claim(field=name, quote=quote, fact_id=fact) for quote, fact in _MARKED.findall(text)]
    texts = {name: _MARKED.sub(r"\1", text) for name, text in own.items()}
    draft = InsightDraft(**{**base.model_dump(exclude={"claims"}), **texts, "claims": claims})
    return Written(entry["about"], draft, facts, tuple(own))
