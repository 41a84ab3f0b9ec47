"""How groups are held against planted archetypes. Pure: takes who is what and who was put where, returns numbers.

A user's archetype on a day is that of most of the sessions in the window that ends there. Scored are users with at
least `SCORED_SESSIONS` sessions in it. Whoever is in no group counts as in one of those left over, so that leaving
the hard ones out does not pay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from user_intel.simulate.friction import Overlap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Labels = NDArray[np.int64]

SCORED_SESSIONS = 5
# An archetype of fewer scored users (one that has just been born or died out) is not one that must be found.
_SHARE_PLANTED = 0.05


@dataclass(frozen=True)
class Member:
    """A user on a day: the archetype, and whether the window holds sessions of another one, too."""

    archetype: int
    changing: bool


@dataclass(frozen=True)
class Found:
    """What one way of grouping came to on scored users."""

    ari: float
    groups: int
    noise_share: float


@dataclass(frozen=True)
class Ceiling:
    """What can be told of archetypes from the same features by who knows them (cross-validated)."""

    accuracy: float
    ari: float
    best_single_feature: float
    largest_archetype: float


@dataclass(frozen=True)
class Kept:
    """User-days of users who did not change archetype and had a persona the day before; those that kept it."""

    user_days: int = 0
    kept: int = 0
    # Of user-days in a persona: those in the one that most of the archetype's users were in on the first day.
    of_first: int = 0
    in_first: int = 0


@dataclass(frozen=True)
class Judged:
    """One world: what was planted, what was found on its last day, how personas lasted, what shuffles came to."""

    seed: int
    overlap: Overlap
    control: bool
    users: int
    scored: int
    planted: int
    verdict: str
    words: str
    ours: Found | None
    lowest_jaccard: float | None
    ceiling: Ceiling | None
    peers: dict[str, Found] = field(default_factory=dict)
    kept: Kept | None = None
    shuffled: tuple[str, ...] = ()
    seconds: float = 0.0


def members_on(members: pl.DataFrame, day: date, window_days: int) -> dict[str, Member]:
    """The scored users of a day, by user_id; `members` as in a `World`."""
    first = day - timedelta(days=window_days - 1)
    told = members.filter(pl.col("day").is_between(first, day)).group_by("user_id", "archetype").agg(pl.sum("sessions"))
    by_user = (
        told.sort("user_id", "sessions", "archetype")
        .group_by("user_id", maintain_order=True)
        .agg(pl.last("archetype"), pl.sum("sessions"), changing=pl.len() > 1)
        .filter(pl.col("sessions") >= SCORED_SESSIONS)
    )
    return {row["user_id"]: Member(row["archetype"], row["changing"]) for row in by_user.iter_rows(named=True)}


def found(archetypes: Labels, labels: Labels) -> Found:
    """Both of scored users, -1 for those in no group."""
    from sklearn.metrics import adjusted_rand_score

    groups = len(set(labels[labels >= 0].tolist()))
    return Found(float(adjusted_rand_score(archetypes, labels)), groups, float((labels < 0).mean()))


def planted(archetypes: Labels) -> int:
    """How many archetypes have enough scored users to be found."""
    import numpy as np

    return int((np.bincount(archetypes) >= _SHARE_PLANTED * len(archetypes)).sum())


def kept(days: Sequence[tuple[Mapping[str, Member], Mapping[str, str | None]]]) -> Kept:
    """Over days in order: the scored members of each, and everybody's persona (None for none)."""
    result = Kept()
    for (members_before, before), (members, now) in pairwise(days):
        stayed = [
            user
            for user, member in members.items()
            if not member.changing and members_before.get(user) == member and before.get(user)
        ]
        held = sum(now.get(user) == before[user] for user in stayed)
        result = Kept(result.user_days + len(stayed), result.kept + held, result.of_first, result.in_first)
    of_first, in_first = _in_first(days)
    return Kept(result.user_days, result.kept, of_first, in_first)


def _in_first(days: Sequence[tuple[Mapping[str, Member], Mapping[str, str | None]]]) -> tuple[int, int]:
    """User-days in any persona of archetypes that were there on the first day; those in the first day's persona."""
    usual = _usual_personas(*days[0]) if days else {}
    held = total = 0
    for members, personas in days[1:]:
        for user, member in members.items():
            if not member.changing and member.archetype in usual and personas.get(user):
                total += 1
                held += personas[user] == usual[member.archetype]
    return total, held


def _usual_personas(members: Mapping[str, Member], personas: Mapping[str, str | None]) -> dict[int, str]:
    """The persona that most users of each archetype are in."""
    counted: dict[int, dict[str, int]] = {}
    for user, member in members.items():
        if persona := personas.get(user):
            of = counted.setdefault(member.archetype, {})
            of[persona] = of.get(persona, 0) + 1
    return {archetype: max(sorted(of), key=lambda name: of[name]) for archetype, of in counted.items()}
