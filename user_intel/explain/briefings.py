"""The briefings of a day: the day itself, and the week that ends with it, asked for in one question.

They read the day's insights: what comes first there comes first here, and what is quiet is not briefed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

from user_intel.explain import product_knowledge, ranking
from user_intel.explain.briefing_facts import facts_of_briefing
from user_intel.explain.facts import FactTable
from user_intel.explain.narrator import narrate_briefing
from user_intel.explain.rows import how_written, is_settled, kept_rows
from user_intel.explain.vocabulary import names_of
from user_intel.explain.writing import Account, Call, Piece, Writer
from user_intel.lake import Lake
from user_intel.llm.models import Models
from user_intel.product import Product
from user_intel.prompts import prompt
from user_intel.state.records import Feedback

Scope = Literal["day", "week"]
SCOPES: tuple[Scope, ...] = ("day", "week")
TEXTS = ("title", "text")
PROMPT = "briefing"


@dataclass(frozen=True)
class Briefed:
    """What became of a day's briefings."""

    rows: int
    kept: int
    account: Account


def write_briefings(lake: Lake, product: Product, models: Models, feedback: Sequence[Feedback], day: date) -> Briefed:
    """Writes `briefings` of `day`: one row for the day, one for the seven days that end with it."""
    names = names_of(lake, product, day)
    tables: dict[str, FactTable] = {each: facts_of_briefing(lake, product, day, each, names) for each in SCOPES}
    kept = kept_rows(lake, "briefings", day, "scope", TEXTS, tables)
    pieces = [
        Piece(scope, table, partial(narrate_briefing, table)) for scope, table in tables.items() if scope not in kept
    ]
    writer = Writer(models, product.explain)
    if is_settled(lake, "briefings", day):
        written = writer.narrate(pieces, "the day is settled")
    else:
        words = ranking.last_words(product_knowledge.clean(feedback), day, product.explain)
        written = writer.write([Call(prompt(PROMPT), tuple(pieces), product_knowledge.told(words))])
    digest = prompt(PROMPT).digest
    told = {
        scope: {name: text.grounded.texts[name] for name in TEXTS} | how_written(text, tables[scope], digest)
        for scope, text in written.items()
    }
    rows = [{"scope": scope} | texts for scope, texts in (told | kept).items()]
    lake.write_rows("briefings", day, rows)
    return Briefed(len(rows), len(kept), writer.account)
