"""Features as people know them, under the names of the matrix: shares, seconds, days, before any scaling.

A name of the matrix is a column of `user_features`, or column and entry of one of its maps (`step_shares: /cart`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from user_intel.lake import Relation

if TYPE_CHECKING:
    from user_intel.detect.statistics import Floats

# Entries of these maps are missing where they are not known; of all others where they did not happen.
_UNKNOWN_WHEN_MISSING = ("property_means", "flow_progress", "flow_completion")


def plain_values(features: Relation, names: Sequence[str]) -> Floats:
    """One row a user in order of user_id, one column for each of `names`; NaN where a value is not known."""
    import numpy as np

    wanted = [_value(name).alias(f"value_{number}") for number, name in enumerate(names)]
    if not wanted:
        return np.zeros((len(features.project("user_id").fetchall()), 0))
    found = features.sort(duckdb.ColumnExpression("user_id")).project(*wanted).fetchnumpy()
    values = np.empty((len(found["value_0"]), len(names)))
    for number in range(len(names)):
        # Let go of as it is copied: of a million users both would not fit beside each other.
        values[:, number] = np.ma.filled(found.pop(f"value_{number}"), np.nan)
    return values


def _value(name: str) -> duckdb.Expression:
    column, colon, entry = name.partition(": ")
    if not colon:
        return duckdb.ColumnExpression(name).cast(duckdb.type("DOUBLE"))
    value = duckdb.FunctionExpression(
        "map_extract_value", duckdb.ColumnExpression(column), duckdb.ConstantExpression(entry)
    )
    return value if column in _UNKNOWN_WHEN_MISSING else duckdb.CoalesceOperator(value, duckdb.ConstantExpression(0.0))
