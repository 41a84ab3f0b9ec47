"""How well lies are caught: `user-intel bench grounding`, on the texts that stand in the lake.

One number, unit, direction or name is changed in each place of each text (`tampering.py`), and the check is asked
whether what comes out is still proven. It also says how many of the texts as they are would be refused: none should.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from user_intel.bench.tampering import KINDS, Tampered, Text, sample
from user_intel.errors import InputError
from user_intel.explain.claims import read_claims
from user_intel.explain.facts import FactTable
from user_intel.explain.grounding import recheck
from user_intel.explain.stored import TEXTS, table_of, texts_of
from user_intel.explain.vocabulary import names_of
from user_intel.lake import Lake, open_lake
from user_intel.product import Product, load_product
from user_intel.settings import settings

_GOAL = 0.99
_NOT_SWAPPED = ("metric", "word", "event")


@dataclass(frozen=True)
class Result:
    """What became of the changes, by kind, and of the texts as they are."""

    texts: int
    refused_texts: int
    made: Counter[str]
    caught: Counter[str]
    missed: list[Tampered]


def run(*, days: int, changes: int, seed: int, show_missed: bool) -> None:
    """Measures the last `days` explained days of the home and prints a table."""
    from rich.console import Console
    from rich.table import Table

    lake = open_lake()
    found = measure(lake, load_product(settings().home), lake.days("insights")[-days:], changes, seed)
    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("changed", "changes", "caught", "share"):
        table.add_column(heading, justify="left" if heading == "changed" else "right")
    for kind in (*KINDS, "all"):
        made, caught = (sum(c.values()) if kind == "all" else c[kind] for c in (found.made, found.caught))
        table.add_row(kind, str(made), str(caught), f"{caught / made:.2%}" if made else "-")
    console.print(table)
    told = f"{found.refused_texts} of {found.texts} texts as they are refused; goal: {_GOAL:.0%} of the changes caught"
    console.print(told, highlight=False)
    for missed in found.missed if show_missed else ():
        console.print(f"missed, {missed.what}: {missed.before!r} -> {missed.after!r} in {missed.texts[missed.field]!r}",
                      highlight=False, markup=False)  # fmt: skip


def measure(lake: Lake, product: Product, days: list[date], changes: int, seed: int) -> Result:
    """The changes caught in the texts of some days. Raises InputError where there is no text."""
    texts = [each for day in days for each in _texts(lake, product, day)]
    if not texts:
        raise InputError("No day was explained yet, so there is no text to change. Next: user-intel demo")
    facts_of = {id(text): facts for text, facts in texts}
    refused = sum(bool(recheck(text.texts, text.claims, facts)) for text, facts in texts)
    made, caught, missed = Counter[str](), Counter[str](), []
    for text, change in sample([text for text, _ in texts], changes, seed):
        made[change.what] += 1
        if recheck(change.texts, change.claims, facts_of[id(text)]):
            caught[change.what] += 1
        else:
            missed.append(change)
    return Result(len(texts), refused, made, caught, missed)


def _texts(lake: Lake, product: Product, day: date) -> Iterator[tuple[Text, FactTable]]:
    names = names_of(lake, product, day)
    for table in TEXTS:
        for row in lake.rows(table, day):
            facts = table_of(row, names)
            named = [each for each in facts.entities if each.kind not in _NOT_SWAPPED]
            known = tuple(dict.fromkeys(form for each in named for form in (each.name, *each.said) if len(form) > 1))
            others = tuple(sorted(names - set(known)))
            yield Text(texts_of(table, row), read_claims(row["claims"]), known, others), facts
