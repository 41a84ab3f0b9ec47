"""A fact table as a model gets to see it: JSON on few letters, fenced, never longer than there is room for.

What facts have in common (days, segment, what they are about) is said once. Facts stand in the order of their table,
the most telling first: where there is no room for all, the last ones go, and how many went is told to whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from user_intel.explain.facts import Entity, Fact, FactTable
from user_intel.explain.untrusted import as_data, fenced, made_readable

_COLUMNS = ("id", "what", "say", "of", "compared")
# Of the room, so much at the most is for names.
_NAMES_SHARE = 0.3
_T = TypeVar("_T")
_LEAST_LOSS = 0.5
# Facts and names that stand above the rows or in them anyway.
_SAID_ABOVE = ("window_first", "window_last")
_SAID_BY_FACTS = ("metric", "word")
# A fact that is only there to be compared with, by its role.
_THE_OTHER = {"expected": "expected of", "before": "before, of", "rest": "all others, of"}
_Common = tuple[str, str, tuple[str, ...]]
# A group's head, the fence and the brackets around it all.
_AROUND = 220


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
    return _Sheet(table, key, {each.against: each.id for each in reversed(table.facts) if each.against}).shown(room)


@dataclass(frozen=True)
class _Sheet:
    """A fact table to be shown. `others`: of a fact that another is compared with, that other one's id."""

    table: FactTable
    key: str | None
    others: Mapping[str, str]

    def shown(self, room: int) -> Shown:
        space = room - _AROUND
        wanted = [each for each in dict.fromkeys(self.table.entities) if each.kind not in _SAID_BY_FACTS]
        telling = [fact for fact in self.table.facts if fact.id not in _SAID_ABOVE and not _is_empty(fact)]
        names = _first_that_fit(wanted, int(space * _NAMES_SHARE), lambda each: _letters(_names(each)))
        space -= sum(_letters(_names(each)) for each in names)
        facts = _first_that_fit(telling, space, lambda each: _letters(self._row(each)))
        while True:
            text = fenced("facts", as_data(made_readable(self._told(facts, names))))
            if len(text) <= room or not (facts or names):
                return Shown(text, len(facts), len(telling), len(names), len(wanted))
            facts, names = (facts[:-1], names) if facts else (facts, names[:-1])

    def _told(self, facts: Sequence[Fact], names: Sequence[Entity]) -> dict[str, Any]:
        groups: dict[_Common, list[list[str]]] = {}
        for fact in facts:
            groups.setdefault(self._common(fact), []).append(self._row(fact))
        first = next(iter(groups), ("", "", ()))
        return {
            **({} if self.key is None else {"key": self.key}),
            "day": str(self.table.day),
            "days": first[0],
            "segment": first[1],
            "columns": _COLUMNS,
            "facts": [_head(common, first) | {"rows": rows} for common, rows in groups.items()],
            "names": _by_kind(names),
        }

    def _common(self, fact: Fact) -> _Common:
        last = "" if fact.last_day == fact.first_day else f" to {fact.last_day}"
        return f"{fact.first_day}{last}", fact.segment, self._about(fact)

    def _about(self, fact: Fact) -> tuple[str, ...]:
        """The places a fact is about: of a briefing all, of a persona those its words leave out, of an insight none."""
        if self.table.about == "briefing":
            return fact.about
        said = f"{fact.what} {fact.of}"
        return tuple(name for name in fact.about if name not in said) if self.table.about == "persona" else ()

    def _row(self, fact: Fact) -> list[str]:
        """The cells of `_COLUMNS`; what would say a thing twice, and empty ones at the end, are left out."""
        of = fact.of or fact.noun
        # The other side of a fact: what was expected of it, what it was before, what it is of the rest.
        other = self.others.get(fact.id) if fact.role in _THE_OTHER else None
        what = f"{_THE_OTHER[fact.role]} {other}" if other else fact.what
        cells = [fact.id, what, fact.say, "" if of in what else of, _compared(fact)]
        while cells and not cells[-1]:
            cells.pop()
        return cells


def _head(common: _Common, first: _Common) -> dict[str, Any]:
    """What a group of facts has in common, where it is not what stands above them all."""
    (days, segment, about), (all_days, all_segments, _) = common, first
    head = {"days": days if days != all_days else "", "segment": segment if segment != all_segments else ""}
    return {name: value for name, value in {**head, "about": about}.items() if value}


def _is_empty(fact: Fact) -> bool:
    """Whether it says nothing: "at least 0 conversions lost"."""
    return fact.at_least and fact.number < _LEAST_LOSS


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
        told.setdefault(each.kind, []).append(" = ".join(_names(each)))
    return told


def _names(entity: Entity) -> list[str]:
    """Its name, and the first other form that is allowed."""
    return [entity.name, *[form for form in entity.said if form != entity.name][:1]]


def _first_that_fit(items: Iterable[_T], letters: int, size: Callable[[_T], int]) -> list[_T]:
    """The first of the items that take no more than `letters` together."""
    found: list[_T] = []
    for item in items:
        letters -= size(item)
        if letters < 0:
            break
        found.append(item)
    return found


def _letters(cells: Sequence[str]) -> int:
    return len(as_data(made_readable(cells))) + 1
