"""What is to be done with insights and their tickets: rules over plain values, nothing is asked or written here.

Which insights get a ticket, what Jira's word about a ticket means for its insight, when a comment is due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from user_intel.act.cases import Case
from user_intel.act.tickets import TicketStatus
from user_intel.days import day_of
from user_intel.product import Jira, Product, TicketMeaning
from user_intel.state.records import Comment, InsightStatus, Status

# Nobody decided against it, nor is anything done about it yet.
_OPEN: tuple[Status, ...] = ("new", "seen", "useful")
BY_POLICY = "policy"
BY_JIRA = "jira"


@dataclass(frozen=True)
class Chosen:
    """What a day files by itself, in the order it is filed, and what has to wait because of the daily cap."""

    now: list[Case]
    waiting: list[Case]


def to_file(
    cases: Sequence[Case], statuses: Mapping[str, InsightStatus], ticketed: Collection[str], day: date, chosen: Jira,
    opened: int,
) -> Chosen:  # fmt: skip
    """The cases of `day` that get a ticket: approved ones first, then by severity as the policy says.

    `ticketed`: pain points that have a ticket; `opened`: tickets opened for the day already.
    """
    wanted = [case for case in cases if case.pain_point_id not in ticketed and _wanted(case, statuses, day, chosen)]
    wanted.sort(key=lambda case: (not _approved(case, statuses, day), -(case.found.severity or 0.0)))
    room = max(0, chosen.daily_cap - opened)
    return Chosen(wanted[:room], wanted[room:])


def may_have_ticket(case: Case, status: Status) -> str | None:
    """Why an insight a person named gets no ticket; None when it may have one."""
    if not case.insight.grounded:
        return "its text was not found in the facts"
    if status in ("dismissed", "shipped", "verified"):
        return f"it is {status}; approve it first: user-intel approve {case.insight_id}"
    return None


def _wanted(case: Case, statuses: Mapping[str, InsightStatus], day: date, chosen: Jira) -> bool:
    if not case.insight.grounded:
        return False
    if _approved(case, statuses, day):
        return True
    if chosen.policy != "auto" or case.insight.quiet or (case.found.severity or 0.0) < chosen.min_severity:
        return False
    known = statuses.get(case.insight_id)
    return known is None or known.on(day) in _OPEN


def _approved(case: Case, statuses: Mapping[str, InsightStatus], day: date) -> bool:
    known = statuses.get(case.insight_id)
    return known is not None and known.on(day) == "approved"


def meaning_of(told: TicketStatus, chosen: Jira) -> TicketMeaning:
    """What Jira's resolution, status and category of a ticket mean."""
    return chosen.meaning(told.resolution, told.name, told.category)


def follows(now: InsightStatus, told: TicketStatus, meaning: TicketMeaning) -> Status | None:
    """What an insight becomes by Jira's word about its ticket; None where that changes nothing.

    What a person decided here after Jira resolved the ticket stands.
    """
    if meaning == "in_jira":
        by_jira = now.status in ("shipped", "dismissed") and now.by == BY_JIRA
        return "in_jira" if by_jira or now.status in (*_OPEN, "approved", "reopened") else None
    if now.status == meaning or now.status == "verified":
        return None
    if now.status == "dismissed":
        # Jira changed its mind; a person's no stands.
        return "in_jira" if now.by == BY_JIRA else None
    resolved_since = told.resolved_at is not None and _utc(told.resolved_at) > now.at
    return meaning if now.status in (*_OPEN, "in_jira") or resolved_since else None


def shipped_on(now: InsightStatus, told: TicketStatus | None, product: Product) -> date:
    """The day a shipped insight's change went out, as far as anybody said."""
    at = _utc(told.resolved_at) if told and told.resolved_at else now.at
    return day_of(at, product.zone)


def stays(case: Case, shipped: date, product: Product) -> bool:
    """Whether a problem is still there after its ticket was done: all that is looked at lies behind that day."""
    days = product.jira.reopen_days or product.thresholds.window_days
    return case.found.last_day > shipped and case.found.day - shipped >= timedelta(days=days)


def new_numbers_due(opened_for: date, comments: Iterable[Comment], day: date, chosen: Jira) -> bool:
    """Whether an open ticket is to be told the numbers of `day`: so many days after its last word from us."""
    last = max([opened_for, *(comment.day for comment in comments if comment.day < day)])
    return day - last >= timedelta(days=chosen.comment_days)


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
