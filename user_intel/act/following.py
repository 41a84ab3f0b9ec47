"""Tickets after they were filed: their statuses read back, new numbers told, a word when the problem outlives them.

A comment is reserved in the state before Jira is asked for it, and ends with a line by which it is known again: after a
crash or a lost answer the ticket's comments say whether it was made.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from user_intel.act import composing, rules, wording
from user_intel.act.cases import Case
from user_intel.act.document import Document
from user_intel.act.filing import Desk, attached
from user_intel.act.outcomes import Outcome
from user_intel.act.tickets import TicketStatus
from user_intel.errors import JiraAway, JiraError, JiraUnsure
from user_intel.state.records import Comment, CommentKind, InsightStatus, Ticket

_LOG = logging.getLogger(__name__)
GONE = "gone"
_GONE_BECAUSE = (
    "it is not in Jira any more, or this account may not see it; no other is opened by itself. "
    "user-intel jira create {insight_id} opens one"
)
# Jira's mind may have changed twice since it was last read: dismissed, in Jira again, shipped.
_MOST_MOVES = 3


def read_back(desk: Desk, tickets: Sequence[Ticket]) -> dict[str, TicketStatus | None]:
    """Where tickets stand in Jira now, by key, kept in the state; their insights follow. None: gone from Jira."""
    told = desk.tracker.statuses([str(ticket.key) for ticket in tickets])
    statuses = desk.state.statuses()
    for ticket in tickets:
        status = told.get(str(ticket.key))
        if ticket.status != (name := status.name if status else GONE):
            desk.state.note_ticket_status(ticket.pain_point_id, name)
        now = statuses.get(ticket.insight_id)
        if status and now:
            _follow(desk, now, status)
    return told


def follow_up(desk: Desk, ticket: Ticket, told: TicketStatus | None, case: Case | None) -> Outcome:
    """What the day has to say on a ticket, said; `case`: the problem, where the day still has it. Raises JiraAway."""
    now = desk.state.status(ticket.insight_id)
    outcome = _unchanged(desk, ticket, told, case, now)
    if told is None:
        return replace(outcome, reason=_GONE_BECAUSE.format(insight_id=ticket.insight_id))
    if case is None or now is None:
        return outcome
    if now.status == "approved":
        # Approved after Jira was done with it: a problem has one ticket, ever.
        return replace(outcome, reason=f"approved again, but {told.key} is {told.name}: open it again in Jira")
    if ticket.day == desk.day:
        return attached(desk, outcome, case)
    try:
        return _said(desk, ticket, told, case, now, outcome)
    except JiraAway:
        raise
    except JiraError as refusal:
        return replace(outcome, action="refused", reason=f"no comment: {refusal}")


def _follow(desk: Desk, now: InsightStatus, told: TicketStatus) -> None:
    meaning = rules.meaning_of(told, desk.product.jira)
    for _ in range(_MOST_MOVES):
        to = rules.follows(now, told, meaning)
        if to is None:
            return
        word = told.resolution or told.name
        reason = f"{told.key} is {word} in Jira" if to != "in_jira" else f"{told.key} is open in Jira ({told.name})"
        moved = desk.move(now.insight_id, to, by=rules.BY_JIRA, reason=reason)
        if moved is None or moved.status != to:
            return
        now = moved


def _said(desk: Desk, ticket: Ticket, told: TicketStatus, case: Case, now: InsightStatus, outcome: Outcome) -> Outcome:
    open_still = rules.meaning_of(told, desk.product.jira) == "in_jira"
    if now.status == "in_jira" and open_still:
        known = _settled_comments(desk, ticket)
        if rules.new_numbers_due(ticket.day, known, desk.day, desk.product.jira):
            body, every_days = composing.still_there(case), desk.product.jira.comment_days
            return _commented(desk, ticket, case, "recurring", body, every_days, outcome)
    # On a rerun of the day the word was said, the insight is `reopened` already: then it is found to be said.
    if now.status in ("shipped", "reopened"):
        shipped = rules.shipped_on(now, told, desk.product)
        if now.status == "shipped" and rules.stays(case, shipped, desk.product):
            return _reopened(desk, ticket, case, shipped, outcome)
    return _told_before(desk, ticket, outcome)


def _reopened(desk: Desk, ticket: Ticket, case: Case, shipped: date, outcome: Outcome) -> Outcome:
    known = _settled_comments(desk, ticket)
    if not any(each.kind == "reopened" and shipped < each.day < desk.day for each in known):
        body = composing.still_there_after(case, shipped)
        outcome = _commented(desk, ticket, case, "reopened", body, 1, outcome)
    reason = f"the problem is still there after {ticket.key} was done on {shipped}"
    moved = desk.move(ticket.insight_id, "reopened", by=rules.BY_POLICY, reason=reason)
    return replace(outcome, insight_status=moved.status, reason=moved.reason) if moved else outcome


def _told_before(desk: Desk, ticket: Ticket, outcome: Outcome) -> Outcome:
    """The row of a rerun: what was said for the day is still what the day did."""
    said = [each for each in desk.state.comments(ticket.pain_point_id) if each.day == desk.day and each.comment_id]
    if not said:
        return outcome
    now = desk.state.status(ticket.insight_id)
    reason = now.reason if now and now.status == "reopened" else None
    return replace(outcome, action="updated", reason=reason)


def _commented(
    desk: Desk, ticket: Ticket, case: Case, kind: CommentKind, body: Document, every_days: int, outcome: Outcome
) -> Outcome:
    """Makes sure that the comment of the day is on the ticket, once."""
    identity, key = ticket.pain_point_id, str(ticket.key)
    with desk.alone(identity):
        claim = desk.state.claim_comment(
            identity, kind=kind, day=desk.day, every_days=every_days, by=desk.by, stale_after_s=0
        )
        if claim is None:
            return _told_before(desk, ticket, outcome)
        try:
            comment_id = _added(desk, key, composing.mark_of(case.insight_id, kind, desk.day), body)
        except JiraUnsure:
            raise
        except JiraError:
            desk.state.release_comment(identity, kind=kind, day=desk.day)
            raise
        desk.state.note_comment(identity, kind=kind, day=desk.day, comment_id=comment_id, by=desk.by)
    return replace(outcome, action="updated")


def _added(desk: Desk, key: str, mark: str, body: Document) -> str:
    if there := _on_ticket(desk, key, mark):
        return there
    try:
        return desk.tracker.add_comment(key, body).id
    except JiraUnsure:
        if there := _on_ticket(desk, key, mark):
            return there
        raise


def _on_ticket(desk: Desk, key: str, mark: str) -> str | None:
    """A ticket's comments are read by its key, never from an index: what is not there was not made."""
    return next((each.id for each in desk.tracker.comments(key) if composing.carries(each.text, mark)), None)


def _settled_comments(desk: Desk, ticket: Ticket) -> list[Comment]:
    """The comments on a ticket; those that earlier days reserved and never noted are looked for, or given up."""
    known = desk.state.comments(ticket.pain_point_id)
    if all(each.comment_id or each.day >= desk.day for each in known):
        return [each for each in known if each.comment_id]
    # Whoever is still about to note one holds the ticket.
    with desk.alone(ticket.pain_point_id):
        for each in desk.state.comments(ticket.pain_point_id):
            if each.comment_id is None and each.day < desk.day:
                _settle(desk, ticket, each)
        return [each for each in desk.state.comments(ticket.pain_point_id) if each.comment_id]


def _settle(desk: Desk, ticket: Ticket, left: Comment) -> None:
    mark = composing.mark_of(ticket.insight_id, left.kind, left.day)
    if there := _on_ticket(desk, str(ticket.key), mark):
        desk.state.note_comment(ticket.pain_point_id, comment_id=there, by=desk.by, kind=left.kind, day=left.day)
    else:
        desk.state.release_comment(ticket.pain_point_id, kind=left.kind, day=left.day)


def _unchanged(
    desk: Desk, ticket: Ticket, told: TicketStatus | None, case: Case | None, now: InsightStatus | None
) -> Outcome:
    return Outcome(
        ticket.insight_id, ticket.pain_point_id, "created" if ticket.day == desk.day else "unchanged",
        told.key if told else ticket.key, told.url if told else ticket.url, told.name if told else GONE,
        ticket.created_at, None, wording.title(case.found) if case else now.title if now else None,
        case.found.priority if case else None, case.found.severity if case else None, now.status if now else None,
    )  # fmt: skip
