"""What users are grouped by: the habits of the matrix that are their own, as components in units of luck (`reliable`).

Belongs here: which columns are compared between halves, on which scale, and what is done where too few can be halved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.segment import scaling
from user_intel.segment.features import half_features
from user_intel.segment.matrix import Matrix, scale_of
from user_intel.segment.plain import plain_values
from user_intel.segment.reliable import LEAST_HALVED, Components, reliable_components

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

# Where more are unknown, such as how far those came in a flow who never entered it, the rest would stand apart.
_KNOWN = 0.95


@dataclass(frozen=True)
class Habits:
    """Columns that can be compared between halves: of all users, and of either half of those who were halved.

    `shaping` marks the users who say how users differ: all but the sparse ones.
    """

    whole: Floats
    first: Floats
    second: Floats
    shaping: Flags

    def components(self) -> Components:
        """What of these habits is the users' own."""
        return reliable_components(self.whole, self.first, self.second, self.shaping)


def load_components(lake: Lake, product: Product, day: date, matrix: Matrix) -> Components | None:
    """One row for each user of `matrix`, the matrix of `day`; None where too few users' sessions can be halved."""
    habits = load_habits(lake, product, day, matrix)
    return habits.components() if habits else None


def load_habits(lake: Lake, product: Product, day: date, matrix: Matrix) -> Habits | None:
    """What `load_components` is made of."""
    with lake.connect() as connection:
        halves = half_features(connection, lake, product, day) if matrix.names else None
        if halves is None:
            return None
        whole = _comparable(plain_values(lake.read(connection, "user_features", [day]), matrix.names), matrix.names)
        first, second = (_comparable(plain_values(half, matrix.names), matrix.names) for half in halves)
    shaping = ~matrix.sparse
    told = _compared(whole[shaping], first, second)
    return Habits(_complete(whole[:, told]), first[:, told], second[:, told], shaping) if told.any() else None


def _compared(whole: Floats, first: Floats, second: Floats) -> Flags:
    """Columns that are known of nearly all, differ between users, and can be compared between enough halves."""
    import numpy as np

    known = np.isfinite(whole)
    both = (np.isfinite(first) & np.isfinite(second)).sum(axis=0)
    different = np.array([len(np.unique(column[np.isfinite(column)])) > 1 for column in whole.T], dtype=bool)
    return np.asarray((known.sum(axis=0) >= _KNOWN * len(known)) & different & (both >= LEAST_HALVED))


def _comparable(plain: Floats, names: Sequence[str]) -> Floats:
    """Shares lifted a little where they are small, what has a heavy tail as its logarithm.

    Not stretched as in the matrix: there, never is as far from once as a fifth from a half, so that having happened to
    use a rare feature or not split users of a product without any groups.
    """
    # In place: of a million users there is no room for two.
    for place, name in enumerate(names):
        plain[:, place] = _stretched(name, plain[:, place])
    return plain


def _stretched(name: str, values: Floats) -> Floats:
    scale = scale_of(name)
    if scale == "share":
        return scaling.lifted(values)
    return scaling.signed_log(values) if scale == "logged" else values


def _complete(values: Floats) -> Floats:
    """What is not known of a user is as with most; `values` themselves are changed."""
    import numpy as np

    for column in values.T:
        unknown = ~np.isfinite(column)
        column[unknown] = np.median(column[~unknown])
    return values
