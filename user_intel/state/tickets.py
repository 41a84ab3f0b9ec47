"""The one ticket of a pain point, from claim to comments. Functions of an open session; transactions are `store.py`'s.

A claim is kept before Jira is asked, so that of several programs one asks. It is done with by recording the ticket or
by releasing it where Jira surely made none; one that was left (its program was killed) is taken over when it is stale.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from user_intel.errors import InputError, StateError
from user_intel.state import audit, insights
from user_intel.state.models import TicketComment, TicketLink
from user_intel.state.records import Comment, CommentKind, Ticket


def tickets(session: Session) -> list[Ticket]:
    """All tickets and claims, by pain point."""
    return [told(row) for row in session.scalars(select(TicketLink).order_by(TicketLink.pain_point_id))]


def ticket(session: Session, pain_point_id: str) -> Ticket | None:
    """The ticket or claim of one pain point."""
    row = session.get(TicketLink, pain_point_id)
    return told(row) if row else None


def claim(
    session: Session, pain_point_id: str, insight_id: str, *, by: str, day: date, stale_after_s: float, at: datetime
) -> Ticket | None:
    """Reserves the ticket of a pain point; None where it is there already, or freshly claimed by somebody else."""
    token = secrets.token_hex(16)
    wanted = {"pain_point_id": pain_point_id, "insight_id": insight_id, "day": day, "token": token}
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(TicketLink)
        .values(**wanted, claimed_by=by, claimed_at=at)
        .on_conflict_do_nothing(index_elements=["pain_point_id"])
    )
    row = _row(session, pain_point_id)
    if row is None:  # somebody else's claim was in the way, and was given up just now
        return None
    if row.token != token:
        if row.key is not None or at - row.claimed_at < timedelta(seconds=stale_after_s):
            return None
        row.taken_over_from = row.claimed_at
        row.token, row.insight_id, row.day, row.claimed_by, row.claimed_at = token, insight_id, day, by, at
    audit.note(
        session,
        at=at,
        by=by,
        action="claimed the ticket of",
        subject=pain_point_id,
        insight_id=insight_id,
        after={"day": day, "taken_over_from": row.taken_over_from},
    )
    return told(row, token)


def release(session: Session, pain_point_id: str, *, token: str, by: str, reason: str | None, at: datetime) -> bool:
    """Gives a claim up, where Jira surely made no ticket; whether it was still the claimer's own."""
    row = _row(session, pain_point_id)
    if row is None or row.token != token or row.key is not None:
        return False
    session.delete(row)
    audit.note(
        session,
        at=at,
        by=by,
        action="released the ticket of",
        subject=pain_point_id,
        insight_id=row.insight_id,
        after={"reason": reason},
    )
    return True


def record(
    session: Session, pain_point_id: str, *, key: str, url: str, status: str | None, by: str, at: datetime
) -> Ticket:
    """Keeps which ticket Jira made for a claim, or which it was found to have. Its insight is `in_jira`
    then. Again with the same key, it changes nothing but address and status.
    """
    row = _locked(session, pain_point_id)
    if row.key is not None and row.key != key:
        raise StateError(
            f"The pain point {pain_point_id} has the ticket {row.key} already; {key} would be a second one. Close one "
            "of the two in Jira."
        )
    other = session.scalar(
        select(TicketLink.pain_point_id).where(TicketLink.key == key, TicketLink.pain_point_id != pain_point_id)
    )
    if other is not None:
        raise StateError(
            f"{key} is the ticket of the pain point {other} already; {pain_point_id} needs one of its own."
        )
    before = {"key": row.key, "url": row.url, "status": row.status}
    after = {"key": key, "url": url, "status": status or row.status}
    if before != after:
        row.key, row.url, row.status = key, url, after["status"]
        row.created_at = row.created_at or at
        row.status_at = at if status else row.status_at
        audit.note(
            session,
            at=at,
            by=by,
            action="recorded ticket",
            subject=key,
            insight_id=row.insight_id,
            before=before,
            after=after,
        )
        insights.note_ticket(session, row.insight_id, key, row.day, by, at)
    return told(row)


def drop(session: Session, pain_point_id: str, *, by: str, reason: str, at: datetime) -> None:
    """Forgets a ticket that is no longer in Jira, with its comments: another may be made."""
    row = _locked(session, pain_point_id)
    audit.note(
        session,
        at=at,
        by=by,
        action="dropped ticket",
        subject=row.key or pain_point_id,
        insight_id=row.insight_id,
        before={"key": row.key, "url": row.url, "status": row.status},
        after={"reason": reason},
    )
    session.delete(row)


def note_status(session: Session, pain_point_id: str, status: str, *, by: str, at: datetime) -> Ticket:
    """Keeps the status Jira showed last, in Jira's word."""
    row = _locked(session, pain_point_id)
    if row.status != status:
        audit.note(
            session,
            at=at,
            by=by,
            action="read the status of",
            subject=row.key or pain_point_id,
            insight_id=row.insight_id,
            before={"status": row.status},
            after={"status": status},
        )
    row.status, row.status_at = status, at
    return told(row)


def comments(session: Session, pain_point_id: str | None) -> list[Comment]:
    """The comments on one ticket (on all where None), by pain point, the oldest first."""
    wanted = select(TicketComment).order_by(TicketComment.pain_point_id, TicketComment.day, TicketComment.kind)
    if pain_point_id is not None:
        wanted = wanted.where(TicketComment.pain_point_id == pain_point_id)
    return [_told_comment(row) for row in session.scalars(wanted)]


def claim_comment(
    session: Session,
    pain_point_id: str,
    *,
    kind: CommentKind,
    day: date,
    every_days: int,
    by: str,
    stale_after_s: float,
    at: datetime,
) -> Comment | None:
    """Reserves a comment; None where one of its kind is nearer to `day` than `every_days`, on either side.

    One of the same day that was claimed and never noted is taken over when the claim is stale.
    """
    link = _locked(session, pain_point_id)
    within = timedelta(days=every_days - 1)
    near = select(TicketComment).where(
        TicketComment.pain_point_id == pain_point_id,
        TicketComment.kind == kind,
        TicketComment.day.between(day - within, day + within),
    )
    rows = list(session.scalars(near))
    left = next((row for row in rows if row.day == day and row.comment_id is None), None)
    if left is not None and len(rows) == 1 and at - left.claimed_at >= timedelta(seconds=stale_after_s):
        left.claimed_at = at
        return _told_comment(left)
    if rows:
        return None
    made = TicketComment(pain_point_id=pain_point_id, kind=kind, day=day, claimed_at=at)
    session.add(made)
    audit.note(
        session,
        at=at,
        by=by,
        action="claimed a comment on",
        subject=link.key or pain_point_id,
        insight_id=link.insight_id,
        after={"kind": kind, "day": day},
    )
    return _told_comment(made)


def note_comment(
    session: Session, pain_point_id: str, *, kind: CommentKind, day: date, comment_id: str, by: str, at: datetime
) -> Comment:
    """Keeps which comment Jira made for a claim."""
    link = _locked(session, pain_point_id)
    row = session.get(TicketComment, (pain_point_id, kind, day))
    if row is None:
        row = TicketComment(pain_point_id=pain_point_id, kind=kind, day=day, claimed_at=at)
        session.add(row)
    if row.comment_id != comment_id:
        row.comment_id = comment_id
        audit.note(
            session,
            at=at,
            by=by,
            action="commented on",
            subject=link.key or pain_point_id,
            insight_id=link.insight_id,
            after={"kind": kind, "day": day, "comment_id": comment_id},
        )
    return _told_comment(row)


def release_comment(session: Session, pain_point_id: str, *, kind: CommentKind, day: date) -> None:
    """Gives a claimed comment up, where Jira surely took none."""
    _locked(session, pain_point_id)
    row = session.get(TicketComment, (pain_point_id, kind, day))
    if row is not None and row.comment_id is None:
        session.delete(row)


def told(row: TicketLink, token: str | None = None) -> Ticket:
    """A row as a plain value, with the token only where it is handed to the claimer."""
    return Ticket(
        pain_point_id=row.pain_point_id,
        insight_id=row.insight_id,
        day=row.day,
        key=row.key,
        url=row.url,
        status=row.status,
        claimed_by=row.claimed_by,
        claimed_at=row.claimed_at,
        created_at=row.created_at,
        status_at=row.status_at,
        taken_over_from=row.taken_over_from,
        token=token,
    )


def _row(session: Session, pain_point_id: str) -> TicketLink | None:
    return session.scalar(select(TicketLink).where(TicketLink.pain_point_id == pain_point_id).with_for_update())


def _locked(session: Session, pain_point_id: str) -> TicketLink:
    row = _row(session, pain_point_id)
    if row is None:
        raise InputError(f"The pain point {pain_point_id} has no ticket, and none was claimed for it.")
    return row


def _told_comment(row: TicketComment) -> Comment:
    return Comment(row.pain_point_id, cast(CommentKind, row.kind), row.day, row.claimed_at, row.comment_id)
