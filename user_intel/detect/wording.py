"""What was found, in words that a person without SQL understands. One table for all kinds; no model, no guessing.

Every number comes from a pain point's columns or facts, rounded by the rules here and never worked out anew. An offline
narrator, a terminal, a picture's title and a ticket all say the same sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

EVERYBODY = "all"


@dataclass(frozen=True)
class PainPoint:
    """One row of `pain_points`: the same fields, `facts` parsed."""

    day: date
    pain_point_id: str
    kind: str
    subject: str
    subjects: list[str]
    segment: str
    flow: str | None
    metric: str
    value: float
    expected: float
    low: float | None
    high: float | None
    sessions: int
    users: int
    p_value: float | None
    q_value: float | None
    lost_conversions: float | None
    lost_usd: float | None
    severity: float | None
    priority: str
    first_day: date
    last_day: date
    days_seen: int
    trend: str
    facts: Mapping[str, Any]
    source_table: str

    @property
    def place(self) -> str:
        """The step it happens on; of a loop, a feature or an anomaly its subject."""
        return self.subjects[-1] if self.kind in _ON_ELEMENTS and len(self.subjects) > 1 else self.subject


@dataclass(frozen=True)
class Kind:
    """How one kind is said: its name in a list, and the sentence. `whose` is " with property=value", or nothing."""

    name: str
    sentence: str


_ON_ELEMENTS = ("rage_click", "dead_click", "error_click")

# Every rate is of the sessions that came to the place, so the place comes first.
KINDS: dict[str, Kind] = {
    "drop_off": Kind("drop-off", "At {place} {value} of sessions{whose} leave, {expected} expected"),
    "loop": Kind("loop", "{where} {value} of sessions{whose} {circle}, {expected} expected"),
    "slow_step": Kind("slow step", "At {place} visits{whose} take {value} (median), {expected} expected"),
    "underused_feature": Kind(
        "underused feature",
        "{subject} is used in only {value} of the sessions{whose} that could, {expected} expected",
    ),
    "rage_click": Kind("rage clicks", "At {place} {value} of sessions{whose} hammer on {element}, {expected} expected"),
    "dead_click": Kind(
        "dead clicks", "At {place} {value} of sessions{whose} click {element} and nothing happens, {expected} expected"
    ),
    "error_click": Kind(
        "error clicks", "At {place} {value} of sessions{whose} click {element} and get an error, {expected} expected"
    ),
    "u_turn": Kind("u-turns", "At {place} {value} of sessions{whose} turn back at once, {expected} expected"),
    "form_abandonment": Kind(
        "abandoned form",
        "At {place} {value} of sessions{whose} that begin the form do not send it, {expected} expected",
    ),
    "rapid_exit": Kind(
        "rapid exits", "At {place} {value} of sessions{whose} leave within seconds, {expected} expected"
    ),
    "anomaly": Kind("anomaly", "{anomaly}"),
}

TRENDS = {
    "new": "new",
    "worse": "worse than in the days before",
    "same": "much as in the days before",
    "better": "better than in the days before",
}

# Why nothing is said of something, after "not judged:".
REASONS = {
    "too_few_sessions": "too few sessions",
    "no_baseline": "too little history to compare with",
    "never_used": "nobody used it in all the days looked at",
    "other_traffic": "fewer recordings, but traffic is not as usual either",
    "recorded_as_usual": "recorded as usual",
    "goal": "leaving a goal is no drop-off",
    "final_step": "leaving there is no drop-off",
    "ignored": "left out by product.yaml",
}

# What each table judges.
TABLES = {
    "drop_offs": "steps for people leaving",
    "loops": "circles",
    "slow_steps": "steps for slowness",
    "underused_features": "features",
    "anomalies": "measures of the day",
}


def heading(found: PainPoint, said: tuple[str, str] | None = None) -> str:
    """The problem in one line: where, how much of it, for whom, and what was expected.

    `said` stands in place of the two measures, for who marks them.
    """
    value, expected = said or measures(found)
    where, circle = _circle(found)
    sentence = KINDS[found.kind].sentence.format(
        place=found.place, subject=found.subject, value=value, expected=expected, element=element(found.subject),
        whose="" if found.segment == EVERYBODY else f" with {found.segment}", where=where, circle=circle,
        anomaly=_anomaly(found, value, expected) if found.kind == "anomaly" else "",
    )  # fmt: skip
    return f"{sentence} (flow {found.flow})" if found.flow else sentence


def hit(found: PainPoint) -> str:
    """How many people met it, and how often; empty for anomalies."""
    if found.kind == "anomaly":
        return ""
    whom = f"{counted(found.users, 'user')} {happened(found)} in {counted(found.sessions, 'session')}"
    share = fact(found, "users_hit_share")
    return f"{whom} ({percent(share)} of active users)" if share is not None else whom


def happened(found: PainPoint) -> str:
    """What happened to the users of a pain point; nothing happens to those who leave a feature alone."""
    return "did without it" if found.kind == "underused_feature" else "hit"


def cost(found: PainPoint) -> str:
    """What it costs at the least; empty where it lies on no flow."""
    if found.lost_conversions is None:
        return ""
    if found.lost_conversions < 0.5:
        return f"no conversion of {found.flow} surely lost"
    worth = "" if found.lost_usd is None else f", worth {money(found.lost_usd)}"
    return f"at least {counted(round(found.lost_conversions), 'conversion')} of {found.flow} lost{worth}"


def history(found: PainPoint) -> str:
    """Since when, on how many days, and where it is going."""
    if _NOT_KNOWN in _notes(found):
        since = f"as old as the data ({found.first_day} or before)"
    else:
        since = f"since {found.first_day}"
    last = "" if found.last_day >= found.day else f", last seen on {found.last_day}"
    return f"{since}, seen on {counted(found.days_seen, 'day')}{last}; {TRENDS.get(found.trend, found.trend)}"


_NOT_KNOWN = "since when is not known: it is as old as the data"


def also(found: PainPoint) -> list[str]:
    """What else was seen and is taken for the same problem, most often the same people's next step."""
    return [*map(_also, found.facts.get("also", ())), *map(_reversed, found.facts.get("reversals", ()))]


def _also(told: Mapping[str, Any]) -> str:
    show = duration if told["kind"] == "slow_step" else percent
    name = KINDS[told["kind"]].name if told["kind"] in KINDS else told["kind"]
    subject = element(told["subject"]) if told["kind"] in _ON_ELEMENTS else told["subject"]
    whom = "" if told["segment"] == EVERYBODY else f", {told['segment']}"
    return f"{name}: {subject} ({show(told['value'])}, {show(told['expected'])} expected{whom})"


def _reversed(name: str) -> str:
    return f"every value of {name} got better while all together got worse: the mix changed, not the product"


def not_judged(table: str, rows: int, of_rows: int, reasons: Mapping[str, int]) -> str:
    """How many of a table's rows say nothing, and why."""
    words = {name: REASONS.get(name, name.replace("_", " ")) for name in reasons}
    why = ", ".join(
        words[name] if len(reasons) == 1 else f"{words[name]} ({count:,})" for name, count in reasons.items()
    )
    return f"not judged: {rows:,} of {of_rows:,} {TABLES[table]}: {why}"


def measures(found: PainPoint) -> tuple[str, str]:
    """value and expected as people say them."""
    show = _shown_as(found)
    return show(found.value), show(found.expected)


def _shown_as(found: PainPoint) -> Callable[[float], str]:
    if found.metric == "p50_s":
        return duration
    return number if found.kind == "anomaly" and found.metric != "recorded_share" else percent


def element(name: str) -> str:
    """An element as people see it: its text where it has one, else what it is; `button.btn#pay "Pay"` is "Pay"."""
    found = re.search(r'"([^"]+)"\s*$', name)
    return f'"{found.group(1)}"' if found else name


def fact(found: PainPoint, id_: str) -> float | None:
    """The value of a number among the facts."""
    return next((each["value"] for each in found.facts.get("numbers", ()) if each["id"] == id_), None)


def percent(share: float) -> str:
    """0.4123 is "41 %", 0.0412 is "4.1 %", 0.0004 is "under 0.1 %": two digits that mean something."""
    of_hundred = 100 * share
    if of_hundred <= 0:
        return "0 %"
    if of_hundred < 0.1:
        return "under 0.1 %"
    if of_hundred < 9.95 or 99.5 <= of_hundred < 100:
        return f"{min(of_hundred, 99.9):.1f} %" if of_hundred < 100 else "100 %"
    return f"{of_hundred:.0f} %"


def duration(seconds: float) -> str:
    """1.44 is "1.4 s", 75 is "1 min 15 s", 4000 is "1 h 7 min"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10 and rest:
        return f"{minutes} min {rest} s"
    minutes = round(seconds / 60)
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def money(usd: float) -> str:
    """Three digits that mean something: 1217 is "$1,220", 12.34 is "$12.3"."""
    if usd < 100:
        return f"${usd:.3g}"
    rounded = float(f"{usd:.3g}")
    return f"${rounded:,.0f}"


def number(value: float) -> str:
    """A count, or a mean of counts, with thousands apart; decimals only where they are most of it."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def counted(count: int, thing: str) -> str:
    """1 is "1 user", 1200 is "1,200 users"."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def _circle(found: PainPoint) -> tuple[str, str]:
    if found.kind != "loop":
        return "", ""
    *first, last = found.subjects
    if len(found.subjects) == 2:
        return f"Between {first[0]} and {last}", "go back and forth"
    return f"Through {', '.join(first)} and {last}", "go round in circles"


def _notes(found: PainPoint) -> Iterator[str]:
    yield from found.facts.get("notes", ())


def _anomaly(found: PainPoint, value: str, expected: str) -> str:
    kind, _, name = found.subject.partition(":")
    if "tracking" in _notes(found):
        return (
            f"Recordings are missing: {value} of sessions were recorded, {expected} expected; tracking is likely broken"
        )
    if "vanished" in _notes(found):
        what = f"Page {name}" if kind == "page" else f"Event {name}" if kind == "event" else f"Conversions of {name}"
        return f"{what} stopped: {value} seen, {expected} expected; it, or its tracking, is likely broken"
    what = {"sessions": "sessions", "users": "users"}.get(found.subject) or _rate_name(kind, name)
    much = "Fewer" if found.value < found.expected else "More"
    return f"{much} {what} than usual: {value}, {expected} expected"


def _rate_name(kind: str, name: str) -> str:
    return {"event": f"{name} events", "page": f"visits of {name}", "conversion": f"conversions of {name}"}.get(
        kind, name or kind
    )
