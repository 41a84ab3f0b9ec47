"""Flows: the ordered steps that lead to something worth having, as `product.yaml` names them or as journeys show them.

Belongs here: what a flow is and where it comes from. How it is mined is `flow_mining`, how it is counted `funnels`.
"""

from __future__ import annotations

from dataclasses import dataclass

from user_intel.detect.flow_mining import mined_paths
from user_intel.lake import Connection, Relation
from user_intel.product import Funnel, Product

MINED = "mined: "


@dataclass(frozen=True)
class Flow:
    """Steps in order, the last of which is the goal, and how the funnel over them is counted."""

    name: str
    steps: tuple[str, ...]
    mined: bool
    options: Funnel


def flows_of(connection: Connection, product: Product, sessions: Relation, steps: Relation) -> list[Flow]:
    """The flows of `product.yaml`, in its order; without any, at most five mined ones, the likeliest first.

    `sessions` and `steps` have the lake's columns and hold the window's days, their rows in any order. Mined flows are
    called `mined: <goal>` and counted as ordered, in sessions. Where nothing looks like a goal there are none.
    """
    if product.flows:
        return [
            Flow(name, tuple(members), False, product.funnels.get(name, Funnel()))
            for name, members in product.flows.items()
        ]
    paths = mined_paths(connection, sessions, steps, product.thresholds.min_sessions)
    return [Flow(f"{MINED}{path.goal.step}", path.steps, True, Funnel()) for path in paths]
