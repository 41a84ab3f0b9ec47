"""What a day did about each problem, as rows of `jira_issues`: kept, read back, counted, told from what is recorded.

What was done on a day is history: it is not worked out anew later.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

import duckdb

from user_intel.lake import Lake
from user_intel.state.records import Comment, Status, Ticket

Action = Literal["created", "updated", "unchanged", "dry_run", "refused"]
ACTIONS: tuple[Action, ...] = get_args(Action)
COLUMNS = ("action", "key", "title", "status", "insight_status", "reason")
_TOLD_LATER = "told from what was recorded: the day was run when a later one was there"


@dataclass(frozen=True)
class Outcome:
    """One row of `jira_issues`, without its day."""

    insight_id: str
    pain_point_id: str
    action: Action
    key: str | None = None
    url: str | None = None
    status: str | None = None
    created_at: datetime | None = None
    reason: str | None = None
    title: str | None = None
    priority: str | None = None
    severity: float | None = None
    insight_status: Status | None = None
    request: str | None = None

    def with_reason(self, reason: str) -> Outcome:
        """The same with one more thing to say."""
        return dataclasses.replace(self, reason=f"{self.reason}; {reason}" if self.reason else reason)


def write_outcomes(lake: Lake, day: date, outcomes: Iterable[Outcome]) -> int:
    """Replaces the day of `jira_issues`, and returns how many rows it has."""
    return lake.write_rows("jira_issues", day, map(dataclasses.asdict, outcomes))


def outcomes_of(lake: Lake, day: date) -> list[Outcome]:
    """The day's rows, in the order they are stored."""
    names = [field.name for field in dataclasses.fields(Outcome)]
    with lake.connect() as connection:
        rows = lake.read(connection, "jira_issues", [day]).sort("pain_point_id")
        return [Outcome(*row) for row in rows.project(*map(duckdb.ColumnExpression, names)).fetchall()]


def recorded(
    tickets: Iterable[Ticket], comments: Mapping[str, Sequence[Comment]], titles: Mapping[str, str], day: date
) -> list[Outcome]:
    """What is known of a day that did not act itself: the tickets there were, and what was done for it.

    Statuses of that day are not known any more. `titles`: of insights, by id.
    """
    return [_recorded(each, comments, titles, day) for each in tickets if each.key and each.day <= day]


def _recorded(
    ticket: Ticket, comments: Mapping[str, Sequence[Comment]], titles: Mapping[str, str], day: date
) -> Outcome:
    told = any(each.day == day and each.comment_id for each in comments.get(ticket.pain_point_id, ()))
    action: Action = "created" if ticket.day == day else "updated" if told else "unchanged"
    return Outcome(
        ticket.insight_id, ticket.pain_point_id, action, ticket.key, ticket.url, None, ticket.created_at, _TOLD_LATER,
        titles.get(ticket.insight_id),
    )  # fmt: skip


def by_action(outcomes: Iterable[Outcome]) -> dict[Action, int]:
    """How many rows there are of every action, none included."""
    counted = Counter(each.action for each in outcomes)
    return {action: counted[action] for action in ACTIONS}


def cells(outcome: Outcome) -> tuple[object, ...]:
    """The cells of COLUMNS."""
    return tuple(getattr(outcome, name) for name in COLUMNS)
