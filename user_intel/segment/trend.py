"""Where a persona is going: new, stable, grown or shrunk against some days ago; gone on the day it is missing.

Compared are shares of all users with features, so that a growing product does not make everybody grow. A change is one
of at least `clusters.min_size_change` that chance does not explain: two shares further apart than 1.96 standard errors.
As most users are the same on both days, that is asking for more than enough.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from user_intel.detect.statistics import Z95
from user_intel.product import Clusters
from user_intel.segment.personas import Persona

Status = Literal["new", "stable", "grown", "shrunk", "gone"]


@dataclass(frozen=True)
class Clustering:
    """The personas of a day and how many users it had in all."""

    day: date
    users: int
    personas: Sequence[Persona]

    def persona(self, key: str) -> Persona | None:
        """The persona of that key, if it was there."""
        return next((each for each in self.personas if each.key == key), None)


@dataclass(frozen=True)
class Trend:
    """Status, and the earlier day and share it comes from."""

    status: Status
    compared_with: date | None = None
    share_before: float | None = None


def trend(persona: Persona, today: Clustering, earlier: Mapping[date, Clustering], choices: Clusters) -> Trend:
    """The trend of a persona of today; `earlier` holds the days before that were clustered."""
    first = today.day - timedelta(days=choices.trend_days)
    within = sorted(day for day in earlier if first <= day < today.day)
    if not within:
        return Trend("new")
    then = earlier[within[0]]
    if then.persona(persona.key) is None:
        # Born since, or come back: then it is compared with when it was last seen.
        seen = [] if persona.first_day >= then.day else [d for d, each in earlier.items() if each.persona(persona.key)]
        if not seen:
            return Trend("new", then.day)
        then = earlier[max(seen)]
    before = then.persona(persona.key)
    if before is None or not (then.users and today.users):
        return Trend("new", then.day)
    status = _status(persona.users, today.users, before.users, then.users, choices)
    return Trend(status, then.day, before.users / then.users)


def gone(today: Clustering, before: Clustering | None) -> list[Persona]:
    """Those of the day before that are not there any more."""
    return [each for each in before.personas if today.persona(each.key) is None] if before else []


def _status(users: int, of: int, users_before: int, of_before: int, choices: Clusters) -> Status:
    share, was = users / of, users_before / of_before
    error = (share * (1 - share) / of + was * (1 - was) / of_before) ** 0.5
    if abs(share - was) < choices.min_size_change * was or abs(share - was) <= Z95 * error:
        return "stable"
    return "grown" if share > was else "shrunk"
