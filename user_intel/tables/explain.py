"""Tables of the explain stage: problems, personas and days in words, with the proof of every number."""

from user_intel.tables.contract import DAY, SEGMENT, Column, Table

# How a text came to be: the same of every kind of text.
_WRITTEN = (
    Column("facts", "VARCHAR", "JSON: the fact table the text was written from; all it may say."),
    Column("claims", "VARCHAR", "JSON list: field, span, its text, the fact it is bound to and the value said."),
    Column("grounded", "BOOLEAN", "Whether code found each number, unit, direction and name of the text in the facts."),
    Column("refusals", "VARCHAR", "JSON list: what of a model's text was refused, and why; [] where nothing was."),
    Column("provider", "VARCHAR", "anthropic, openai, gemini, or offline: the narrator, which is no model."),
    Column(
        "model", "VARCHAR", "The model that wrote it, or narrator: M and the narrator (title) where one field is its."
    ),
    Column("prompt_digest", "VARCHAR", "Digest of the prompt file it was asked with."),
    Column("input_tokens", "BIGINT", "Tokens sent for this text, all tries; 0 without a model."),
    Column("output_tokens", "BIGINT", "Tokens received for this text, all tries; 0 without a model."),
    Column("cost_usd", "DOUBLE", "What they cost when they were bought; null where the model's price is not known."),
)

INSIGHTS = Table(
    name="insights",
    stage="explain",
    row="explained pain point",
    key=("insight_id",),
    sorted_by=("place", "insight_id"),
    columns=(
        DAY,
        Column("insight_id", "VARCHAR", "Stable across days, one for each pain point; decisions and tickets go by it."),
        Column("pain_point_id", "VARCHAR", "The pain point it explains."),
        Column("place", "BIGINT", "Its place in the day's feed, from 1: by severity and by what feedback taught."),
        Column("kind", "VARCHAR", "Kind of the pain point."),
        Column("subject", "VARCHAR", "Subject of the pain point."),
        SEGMENT,
        Column("priority", "VARCHAR", "P0..P3, of the pain point."),
        Column("severity", "DOUBLE", "0..100, of the pain point."),
        Column("title", "VARCHAR", "One line."),
        Column("problem", "VARCHAR", "What happens, to whom, how much of it."),
        Column("why_it_matters", "VARCHAR", "What it costs."),
        Column("hypothesis", "VARCHAR", "A probable cause; a guess, said as one."),
        Column("recommendation", "VARCHAR", "What to change."),
        Column("verification", "VARCHAR", "How to measure whether the change helped."),
        Column("metric", "VARCHAR", "The metric to watch: that of the pain point."),
        Column("quiet", "BOOLEAN", "Whether feedback asked not to be told of it, and it did not get clearly worse."),
        Column("quiet_because", "VARCHAR", "Which feedback keeps it quiet; null where none does."),
        *_WRITTEN,
    ),
)

CLUSTER_INSIGHTS = Table(
    name="cluster_insights",
    stage="explain",
    row="explained persona",
    key=("cluster_key",),
    sorted_by=("cluster_key",),
    columns=(
        DAY,
        Column("cluster_key", "VARCHAR", "The persona, as in cluster_profiles."),
        Column("name", "VARCHAR", "A name for people, checked against the traits; that of cluster_profiles otherwise."),
        Column("title", "VARCHAR", "One line."),
        Column("who", "VARCHAR", "Who they are: what they do more and less than others."),
        Column("why_it_matters", "VARCHAR", "What their outcome means for the product."),
        Column("pain_points", "VARCHAR[]", "What they struggle with, one sentence each."),
        Column("recommendations", "VARCHAR[]", "What to do for them, one sentence each."),
        Column("hypothesis", "VARCHAR", "A probable reason; a guess, said as one."),
        *_WRITTEN,
    ),
)

BRIEFINGS = Table(
    name="briefings",
    stage="explain",
    row="scope (day or week)",
    key=("scope",),
    sorted_by=("scope",),
    columns=(
        DAY,
        Column("scope", "VARCHAR", "day, or week: the seven days that end with this one."),
        Column("title", "VARCHAR", "One line."),
        Column("text", "VARCHAR", "Markdown: what got better or worse, what to do first and why."),
        *_WRITTEN,
    ),
)
