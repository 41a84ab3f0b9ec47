"""The fact table of a pain point: its columns, its `facts`, and what follows from them by arithmetic alone.

Facts of other stages about the same pain point (what was seen in recordings) join through `more`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from user_intel.detect.wording import PainPoint
from user_intel.explain import proofs
from user_intel.explain.facts import (
    EVERYBODY,
    Direction,
    Entity,
    EntityKind,
    Fact,
    FactTable,
    Role,
    Source,
    Unit,
    Value,
)
from user_intel.explain.vocabulary import entity, names_of, shown
from user_intel.lake import Lake
from user_intel.product import Product

# What less of it is worse.
LESS_IS_WORSE = ("adoption", "recorded_share")
_COUNTED = {"sessions": "sessions", "users": "users", "visits": "visits", "conversions": "conversions"}
_KINDS_OF_METRIC = {"event": "events", "page": "visits", "conversion": "conversions"}
METRIC_WORDS = {
    "exit_rate": "exit rate", "p50_s": "median time on the step", "adoption": "adoption", "loop_rate": "loop rate",
    "rapid_exit_rate": "rapid exit rate", "u_turn_rate": "u-turn rate", "rage_click_rate": "rage click rate",
    "dead_click_rate": "dead click rate", "error_click_rate": "error click rate",
    "abandonment_rate": "abandonment rate", "recorded_share": "share of sessions recorded",
}  # fmt: skip
_AS_OLD_AS_THE_DATA = "since when is not known"


def facts_of(
    found: PainPoint, lake: Lake, product: Product, names: frozenset[str] | None = None, more: Sequence[Fact] = ()
) -> FactTable:
    """All that a text about a pain point may say. `names`: those of `vocabulary.names_of`, where they were read."""
    known = names_of(lake, product, found.day) if names is None else names
    facts = (*_Table(found, product).facts(), *more)
    return FactTable("insight", found.pain_point_id, found.day, facts, tuple(entities_of(found, product)), known)


def entities_of(found: PainPoint, product: Product) -> Iterator[Entity]:
    """What a text about a pain point may name: where it is, its flow and what comes next in it, its segment."""
    called = product.explain.vocabulary
    yield entity(kind_of_subject(found.kind), found.subject, called)
    yield from (entity("step", name, called) for name in found.subjects if name != found.subject)
    if found.kind == "anomaly" and (name := found.subject.partition(":")[2]):
        yield entity("event", name, called)
    if found.segment != EVERYBODY:
        yield entity("segment", found.segment, called)
    if found.flow:
        yield entity("flow", found.flow, called)
        yield from (entity("step", step, called) for step in _next(found, product.flows.get(found.flow, [])))
    words = METRIC_WORDS.get(found.metric, shown(found.metric).replace("_", " "))
    yield Entity("metric", shown(found.metric), (words,))
    yield Entity("priority", found.priority)
    for each in found.facts.get("also", ()):
        yield entity(kind_of_subject(each["kind"]), each["subject"], called)
        if each["segment"] != EVERYBODY:
            yield entity("segment", each["segment"], called)


def kind_of_subject(kind: str) -> EntityKind:
    """What the subject of a kind of pain point is."""
    if kind.endswith("_click"):
        return "element"
    return {"underused_feature": "feature", "anomaly": "event"}.get(kind, "step")  # type: ignore[return-value]


def _next(found: PainPoint, steps: Sequence[str]) -> list[str]:
    """The step of the flow after the place, and the flow's goal."""
    at = [steps.index(name) for name in found.subjects if name in steps]
    follows = steps[max(at) + 1 :][:1] if at else []
    return list(dict.fromkeys([*follows, *steps[-1:]]))


@dataclass(frozen=True)
class _Table:
    found: PainPoint
    product: Product

    def facts(self) -> Iterator[Fact]:
        yield from self._measures()
        yield from self._people()
        yield from self._outcomes()
        yield from self._times()
        yield from self._also()

    @property
    def _about(self) -> tuple[str, ...]:
        found = self.found
        return tuple(dict.fromkeys(shown(name) for name in (found.subject, *found.subjects)))

    @property
    def _numbers(self) -> dict[str, Mapping[str, Any]]:
        return {each["id"]: each for each in self.found.facts.get("numbers", ())}

    @property
    def _days(self) -> tuple[date, date]:
        """First and last day that the value is measured over."""
        told = self._numbers.get("value", {})
        first, last = told.get("from", str(self.found.day)), told.get("to", str(self.found.day))
        return date.fromisoformat(str(first)), date.fromisoformat(str(last))

    @property
    def _unit(self) -> tuple[Unit, str]:
        """Unit of the value, and what it is of."""
        found = self.found
        if found.metric == "p50_s":
            return "s", "visits"
        if found.kind == "anomaly" and found.metric != "recorded_share":
            kind, _, _ = found.metric.partition(":")
            return "number", _COUNTED.get(kind) or _KINDS_OF_METRIC.get(kind, "events")
        return "share", "sessions"

    def _fact(self, id_: str, what: str, value: Value, unit: Unit, source: Source | None = None, **known: Any) -> Fact:
        first, last = self._days
        proof = source or proofs.pain_point(self.found, id_)
        told = {"segment": shown(self.found.segment), "about": self._about, **known}
        return Fact(id_, what, value, unit, told.pop("first_day", first), told.pop("last_day", last), proof, **told)

    def _measures(self) -> Iterator[Fact]:
        found, (unit, noun) = self.found, self._unit
        metric = METRIC_WORDS.get(found.metric, shown(found.metric))
        of = str(self._numbers.get("value", {}).get("of", noun))
        compared: dict[str, Any] = {"noun": noun, "of": shown(of)}
        way = direction(found.value, found.expected)
        worse = way != "same" and (way == "less") == (found.metric in LESS_IS_WORSE or found.kind == "anomaly")
        source = proofs.measure(found, self.product, self._days)
        yield self._fact("value", metric, found.value, unit, source("value"), against="expected", direction=way,
                         worse=worse, **compared)  # fmt: skip
        yield self._fact("expected", f"expected {metric}", found.expected, unit, role="expected", **compared)
        if found.low is not None and found.high is not None and found.kind != "anomaly":
            bounds: tuple[tuple[Role, float], ...] = (("low", found.low), ("high", found.high))
            for role, value in bounds:
                end = "lower" if role == "low" else "upper"
                yield self._fact(
                    role, f"{end} end of the 95 % interval", value, unit, source(role), role=role, **compared
                )
        if found.expected > 0 and found.value / found.expected >= 1:
            times = found.value / found.expected
            yield self._fact("times", f"{metric} / expected", times, "times", role="change", direction=way, worse=worse)
        if unit == "share":
            apart = abs(found.value - found.expected)
            yield self._fact("points", f"{metric} beyond expected", apart, "points", role="change", direction=way,
                             worse=worse)  # fmt: skip
        if "value_before" in self._numbers:
            yield self._before(metric, compared, unit)

    def _before(self, metric: str, compared: dict[str, Any], unit: Unit) -> Fact:
        told = self._numbers["value_before"]
        first, last = date.fromisoformat(told["from"]), date.fromisoformat(told["to"])
        return self._fact("value_before", f"{metric} in the window before", told["value"], unit, role="before",
                          first_day=first, last_day=last, **compared)  # fmt: skip

    def _people(self) -> Iterator[Fact]:
        found, numbers = self.found, self._numbers
        if found.kind == "anomaly":
            return
        source = proofs.measure(found, self.product, self._days)
        if "units" in numbers:
            # Also of dwells: a session counts once, by the mean of its visits.
            yield self._fact("units", "sessions looked at", numbers["units"]["value"], "count", source("units"),
                             noun="sessions", role="size")  # fmt: skip
        yield self._fact("sessions_hit", "sessions hit", found.sessions, "count", source("sessions"), noun="sessions",
                         role="size")  # fmt: skip
        yield self._fact("users_hit", "users hit", found.users, "count", source("users"), noun="users", role="size")
        if told := numbers.get("users_hit_share"):
            yield self._fact("users_hit_share", "users hit of active users", told["value"], "share", noun="users",
                             of="active users", role="size")  # fmt: skip
        if told := numbers.get("active_users"):
            days = date.fromisoformat(told["from"]), date.fromisoformat(told["to"])
            yield self._fact("active_users", "active users", told["value"], "count", proofs.people(self.product, days),
                             noun="users", role="size", segment=EVERYBODY, about=(), first_day=days[0],
                             last_day=days[1])  # fmt: skip

    def _outcomes(self) -> Iterator[Fact]:
        found, numbers = self.found, self._numbers
        rate, other = numbers.get(f"goal_rate:{found.flow}"), numbers.get(f"goal_rate_without:{found.flow}")
        if found.flow and rate and other:
            way = direction(rate["value"], other["value"])
            flow = shown(found.flow)
            yield self._fact("goal_rate", f"sessions hit that reach the goal of {flow}", rate["value"], "share",
                             proofs.number(found, rate["id"]), noun="sessions", of="sessions hit",
                             against="goal_rate_without", direction=way, worse=way == "less")  # fmt: skip
            yield self._fact("goal_rate_without", f"sessions not hit that reach the goal of {flow}", other["value"],
                             "share", proofs.number(found, other["id"]), noun="sessions",
                             of=shown(_of_sessions(other["of"])), role="rest")  # fmt: skip
        if found.flow and found.lost_conversions is not None:
            cost: dict[str, Any] = {"role": "cost", "at_least": True, "of": f"conversions of {shown(found.flow)}"}
            yield self._fact("lost_conversions", "conversions lost", found.lost_conversions, "number",
                             noun="conversions", worse=True, **cost)  # fmt: skip
            if found.lost_usd is not None:
                yield self._fact("lost_usd", "worth of the conversions lost", found.lost_usd, "usd", worse=True, **cost)
            if told := numbers.get("conversions"):
                days = date.fromisoformat(told["from"]), date.fromisoformat(told["to"])
                yield self._fact("conversions", "conversions made", told["value"], "count",
                                 proofs.conversions(found, self.product, days), noun="conversions", role="size",
                                 segment=EVERYBODY, about=(), first_day=days[0], last_day=days[1])  # fmt: skip

    def _times(self) -> Iterator[Fact]:
        found, (first, last) = self.found, self._days
        when: dict[str, Any] = {"role": "when"}
        yield self._fact("first_day", "seen since", found.first_day, "date", **when)
        yield self._fact("last_day", "last seen on", found.last_day, "date", **when)
        yield self._fact("days_seen", "days on which somebody was hit", found.days_seen, "count", noun="days", **when)
        yield self._fact("window_first", "first day measured", first, "date", **when)
        yield self._fact("window_last", "last day measured", last, "date", **when)
        yield self._fact("window_days", "days measured", (last - first).days + 1, "count", noun="days", **when)
        yield self._fact("watch_days", "days of a usual window", self.product.thresholds.window_days, "count",
                         proofs.window(found.day, self.product.thresholds.window_days), noun="days",
                         **when)  # fmt: skip
        yield self._fact("trend", "against the window before", found.trend, "text", role="word",
                         worse={"worse": True, "better": False}.get(found.trend))  # fmt: skip
        if found.kind == "loop":
            yield self._fact("steps", "steps of the loop", len(found.subjects), "count", noun="steps", role="word")
        if found.severity is not None:
            yield self._fact("severity", "severity of 100", found.severity, "score", role="word")

    def _also(self) -> Iterator[Fact]:
        for place, told in enumerate(self.found.facts.get("also", ())):
            unit: Unit = "s" if told["kind"] == "slow_step" else "share"
            noun = "visits" if unit == "s" else "sessions"
            way = direction(told["value"], told["expected"])
            less_is_worse = told["kind"] == "underused_feature"
            seen = self._fact(f"also{place}", f"{told['kind'].replace('_', ' ')} at {shown(told['subject'])}",
                              told["value"], unit, proofs.also(self.found, place, "value"), noun=noun,
                              segment=shown(told["segment"]), about=(shown(told["subject"]),),
                              against=f"also{place}_expected",
                              direction=way, worse=way != "same" and (way == "less") == less_is_worse)  # fmt: skip
            yield seen
            yield replace(seen, id=f"also{place}_expected", what=f"expected {seen.what}", value=told["expected"],
                          source=proofs.also(self.found, place, "expected"), role="expected", direction=None,
                          worse=None, against=None)  # fmt: skip


def _of_sessions(of: str) -> str:
    """What a rate per session is of, where the value is of visits."""
    return of.replace("visits at", "sessions at", 1)


def direction(value: float, other: float) -> Direction:
    """How a value lies to another."""
    return "more" if value > other else "less" if value < other else "same"


def is_dated(found: PainPoint) -> bool:
    """Whether the day it began is known; else it is as old as the data."""
    return not any(str(note).startswith(_AS_OLD_AS_THE_DATA) for note in found.facts.get("notes", ()))
