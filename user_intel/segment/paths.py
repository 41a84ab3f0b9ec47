"""How a persona walks: the ways its sessions take more than others do, and sessions of its most typical users.

Belongs here: choosing and shaping; SQL counts. Exemplars carry no id, and name no step that only a few users know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Any

from user_intel import files
from user_intel.lake import Connection
from user_intel.product import Product

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from user_intel.detect.statistics import Floats

_TOLD = 3
_MIN_SHARE = 0.02
_EXEMPLARS = 3
_MOST_STEPS = 30
# A longer way says more: of two that are walked as much it is the one to tell.
_LONGER = 0.15


@dataclass(frozen=True)
class Path:
    """Steps walked in a row: by which share of the persona's sessions, by which of the rest, `lift` times as often."""

    steps: tuple[str, ...]
    share: float
    rest: float
    lift: float
    sessions: int
    users: int


def typical_paths(connection: Connection, product: Product) -> dict[str, list[Path]]:
    """Of each persona the ways that tell it from the rest, the most telling first, no two alike.

    Where no way is walked more than by the rest (`min_ratio`), the most common one alone.

    Reads the views members and window_steps; counts among `clusters.path_users` users at most.
    """
    given: dict[str, object] = {
        "users": product.clusters.path_users, "min_users": product.thresholds.min_users, "min_share": _MIN_SHARE,
    }  # fmt: skip
    found = defaultdict(list)
    for key, steps, users, walked, sessions, rest_walked, rest_sessions in connection.execute(
        files.sql("segment/paths"), given
    ).fetchall():
        share = walked / sessions
        # Half a session more on both sides: what nobody else walked has no lift without end.
        lift = (walked + 0.5) / (sessions + 1) / ((rest_walked + 0.5) / (rest_sessions + 1))
        rest = rest_walked / rest_sessions if rest_sessions else 0.0
        found[key].append(Path(tuple(steps), share, rest, lift, sessions, users))
    least = product.thresholds.min_ratio
    return {key: _chosen([path for path in paths if path.lift >= least] or paths[:1]) for key, paths in found.items()}


def typical_users(
    user_ids: Sequence[str], values: npt.NDArray[np.float32], groups: Mapping[str, npt.NDArray[np.bool_]]
) -> Iterator[tuple[str, int, str]]:
    """(persona, place, user) of the users nearest to each persona's centre in the space that was clustered."""
    import numpy as np

    for key, members in groups.items():
        rows = np.flatnonzero(members)
        if not len(rows):
            continue
        mine: Floats = values[rows].astype(np.float64)
        distances = np.round(((mine - mine.mean(axis=0)) ** 2).sum(axis=1), 9)
        nearest = rows[np.argsort(distances, kind="stable")[:_EXEMPLARS]]
        yield from ((key, place, user_ids[row]) for place, row in enumerate(nearest))


def exemplars(connection: Connection, product: Product) -> dict[str, list[dict[str, Any]]]:
    """Of each persona the a session each of its most typical users; reads the views typical_users and typical_steps."""
    given: dict[str, object] = {
        "zone": product.timezone, "min_users": product.thresholds.min_users, "most_steps": _MOST_STEPS,
    }  # fmt: skip
    answer = connection.execute(files.sql("segment/exemplars"), given)
    names = [column[0] for column in answer.description or ()]
    found = defaultdict(list)
    for row in answer.fetchall():
        told = dict(zip(names, row, strict=True))
        found[told.pop("cluster_key")].append(told)
    return dict(found)


def _chosen(paths: Sequence[Path]) -> list[Path]:
    told: list[Path] = []
    for path in sorted(paths, key=lambda each: (-_worth(each), each.steps)):
        if len(told) < _TOLD and not any(_same_way(path, other) for other in told):
            told.append(path)
    return told


def _worth(path: Path) -> float:
    """How much a way tells: what it adds to the divergence from the rest, more for longer ones."""
    return path.share * log(path.lift) * (1 + _LONGER * len(path.steps))


def _same_way(one: Path, other: Path) -> bool:
    """Whether half or more of the shorter one's moves are the other's too."""
    moves, others = (set(pairwise(path.steps)) for path in (one, other))
    return 2 * len(moves & others) >= min(len(moves), len(others))
