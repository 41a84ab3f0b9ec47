"""Proofs: the query of a fact, run again on the lake's views, and whether it gives the same number.

Anyone can do the same with any DuckDB client: the queries are `sql/explain/*.sql`, their parameters stand in the fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from user_intel import files
from user_intel.detect.found_again import as_problem
from user_intel.detect.wording import PainPoint
from user_intel.explain.facts import Fact, Source, Value
from user_intel.lake import Connection, Lake

# Facts are kept with six digits or more; sums of floating point numbers differ in the last ones.
_ALIKE = 2e-6
_PARAMETER = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True)
class Proof:
    """A fact's query run again: `found` is what it gives now, None where it gives nothing; `row` all of its columns."""

    fact: Fact
    found: Value | None
    row: Mapping[str, object]

    @property
    def holds(self) -> bool:
        """Whether it gives the number of the fact."""
        return is_same(self.fact.value, self.found)

    @property
    def query(self) -> str:
        """The SQL, without its head comment."""
        return query_text(self.fact.source.query)


def prove(lake: Lake, facts: Iterable[Fact]) -> list[Proof]:
    """Runs the query of each fact, each different one once."""
    with lake.query() as connection:
        known: dict[tuple[str, tuple[tuple[str, object], ...]], Mapping[str, object]] = {}
        proofs = []
        for fact in facts:
            key = (fact.source.query, tuple(sorted(fact.source.parameters.items())))
            if key not in known:
                known[key] = _row(connection, fact.source)
            found = known[key].get(fact.source.column)
            proofs.append(Proof(fact, _value(found), known[key]))
        return proofs


def tallied_days(lake: Lake, found: PainPoint) -> list[tuple[object, ...]]:
    """Day by day how many sessions could meet a pain point and how many did: day, sessions_there, sessions_hit."""
    if found.kind == "anomaly":
        return []
    metric, key, first, last = as_problem(found, [found.day])
    parameters = {"metric": metric, "subject": key.subject, "segment": key.segment, "first_day": str(first),
                  "last_day": str(last), "step": found.subjects[0] if metric == "loop" else key.step}  # fmt: skip
    with lake.query() as connection:
        return connection.execute(files.sql("explain/tallied_days"), parameters).fetchall()


@lru_cache(maxsize=64)
def query_text(name: str) -> str:
    """The SQL of a proof without comments that are for readers of the file."""
    lines = files.sql(f"explain/{name}").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--")).strip()


def is_same(value: Value, found: Value | None) -> bool:
    """Whether two values are the same, but for the last digits of floating point numbers."""
    if isinstance(value, int | float) and isinstance(found, int | float):
        return abs(value - found) <= _ALIKE * max(1.0, abs(value)) if abs(value) > 1 else abs(value - found) <= _ALIKE
    return found is not None and str(value) == str(found)


def _row(connection: Connection, source: Source) -> Mapping[str, object]:
    text = files.sql(f"explain/{source.query}")
    parameters = {name: source.parameters.get(name) for name in set(_PARAMETER.findall(query_text(source.query)))}
    cursor = connection.execute(text, parameters)
    columns = [column[0] for column in cursor.description or ()]
    rows = cursor.fetchall()
    return dict(zip(columns, rows[0], strict=True)) if rows else {}


def _value(found: object) -> Value | None:
    if isinstance(found, datetime):
        return found.date()
    return found if isinstance(found, int | float | str | date) else None
