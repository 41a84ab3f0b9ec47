"""The tables of what people decided, as SQLAlchemy models: the same on SQLite and PostgreSQL.

No user of the analysed product is in them: insights speak of steps, features and segments; `by` names members of the
team. Times are naive UTC. A change here needs a migration in `migrations/versions/`; a test compares the two.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_ID = 80
_NAME = 200
# SQLite counts up only plain integers by itself.
_COUNTED = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """All models. Constraints have names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
        }
    )


class Insight(Base):
    """An insight that was ever seen, and what was decided last about it."""

    __tablename__ = "insights"

    insight_id: Mapped[str] = mapped_column(String(_ID), primary_key=True)
    pain_point_id: Mapped[str] = mapped_column(String(_ID), unique=True)
    kind: Mapped[str] = mapped_column(String(_ID))
    subject: Mapped[str] = mapped_column(Text)
    segment: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    first_day: Mapped[date]
    last_day: Mapped[date]
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    until: Mapped[date | None]
    by: Mapped[str | None] = mapped_column(String(_NAME))
    at: Mapped[datetime]


class Decision(Base):
    """One decision about an insight, on what was known of it on `day`. Never changed: what old days may know."""

    __tablename__ = "decisions"

    decision_id: Mapped[int] = mapped_column(_COUNTED, primary_key=True)
    insight_id: Mapped[str] = mapped_column(ForeignKey("insights.insight_id"))
    day: Mapped[date]
    status: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    until: Mapped[date | None]
    by: Mapped[str] = mapped_column(String(_NAME))
    at: Mapped[datetime]

    __table_args__ = (Index("ix_decisions_insight_id_day", "insight_id", "day"),)


class FeedbackGiven(Base):
    """The last word of one person about one insight of one day."""

    __tablename__ = "feedback"

    feedback_id: Mapped[int] = mapped_column(_COUNTED, primary_key=True)
    insight_id: Mapped[str] = mapped_column(ForeignKey("insights.insight_id"))
    day: Mapped[date]
    by: Mapped[str] = mapped_column(String(_NAME))
    verdict: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    until: Mapped[date | None]
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("insight_id", "day", "by"),)


class TicketLink(Base):
    """The ticket of a pain point: claimed before Jira is asked (no key), recorded after."""

    __tablename__ = "tickets"

    pain_point_id: Mapped[str] = mapped_column(String(_ID), primary_key=True)
    # No foreign key: a report has a ticket, too, and is no insight.
    insight_id: Mapped[str] = mapped_column(String(_ID), unique=True)
    day: Mapped[date]
    token: Mapped[str] = mapped_column(String(32))
    claimed_by: Mapped[str] = mapped_column(String(_NAME))
    claimed_at: Mapped[datetime]
    taken_over_from: Mapped[datetime | None]
    key: Mapped[str | None] = mapped_column(String(_ID), unique=True)
    url: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(String(_NAME))
    status_at: Mapped[datetime | None]
    created_at: Mapped[datetime | None]


class TicketComment(Base):
    """A comment on a ticket, claimed before Jira is asked (no comment_id), noted after."""

    __tablename__ = "ticket_comments"

    pain_point_id: Mapped[str] = mapped_column(
        ForeignKey("tickets.pain_point_id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    claimed_at: Mapped[datetime]
    comment_id: Mapped[str | None] = mapped_column(String(_ID))


class Experiment(Base):
    """A plan on the roadmap."""

    __tablename__ = "roadmap_items"

    item_id: Mapped[int] = mapped_column(_COUNTED, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    hypothesis: Mapped[str] = mapped_column(Text)
    metric: Mapped[str] = mapped_column(Text)
    sample_size: Mapped[int | None] = mapped_column(BigInteger)
    duration_days: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(20))
    insight_id: Mapped[str | None] = mapped_column(ForeignKey("insights.insight_id"), index=True)
    by: Mapped[str] = mapped_column(String(_NAME))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class Audited(Base):
    """Who did what when, in the order it was done. Rows are only ever added."""

    __tablename__ = "audit"

    audit_id: Mapped[int] = mapped_column(_COUNTED, primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(_NAME))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(_NAME))
    # No foreign key: the trail outlives what it speaks of.
    insight_id: Mapped[str | None] = mapped_column(String(_ID), index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
