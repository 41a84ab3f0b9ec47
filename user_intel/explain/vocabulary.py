"""Names of the product: what a text may only say where its facts do, and how names of people's making are shown.

A step, an element or a property's value is text that somebody outside wrote; how it is made harmless is `untrusted`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from user_intel.detect.wording import PainPoint, element
from user_intel.explain.facts import Entity, EntityKind
from user_intel.explain.speaking import spoken, unquoted
from user_intel.explain.untrusted import made_readable, readable
from user_intel.lake import Lake
from user_intel.product import Product

# Where names stand: table, column.
_PLACES = (("drop_offs", "step"), ("drop_offs", "segment"), ("underused_features", "feature"), ("funnels", "flow"),
           ("cluster_profiles", "name"), ("pain_points", "subject"))  # fmt: skip


def names_of(lake: Lake, product: Product, day: date) -> frozenset[str]:
    """Every name of the product that the day's tables know: steps, features, flows, segments, elements, personas."""
    return frozenset(shown(name) for name in _names(lake, product, day) if name)


def _names(lake: Lake, product: Product, day: date) -> Iterator[str]:
    yield from product.flows
    yield from product.features
    for steps in product.flows.values():
        yield from steps
    for table, column in _PLACES:
        frame = lake.frame(table, [day]).select(column).unique().collect()
        yield from (name for name in frame[column].to_list() if name not in (None, "all"))


def shown(name: str) -> str:
    """A name as texts show it."""
    return readable(name)


def shown_point(found: PainPoint) -> PainPoint:
    """A pain point with every name as texts show it; proofs need the original."""
    told: dict[str, Any] = made_readable(dict(found.facts))
    return replace(
        found, subject=_spoken(found, found.subject), subjects=[_spoken(found, name) for name in found.subjects],
        segment=shown(found.segment), flow=spoken(shown(found.flow)) if found.flow else None, facts=told,
    )  # fmt: skip


def _spoken(found: PainPoint, name: str) -> str:
    """A name as a text says it; an element of which only its own text is said stays whole."""
    plain = shown(name)
    if found.kind == "anomaly" and name == found.subject:
        what, of, which = name.partition(":")
        return f"{what}:{spoken(shown(which))}" if of else plain
    is_said_by_its_text = found.kind.endswith("_click") and name == found.subject and element(plain) != plain
    return plain if is_said_by_its_text else spoken(plain)


def entity(kind: EntityKind, name: str, called: Mapping[str, str] | None = None) -> Entity:
    """A name with the other forms that mean it. `called`: what people call it, by product.yaml."""
    plain = shown(name)
    people = (called or {}).get(name)
    # What people call it comes first: it is the form a model is told of.
    forms = dict.fromkeys([*([shown(people)] if people else []), *_forms(kind, plain)])
    return Entity(kind, plain, tuple(form for form in forms if form and form != plain))


def _forms(kind: EntityKind, name: str) -> Iterator[str]:
    if kind == "element":
        yield element(name).strip('"')
    yield unquoted(name)
    if kind == "segment":
        property_, _, value = name.partition("=")
        yield from (value, f"{property_}={value}", f"{property_.replace('_', ' ')} {value}")
    if "_" in name:
        yield name.replace("_", " ")
    if name.startswith("mined: "):
        yield name.removeprefix("mined: ")
