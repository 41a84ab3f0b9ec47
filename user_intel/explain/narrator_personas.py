"""The narrator on personas: who they are beside all others, what becomes of them, what troubles them, what to do."""

from __future__ import annotations

from user_intel.explain.claims import Claim, PersonaDraft
from user_intel.explain.facts import Fact, FactTable
from user_intel.explain.telling import counted, facts_like, n, sentences, written


def narrate_persona(table: FactTable) -> PersonaDraft:
    """The text of a persona from its fact table."""
    name = next(each.name for each in table.entities if each.kind == "persona")
    troubles = [each for each in facts_like(table, "trouble") if not each.endswith("_rest")]
    texts = {
        "title": f"{name}: {counted(table, 'users')}, {n('share')} of all",
        "who": _who(table),
        "why_it_matters": _why_it_matters(table),
        "pain_points": "\n".join(_trouble(table, each) for each in troubles),
        "recommendations": "\n".join(_advice(table, each) for each in troubles) or _no_advice(),
        "hypothesis": _hypothesis(),
    }
    claims: list[Claim] = []
    said: dict[str, str] = {}
    for field, text in texts.items():
        said[field], bound = written(table, field, text)
        claims += bound
    lists = {field: said.pop(field).splitlines() for field in ("pain_points", "recommendations")}
    return PersonaDraft(name=name, **said, pain_points=lists["pain_points"], recommendations=lists["recommendations"],
                        claims=claims)  # fmt: skip


def _who(table: FactTable) -> str:
    traits = [each for each in facts_like(table, "trait") if not each.endswith("_rest")]
    if not traits:
        return "Nothing sets them apart from other users."
    return f"{sentences('; '.join(_trait(table, each) for each in traits))}"


def _trait(table: FactTable, fact_id: str) -> str:
    return f"{table[fact_id].what}: {n(fact_id)}, the rest {n(f'{fact_id}_rest')}"


def _why_it_matters(table: FactTable) -> str:
    return sentences(_size(table), _outcome(table, "goal", "reached a goal"),
                     _outcome(table, "return", "came back in the last days"))  # fmt: skip


def _size(table: FactTable) -> str:
    are = f"they are {n('share')} of all users"
    status, before = str(table["status"].value), table.get("share_before")
    if before is None or status not in ("grown", "shrunk", "stable"):
        return f"{are}, first seen on {n('first_day')}"
    if status == "stable":
        return f"{are}; on {n('compared_with')} it was {n('share_before')}"
    return f"{are}, {'up' if status == 'grown' else 'down'} from {n('share_before')} on {n('compared_with')}"


def _outcome(table: FactTable, name: str, words: str) -> str:
    rate = table.get(f"{name}_rate")
    if rate is None:
        return ""
    rest = f", of all others {n(f'{name}_rest')}" if table.get(f"{name}_rest") else ""
    return f"of its users {n(rate.id)} {words}{rest}{_compared(rate)}"


def _compared(rate: Fact) -> str:
    return "" if rate.direction else ": no sure difference"


def _trouble(table: FactTable, fact_id: str) -> str:
    fact = table[fact_id]
    what = fact.what.removeprefix("users that met: ")
    whose = "" if fact.segment == "all" else f" for {fact.segment}"
    said = f"{what}{whose}: met by {n(fact_id)} of its users, by {n(f'{fact_id}_rest')} of the rest"
    return sentences(said)


def _advice(table: FactTable, fact_id: str) -> str:
    fact = table[fact_id]
    kind, _, place = fact.what.removeprefix("users that met: ").partition(" at ")
    whose = "" if fact.segment == "all" else f" for {fact.segment}"
    return sentences(f"take up the {kind} at {place}{whose} with them in mind: its insight says how, and they are the "
                     "ones to ask or to watch")  # fmt: skip


def _no_advice() -> str:
    return (
        "No problem of the day meets them more than others: leave their ways as they are, and ask them what they miss."
    )


def _hypothesis() -> str:
    return (
        "They may come with a task of their own, which would fit what they do more and less than others. "
        "This is a guess."
    )
