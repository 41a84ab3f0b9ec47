"""The audit trail: who did what when, and what it was before and after. Written in the transaction of the deed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from user_intel.state.models import Audited
from user_intel.state.records import Action, AuditEntry

Values = Mapping[str, str | int | date | None]


def note(
    session: Session,
    *,
    at: datetime,
    by: str,
    action: Action,
    subject: str,
    insight_id: str | None = None,
    before: Values | None = None,
    after: Values | None = None,
) -> None:
    """Adds one entry; of `before` and `after` only what differs is kept."""
    changed = {
        name for name in {**(before or {}), **(after or {})} if (before or {}).get(name) != (after or {}).get(name)
    }
    session.add(
        Audited(
            at=at,
            by=by,
            action=action,
            subject=subject,
            insight_id=insight_id,
            before=_plain(before, changed),
            after=_plain(after, changed),
        )
    )


def trail(session: Session, insight_id: str | None, most: int | None) -> list[AuditEntry]:
    """The entries about one insight (about all where None), the last first; at most `most`."""
    wanted = select(Audited).order_by(Audited.audit_id.desc()).limit(most)
    if insight_id is not None:
        wanted = wanted.where(Audited.insight_id == insight_id)
    return [
        AuditEntry(
            at=row.at,
            by=row.by,
            action=cast(Action, row.action),
            subject=row.subject,
            insight_id=row.insight_id,
            before=json.dumps(row.before or {}, ensure_ascii=False),
            after=json.dumps(row.after or {}, ensure_ascii=False),
        )
        for row in session.scalars(wanted)
    ]


def _plain(values: Values | None, changed: set[str]) -> dict[str, str | int | None]:
    kept = {name: value for name, value in (values or {}).items() if name in changed and value is not None}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in kept.items()}
