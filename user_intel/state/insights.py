"""Insights as people judged them: which are known, what was decided, what feedback was given.

Functions of an open session; transactions are `store.py`'s. A row that is changed is locked first, always the ticket
before the insight, so that of two writers one waits and none is caught in the other.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from user_intel.errors import InputError
from user_intel.state import audit
from user_intel.state.models import Decision, FeedbackGiven, Insight
from user_intel.state.moves import AFTER_VERDICT, MOVED_BY_VERDICT, VERDICTS, WAITING, refuse_nonsense
from user_intel.state.records import Action, Feedback, InsightStatus, SeenInsight, Status, Verdict, storable

_MOST_NEAR = 3
# SQLite takes 32,766 values a statement; a row has eleven.
_ROWS_A_STATEMENT = 1_000


def register(session: Session, seen: Sequence[SeenInsight], at: datetime) -> None:
    """Makes insights known: a new one is `new`; of a known one the days, and the title of its last day, are noted."""
    latest: dict[str, SeenInsight] = {}
    first: dict[str, date] = {}
    for each in sorted(seen, key=lambda one: one.day):
        latest[each.insight_id] = each
        first.setdefault(each.insight_id, each.day)
    ordered = [latest[name] for name in sorted(latest)]
    for start in range(0, len(ordered), _ROWS_A_STATEMENT):
        some = ordered[start : start + _ROWS_A_STATEMENT]
        _insert_unknown(session, some, first, at)
        _note_days(session, some, first)


def _insert_unknown(session: Session, seen: Sequence[SeenInsight], first: dict[str, date], at: datetime) -> None:
    known = set(session.scalars(select(Insight.insight_id).where(Insight.insight_id.in_([s.insight_id for s in seen]))))
    rows = [
        {
            "insight_id": each.insight_id,
            "pain_point_id": each.pain_point_id,
            "kind": each.kind,
            "subject": storable(each.subject),
            "segment": storable(each.segment),
            "title": storable(each.title),
            "first_day": first[each.insight_id],
            "last_day": each.day,
            "status": "new",
            "at": at,
        }
        for each in seen
        if each.insight_id not in known
    ]
    if rows:
        # Another process may register the same ones meanwhile.
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(Insight).on_conflict_do_nothing(index_elements=["insight_id"]), rows)


def _note_days(session: Session, seen: Sequence[SeenInsight], first: dict[str, date]) -> None:
    wanted = select(Insight).where(Insight.insight_id.in_([each.insight_id for each in seen]))
    rows = {row.insight_id: row for row in session.scalars(wanted.order_by(Insight.insight_id).with_for_update())}
    for each in seen:
        row = rows[each.insight_id]
        row.first_day = min(row.first_day, first[each.insight_id])
        if each.day >= row.last_day:
            row.last_day, row.title = each.day, storable(each.title)


def statuses(session: Session, before: date | None) -> dict[str, InsightStatus]:
    """What was decided, by insight; with `before`, only by decisions about what was known on earlier days."""
    now = {row.insight_id: told(row) for row in session.scalars(select(Insight).order_by(Insight.insight_id))}
    if before is None:
        return now
    last = select(func.max(Decision.decision_id)).where(Decision.day < before).group_by(Decision.insight_id)
    made = {row.insight_id: row for row in session.scalars(select(Decision).where(Decision.decision_id.in_(last)))}
    return {name: _as_of(status, made.get(name)) for name, status in now.items() if status.first_day < before}


def _as_of(now: InsightStatus, made: Decision | None) -> InsightStatus:
    if made is None:
        return replace(now, status="new", reason=None, until=None, by=None)
    status = cast(Status, made.status)
    return replace(now, status=status, reason=made.reason, until=made.until, by=made.by, at=made.at)


def status(session: Session, insight_id: str) -> InsightStatus | None:
    """What was decided about one insight; None where it is not known."""
    row = session.get(Insight, insight_id)
    return told(row) if row else None


def decide(
    session: Session,
    insight_id: str,
    to: Status,
    *,
    by: str,
    reason: str | None,
    until: date | None,
    day: date | None,
    at: datetime,
) -> InsightStatus:
    """Moves one insight, and keeps the decision with the day it was made about: the last day the insight was seen.

    To dismiss it, or to call it useful, is feedback as well.
    """
    row = locked(session, insight_id)
    said = _Said(by, reason, until, day or row.last_day, at)
    if _move(session, row, to, said) and to in VERDICTS:
        _keep_verdict(session, row, VERDICTS[to], said)
    return told(row)


def note_ticket(session: Session, insight_id: str, key: str, day: date, by: str, at: datetime) -> None:
    """An insight that waited for its ticket is in Jira now; one that is no insight, or was decided otherwise, stays."""
    row = session.scalar(select(Insight).where(Insight.insight_id == insight_id).with_for_update())
    if row is not None and row.status in WAITING:
        _move(session, row, "in_jira", _Said(by, key, None, day, at))


def mark_seen(session: Session, insight_ids: Sequence[str], by: str, at: datetime) -> None:
    """Those that are new become seen; all others stay what they are."""
    new = select(Insight).where(Insight.insight_id.in_(insight_ids), Insight.status == "new")
    for row in session.scalars(new.order_by(Insight.insight_id).with_for_update()):
        _move(session, row, "seen", _Said(by, None, None, row.last_day, at))


@dataclass(frozen=True)
class _Said:
    """What goes with a decision or a verdict: who, why, until when, about the insight of which day, when."""

    by: str
    reason: str | None
    until: date | None
    day: date
    at: datetime


def _move(session: Session, row: Insight, to: Status, said: _Said) -> bool:
    refuse_nonsense(row.insight_id, told(row).on(said.day), to)
    _refuse_bad_dismissal(row, to, said.reason, said.until)
    wanted = {"status": to, "reason": said.reason, "until": said.until}
    before = {"status": row.status, "reason": row.reason, "until": row.until}
    if before == wanted:
        return False
    row.status, row.reason, row.until, row.by, row.at = to, said.reason, said.until, said.by, said.at
    session.add(Decision(insight_id=row.insight_id, status=to, **vars(said)))
    _note(session, row, "decided about", said, before, {**wanted, "day": said.day})
    return True


def _refuse_bad_dismissal(row: Insight, to: Status, reason: str | None, until: date | None) -> None:
    if to == "dismissed" and not reason:
        raise InputError(f"{row.insight_id} cannot be dismissed without a reason; say why.")
    if until is not None and to != "dismissed":
        raise InputError(f"Only a dismissal has an end; {row.insight_id} would be {to} until {until}.")
    if until is not None and until <= row.last_day:
        raise InputError(
            f"{row.insight_id} was last seen on {row.last_day}: a dismissal until {until} would be over already."
        )


def give_feedback(
    session: Session,
    insight_id: str,
    verdict: Verdict,
    *,
    by: str,
    reason: str | None,
    until: date | None,
    day: date | None,
    at: datetime,
) -> Feedback:
    """Keeps the last word of one person about an insight of `day`, and moves an insight nobody acts on yet."""
    row = locked(session, insight_id)
    said = _Said(by, reason, until, day or row.last_day, at)
    given = _keep_verdict(session, row, verdict, said)
    if row.status in MOVED_BY_VERDICT:
        because = reason or (None if verdict == "useful" else f"{verdict}, without a reason")
        _move(session, row, AFTER_VERDICT[verdict], replace(said, reason=because))
    return _told_feedback(row, given)


def _keep_verdict(session: Session, row: Insight, verdict: Verdict, said: _Said) -> FeedbackGiven:
    wanted = {"verdict": verdict, "reason": said.reason, "until": said.until}
    given = session.scalar(
        select(FeedbackGiven)
        .where(FeedbackGiven.insight_id == row.insight_id, FeedbackGiven.day == said.day, FeedbackGiven.by == said.by)
        .with_for_update()
    )
    before = {"verdict": given.verdict, "reason": given.reason, "until": given.until} if given else {}
    if given is None:
        given = FeedbackGiven(insight_id=row.insight_id, verdict=verdict, **vars(said))
        session.add(given)
    elif before != wanted:
        given.verdict, given.reason, given.until, given.at = verdict, said.reason, said.until, said.at
    if before != wanted:
        _note(session, row, "gave feedback on", said, before, {**wanted, "day": said.day})
    return given


def _note(
    session: Session, row: Insight, action: Action, said: _Said, before: audit.Values, after: audit.Values
) -> None:
    name = row.insight_id
    audit.note(
        session, at=said.at, by=said.by, action=action, subject=name, insight_id=name, before=before, after=after
    )


def feedback(session: Session, before: date | None) -> list[Feedback]:
    """All feedback, the oldest day first; with `before`, only that about insights of earlier days."""
    wanted = select(Insight, FeedbackGiven).join(FeedbackGiven, FeedbackGiven.insight_id == Insight.insight_id)
    if before is not None:
        wanted = wanted.where(FeedbackGiven.day < before)
    rows = session.execute(wanted.order_by(FeedbackGiven.day, FeedbackGiven.insight_id, FeedbackGiven.by))
    return [_told_feedback(insight, given) for insight, given in rows]


def locked(session: Session, insight_id: str) -> Insight:
    """The row of an insight, held until the transaction ends. Raises InputError that suggests ids near to it."""
    row = session.scalar(select(Insight).where(Insight.insight_id == insight_id).with_for_update())
    if row is None:
        raise InputError(_unknown(session, insight_id))
    return row


def found(session: Session, insight_id: str) -> Insight:
    """As `locked`, without holding it."""
    row = session.get(Insight, insight_id)
    if row is None:
        raise InputError(_unknown(session, insight_id))
    return row


def told(row: Insight) -> InsightStatus:
    """A row as a plain value."""
    return InsightStatus(
        insight_id=row.insight_id,
        pain_point_id=row.pain_point_id,
        kind=row.kind,
        subject=row.subject,
        segment=row.segment,
        title=row.title,
        first_day=row.first_day,
        last_day=row.last_day,
        status=cast(Status, row.status),
        reason=row.reason,
        until=row.until,
        by=row.by,
        at=row.at,
    )


def _told_feedback(insight: Insight, given: FeedbackGiven) -> Feedback:
    return Feedback(
        insight_id=insight.insight_id,
        pain_point_id=insight.pain_point_id,
        kind=insight.kind,
        subject=insight.subject,
        segment=insight.segment,
        verdict=cast(Verdict, given.verdict),
        reason=given.reason,
        until=given.until,
        by=given.by,
        day=given.day,
        at=given.at,
    )


def _unknown(session: Session, insight_id: str) -> str:
    of_pain_point = session.scalar(select(Insight.insight_id).where(Insight.pain_point_id == insight_id))
    if of_pain_point:
        return f"{insight_id} is a pain point; its insight is {of_pain_point}."
    known = list(session.scalars(select(Insight.insight_id).order_by(Insight.last_day.desc(), Insight.insight_id)))
    if not known:
        return f"There is no insight {insight_id!r}: none was made yet. Next: user-intel run --from D --to D"
    begun = [name for name in known if insight_id and insight_id in name]
    near = list(dict.fromkeys([*begun, *difflib.get_close_matches(insight_id, known, n=_MOST_NEAR)]))[:_MOST_NEAR]
    hint = f"near to it are {', '.join(near)}" if near else f"there are {len(known)}, the last is {known[0]}"
    return f"There is no insight {insight_id!r}; {hint}. All of them: user-intel insights"
