"""Questions about journeys, each one pass over stored `steps`: nothing is sorted, because the table already is.

Belongs here: what can be said of paths without statistics. Whether a number is remarkable is the detectors' business.

`steps` has the columns of `tables.STEPS`, of one day or of several, as `Lake.read` gives it: `top_paths` and `cycles`
look at neighbouring rows and so need the stored order. Results are small and come back as relations.
"""

from __future__ import annotations

from collections.abc import Sequence

from user_intel import files
from user_intel.errors import InputError
from user_intel.lake import Connection, Relation

MAX_PATH_STEPS = 8


def step_matrix(connection: Connection, steps: Relation, positions: int = 10) -> Relation:
    """One row per position and step: position, step, sessions, share of all journeys.

    A null step holds the journeys that had ended before, so the shares of a position sum to 1.
    """
    return _answer(connection, "step_matrix", steps, positions=positions)


def top_paths(connection: Connection, steps: Relation, length: int = 5, paths: int = 20) -> Relation:
    """One row per path of first steps: path, sessions, share. A path shorter than `length` ended there.

    A null path holds all others, so the shares sum to 1. Raises InputError for a length outside 1 to 8.
    """
    if not 1 <= length <= MAX_PATH_STEPS:
        raise InputError(f"A path has 1 to {MAX_PATH_STEPS} steps, found {length}; ask for fewer.")
    return _answer(connection, "top_paths", steps, length=length, paths=paths)


def funnel(connection: Connection, steps: Relation, funnel: Sequence[str]) -> Relation:
    """One row per step of the funnel: position, step, entered, converted, step_conversion, overall_conversion.

    Counted in sessions, in order, always taking the earliest match after the match before; other steps may lie between.
    """
    if len(set(funnel)) != len(funnel) or not funnel:
        raise InputError("A funnel names each of its steps once, and at least one; mend the list of steps.")
    return _answer(connection, "funnel", steps, funnel=list(funnel))


def cycles(connection: Connection, steps: Relation) -> Relation:
    """One row per cycle of 2 to 4 different steps: cycle (smallest name first), sessions, users, count.

    `count` is how often a session came back to the step it began from by that way.
    """
    return _answer(connection, "cycles", steps)


def time_on_step(connection: Connection, steps: Relation) -> Relation:
    """One row per step: step, visits, p50_s and p90_s of the time spent on it."""
    return _answer(connection, "time_on_step", steps)


def drop_off(connection: Connection, steps: Relation) -> Relation:
    """One row per step: step, arrivals and exits in sessions, exit_rate."""
    return _answer(connection, "drop_off", steps)


def _answer(connection: Connection, question: str, steps: Relation, **parameters: object) -> Relation:
    steps.create_view("steps", replace=True)
    return connection.query(files.sql(f"journeys/{question}"), params=parameters or None)
