"""The typed fact table: all that a text about a problem, a persona or a day may say, and where each number comes from.

Belongs here: what a fact is, and its JSON. Who makes facts: `insight_facts`, `persona_facts`, `briefing_facts`. Who
checks texts against them: `grounding`. A fact is an aggregate; no table holds an identity or a raw event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

from user_intel.detect import wording

# share: 0..1. s: seconds. points: difference of two shares. times: how many times as much. score: on its own scale.
Unit = Literal["share", "s", "points", "times", "count", "number", "usd", "days", "bits", "score", "date", "text"]
# What a fact is to the others: what is, what was to be expected, what was before, what holds for everybody else.
Role = Literal[
    "value", "expected", "before", "rest", "low", "high", "size", "cost", "change", "when", "word", "new", "gone"
]
Direction = Literal["more", "less", "same"]
# How far down a proof goes: to visits and signals, to the day's counts of sessions, or to a stage's table of results.
Depth = Literal["visits", "counts", "results"]
Value = float | int | str | date
EVERYBODY = wording.EVERYBODY


@dataclass(frozen=True)
class Source:
    """The proof of a fact: `sql/explain/<query>.sql` over the lake's views; `column` of its only row is the value."""

    query: str
    column: str
    parameters: Mapping[str, str | int | float | None] = field(default_factory=dict)
    depth: Depth = "results"


@dataclass(frozen=True)
class Fact:
    """One thing that may be said.

    `noun`: what is counted, or what a share is a share of: sessions, users, visits, conversions, ... `of` says the same
    in full. `direction`: how `value` lies to the fact called `against`; `worse`: whether that is bad (None: neither).
    """

    id: str
    what: str
    value: Value
    unit: Unit
    first_day: date
    last_day: date
    source: Source
    noun: str = ""
    of: str = ""
    segment: str = EVERYBODY
    # The places (steps, features, elements, personas) it holds of; none where it holds of the product.
    about: tuple[str, ...] = ()
    role: Role = "value"
    against: str | None = None
    direction: Direction | None = None
    worse: bool | None = None
    # Whether it is a lower bound, to be said with "at least".
    at_least: bool = False
    # Whether an experiment or another causal method stands behind it; only then a text may say "because".
    causal: bool = False

    @property
    def say(self) -> str:
        """The value as a text should say it; other roundings that `rounding` allows are as good."""
        return said(self.value, self.unit)

    @property
    def number(self) -> float:
        """The value as a number; 0 for dates and words."""
        return float(self.value) if isinstance(self.value, int | float) else 0.0


EntityKind = Literal["step", "feature", "element", "event", "flow", "segment", "persona", "metric", "priority", "word"]


@dataclass(frozen=True)
class Entity:
    """Something that may be named. `said`: other forms that mean it (the text of a button, a name without `_`)."""

    kind: EntityKind
    name: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class FactTable:
    """All that one text may say. `vocabulary`: names of the product; those that are no entity here may not be said."""

    about: Literal["insight", "persona", "briefing"]
    subject: str
    day: date
    facts: tuple[Fact, ...]
    entities: tuple[Entity, ...] = ()
    vocabulary: frozenset[str] = field(default=frozenset(), compare=False)

    def get(self, fact_id: str) -> Fact | None:
        """The fact of that id."""
        return next((each for each in self.facts if each.id == fact_id), None)

    def __getitem__(self, fact_id: str) -> Fact:
        found = self.get(fact_id)
        if found is None:
            raise KeyError(fact_id)
        return found

    def text(self) -> str:
        """As JSON, keys in a fixed order: what the column `facts` holds."""
        told = {"about": self.about, "subject": self.subject, "day": str(self.day)}
        facts = [_told(each) for each in self.facts]
        return json.dumps({**told, "facts": facts, "entities": [asdict(e) for e in self.entities]}, ensure_ascii=False)

    @property
    def digest(self) -> str:
        """The same for the same facts: 16 hex digits."""
        return hashlib.sha256(self.text().encode()).hexdigest()[:16]


def read(text: str, vocabulary: frozenset[str] = frozenset()) -> FactTable:
    """A fact table from its JSON."""
    told = json.loads(text)
    entities = (Entity(each["kind"], each["name"], tuple(each["said"])) for each in told["entities"])
    facts = tuple(_read(each) for each in told["facts"])
    day = date.fromisoformat(told["day"])
    return FactTable(told["about"], told["subject"], day, facts, tuple(entities), vocabulary)


def said(value: Value, unit: Unit) -> str:
    """A value as people say it: 0.412 of "share" is "41 %", 75 of "s" is "1 min 15 s", a date is 2026-03-26."""
    if isinstance(value, str | date):
        return str(value)
    match unit:
        case "share":
            return wording.percent(value)
        case "points":
            return f"{_digits(100 * value)} points"
        case "s":
            return wording.duration(value)
        case "usd":
            return wording.money(value)
        case "times":
            return f"{_digits(value)} times"
        case "days":
            return f"{wording.number(round(value, 1))} days" if value != 1 else "1 day"
        case "bits":
            return f"{wording.number(round(value, 1))} bits"
        case "count":
            return f"{round(value):,}"
        case _:
            return wording.number(value if value >= 10 else round(value, 1))


def _digits(value: float) -> str:
    """Two digits that mean something."""
    return f"{value:,.0f}" if abs(value) >= 9.95 else f"{value:.1f}"


def _told(fact: Fact) -> dict[str, Any]:
    told = asdict(fact)
    if isinstance(fact.value, float):
        told["value"] = float(f"{fact.value:.9g}")
    return {**told, **{name: str(told[name]) for name in ("first_day", "last_day")}, "say": fact.say} | (
        {"value": str(fact.value)} if isinstance(fact.value, date) else {}
    )


def _read(told: Mapping[str, Any]) -> Fact:
    known = {name: value for name, value in told.items() if name != "say"}
    known |= {name: date.fromisoformat(told[name]) for name in ("first_day", "last_day")}
    if told["unit"] == "date":
        known["value"] = date.fromisoformat(told["value"])
    return Fact(**{**known, "source": Source(**told["source"]), "about": tuple(told["about"])})
