"""From written texts to rows of the stage's tables, and back: what stands there is what is kept of a settled day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from user_intel.explain.claims import Grounded, read_claims, refusals_text
from user_intel.explain.facts import FactTable
from user_intel.explain.grounding import recheck
from user_intel.explain.writing import Written
from user_intel.lake import Lake

Row = dict[str, Any]

# The columns that say how a text came to be, and from what.
HOW_WRITTEN = (
    "facts", "claims", "grounded", "refusals", "provider", "model", "prompt_digest", "input_tokens", "output_tokens",
    "cost_usd",
)  # fmt: skip


def is_settled(lake: Lake, table: str, day: date) -> bool:
    """Whether a day was explained before, and a later one was judged since: nothing of it is asked any more.

    What late data, feedback or another prompt would say of a day long gone is worth no money; it stays as it was told.
    """
    judged = lake.days("pain_points")
    return bool(judged) and day < judged[-1] and day in lake.days(table)


def still_true(row: Mapping[str, Any], fields: Sequence[str], table: FactTable) -> bool:
    """Whether a stored row was written from the same facts, and code finds all of it in them today."""
    if row["facts"] != table.text():
        return False
    return not recheck(texts_of(row, fields), read_claims(row["claims"]), table)


def texts_of(row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, str]:
    """The texts of a stored row as they were checked: of lists an item a line."""
    return {name: "\n".join(row[name]) if isinstance(row[name], list) else row[name] for name in fields}


def kept_rows(
    lake: Lake, table: str, day: date, key: str, fields: Sequence[str], tables: Mapping[str, FactTable]
) -> dict[str, Row]:
    """Texts and how they were written, by key, of a settled day's rows that are still true; none of any other day."""
    if not is_settled(lake, table, day):
        return {}
    before = {row[key]: row for row in lake.rows(table, day) if row[key] in tables}
    return {
        name: {column: row[column] for column in (*fields, *HOW_WRITTEN)}
        for name, row in before.items()
        if still_true(row, fields, tables[name])
    }


def how_written(written: Written, table: FactTable, prompt_digest: str) -> Row:
    """The columns of `HOW_WRITTEN`."""
    return {
        "facts": table.text(),
        "claims": written.grounded.claims_text(),
        "grounded": True,
        "refusals": refusals_text(written.refusals),
        "provider": written.provider,
        "model": written.model,
        "prompt_digest": prompt_digest,
        "input_tokens": written.input_tokens,
        "output_tokens": written.output_tokens,
        "cost_usd": written.cost_usd,
    }


def lines_of(grounded: Grounded, field: str) -> list[str]:
    """The items of a list field."""
    return [line for line in grounded.texts[field].split("\n") if line]
