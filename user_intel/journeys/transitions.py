"""Which step follows which: `transitions` from `steps`."""

import math
import secrets
from functools import reduce
from typing import cast

from user_intel import files
from user_intel.lake import Relation

# Exact medians and distinct counts are held in memory, about 100 bytes a row: this many rows fit well into 1.2 GB.
ROWS_AT_ONCE = 10_000_000


def transitions(steps: Relation, rows_at_once: int = ROWS_AT_ONCE) -> Relation:
    """One row per day, from_step and to_step: how many sessions and users went that way, how often, after how long.

    `steps` has the columns of `tables.STEPS`, of one day or of many, in any order. More than `rows_at_once` rows are
    worked out in slices of pairs of steps, one after the other, kept as small tables of the relation's own connection.
    """
    slices = math.ceil(int(steps.aggregate("count(*)").fetchall()[0][0]) / rows_at_once)
    if slices <= 1:
        return _counted(steps)
    parts = [_kept(_counted(steps.filter(f"hash(step, next_step) % {slices} = {part}"))) for part in range(slices)]
    return reduce(lambda left, right: left.union(right), parts)


def _counted(steps: Relation) -> Relation:
    # A query that selects always gives a relation; the stubs allow for statements that do not.
    return cast(Relation, steps.query("steps", files.sql("journeys/transitions")))


def _kept(rows: Relation) -> Relation:
    name = f"transitions_{secrets.token_hex(4)}"
    rows.create(name)
    return cast(Relation, rows.query("counted", f"from {name}"))
