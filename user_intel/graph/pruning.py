"""What leaves the graph: a day that is about to be loaded again, chains older than the window, a forgotten person.

Everything goes in transactions of bounded size, each leaving whole sessions or none, so that a killed run leaves
nothing but less to do. A user goes with their last session. What is counted by day stays.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date

from user_intel.graph.claims import Ask, Claim
from user_intel.graph.connection import Row
from user_intel.graph.days import OUTSIDE, held_days

_LOG = logging.getLogger(__name__)

# Sessions, or nodes, that one transaction removes.
_SESSIONS = 500
_NODES = 1_000
# What a day says of its chains when it has none.
NO_CHAINS: dict[str, object] = {
    "chains": OUTSIDE,
    "sample_share": 0.0,
    "sessions": 0,
    "visits": 0,
    "users": 0,
    "hits": 0,
}


def clear_day(claim: Claim, day: date) -> None:
    """Removes everything that was loaded for `day`, except the steps themselves and the day's own node."""
    clear_chains(claim, day)
    clear_counts(claim, day)
    claim.write("prune/concerns", day=day)
    claim.write("prune/insights")
    claim.write("prune/pain_points")


def clear_counts(claim: Claim, day: date) -> None:
    """Removes what is counted of the steps of `day`, and its transitions with it."""
    while claim.write("prune/step_days", day=day, steps=_NODES)[0]["gone"]:
        pass


def clear_chains(claim: Claim, day: date) -> int:
    """Removes the sessions of `day` with their visits and the users without other sessions; how many sessions."""
    return _clear(claim, "prune/sessions_of_day", {"day": day, "sessions": _SESSIONS})


def clear_users(claim: Claim, users: Sequence[str]) -> int:
    """Removes these users with all their sessions and visits; how many sessions."""
    return _clear(claim, "prune/sessions_of_users", {"users": list(users), "sessions": _SESSIONS})


def prune(claim: Claim, oldest: date) -> list[date]:
    """Removes the chains of days before `oldest`; the days that had some, or were left half pruned."""
    passed = [held.day for held in held_days(claim.graph) if held.day < oldest and held.chains not in (None, OUTSIDE)]
    for day in passed:
        # First of all nobody may rely on them any more; last of all the day says that it is done.
        claim.write("prune/mark_outside", day=day, nothing={"chains": "pruning"})
        sessions = clear_chains(claim, day)
        claim.write("prune/mark_outside", day=day, nothing=NO_CHAINS)
        _LOG.info("pruned the chains of %s: %d sessions", day, sessions, extra={"day": day, "sessions": sessions})
    return passed


def _clear(claim: Claim, which: str, parameters: dict[str, object]) -> int:
    gone = 0
    while found := claim.transaction(cleared(which, parameters)):
        gone += found
    return gone


def cleared(which: str, parameters: dict[str, object]) -> Callable[[Ask], int]:
    """The work of one transaction: the sessions that `which` finds go, whole; how many that were."""

    def work(ask: Ask) -> int:
        rows: list[Row] = ask(which, parameters)
        if not rows:
            return 0
        ids = [row["session_id"] for row in rows]
        ask("prune/visits", {"ids": ids})
        ask("prune/sessions", {"ids": ids})
        ask("prune/users", {"users": sorted({row["user_id"] for row in rows if row["user_id"]})})
        return len(ids)

    return work
