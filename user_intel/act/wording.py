"""What a ticket says in single lines: its title, the rows of its evidence, how a problem stands now.

Every number comes from a pain point's columns or facts, said by the rules of `detect.wording`, so that a ticket, a
terminal and a picture's title say the same. The parts are put together in `composing`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from user_intel.detect import wording
from user_intel.detect.wording import EVERYBODY, PainPoint

# What is asked for, by kind; {what} is how people say it of {whose}, after the colon.
_TITLES = {
    "drop_off": "Improve {place}: {value} of {whose} leave, {expected} expected",
    "loop": "Improve the way between {steps}: {value} of {whose} {circle}, {expected} expected",
    "slow_step": "Speed up {place}: {visits} take {value} (median), {expected} expected",
    "underused_feature": "Make {subject} easier to find: {value} of {whose} that could use it do, {expected} expected",
    "rage_click": "Fix {element} on {place}: {value} of {whose} hammer on it, {expected} expected",
    "dead_click": "Fix {element} on {place}: {value} of {whose} click it and nothing happens, {expected} expected",
    "error_click": "Fix {element} on {place}: {value} of {whose} click it and get an error, {expected} expected",
    "u_turn": "Improve {place}: {value} of {whose} turn back at once, {expected} expected",
    "form_abandonment": "Improve the form on {place}: {value} of {whose} that begin it do not send it, "
    "{expected} expected",
    "rapid_exit": "Improve {place}: {value} of {whose} leave within seconds, {expected} expected",
}

# What the metrics of pain points measure, for people.
_METRICS = {
    "exit_rate": "sessions that leave there",
    "loop_rate": "sessions that go in circles",
    "p50_s": "time spent there (median)",
    "adoption": "sessions that use it",
    "rage_click_rate": "sessions with rage clicks",
    "dead_click_rate": "sessions whose click did nothing",
    "error_click_rate": "sessions whose click met an error",
    "u_turn_rate": "sessions that turn back at once",
    "abandonment_rate": "sessions that begin the form and do not send it",
    "rapid_exit_rate": "sessions that leave within seconds",
    "recorded_share": "sessions that were recorded",
}

# Where an expectation comes from.
_REFERENCES = {
    "own_baseline": "from the days before",
    "rest_of_product": "from the rest of the product",
    "comparable_steps": "from comparable steps",
}

# Facts that are told by another row, or are no evidence.
_NOT_ROWS = ("low", "high", "active_users", "top_user_share")

# Properties whose value alone says whose sessions are meant: "mobile sessions".
_PLAIN_PROPERTIES = ("device_type", "device", "browser", "os")

EVIDENCE_COLUMNS = ("what", "value", "of", "whose", "from", "to")
_UNITS: dict[str, Callable[[float], str]] = {
    "share": wording.percent,
    "s": wording.duration,
    "usd": wording.money,
}


def title(found: PainPoint) -> str:
    """What to do about a problem, and its size, in one line: what the ticket is called."""
    if found.kind == "anomaly":
        return f"Look into this: {wording.heading(found)}"
    value, expected = wording.measures(found)
    *first, last = map(place_name, found.subjects)
    return _TITLES[found.kind].format(
        place=place_name(found.place), subject=found.subject, element=wording.element(found.subject), value=value,
        expected=expected, whose=_whose("sessions", found.segment), visits=_whose("visits", found.segment),
        steps=f"{', '.join(first)} and {last}" if first else last,
        circle="go back and forth" if len(found.subjects) == 2 else "go round in circles",
    )  # fmt: skip


def place_name(step: str) -> str:
    """A step as people call it: "/shipping" is "Shipping"; an event, or a page with a placeholder, stays as it is."""
    if not step.startswith("/") or "/:" in step:
        return step
    words = step.strip("/").replace("/", " ").replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:] if words else "the first page (/)"


def numbers_now(found: PainPoint) -> str:
    """How large the problem is on its day, in one sentence."""
    parts = (wording.heading(found), wording.hit(found), wording.cost(found), wording.history(found))
    return "; ".join(part for part in parts if part)


def evidence(found: PainPoint) -> list[tuple[str, ...]]:
    """The rows under EVIDENCE_COLUMNS: every number with its unit, denominator, segment and days."""
    told = found.facts.get("numbers", ())
    return [_row(found, number) for number in told if number["id"] not in _NOT_ROWS]


def metric(name: str) -> str:
    """What a pain point's metric measures."""
    kind, _, subject = name.partition(":")
    return _METRICS.get(name) or (f"{subject} ({kind})" if subject else name.replace("_", " "))


def _row(found: PainPoint, number: Mapping[str, Any]) -> tuple[str, ...]:
    whose = "everybody" if number["segment"] == EVERYBODY else number["segment"]
    of = f"flow {found.flow}" if number["of"] == "flow" and found.flow else number["of"]
    return (_what(found, number), _said(found, number), of, whose, number["from"], number["to"])


def _what(found: PainPoint, number: Mapping[str, Any]) -> str:
    match number["id"]:
        case "value":
            return metric(found.metric)
        case "expected":
            reference = found.facts.get("reference", "")
            return f"expected, {_REFERENCES.get(reference, reference)}" if reference else "expected"
        case "value_before":
            return "the same in the days before"
        case "units":
            return f"{number['what']} looked at"
    return str(number["what"])


def _said(found: PainPoint, number: Mapping[str, Any]) -> str:
    show = _UNITS.get(number["unit"], wording.number)
    value = show(number["value"])
    if number["id"] == "value" and found.low is not None and found.high is not None:
        return f"{value} (95 % interval: {show(found.low)} to {show(found.high)})"
    if number["id"] not in ("lost_conversions", "lost_usd"):
        return value
    return f"at least {value}" if round(number["value"]) else "nothing for sure"


def _whose(what: str, segment: str) -> str:
    if segment == EVERYBODY:
        return what
    name, _, value = segment.partition("=")
    plain = name.removeprefix("$") in _PLAIN_PROPERTIES and value
    return f"{value} {what}" if plain else f"{what} with {segment}"
