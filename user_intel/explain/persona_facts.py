"""The fact table of a persona: a row of `cluster_profiles`, beside all other users and the problems its users meet."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from user_intel.detect import summary
from user_intel.detect.wording import KINDS, PainPoint
from user_intel.explain.facts import EVERYBODY, Entity, Fact, FactTable, Source, Unit, Value
from user_intel.explain.insight_facts import direction, kind_of_subject
from user_intel.explain.vocabulary import entity, names_of, shown
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.segment.terms import plain_step, term

MOST_TRAITS = 5
MOST_TROUBLES = 3
_UNITS: dict[str, Unit] = {"share": "share", "s": "s", "days": "days", "bits": "bits"}
_DENOMINATORS = ("sessions", "visits", "users")


def facts_of_cluster(
    row: Mapping[str, Any], lake: Lake, product: Product, names: frozenset[str] | None = None
) -> FactTable:
    """All that a text about a persona may say. `row` is one of `cluster_profiles`, JSON parsed or not."""
    day = row["day"]
    known = names_of(lake, product, day) if names is None else names
    told = {
        name: json.loads(v) if name in ("traits", "pain_points") and isinstance(v, str) else v
        for name, v in row.items()
    }
    problems = {each.pain_point_id: each for each in summary.ranked_pain_points(lake, day)}
    table = _Table(told, product, problems)
    entities = tuple(dict.fromkeys(table.entities()))
    return FactTable("persona", str(row["cluster_key"]), day, tuple(table.facts()), entities, known)


@dataclass(frozen=True)
class _Table:
    row: Mapping[str, Any]
    product: Product
    problems: Mapping[str, PainPoint]

    @property
    def _traits(self) -> list[Mapping[str, Any]]:
        """The strongest trait of every family."""
        families: dict[str, Mapping[str, Any]] = {}
        for trait in self.row["traits"]:
            families.setdefault(term(trait["feature"]).family, trait)
        return list(families.values())[:MOST_TRAITS]

    @property
    def _troubles(self) -> list[tuple[Mapping[str, Any], PainPoint]]:
        met = ((each, self.problems.get(each["pain_point_id"])) for each in self.row["pain_points"])
        return [(each, problem) for each, problem in met if problem is not None][:MOST_TROUBLES]

    def entities(self) -> Iterator[Entity]:
        """The persona, the places of its traits, its problems' places and segments."""
        called = self.product.explain.vocabulary
        yield Entity("persona", shown(self.row["name"]))
        for trait in self.row["traits"]:
            _, _, name = trait["feature"].partition(": ")
            if name:
                found = entity("flow" if name in self.product.flows else "step", name, called)
                yield Entity(found.kind, found.name, tuple(dict.fromkeys((*found.said, shown(plain_step(name))))))
        for _, problem in self._troubles:
            yield entity(kind_of_subject(problem.kind), problem.subject, called)
            yield from (entity("step", step, called) for step in problem.subjects if step != problem.subject)
            if problem.segment != EVERYBODY:
                yield entity("segment", problem.segment, called)

    def facts(self) -> Iterator[Fact]:
        """Size, traits, outcomes, problems."""
        yield from self._size()
        yield from self._told_traits()
        yield from self._outcome("goal", "users that reached a goal")
        yield from self._outcome("return", "users seen before that came back in the last week")
        yield from self._told_troubles()

    def _fact(self, id_: str, what: str, value: Value, unit: Unit, column: str, **known: Any) -> Fact:
        row = self.row
        first = row["day"] - timedelta(days=self.product.clusters.window_days - 1)
        key: dict[str, str | int | float | None] = {"day": str(row["day"]), "cluster_key": row["cluster_key"]}
        query, more, depth = known.pop("query", "persona"), known.pop("parameters", {}), known.pop("depth", "results")
        source = Source(query, column, {**key, **more}, depth)
        return Fact(id_, what, value, unit, known.pop("first_day", first), row["day"], source, **known)

    def _size(self) -> Iterator[Fact]:
        row = self.row
        counted: dict[str, Any] = {"query": "persona_users", "depth": "counts", "noun": "users", "role": "size"}
        yield self._fact("users", "users in it", row["users"], "count", "users", **counted)
        before, way = row["share_before"], None
        if before is not None and row["status"] in ("grown", "shrunk"):
            way = direction(row["share"], before)
        against = "share_before" if way else None
        yield self._fact("share", "of all users", row["share"], "share", "share", of="all users", direction=way,
                         against=against, **counted)  # fmt: skip
        if before is not None and row["compared_with"] is not None:
            then: date = row["compared_with"]
            yield self._fact("share_before", f"of all users on {then}", before, "share", "share_before", noun="users",
                             of="all users", role="before", first_day=then)  # fmt: skip
            yield self._fact("compared_with", "the earlier day", then, "date", "compared_with", role="when")
        yield self._fact("first_day", "first seen on", row["first_day"], "date", "first_day", role="when")
        yield self._fact("status", "where its size is going", row["status"], "text", "status", role="word")
        yield self._fact("window_days", "days looked at", self.product.clusters.window_days, "count", "window_days",
                         noun="days", role="when", parameters={"window_days": self.product.clusters.window_days},
                         query="window")  # fmt: skip

    def _told_traits(self) -> Iterator[Fact]:
        for place, trait in enumerate(self._traits):
            said = term(trait["feature"])
            unit = trait["unit"]
            in_middle = unit != "share" and trait["median"] != trait["rest_median"]
            columns = ("median", "rest_median") if in_middle else ("mean", "rest")
            noun = next((word for word in _DENOMINATORS if said.what.startswith((word, f"new {word}"))), "")
            name = trait["feature"].partition(": ")[2]
            known: dict[str, Any] = {
                "query": "persona_trait", "parameters": {"feature": trait["feature"]}, "of": shown(said.what),
                "noun": noun if unit == "share" else "",
                "about": (shown(name),) if name and name not in self.product.flows else (),
            }  # fmt: skip
            what = f"{shown(said.what)}{' (median)' if in_middle else ''}"
            yield self._fact(f"trait{place}", what, trait[columns[0]], _UNITS.get(unit, "number"), columns[0],
                             direction=trait["direction"], against=f"trait{place}_rest", **known)  # fmt: skip
            yield self._fact(f"trait{place}_rest", f"{what} of all others", trait[columns[1]], _UNITS.get(unit,
                                                                                                          "number"),
                             columns[1], role="rest", **known)  # fmt: skip

    def _outcome(self, name: str, what: str) -> Iterator[Fact]:
        rate, rest = self.row[f"{name}_rate"], self.row[f"{name}_rest"]
        if rate is None:
            return
        known: dict[str, Any] = {"noun": "users", "of": "its users"}
        # A difference that the interval allows to be none has no direction.
        is_sure = rest is not None and not self.row[f"{name}_low"] <= rest <= self.row[f"{name}_high"]
        way = direction(rate, rest) if is_sure else None
        yield self._fact(f"{name}_rate", what, rate, "share", f"{name}_rate", direction=way,
                         worse=way == "less" if way else None, against=f"{name}_rest" if way else None,
                         **known)  # fmt: skip
        if rest is not None:
            yield self._fact(f"{name}_rest", f"{what}, all others", rest, "share", f"{name}_rest", noun="users",
                             of="all other users", role="rest")  # fmt: skip

    def _told_troubles(self) -> Iterator[Fact]:
        for place, (met, problem) in enumerate(self._troubles):
            kind = KINDS[problem.kind].name if problem.kind in KINDS else problem.kind
            known: dict[str, Any] = {
                "query": "persona_trouble", "parameters": {"pain_point_id": problem.pain_point_id}, "noun": "users",
                "segment": shown(problem.segment),
                "first_day": problem.day - timedelta(days=self.product.thresholds.window_days - 1),
                "about": tuple(dict.fromkeys(shown(name) for name in (problem.subject, *problem.subjects))),
            }  # fmt: skip
            what = f"users that met: {kind} at {shown(problem.place)}"
            way = direction(met["rate"], met["rest"])
            yield self._fact(f"trouble{place}", what, met["rate"], "share", "rate", of="its users", direction=way,
                             worse=way == "more", against=f"trouble{place}_rest", **known)  # fmt: skip
            yield self._fact(f"trouble{place}_rest", f"{what}, all others", met["rest"], "share", "rest",
                             of="all other users", role="rest", **known)  # fmt: skip
