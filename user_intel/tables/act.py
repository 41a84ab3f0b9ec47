"""Tables of the act stage: what became of insights outside."""

from user_intel.tables.contract import DAY, Column, Table

JIRA_ISSUES = Table(
    name="jira_issues",
    stage="act",
    row="ticket, or insight that was to have one",
    key=("pain_point_id",),
    sorted_by=("pain_point_id",),
    columns=(
        DAY,
        Column("insight_id", "VARCHAR", "The insight the ticket tells of."),
        Column("pain_point_id", "VARCHAR", "The pain point; a pain point has one ticket, ever."),
        Column("key", "VARCHAR", "The ticket in Jira, such as SHOP-12; null while there is none."),
        Column("url", "VARCHAR", "Where people open it; null while there is none."),
        Column("status", "VARCHAR", "What Jira called its status when it was last read; null while there is none."),
        Column("created_at", "TIMESTAMP", "When it was opened, UTC; null while there is none."),
        Column(
            "action",
            "VARCHAR",
            "What the day did: created, updated (a comment), unchanged, dry_run (Jira is not configured), refused.",
        ),
        Column("reason", "VARCHAR", "Why: of a refusal in Jira's own words; null where there is nothing to say."),
        Column("title", "VARCHAR", "The ticket's title as it was, or would be, sent."),
        Column("priority", "VARCHAR", "P0..P3, of the pain point; null where the day no longer has it."),
        Column("severity", "DOUBLE", "0..100, of the pain point; null where the day no longer has it."),
        Column("insight_status", "VARCHAR", "What people decided of the insight: approved, in_jira, shipped, ..."),
        Column("request", "VARCHAR", "JSON of a dry run: method, path and body exactly as they would be sent."),
    ),
)
