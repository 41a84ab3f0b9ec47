"""Tables of the graph stage that live in the lake."""

from user_intel.tables.contract import DAY, Column, Table

PAGE_RANKS = Table(
    name="page_ranks",
    stage="graph",
    row="step, in the graph of the transitions of the window ending that day",
    key=("step",),
    sorted_by=("step",),
    columns=(
        DAY,
        Column("step", "VARCHAR", "The step."),
        Column(
            "pagerank", "DOUBLE", "PageRank (damping 0.85), weighted by sessions; sums to 1 over the window's steps."
        ),
        Column(
            "betweenness",
            "DOUBLE",
            "Share of all pairs of two others whose shortest way (1 / sessions long an edge) leads over it.",
        ),
        Column("community", "INTEGER", "Number of its community, 1 for the one of most steps; may change every day."),
        Column("community_name", "VARCHAR", "The community's step of the highest pagerank."),
        Column("visits", "BIGINT", "Visits of the step in the window."),
        Column("entries", "BIGINT", "Sessions that began there."),
        Column("exits", "BIGINT", "Sessions that ended there."),
        Column("steps_before", "BIGINT", "Different steps it was reached from."),
        Column("steps_after", "BIGINT", "Different steps visited right after it."),
        Column(
            "betweenness_sources",
            "BIGINT",
            "Steps betweenness was counted from: all, or in graphs of more than 500 a sample of 500 (an estimate).",
        ),
    ),
)
