"""What people decided, to read and write: every method is one transaction, whole or not at all.

Safe for several processes and threads at once. Free text is scrubbed of personal data before it is kept. Methods raise
StateError where the database fails, and InputError where what is asked cannot be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from user_intel import privacy
from user_intel.state import audit, insights, roadmap, tickets
from user_intel.state.connection import alone, for_writing
from user_intel.state.records import (
    AuditEntry,
    Comment,
    CommentKind,
    Feedback,
    InsightStatus,
    Plan,
    RoadmapItem,
    RoadmapStatus,
    SeenInsight,
    Status,
    Ticket,
    Verdict,
    storable,
)
from user_intel.state.refusals import Place, translated

if TYPE_CHECKING:
    from sqlalchemy import Engine

# A claim whose program was killed may be taken over after this: longer than any asking of Jira with its retries.
STALE_CLAIM_S = 900.0


def _scrubbed(text: str | None) -> str | None:
    words = storable(text or "").strip()
    return privacy.scrubbed(words) if words else None


def _utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class State:
    """An open state database, made by `open_state`. `by` says who does it; see `records.py`."""

    def __init__(self, engine: Engine, place: Place, now: Callable[[], datetime] = _utc_now) -> None:
        self.place = place
        self._engine = engine
        self._writing_engine = for_writing(engine)
        self._now = now

    def try_to_write(self) -> None:
        """Raises StateError where nothing may be written; leaves nothing behind."""
        with translated(self.place), Session(self._writing_engine) as session, session.begin() as trial:
            audit.note(session, at=self._now(), by="doctor", action="decided about", subject="a trial")
            session.flush()
            trial.rollback()

    @contextmanager
    def alone(self, name: str, *, wait_s: float) -> Iterator[None]:
        """Holds `name` against all other programs on this state, those of other machines too; freed when this one dies.

        For what must not be done twice at once outside the database. Raises StateError when another has it past
        `wait_s`.
        """
        with alone(self._engine, self.place, name, wait_s):
            yield

    def register(self, seen: Sequence[SeenInsight]) -> None:
        """Makes insights known; a new one is `new`. Registering again changes only days and title."""
        if seen:
            with self._write() as session:
                insights.register(session, seen, self._now())

    def statuses(self, *, before: date | None = None) -> dict[str, InsightStatus]:
        """What was decided, by insight id.

        With `before`, only the insights seen on earlier days, as they were decided on what was known on earlier days:
        the same whenever that day is run again.
        """
        with self._read() as session:
            return insights.statuses(session, before)

    def status(self, insight_id: str) -> InsightStatus | None:
        """What was decided about one insight; None where it is not known."""
        with self._read() as session:
            return insights.status(session, insight_id)

    def known(self, insight_id: str) -> InsightStatus:
        """As `status`. Raises InputError for an unknown insight, naming those near to it."""
        with self._read() as session:
            return insights.told(insights.found(session, insight_id))

    def decide(
        self,
        insight_id: str,
        to: Status,
        *,
        by: str,
        reason: str | None = None,
        until: date | None = None,
        day: date | None = None,
    ) -> InsightStatus:
        """Decides about one insight, as it was seen on `day` (its last day). Deciding the same again changes nothing.

        Raises InputError for an unknown insight (near ids are named) and for a move that makes no sense.
        """
        return self.decide_all([insight_id], to, by=by, reason=reason, until=until, day=day)[0]

    def decide_all(
        self,
        insight_ids: Sequence[str],
        to: Status,
        *,
        by: str,
        reason: str | None = None,
        until: date | None = None,
        day: date | None = None,
    ) -> list[InsightStatus]:
        """As `decide`, about several insights: about all of them or, where one cannot be, about none."""
        said = _scrubbed(reason)
        with self._write() as session:
            decided = {
                name: insights.decide(session, name, to, by=by, reason=said, until=until, day=day, at=self._now())
                for name in sorted(set(insight_ids))
            }
        return [decided[name] for name in insight_ids]

    def mark_seen(self, insight_ids: Sequence[str], *, by: str) -> None:
        """Says that somebody looked at insights: those that are new become `seen`, all others stay what they are."""
        if insight_ids:
            with self._write() as session:
                insights.mark_seen(session, insight_ids, by, self._now())

    def give_feedback(
        self,
        insight_id: str,
        verdict: Verdict,
        *,
        by: str,
        reason: str | None = None,
        until: date | None = None,
        day: date | None = None,
    ) -> Feedback:
        """Keeps what a person thinks of an insight of `day` (its last day), in place of what they said of it before.

        An insight that nobody acts on yet becomes `useful`, or `dismissed` (also where it is `wrong`).
        """
        said = _scrubbed(reason)
        with self._write() as session:
            return insights.give_feedback(
                session, insight_id, verdict, by=by, reason=said, until=until, day=day, at=self._now()
            )

    def feedback(self, *, before: date | None = None) -> list[Feedback]:
        """All feedback, the oldest day first; with `before`, only that about insights of earlier days."""
        with self._read() as session:
            return insights.feedback(session, before)

    def tickets(self) -> list[Ticket]:
        """All tickets and claims, by pain point."""
        with self._read() as session:
            return tickets.tickets(session)

    def ticket(self, pain_point_id: str) -> Ticket | None:
        """The ticket of a pain point, or the claim to make it."""
        with self._read() as session:
            return tickets.ticket(session, pain_point_id)

    def claim_ticket(
        self, pain_point_id: str, insight_id: str, *, by: str, day: date, stale_after_s: float = STALE_CLAIM_S
    ) -> Ticket | None:
        """Reserves the ticket of a pain point before Jira is asked, with the token that releases it.

        None where it has a ticket, or somebody else claimed it less than `stale_after_s` ago. An older claim is taken
        over: `taken_over_from` says when Jira may have been asked.
        """
        with self._write() as session:
            return tickets.claim(
                session, pain_point_id, insight_id, by=by, day=day, stale_after_s=stale_after_s, at=self._now()
            )

    def release_ticket(self, pain_point_id: str, *, token: str, by: str, reason: str | None = None) -> bool:
        """Gives a claim up where Jira surely made no ticket; whether it was still the caller's own."""
        said = _scrubbed(reason)
        with self._write() as session:
            return tickets.release(session, pain_point_id, token=token, by=by, reason=said, at=self._now())

    def record_ticket(
        self, pain_point_id: str, *, key: str, url: str, status: str | None = None, by: str = "jira"
    ) -> Ticket:
        """Keeps which ticket Jira made. Raises StateError where another one is kept already."""
        with self._write() as session:
            return tickets.record(session, pain_point_id, key=key, url=url, status=status, by=by, at=self._now())

    def drop_ticket(self, pain_point_id: str, *, by: str, reason: str) -> None:
        """Forgets a ticket that is gone from Jira, with its comments, so that another may be made."""
        said = _scrubbed(reason)
        with self._write() as session:
            tickets.drop(session, pain_point_id, by=by, reason=said or "", at=self._now())

    def note_ticket_status(self, pain_point_id: str, status: str, *, by: str = "jira") -> Ticket:
        """Keeps the status Jira showed last, in Jira's word."""
        with self._write() as session:
            return tickets.note_status(session, pain_point_id, status, by=by, at=self._now())

    def comments(self, pain_point_id: str | None = None) -> list[Comment]:
        """The comments on one ticket (on all where None), the oldest first."""
        with self._read() as session:
            return tickets.comments(session, pain_point_id)

    def claim_comment(
        self,
        pain_point_id: str,
        *,
        kind: CommentKind,
        day: date,
        every_days: int,
        by: str,
        stale_after_s: float = STALE_CLAIM_S,
    ) -> Comment | None:
        """Reserves a comment for `day` before Jira is asked; None where one of its kind is nearer than `every_days`.

        A claim of that very day which was never noted is taken over when it is older than `stale_after_s`.
        """
        with self._write() as session:
            return tickets.claim_comment(
                session,
                pain_point_id,
                kind=kind,
                day=day,
                every_days=every_days,
                by=by,
                stale_after_s=stale_after_s,
                at=self._now(),
            )

    def note_comment(
        self, pain_point_id: str, *, kind: CommentKind, day: date, comment_id: str, by: str = "jira"
    ) -> Comment:
        """Keeps which comment Jira made, or changed, for a claim."""
        with self._write() as session:
            return tickets.note_comment(
                session, pain_point_id, kind=kind, day=day, comment_id=comment_id, by=by, at=self._now()
            )

    def release_comment(self, pain_point_id: str, *, kind: CommentKind, day: date) -> None:
        """Gives a claimed comment up, where Jira surely took none."""
        with self._write() as session:
            tickets.release_comment(session, pain_point_id, kind=kind, day=day)

    def roadmap(self) -> list[RoadmapItem]:
        """All items of the roadmap, in the order they were added."""
        with self._read() as session:
            return roadmap.items(session)

    def add_roadmap_item(self, plan: Plan, *, by: str) -> RoadmapItem:
        """Adds a plan to the roadmap. Raises InputError for an unknown insight, empty words, or sizes below one."""
        words = [_scrubbed(text) or "" for text in (plan.title, plan.hypothesis, plan.metric)]
        kept = replace(plan, title=words[0], hypothesis=words[1], metric=words[2])
        with self._write() as session:
            return roadmap.add(session, kept, by=by, at=self._now())

    def set_roadmap_status(self, item_id: int, status: RoadmapStatus, *, by: str) -> RoadmapItem:
        """Says how far an item of the roadmap is."""
        with self._write() as session:
            return roadmap.set_status(session, item_id, status, by=by, at=self._now())

    def audit_trail(self, insight_id: str | None = None, *, most: int | None = None) -> list[AuditEntry]:
        """Who did what when, about one insight (about everything where None), the last first; at most `most`."""
        with self._read() as session:
            return audit.trail(session, insight_id, most)

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with translated(self.place), Session(self._engine) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with translated(self.place), Session(self._writing_engine) as session, session.begin():
            yield session
