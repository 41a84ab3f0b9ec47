"""Stored texts, checked again: nothing in a table holds a number, direction or name that its facts do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from user_intel.explain import facts
from user_intel.explain.claims import BriefingDraft, Draft, InsightDraft, PersonaDraft, Refusal, read_claims
from user_intel.explain.facts import FactTable
from user_intel.explain.grounding import recheck
from user_intel.explain.vocabulary import names_of
from user_intel.lake import Lake
from user_intel.product import Product

# What each table's texts are, and the column that names a row.
TEXTS: dict[str, tuple[type[Draft], str]] = {
    "insights": (InsightDraft, "insight_id"),
    "cluster_insights": (PersonaDraft, "cluster_key"),
    "briefings": (BriefingDraft, "scope"),
}


@dataclass(frozen=True)
class Ungrounded:
    """Something in a stored text that its facts do not prove."""

    table: str
    key: str
    refusal: Refusal

    def __str__(self) -> str:
        told = self.refusal
        return f"{self.table} {self.key}, {told.field}: {told.text!r} ({told.rule}: {told.why})"


def ungrounded(lake: Lake, product: Product, day: date) -> list[Ungrounded]:
    """All that the texts of a day say without proof, whatever they claim of themselves; [] where all is proven."""
    names = names_of(lake, product, day)
    return [found for table in TEXTS for row in lake.rows(table, day) for found in _of_row(table, row, names)]


def texts_of(table: str, row: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a row by field, as they were checked: a list is a text with an item a line."""
    draft, _ = TEXTS[table]
    told = {name: row[name] for name in draft.model_fields if name != "claims"}
    return {name: "\n".join(value) if isinstance(value, list) else str(value or "") for name, value in told.items()}


def table_of(row: Mapping[str, Any], names: frozenset[str] = frozenset()) -> FactTable:
    """The fact table that a row was written from."""
    return facts.read(row["facts"], names)


def _of_row(table: str, row: Mapping[str, Any], names: frozenset[str]) -> Iterator[Ungrounded]:
    _, key = TEXTS[table]
    found = recheck(texts_of(table, row), read_claims(row["claims"]), table_of(row, names))
    return (Ungrounded(table, str(row[key]), refusal) for refusal in found)
