"""The fact table of a briefing: what is new, worse, better or gone since an earlier day, what it costs, what is first.

A day is compared with the last judged day before it, a week with the last judged day at least seven days before. What
feedback keeps quiet is counted, and not told one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from user_intel.detect import summary
from user_intel.detect.wording import PainPoint
from user_intel.explain import proofs
from user_intel.explain.facts import Depth, Entity, Fact, FactTable, Role, Source, Unit, Value
from user_intel.explain.insight_facts import direction, entities_of, facts_of
from user_intel.explain.vocabulary import entity, names_of, shown
from user_intel.lake import Lake
from user_intel.product import Product

Scope = Literal["day", "week"]
DAYS: dict[str, int] = {"day": 1, "week": 7}
# Problems told one by one, the first ones first; gone ones and personas that changed.
MOST_TOLD: dict[str, int] = {"day": 4, "week": 6}
MOST_GONE = 3
MOST_PERSONAS = 4
_OF_A_PROBLEM = ("value", "expected", "users_hit", "lost_conversions", "lost_usd")


def facts_of_briefing(
    lake: Lake, product: Product, day: date, scope: str, names: frozenset[str] | None = None
) -> FactTable:
    """All that a briefing of a day, or of the week that ends with it, may say."""
    known = names_of(lake, product, day) if names is None else names
    told = briefed(lake, product, day, scope)
    facts = tuple(_facts(told))
    return FactTable("briefing", scope, day, facts, tuple(dict.fromkeys(_entities(told))), known)


@dataclass(frozen=True)
class Briefed:
    """What a briefing is about. `problems` are those that are not quiet, in the order of the feed."""

    lake: Lake
    product: Product
    day: date
    scope: str
    problems: Sequence[PainPoint]
    quiet: int
    before: date | None
    earlier: Sequence[PainPoint]
    personas: Sequence[Mapping[str, Any]]

    @property
    def new(self) -> list[PainPoint]:
        """Problems that were not there on the earlier day."""
        known = {each.pain_point_id for each in self.earlier}
        return [each for each in self.problems if each.pain_point_id not in known] if self.before else []

    @property
    def gone(self) -> list[PainPoint]:
        """Problems of the earlier day that are not there any more."""
        known = {each.pain_point_id for each in self.problems}
        return [each for each in self.earlier if each.pain_point_id not in known]

    def moved(self, trend: str) -> list[PainPoint]:
        """Problems of that trend."""
        return [each for each in self.problems if each.trend == trend]

    @property
    def told(self) -> list[PainPoint]:
        """Problems that are told one by one: the first ones, then new and worse ones."""
        most = MOST_TOLD[self.scope]
        wanted = [*self.problems[: most // 2], *self.new, *self.moved("worse"), *self.moved("better"), *self.problems]
        chosen = {each.pain_point_id for each in list({each.pain_point_id: each for each in wanted}.values())[:most]}
        return [each for each in self.problems if each.pain_point_id in chosen]


def briefed(lake: Lake, product: Product, day: date, scope: str) -> Briefed:
    """What a briefing is about, read from the day's tables."""
    ranked = summary.ranked_pain_points(lake, day)
    feed = lake.frame("insights", [day]).select("pain_point_id", "place", "quiet").collect().rows()
    place = {id_: place for id_, place, _ in feed}
    silent = {id_ for id_, _, quiet in feed if quiet}
    loud = [each for each in ranked if each.pain_point_id not in silent]
    loud.sort(key=lambda each: place.get(each.pain_point_id, len(place) + 1))
    judged = [each for each in lake.days("pain_points") if each <= day - timedelta(days=DAYS[scope])]
    before = judged[-1] if judged else None
    earlier = summary.ranked_pain_points(lake, before) if before else []
    kept = [each for each in earlier if each.pain_point_id not in silent]
    profiles = lake.rows("cluster_profiles", day)
    moved = [row for row in profiles if row["status"] in ("new", "grown", "shrunk", "gone")]
    moved.sort(key=lambda row: (-max(row["share"] or 0, row["share_before"] or 0), row["cluster_key"]))
    return Briefed(lake, product, day, scope, loud, len(ranked) - len(loud), before, kept, moved[:MOST_PERSONAS])


def _facts(told: Briefed) -> Iterator[Fact]:
    yield from _counts(told)
    yield from _problems(told)
    yield from _losses(told)
    yield from _gone(told)
    yield from _traffic(told)
    yield from _personas(told)


def _entities(told: Briefed) -> Iterator[Entity]:
    for found in told.told:
        yield from (each for each in entities_of(found, told.product) if each.kind != "priority")
    for found in told.gone[:MOST_GONE]:
        yield from (each for each in entities_of(found, told.product) if each.kind != "priority")
    for row in told.personas:
        yield entity("persona", row["name"])
    for flow in {each.flow for each in told.problems if each.flow}:
        yield entity("flow", flow, told.product.explain.vocabulary)


def _fact(told: Briefed, id_: str, what: str, value: Value, unit: Unit, source: Source, **known: Any) -> Fact:
    first = told.day - timedelta(days=DAYS[told.scope] - 1)
    return Fact(id_, what, value, unit, known.pop("first_day", first), known.pop("last_day", told.day), source, **known)


def _source(told: Briefed, query: str, column: str, depth: Depth = "results", **more: Any) -> Source:
    known = {"day": str(told.day), "before": str(told.before) if told.before else None}
    return Source(query, column, {**known, **more}, depth)


def _counts(told: Briefed) -> Iterator[Fact]:
    window = _source(told, "window", "window_days", window_days=DAYS[told.scope])
    yield _fact(told, "day", "the day", told.day, "date", _source(told, "window", "day", window_days=0), role="when")
    yield _fact(told, "first_day", "its first day", told.day - timedelta(days=DAYS[told.scope] - 1), "date",
                replace(window, column="first_day"), role="when")  # fmt: skip
    yield _fact(told, "window_days", "days", DAYS[told.scope], "count", window, noun="days", role="when")
    moved: tuple[tuple[str, str, int, Role, bool | None], ...] = (
        ("problems", "problems now", len(told.problems), "size", None),
        ("worse", "problems that got worse", len(told.moved("worse")), "change", True),
        ("better", "problems that got better", len(told.moved("better")), "change", False),
    )
    if told.before:
        yield _fact(told, "before", "the earlier day", told.before, "date", _source(told, "window", "before",
                                                                                    window_days=0),
                    role="when")  # fmt: skip
        moved += (("new", "problems that were not there then", len(told.new), "new", None),
                  ("gone", "problems that are not there any more", len(told.gone), "gone", None))  # fmt: skip
    for id_, what, count, role, worse in moved:
        yield _fact(told, id_, what, count, "count", _source(told, "briefing_counts", id_), noun="problems", role=role,
                    worse=worse)  # fmt: skip
    if told.quiet:
        yield _fact(told, "quiet", "problems kept quiet by feedback", told.quiet, "count",
                    _source(told, "briefing_counts", "quiet"), noun="problems", role="size")  # fmt: skip


def _problems(told: Briefed) -> Iterator[Fact]:
    for place, found in enumerate(told.told):
        for fact in facts_of(found, told.lake, told.product, frozenset()).facts:
            if fact.id in _OF_A_PROBLEM:
                against = f"p{place}_{fact.against}" if fact.against else None
                yield replace(fact, id=f"p{place}_{fact.id}", against=against)
        kind = (
            ":".join((found.kind, *map(str, found.facts.get("notes", ())))) if found.kind == "anomaly" else found.kind
        )
        yield _fact(told, f"p{place}_kind", "what kind of problem", kind, "text", proofs.pain_point(found, "kind"),
                    role="word",
                    segment=shown(found.segment), about=tuple(dict.fromkeys(map(shown, found.subjects))))  # fmt: skip


def _losses(told: Briefed) -> Iterator[Fact]:
    """What the problems of each flow cost together; detect keeps it below what the flow really lost."""
    by_flow: dict[str, list[PainPoint]] = {}
    for found in told.problems:
        if found.flow and found.lost_conversions is not None:
            by_flow.setdefault(found.flow, []).append(found)
    known: dict[str, Any] = {"role": "cost", "at_least": True, "worse": True}
    days = {"first_day": told.day - timedelta(days=told.product.thresholds.window_days - 1)}
    for flow, problems in sorted(by_flow.items()):
        lost = sum(each.lost_conversions or 0.0 for each in problems)
        if lost >= 0.5:
            source = _source(told, "briefing_losses", "lost_conversions", flow=flow)
            yield _fact(told, f"lost:{shown(flow)}", f"conversions of {shown(flow)} lost to all problems", lost,
                        "number", source, noun="conversions", **known, **days)  # fmt: skip
    worth = sum(each.lost_usd or 0.0 for each in told.problems)
    if worth >= 1:
        source = _source(told, "briefing_losses", "lost_usd", flow=None)
        yield _fact(told, "lost_usd", "worth of all conversions lost", worth, "usd", source, **known, **days)


def _gone(told: Briefed) -> Iterator[Fact]:
    for place, found in enumerate(told.gone[:MOST_GONE]):
        facts = facts_of(found, told.lake, told.product, frozenset())
        yield replace(facts["value"], id=f"g{place}_value", role="before", against=None, direction=None, worse=None)


def _traffic(told: Briefed) -> Iterator[Fact]:
    """Sessions of the days, and of as many days a week before each."""
    days = [told.day - timedelta(days=back) for back in range(DAYS[told.scope])]
    weeks_before = [each - timedelta(days=7) for each in days]
    held = set(told.lake.days("tallies"))
    if not set(days) <= held:
        return
    now = _sessions(told.lake, days)
    then = _sessions(told.lake, weeks_before) if set(weeks_before) <= held else None
    way = direction(now, then) if then is not None else None
    between = {"first_day": str(min(days)), "last_day": str(max(days))}
    yield _fact(told, "sessions", "sessions", now, "count", Source("traffic", "sessions", between, "counts"),
                noun="sessions", role="size", direction=way, against="sessions_before" if way else None)  # fmt: skip
    if then is not None:
        first, last = min(weeks_before), max(weeks_before)
        source = Source("traffic", "sessions", {"first_day": str(first), "last_day": str(last)}, "counts")
        yield _fact(told, "sessions_before", "sessions a week before", then, "count", source, noun="sessions",
                    role="before", first_day=first, last_day=last)  # fmt: skip


def _sessions(lake: Lake, days: Sequence[date]) -> int:
    import polars as pl

    rows = lake.frame("tallies", days).filter((pl.col("metric") == "day") & (pl.col("subject") == "sessions"))
    return int(rows.select(pl.col("units").sum()).collect().item() or 0)


def _personas(told: Briefed) -> Iterator[Fact]:
    days = told.product.clusters.window_days - 1
    for place, row in enumerate(told.personas):
        key = {"day": str(told.day), "cluster_key": row["cluster_key"]}
        known: dict[str, Any] = {"noun": "users", "of": "all users", "about": (shown(row["name"]),)}
        before, status = row["share_before"], row["status"]
        way = direction(row["share"], before) if before is not None and status in ("grown", "shrunk") else None
        if status != "gone":
            yield _fact(told, f"c{place}_share", f"of all users: {status}", row["share"], "share",
                        Source("persona_users", "share", key, "counts"), role="new" if status == "new" else "size",
                        direction=way, against=f"c{place}_before" if way else None,
                        first_day=told.day - timedelta(days=days), **known)  # fmt: skip
        if before is not None and status != "new":
            then = row["compared_with"] or told.day
            yield _fact(told, f"c{place}_before", f"of all users on {then}", before, "share", Source("persona",
                                                                                                     "share_before",
                                                                                                     key),
                        role="gone" if status == "gone" else "before", first_day=then, last_day=then,
                        **known)  # fmt: skip
