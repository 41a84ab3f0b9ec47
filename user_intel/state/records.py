"""What people decided, as plain values: the words other modules use to read and write it. No database is known here.

Times (`at`, `..._at`) are naive UTC with microseconds, days are calendar days in the product's time zone. `by` says
who: the name of a person, `policy` for what a rule of product.yaml did, `jira` for what was decided there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Status = Literal["new", "seen", "dismissed", "useful", "approved", "in_jira", "shipped", "verified", "reopened"]
Verdict = Literal["useful", "dismissed", "wrong"]
CommentKind = Literal["recurring", "reopened"]
RoadmapStatus = Literal["planned", "running", "done", "dropped"]
Action = Literal[
    "decided about",
    "gave feedback on",
    "claimed the ticket of",
    "released the ticket of",
    "recorded ticket",
    "dropped ticket",
    "claimed a comment on",
    "commented on",
    "read the status of",
    "added",
    "changed",
]


def storable(text: str) -> str:
    """A text as every database takes it: what is no character of UTF-8, and the one PostgreSQL refuses, is marked."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True)
class SeenInsight:
    """An insight as the explain stage met it on `day`."""

    insight_id: str
    pain_point_id: str
    kind: str
    subject: str
    segment: str
    day: date
    title: str


@dataclass(frozen=True)
class InsightStatus:
    """What was decided about one insight. `reason`, `until` and `by` are of the last decision; none when new."""

    insight_id: str
    pain_point_id: str
    kind: str
    subject: str
    segment: str
    title: str
    first_day: date
    last_day: date
    status: Status
    reason: str | None
    until: date | None
    by: str | None
    at: datetime

    def on(self, day: date) -> Status:
        """The status as it counts on `day`: a dismissal ends on the day it was made until, and is `seen` then."""
        if self.status == "dismissed" and self.until is not None and day >= self.until:
            return "seen"
        return self.status


@dataclass(frozen=True)
class Feedback:
    """What one person said about one insight of `day`. Said again of that day by the same person, the last word counts.

    `until` is set where a dismissal ends: on that day and after it, it asks for nothing any more.
    """

    insight_id: str
    pain_point_id: str
    kind: str
    subject: str
    segment: str
    verdict: Verdict
    reason: str | None
    until: date | None
    by: str
    day: date
    at: datetime


@dataclass(frozen=True)
class Ticket:
    """The one ticket of a pain point. `key` is None while it is only claimed: somebody is about to create it.

    `day` is that of the insight it is made for. `token` is told to the claimer alone: a claim that somebody else has
    taken over can no longer be released. `taken_over_from` is when the claim was made that this one took over: soon
    after that somebody may have asked Jira for a ticket.
    """

    pain_point_id: str
    insight_id: str
    day: date
    key: str | None
    url: str | None
    status: str | None
    claimed_by: str
    claimed_at: datetime
    created_at: datetime | None
    status_at: datetime | None
    taken_over_from: datetime | None = None
    token: str | None = None


@dataclass(frozen=True)
class Comment:
    """A comment on a pain point's ticket, for `day`. `comment_id` is None while it is only claimed."""

    pain_point_id: str
    kind: CommentKind
    day: date
    claimed_at: datetime
    comment_id: str | None


@dataclass(frozen=True)
class Plan:
    """An experiment somebody wants to make: what would go on the roadmap. Sizes are users an arm, durations days."""

    title: str
    hypothesis: str
    metric: str
    sample_size: int | None = None
    duration_days: int | None = None
    insight_id: str | None = None


@dataclass(frozen=True)
class RoadmapItem:
    """A plan on the roadmap."""

    item_id: int
    plan: Plan
    status: RoadmapStatus
    by: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class AuditEntry:
    """Who did what when. `before` and `after` are JSON objects of what changed; `subject` is what it was done to."""

    at: datetime
    by: str
    action: Action
    subject: str
    insight_id: str | None
    before: str
    after: str
