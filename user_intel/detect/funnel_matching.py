"""Which visits of a session or user fulfil a flow: in order, strictly one after another, or in any order.

Belongs here: arrays in, arrays out. A visit is a row; rows stand in the order in which their unit made them, the rows
of a unit together. Flow semantics are those of PostHog's and retentioneering's funnels:

- ordered: from a visit of the first step always the earliest visit of the next step after the match before; other
  steps may lie between. No other choice ever gets further.
- strict: the same, with nothing between.
- unordered: from a visit of any step of the flow, how many different ones follow in whatever order.

A match that begins at one visit may run out of time where a later one would not. So it is tried from every visit that
can begin one; a unit keeps the deepest, among equally deep ones the earliest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Rows = NDArray[np.int64]
    Matches = NDArray[np.int64]
    Places = NDArray[np.int16]

# The visit ends the unit's part in the flow; 0 is any step that is not the flow's, 1 its first, 2 its second, ...
EXCLUDED = -1


@dataclass(frozen=True)
class Visits:
    """Columns of visits, sorted by unit and the order within it: digests of unit and session, step, microseconds."""

    unit: NDArray[np.uint64]
    session: NDArray[np.uint64]
    code: NDArray[np.uint16]
    at_us: NDArray[np.int64]


def deepest_matches(
    visits: Visits,
    places: Places,
    length: int,
    order: Literal["ordered", "strict", "unordered"],
    within_us: int | None,
) -> Matches:
    """One row per unit that came to the first position: the row of `visits` matched at each position, -1 for none.

    `places` says of each visit which place its step has in the flow of `length` steps (EXCLUDED, 0 or 1..length).
    `within_us` is how long after the first match the last may be; None when the unit is its own window.
    """
    import numpy as np

    relevant = _before_exclusion(visits.unit, places)
    if order != "strict":
        relevant &= places > 0
    rows = np.flatnonzero(relevant)
    unit, place, at_us = visits.unit[rows], places[rows], visits.at_us[rows]
    starts = np.flatnonzero(place > 0 if order == "unordered" else place == 1)
    if within_us is None and order != "strict":
        starts = starts[_first_of_each(unit[starts])]
    ends_us = None if within_us is None else at_us[starts] + within_us
    search = _Search(unit, place, at_us, starts, ends_us)
    found = search.of_any_order(length) if order == "unordered" else search.in_order(length, order == "strict")
    kept = found[_deepest_of_each(unit[starts], found)]
    return np.where(kept < 0, -1, rows[kept])


@dataclass(frozen=True)
class _Search:
    """Attempts that begin at rows `starts` (ascending) and must end by `ends_us` (None: with the unit)."""

    unit: NDArray[np.uint64]
    place: Places
    at_us: NDArray[np.int64]
    starts: Rows
    ends_us: NDArray[np.int64] | None

    def in_order(self, length: int, strict: bool) -> Matches:
        """One row per attempt: the matched row of each position, -1 from where it got no further."""
        found = self._nothing(length)
        found[:, 0] = self.starts
        for position in range(1, length):
            before = found[:, position - 1]
            row = self._next(position + 1, before + 1)
            lost = (before < 0) | (row != before + 1) if strict else before < 0
            row[lost] = -1
            found[:, position] = row
        return found

    def of_any_order(self, length: int) -> Matches:
        """One row per attempt: the first row of each different step of the flow, ascending, then -1."""
        import numpy as np

        found = self._nothing(length)
        for position in range(length):
            found[:, position] = self._next(position + 1, self.starts)
        beyond = len(self.place)
        in_time_order = np.sort(np.where(found < 0, beyond, found), axis=1)
        return np.where(in_time_order == beyond, -1, in_time_order)

    def _next(self, place: int, from_row: Rows) -> Rows:
        """For each attempt the first row of `place` at or after `from_row`, -1 where its unit has none in time."""
        import numpy as np

        candidates = np.append(np.flatnonzero(self.place == place), -1)
        row = candidates[np.searchsorted(candidates[:-1], from_row)]
        known = (row >= 0) & (self.unit[row] == self.unit[self.starts])
        if self.ends_us is not None:
            known &= self.at_us[row] <= self.ends_us
        return np.where(known, row, -1)

    def _nothing(self, length: int) -> Matches:
        import numpy as np

        return np.full((len(self.starts), length), -1, dtype=np.int64)


def _before_exclusion(unit: NDArray[np.uint64], places: Places) -> NDArray[np.bool_]:
    """Whether the unit has met no excluded step up to and with this visit."""
    import numpy as np

    excluded = places == EXCLUDED
    if not excluded.any():
        return np.ones(len(places), dtype=bool)
    so_far = np.cumsum(excluded)
    begins = _first_of_each(unit)
    before_unit = np.repeat(so_far[begins] - excluded[begins], np.diff(np.append(begins, len(unit))))
    return np.asarray(so_far == before_unit)


def _first_of_each(unit: NDArray[np.uint64]) -> Rows:
    """The first row of each unit, ascending."""
    import numpy as np

    return np.flatnonzero(np.append(len(unit) > 0, unit[1:] != unit[:-1]))[: len(unit)]


def _deepest_of_each(unit: NDArray[np.uint64], found: Matches) -> Rows:
    """Of each unit's attempts the first among those with the most matches."""
    import numpy as np

    begins = _first_of_each(unit)
    if len(begins) == len(unit):
        return begins
    depth = (found >= 0).sum(axis=1)
    deepest = np.repeat(np.maximum.reduceat(depth, begins), np.diff(np.append(begins, len(unit))))
    best = np.flatnonzero(depth == deepest)
    return best[_first_of_each(unit[best])]
