"""The declared rounding: which ways of saying a value are as true as the value.

- As finely as `facts.said` says it, or finer: the digits said are the value rounded to them. Coarser only where the
  step of the digits is at most a tenth of the value, whole percents within 5 % of it, or with a hedge.
- Counts of people, sessions and days are exact, unless hedged.
- "about" allows 5 %, "nearly" and "under" what is at most 10 % above the value, "over" what is at most 10 % below it;
  of "N times", the next whole number. "at least" is true of a rounded lower bound, and of nothing above the value.
- Parts: a share within 1.5 points of "a third" or "4 in 10", three with "about", ten below or above with "nearly"
  or "over". "All" is 100 %, "no" is 0, "most" is more than 50 %.
"""

from __future__ import annotations

from datetime import date
from math import floor

from user_intel.explain.facts import Fact, Unit
from user_intel.explain.number_words import Kind
from user_intel.explain.numbers import Number

_UNITS: dict[Kind, tuple[Unit, ...]] = {
    "share": ("share",),
    "part": ("share", "score"),
    "many": ("share", "count", "number"),
    "points": ("points",),
    "s": ("s",),
    "usd": ("usd",),
    "times": ("times",),
    "plain": ("count", "number", "days", "bits", "score", "share"),
    "vague": ("count", "number"),
    "date": ("date",),
}  # fmt: skip
_ABOUT, _NEAR = 0.05, 0.1
_PART_EXACT, _PART_ABOUT, _PART_NEAR = 0.015, 0.03, 0.1
_LEAST_DIGIT = 0.1
_TINY = 1e-9
_WHOLE_PERCENT = 0.01 + _TINY


def fits_unit(number: Number, fact: Fact) -> bool:
    """Whether a number of its kind can say a fact of that unit at all."""
    if number.kind == "plain" and fact.unit == "share":
        return number.step <= 0.01 + _TINY and number.value <= 1
    return fact.unit in _UNITS.get(number.kind, ())


def fits_value(number: Number, fact: Fact) -> bool:
    """Whether it is the fact's value within the declared rounding; of a number that fits the unit."""
    if number.kind == "date":
        return isinstance(fact.value, date) and is_day(number, fact.value)
    value = fact.number
    if number.kind in ("many", "vague"):
        rounded = round(value) if fact.unit != "share" else value
        above = rounded > number.low if (number.low, number.high) == (0.5, 1.0) else rounded >= number.low
        return above and rounded <= number.high
    if number.kind == "part":
        if fact.unit == "score" and not number.hedge:
            return abs(value / 100 - number.value) <= _half(number.step, value / 100)  # "6.1 of 100"
        return _is_part(number, value / 100 if fact.unit == "score" else value)
    return _is_near(number, value, fact)


def is_day(number: Number, day: date) -> bool:
    """Whether a date that was said is that day."""
    if number.has_year:
        return day in number.dates
    return any((each.month, each.day) == (day.month, day.day) for each in number.dates)


def _is_part(number: Number, value: float) -> bool:
    apart = value - number.value
    match number.hedge:
        case "about":
            return abs(apart) <= _PART_ABOUT
        case "nearly" | "under" | "at_most":
            return -_PART_NEAR <= apart < _TINY
        case "over" | "at_least":
            return -_TINY < apart <= _PART_NEAR
        case _:
            return abs(apart) <= _PART_EXACT


def _is_near(number: Number, value: float, fact: Fact) -> bool:
    said, apart = number.value, value - number.value
    if number.hedge == "under" and is_tiny(number, value):
        return True
    if fact.role in ("expected", "before", "rest") and number.hedge in ("over", "under"):
        return _is_rounded(number, value, fact)  # "more than 12 % expected" compares with it
    match number.hedge:
        case "about":
            return abs(apart) <= max(_ABOUT * value, _half(_finest(number, value, fact), value))
        case "nearly":
            return -_near(fact, value) <= apart <= _TINY
        case "under" | "at_most":
            return -_near(fact, value) <= apart <= _TINY
        case "over":
            return -_TINY <= apart <= _near(fact, value)
        case "at_least":
            return -_TINY <= apart <= _near(fact, value) or (fact.at_least and _is_rounded(number, value, fact))
        case _:
            return _is_rounded(number, value, fact) and said >= 0


def _near(fact: Fact, value: float) -> float:
    """How far a bound may lie from the value: "more than three times" is said of 3.9."""
    return max(_NEAR * value, value - floor(value) if fact.unit == "times" else 0.0, 0.0)


def is_tiny(number: Number, value: float) -> bool:
    """ "Under 0.1 %" is said of all that is smaller."""
    return number.kind == "share" and abs(number.value - 0.001) < _TINY and value < 0.001


def _is_rounded(number: Number, value: float, fact: Fact) -> bool:
    if fact.unit == "share" and 0.999 < value < 1:
        value = 0.999  # what is not quite all is never said to be all
    step, usual = _finest(number, value, fact), _usual_step(value, fact)
    apart = abs(value - number.value)
    if _is_counted(fact):
        return apart <= _half(step, value)
    if step > usual + _TINY and apart <= _half(usual, value):
        return True
    is_fine = step <= usual + _TINY or step <= _LEAST_DIGIT * value + _TINY
    # "6 %" of 6.2 %, not "1 %" of 1.4 %.
    is_whole = fact.unit == "share" and step <= _WHOLE_PERCENT and apart <= _ABOUT * value
    return apart <= _half(step, value) and (is_fine or is_whole)


def _half(step: float, value: float) -> float:
    return step / 2 + _TINY * max(1.0, value)


def _finest(number: Number, value: float, fact: Fact) -> float:
    """The step of its digits; of a round sum such as $1,200 it may be a hundred, of a count never."""
    step = number.step
    if _is_counted(fact):
        return min(step, 1.0)
    if fact.unit != "usd" or number.value <= 0:
        return step
    while number.value % (10 * step) < _TINY and 10 * step <= _LEAST_DIGIT * value:
        step *= 10
    return step


def _is_counted(fact: Fact) -> bool:
    return fact.unit == "count"


def _usual_step(value: float, fact: Fact) -> float:
    """The step of the digits of `facts.said`."""
    match fact.unit:
        case "share":
            return 0.01 if 0.0995 <= value < 0.995 or value >= 1 or value <= 0 else 0.001
        case "points":
            return 0.01 if value >= 0.0995 else 0.001
        case "s":
            return 0.1 if value < 9.95 else 1.0 if value < 600 else 60.0
        case "usd":
            return 10.0 ** (len(f"{value:.0f}") - 3) if value >= 1 else 0.01
        case "times":
            return 0.1 if value < 9.95 else 1.0
        case "number" | "days" | "bits" | "score":
            return 1.0 if value >= 9.95 or value == round(value) or fact.role == "cost" else 0.1
        case _:
            return 1.0
