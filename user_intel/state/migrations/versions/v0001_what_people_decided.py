"""Insights with what was decided about them, feedback, tickets with their comments, the roadmap, the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes every table."""
    _insights()
    _decisions()
    _feedback()
    _tickets()
    _roadmap()
    _audit()


def downgrade() -> None:
    """Removes every table, with all that people decided."""
    for table in ("audit", "roadmap_items", "ticket_comments", "tickets", "feedback", "decisions", "insights"):
        op.drop_table(table)


def _insights() -> None:
    op.create_table(
        "insights",
        sa.Column("insight_id", sa.String(80), nullable=False),
        sa.Column("pain_point_id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("until", sa.Date()),
        sa.Column("by", sa.String(200)),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("insight_id", name="pk_insights"),
        sa.UniqueConstraint("pain_point_id", name="uq_insights_pain_point_id"),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("decision_id", _COUNTED, nullable=False),
        sa.Column("insight_id", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("until", sa.Date()),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("decision_id", name="pk_decisions"),
        sa.ForeignKeyConstraint(["insight_id"], ["insights.insight_id"], name="fk_decisions_insight_id"),
    )
    op.create_index("ix_decisions_insight_id_day", "decisions", ["insight_id", "day"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("feedback_id", _COUNTED, nullable=False),
        sa.Column("insight_id", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("until", sa.Date()),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(["insight_id"], ["insights.insight_id"], name="fk_feedback_insight_id"),
        sa.UniqueConstraint("insight_id", "day", "by", name="uq_feedback_insight_id"),
    )


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("pain_point_id", sa.String(80), nullable=False),
        sa.Column("insight_id", sa.String(80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("claimed_by", sa.String(200), nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=False),
        sa.Column("taken_over_from", sa.DateTime()),
        sa.Column("key", sa.String(80)),
        sa.Column("url", sa.Text()),
        sa.Column("status", sa.String(200)),
        sa.Column("status_at", sa.DateTime()),
        sa.Column("created_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("pain_point_id", name="pk_tickets"),
        sa.UniqueConstraint("insight_id", name="uq_tickets_insight_id"),
        sa.UniqueConstraint("key", name="uq_tickets_key"),
    )
    op.create_table(
        "ticket_comments",
        sa.Column("pain_point_id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=False),
        sa.Column("comment_id", sa.String(80)),
        sa.PrimaryKeyConstraint("pain_point_id", "kind", "day", name="pk_ticket_comments"),
        sa.ForeignKeyConstraint(
            ["pain_point_id"], ["tickets.pain_point_id"], name="fk_ticket_comments_pain_point_id", ondelete="CASCADE"
        ),
    )


def _roadmap() -> None:
    op.create_table(
        "roadmap_items",
        sa.Column("item_id", _COUNTED, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("hypothesis", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("sample_size", sa.BigInteger()),
        sa.Column("duration_days", sa.Integer()),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("insight_id", sa.String(80)),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("item_id", name="pk_roadmap_items"),
        sa.ForeignKeyConstraint(["insight_id"], ["insights.insight_id"], name="fk_roadmap_items_insight_id"),
    )
    op.create_index("ix_roadmap_items_insight_id", "roadmap_items", ["insight_id"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", _COUNTED, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("insight_id", sa.String(80)),
        sa.Column("before", sa.JSON()),
        sa.Column("after", sa.JSON()),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit"),
    )
    op.create_index("ix_audit_insight_id", "audit", ["insight_id"])
