"""The days a number is measured over, said as dates: "5.9 % from 2026-11-12 to 2026-11-18".

They need no claim of their own, as the number that stands in the same sentence has one, and its fact has the days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from user_intel.explain.facts import Fact
from user_intel.explain.numbers import Number
from user_intel.explain.reading import Field
from user_intel.explain.rounding import is_day

Tied = tuple[Number, Fact]
_TO = re.compile(r"\s*(?:to|until|till|through|and|-|–|—|up\s+to)\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s+$", re.IGNORECASE)
_LAST = re.compile(r"\b(?:to|until|till|through|ending(?:\s+on)?|ended(?:\s+on)?)\s+$", re.IGNORECASE)
_FIRST = re.compile(r"\b(?:from|starting(?:\s+on)?|beginning(?:\s+on)?)\s+$", re.IGNORECASE)


def windows_said(field: Field, bound: Sequence[Tied]) -> Iterator[Tied]:
    """The dates of a field that no claim binds and that are the first and last day of a fact bound beside them.

    Where no number stands beside them, of the fact that the text is about, or of one that the field says.
    """
    taken = {number.start for number, _ in bound}
    main = field.table.get("value")
    for one, two in _pairs(field):
        if taken & {one.start, two.start}:
            continue
        elsewhere = [*([main] if main else []), *(fact for _, fact in bound)]
        for fact in beside(field, one, bound) or elsewhere:
            if fact.unit not in ("date", "text") and is_day(one, fact.first_day) and is_day(two, fact.last_day):
                yield from ((one, fact), (two, fact))
                break


def beside(field: Field, date_said: Number, bound: Sequence[Tied]) -> list[Fact]:
    """The facts whose numbers stand with a date: in its clause or, where there are none, in its sentence."""
    for start, end in (field.clause(date_said.start), field.sentence(date_said.start)):
        there = [fact for number, fact in bound if start <= number.start < end and number.kind != "date"]
        if there := [fact for fact in there if fact.role != "when"]:
            return there
    return []


def day_of_window(number: Number, field: Field, fact: Fact) -> date | None:
    """The day of a fact's window that a date bound to it says: its first or its last; None where it is neither."""
    ahead = field.plain[: number.start]
    pairs = list(_pairs(field))
    if any(number.start == two.start for _, two in pairs) or _LAST.search(ahead):
        day = fact.last_day
    elif any(number.start == one.start for one, _ in pairs) or _FIRST.search(ahead):
        day = fact.first_day
    else:
        return None
    return day if is_day(number, day) else None


def _pairs(field: Field) -> Iterator[tuple[Number, Number]]:
    """Two dates that are said as a time: with "to", or with "and" after "between"."""
    for one, two in pairwise(field.numbers):
        between = _TO.fullmatch(field.plain[one.end : two.start])
        if between is None or not one.kind == two.kind == "date":
            continue
        if between.group().strip().casefold() != "and" or _BETWEEN.search(field.plain[: one.start]):
            yield one, two
