"""Tables of what people decided, without days: each is one file, replaced as a whole when something was decided."""

from user_intel.tables.contract import SEGMENT, Column, Table

INSIGHT_STATUS = Table(
    name="insight_status",
    stage="act",
    row="insight that was ever seen",
    key=("insight_id",),
    sorted_by=("insight_id",),
    columns=(
        Column("insight_id", "VARCHAR", "The insight, as in insights."),
        Column("pain_point_id", "VARCHAR", "The pain point it explains."),
        Column("kind", "VARCHAR", "Kind of the pain point."),
        Column("subject", "VARCHAR", "Subject of the pain point."),
        SEGMENT,
        Column("title", "VARCHAR", "Its title on the last day it was seen."),
        Column("first_day", "DATE", "First day it was seen."),
        Column("last_day", "DATE", "Last day it was seen."),
        Column(
            "status",
            "VARCHAR",
            "new, seen, useful, dismissed, approved, in_jira, shipped, verified or reopened, as it counts on the last "
            "day that was explained.",
        ),
        Column("reason", "VARCHAR", "Why, in the words of who decided last."),
        Column("until", "DATE", "A dismissal ends on that day; from then on it counts as seen. Null: never."),
        Column("decided_by", "VARCHAR", "Who decided last: a name, policy or jira; null while nobody did."),
        Column("decided_at", "TIMESTAMP", "When that was; when it became known while nobody did."),
        Column("useful", "BIGINT", "How many times it was called useful."),
        Column("dismissed", "BIGINT", "How many times it was called not worth telling."),
        Column("wrong", "BIGINT", "How many times it was called wrong."),
        Column("ticket", "VARCHAR", "Key of its ticket in Jira; null where there is none."),
        Column("ticket_url", "VARCHAR", "Address of the ticket."),
        Column("ticket_status", "VARCHAR", "What Jira said of the ticket last, in Jira's word."),
    ),
)

ROADMAP = Table(
    name="roadmap",
    stage="act",
    row="planned experiment",
    key=("item_id",),
    sorted_by=("item_id",),
    columns=(
        Column("item_id", "BIGINT", "Number of the item, from 1."),
        Column("title", "VARCHAR", "One line."),
        Column("hypothesis", "VARCHAR", "What is believed to happen, and why."),
        Column("metric", "VARCHAR", "What is measured."),
        Column("sample_size", "BIGINT", "Users needed in each arm; null where that is not known."),
        Column("duration_days", "BIGINT", "Days it takes; null where that is not known."),
        Column("status", "VARCHAR", "planned, running, done or dropped."),
        Column("insight_id", "VARCHAR", "The insight it comes from; null where it comes from none."),
        Column("added_by", "VARCHAR", "Who put it on the roadmap."),
        Column("added_at", "TIMESTAMP", "When that was."),
        Column("changed_at", "TIMESTAMP", "When its status changed last."),
    ),
)
