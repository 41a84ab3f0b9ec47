"""The roadmap: experiments people want to make, planned only. Functions of an open session."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from user_intel.errors import InputError
from user_intel.state import audit
from user_intel.state.insights import locked
from user_intel.state.models import Experiment
from user_intel.state.records import Plan, RoadmapItem, RoadmapStatus


def items(session: Session) -> list[RoadmapItem]:
    """All items, in the order they were added."""
    return [_told(row) for row in session.scalars(select(Experiment).order_by(Experiment.item_id))]


def add(session: Session, plan: Plan, *, by: str, at: datetime) -> RoadmapItem:
    """Adds a plan. Raises InputError for an unknown insight, or sizes that are not above zero."""
    _refuse_bad_plan(session, plan)
    row = Experiment(**vars(plan), status="planned", by=by, created_at=at, changed_at=at)
    session.add(row)
    session.flush()
    audit.note(
        session,
        at=at,
        by=by,
        action="added",
        subject=f"roadmap item {row.item_id}",
        insight_id=row.insight_id,
        after={**vars(plan), "status": "planned"},
    )
    return _told(row)


def set_status(session: Session, item_id: int, status: RoadmapStatus, *, by: str, at: datetime) -> RoadmapItem:
    """Says how far an item is. Raises InputError for an unknown one."""
    row = session.scalar(select(Experiment).where(Experiment.item_id == item_id).with_for_update())
    if row is None:
        known = ", ".join(str(number) for number in session.scalars(select(Experiment.item_id))) or "none"
        raise InputError(f"There is no roadmap item {item_id}; there are {known}.")
    if row.status != status:
        audit.note(
            session,
            at=at,
            by=by,
            action="changed",
            subject=f"roadmap item {item_id}",
            insight_id=row.insight_id,
            before={"status": row.status},
            after={"status": status},
        )
        row.status, row.changed_at = status, at
    return _told(row)


def _refuse_bad_plan(session: Session, plan: Plan) -> None:
    empty = [name for name in ("title", "hypothesis", "metric") if not getattr(plan, name).strip()]
    if empty:
        raise InputError(f"A plan needs a title, a hypothesis and a metric; {' and '.join(empty)} is empty.")
    for name in ("sample_size", "duration_days"):
        value = getattr(plan, name)
        if value is not None and value < 1:
            raise InputError(f"The {name} of a plan is a number above zero, found {value}.")
    if plan.insight_id is not None:
        locked(session, plan.insight_id)


def _told(row: Experiment) -> RoadmapItem:
    plan = Plan(row.title, row.hypothesis, row.metric, row.sample_size, row.duration_days, row.insight_id)
    return RoadmapItem(row.item_id, plan, cast(RoadmapStatus, row.status), row.by, row.created_at, row.changed_at)
