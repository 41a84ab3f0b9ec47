"""A fact table as a model gets to see it: JSON on few letters, fenced, never longer than there is room for.

What all facts have in common (days, segment) is said once. Facts stand in the order of their table, the most telling
first: where there is no room for all, the last ones go, and how many went is told to whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from user_intel.explain.facts import Entity, Fact, FactTable
from user_intel.explain.untrusted import as_data, fenced, made_readable

_COLUMNS = ("id", "what", "say", "of", "compared")
# Of the room, so much at the most is for names.
_NAMES_SHARE = 0.3
_T = TypeVar("_T")
# A group's head, the fence and the brackets around it all.
_AROUND = 160


@dataclass(frozen=True)
class Shown:
    """What a model sees of a fact table: `text` with its fence, and how much of the table that is."""

    text: str
    facts: int
    of_facts: int
    names: int
    of_names: int

    @property
    def left_out(self) -> int:
        """Facts and names there was no room for."""
        return self.of_facts - self.facts + self.of_names - self.names


def shown(table: FactTable, room: int, key: str | None = None) -> Shown:
    """As many of the facts and names as `room` letters hold, fence included."""
    space = room - _AROUND
    names = _first_that_fit(table.entities, int(space * _NAMES_SHARE), _entity_letters)
    space -= sum(map(_entity_letters, names))
    facts = _first_that_fit(table.facts, space, lambda fact: len(as_data(made_readable(_row(fact, table)))) + 1)
    while True:
        text = fenced("facts", as_data(_told(table, facts, names, key)))
        if len(text) <= room or not (facts or names):
            return Shown(text, len(facts), len(table.facts), len(names), len(table.entities))
        facts, names = (facts[:-1], names) if facts else (facts, names[:-1])


def _told(table: FactTable, facts: Sequence[Fact], names: Sequence[Entity], key: str | None) -> dict[str, Any]:
    groups: dict[tuple[str, str], list[list[str]]] = {}
    for fact in facts:
        groups.setdefault(_common(fact), []).append(_row(fact, table))
    return made_readable(  # type: ignore[no-any-return]  # a mapping stays one
        {
            **({} if key is None else {"key": key}),
            "day": str(table.day),
            "columns": _COLUMNS,
            "facts": [{"days": days, "segment": segment, "rows": rows} for (days, segment), rows in groups.items()],
            "names": _by_kind(names),
        }
    )


def _common(fact: Fact) -> tuple[str, str]:
    last = "" if fact.last_day == fact.first_day else f" to {fact.last_day}"
    return f"{fact.first_day}{last}", fact.segment


def _row(fact: Fact, table: FactTable) -> list[str]:
    """The cells of `_COLUMNS`, empty ones at the end left out. An insight is about one place, others about many."""
    of = fact.of or fact.noun
    places = [name for name in fact.about if name not in of] if table.about != "insight" else []
    cells = [fact.id, fact.what, fact.say, ", about ".join((of, *places)), _compared(fact)]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _compared(fact: Fact) -> str:
    words = ["at least"] if fact.at_least else []
    if fact.direction and fact.against:
        than = "as" if fact.direction == "same" else "than"
        words.append(f"{fact.direction} {than} {fact.against}")
    if fact.worse is not None and fact.direction != "same":
        words.append("worse" if fact.worse else "better")
    return ", ".join(words)


def _by_kind(names: Sequence[Entity]) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for each in names:
        told.setdefault(each.kind, []).append(" = ".join((each.name, *each.said[:1])))
    return told


def _first_that_fit(items: Iterable[_T], letters: int, size: Callable[[_T], int]) -> list[_T]:
    """The first of the items that take no more than `letters` together."""
    found: list[_T] = []
    for item in items:
        letters -= size(item)
        if letters < 0:
            break
        found.append(item)
    return found


def _entity_letters(entity: Entity) -> int:
    return len(as_data(made_readable([entity.name, *entity.said[:1]]))) + 1
