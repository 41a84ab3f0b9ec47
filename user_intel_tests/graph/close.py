"""Whether two answers are the same, numbers with fractions but for rounding."""

from collections.abc import Sequence
from math import isclose
from typing import Any


def same(found: Sequence[dict[str, Any]], expected: Sequence[dict[str, Any]]) -> bool:
    """Whether both have the same rows in the same order, with the same columns."""
    return len(found) == len(expected) and all(
        row.keys() == other.keys() and all(_equal(row[name], other[name]) for name in row)
        for row, other in zip(found, expected, strict=True)
    )


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return isclose(one, other, rel_tol=1e-9)
    return bool(one == other)
