"""Which status may follow which. A move that is not here makes no sense, and is refused."""

from __future__ import annotations

from typing import get_args

from user_intel.errors import InputError
from user_intel.state.records import Status, Verdict

# From a status to those that may follow. `seen` after a decision takes the decision back.
MOVES: dict[Status, tuple[Status, ...]] = {
    "new": ("seen", "useful", "dismissed", "approved", "in_jira", "shipped"),
    "seen": ("useful", "dismissed", "approved", "in_jira", "shipped"),
    "useful": ("seen", "dismissed", "approved", "in_jira", "shipped"),
    "dismissed": ("seen", "useful", "approved", "in_jira"),
    "approved": ("seen", "dismissed", "in_jira", "shipped"),
    # Back to approved: its ticket is gone, another may be made.
    "in_jira": ("approved", "dismissed", "shipped", "reopened"),
    "shipped": ("verified", "reopened", "in_jira", "dismissed"),
    "verified": ("reopened", "dismissed"),
    "reopened": ("approved", "in_jira", "dismissed", "shipped", "verified"),
}

# What a verdict makes of an insight nobody decided about yet. A ticket or an approval is not undone by feedback.
AFTER_VERDICT: dict[Verdict, Status] = {"useful": "useful", "dismissed": "dismissed", "wrong": "dismissed"}
# What a decision says of an insight: it is kept as feedback, too.
VERDICTS: dict[Status, Verdict] = {"useful": "useful", "dismissed": "dismissed"}
MOVED_BY_VERDICT: tuple[Status, ...] = ("new", "seen", "useful", "dismissed")

# What becomes `in_jira` by its ticket alone.
WAITING: tuple[Status, ...] = ("new", "seen", "useful", "approved")

STATUSES: tuple[Status, ...] = get_args(Status)


def refuse_nonsense(insight_id: str, now: Status, to: Status) -> None:
    """Raises InputError where an insight that is `now` cannot become `to`; staying what it is always makes sense."""
    if to != now and to not in MOVES[now]:
        raise InputError(
            f"{insight_id} is {words(now)} and cannot become {words(to)}; "
            f"it can become {', '.join(map(words, MOVES[now]))}."
        )


def words(status: Status) -> str:
    """A status as people say it."""
    return "in Jira" if status == "in_jira" else status
