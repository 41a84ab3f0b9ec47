"""Flows: the ordered steps that lead to something worth having. Mining them from journeys is added in `mined_flows`."""

from __future__ import annotations

from dataclasses import dataclass

from user_intel.lake import Connection, Relation
from user_intel.product import Funnel, Product


@dataclass(frozen=True)
class Flow:
    """Steps in order, the last of which is the goal, and how the funnel over them is counted."""

    name: str
    steps: tuple[str, ...]
    mined: bool
    options: Funnel


def flows_of(connection: Connection, product: Product, sessions: Relation, steps: Relation) -> list[Flow]:
    """The flows of `product.yaml`."""
    return [
        Flow(name, tuple(members), False, product.funnels.get(name, Funnel()))
        for name, members in product.flows.items()
    ]
