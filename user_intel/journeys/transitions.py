"""Which step follows which: `transitions` from `steps`."""

from typing import cast

from user_intel import files
from user_intel.lake import Relation


def transitions(steps: Relation) -> Relation:
    """One row per day, from_step and to_step: how many sessions and users went that way, how often, after how long.

    `steps` has the columns of `tables.STEPS`, of one day or of many, in any order.
    """
    # A query that selects always gives a relation; the stubs allow for statements that do not.
    return cast(Relation, steps.query("steps", files.sql("journeys/transitions")))
