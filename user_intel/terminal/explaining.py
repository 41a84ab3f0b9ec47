"""`user-intel explain`: a text with the fact behind each of its numbers; with --proof each query, run again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from user_intel.detect import summary
from user_intel.errors import InputError
from user_intel.explain import proof, stored
from user_intel.explain.claims import Bound, read_claims
from user_intel.explain.facts import Fact, FactTable, said
from user_intel.explain.proof import Proof
from user_intel.lake import Lake, open_lake
from user_intel.terminal.console import OUT, plain_table
from user_intel.terminal.insights import last_day, not_explained

_DEPTHS = {
    "visits": "counted anew from visits",
    "counts": "added up from the days' counts",
    "results": "read from the table of results",
}
_SCOPES = ("day", "week")


@dataclass(frozen=True)
class _Explained:
    """A stored text: which, its fields, its claims, its facts."""

    table: str
    key: str
    day: date
    row: Mapping[str, Any]
    texts: Mapping[str, str]
    claims: Sequence[Bound]
    facts: FactTable


def run_explain(key: str, day: date | None, *, with_proof: bool, as_json: bool) -> bool:
    """Prints a text with its facts; whether every proof gave the same number (True where none was asked for).

    `key` is an insight's id, a persona's key, or day or week for a briefing. Raises InputError where there is none.
    """
    lake = open_lake()
    found = _found(lake, key, day)
    used = {claim.fact_id for claim in found.claims}
    facts = [fact for fact in found.facts.facts if fact.id in used]
    proofs = proof.prove(lake, facts) if with_proof else []
    if as_json:
        print(json.dumps(_as_json(found, facts, proofs), ensure_ascii=False, default=str))  # noqa: T201  # for programs
    else:
        _print(found, facts)
        _print_proofs(lake, found, proofs)
    return all(each.holds for each in proofs)


def _found(lake: Lake, key: str, day: date | None) -> _Explained:
    table = "briefings" if key in _SCOPES else "cluster_insights" if key.startswith("persona-") else "insights"
    wanted = day or last_day(lake, table)
    if wanted not in lake.days(table):
        raise InputError(not_explained(lake, wanted, table))
    _, column = stored.TEXTS[table]
    rows = {row[column]: row for row in lake.rows(table, wanted)}
    if key not in rows:
        known = ", ".join(sorted(map(str, rows))[:5]) or "none"
        raise InputError(
            f"There is no {key!r} on {wanted}; there are {known}{', ...' if len(rows) > 5 else ''}. Next: "
            "user-intel insights --all lists them, --day asks another day."
        )
    row = rows[key]
    claims, facts = read_claims(row["claims"]), stored.table_of(row)
    return _Explained(table, key, wanted, row, stored.texts_of(table, row), claims, facts)


def _print(found: _Explained, facts: Sequence[Fact]) -> None:
    by = (
        "the narrator, no model"
        if found.row["provider"] == "offline"
        else f"{found.row['provider']} {found.row['model']}"
    )
    OUT.print(Text(f"{found.key} on {found.day}, written by {by}", "dim"))
    known = {fact.id: fact for fact in facts}
    for field, text in found.texts.items():
        OUT.print(Text(field.replace("_", " "), "bold"))
        OUT.print(Padding(Text(text), (0, 0, 0, 2), expand=False))
        claims = sorted((claim for claim in found.claims if claim.field == field), key=lambda each: each.start)
        # A fact is told where it is said first.
        first = {claim.fact_id: claim for claim in reversed(claims) if claim.fact_id in known}
        told = [(claim, known.pop(claim.fact_id)) for claim in reversed(first.values())]
        if told:
            OUT.print(Padding(_claims(told), (0, 0, 0, 4), expand=False))
    OUT.print()


def _claims(told: Sequence[tuple[Bound, Fact]]) -> Table:
    """Number by number: the words, and what fact they say."""
    table = Table.grid(padding=(0, 2))
    for claim, fact in told:
        where = "" if fact.segment == "all" else f", {fact.segment}"
        days = str(fact.last_day) if fact.first_day == fact.last_day else f"{fact.first_day} to {fact.last_day}"
        words = Text.assemble((fact.id, "bold"), f": {fact.what}, {_exactly(fact)} ", (f"({days}{where})", "dim"))
        table.add_row(Text(claim.text, "cyan"), words)
    return table


def _exactly(fact: Fact) -> str:
    """The value as it is kept, with its unit."""
    if fact.unit == "s" and isinstance(fact.value, float | int):
        return f"{fact.value:.6g} s"
    of = f" of {fact.of}" if fact.of and fact.unit == "share" else f" {fact.noun}" if fact.noun else ""
    shown = f"{fact.value:.6g}" if isinstance(fact.value, float) else said(fact.value, fact.unit)
    return f"{shown}{of}"


def _print_proofs(lake: Lake, found: _Explained, proofs: Sequence[Proof]) -> None:
    groups: dict[tuple[str, str], list[Proof]] = {}
    for each in proofs:
        source = each.fact.source
        groups.setdefault((source.query, json.dumps(dict(source.parameters), sort_keys=True)), []).append(each)
    for (query, _), same in groups.items():
        source = same[0].fact.source
        OUT.print(Text(f"sql/explain/{query}.sql: {_DEPTHS[source.depth]}", "bold"))
        for name, value in source.parameters.items():
            OUT.print(Padding(Text(f"${name} = {value!r}", "dim"), (0, 0, 0, 2), expand=False))
        OUT.print(Padding(Text(same[0].query), (0, 0, 0, 2), expand=False), highlight=False)
        OUT.print(Padding(_results(same), (1, 0, 1, 2), expand=False))
    if proofs and found.table == "insights":
        _print_days(lake, found)
    if proofs:
        wrong = [each.fact.id for each in proofs if not each.holds]
        verdict = (
            f"{len(wrong)} of {len(proofs)} differ: {', '.join(wrong)}" if wrong else f"all {len(proofs)} are equal"
        )
        OUT.print(Text(f"facts run again: {verdict}", "bold red" if wrong else "bold green"))


def _results(proofs: Sequence[Proof]) -> Table:
    table = plain_table("fact", "column", "kept", "run again", "")
    for each in proofs:
        verdict = Text("equal", "green") if each.holds else Text("DIFFERENT", "bold red")
        table.add_row(
            Text(each.fact.id),
            Text(each.fact.source.column),
            Text(str(each.fact.value)),
            Text(str(each.found)),
            verdict,
        )
    return table


def _print_days(lake: Lake, found: _Explained) -> None:
    """The days' counts behind an insight's rate: rows without anybody in them."""
    ranked = summary.ranked_pain_points(lake, found.day)
    problem = next((each for each in ranked if each.pain_point_id == found.facts.subject), None)
    rows = proof.tallied_days(lake, problem) if problem else []
    if not rows:
        return
    OUT.print(Text("rows behind it, a day each", "bold"))
    table = plain_table("day", "sessions there", "sessions hit", numbers=("sessions there", "sessions hit"))
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    OUT.print(Padding(table, (0, 0, 1, 2), expand=False))


def _as_json(found: _Explained, facts: Sequence[Fact], proofs: Sequence[Proof]) -> dict[str, Any]:
    proven = {each.fact.id: each for each in proofs}
    told = {fact.id: {**asdict(fact), "say": fact.say} for fact in facts}
    for id_, each in proven.items():
        told[id_]["proof"] = {"sql": each.query, "found": each.found, "row": dict(each.row), "equal": each.holds}
    return {
        "id": found.key,
        "day": str(found.day),
        "provider": found.row["provider"],
        "model": found.row["model"],
        "texts": dict(found.texts),
        "claims": [asdict(claim) for claim in found.claims],
        "facts": told,
        "proven": all(each.holds for each in proofs) if proofs else None,
    }
