"""Sentences with facts in them: text is written with marks for facts, and comes out with the numbers and their claims.

`n("value")` is a mark; `written` replaces it by the fact as it is said and binds it. So the narrator cannot say a
number that is no fact, nor forget a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from user_intel.explain.claims import Claim
from user_intel.explain.facts import FactTable

_MARK = re.compile("\x02([^\x02\x03]+)\x03")


def n(fact_id: str) -> str:
    """A mark for a fact."""
    return f"\x02{fact_id}\x03"


def written(table: FactTable, field: str, text: str) -> tuple[str, list[Claim]]:
    """The text with the numbers in place of the marks, and a claim for each, in order."""
    claims: list[Claim] = []

    def said(found: re.Match[str]) -> str:
        fact = table[found.group(1)]
        quote = fact.say.removeprefix("under ")
        claims.append(Claim(field=field, quote=quote, fact_id=fact.id))
        return fact.say

    return _MARK.sub(said, text), claims


def counted(table: FactTable, fact_id: str, noun: str = "") -> str:
    """A mark with what is counted: "1 user", "1,200 users"."""
    fact = table[fact_id]
    thing = noun or fact.noun
    return f"{n(fact_id)} {thing.removesuffix('s') if fact.say == '1' else thing}"


def sentences(*parts: str) -> str:
    """The parts that say something, as sentences with a capital and a full stop."""
    return " ".join(_sentence(part) for part in parts if part)


def _sentence(text: str) -> str:
    ended = text if text.endswith((".", "!", "?", ":")) else f"{text}."
    # A name keeps its letters; a plain word begins with a capital.
    return ended[0].upper() + ended[1:] if re.match(r"[a-z]+[\s,]", ended) else ended


def listed(items: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def facts_like(table: FactTable, prefix: str) -> Iterator[str]:
    """The ids of facts that begin so, in order."""
    return (fact.id for fact in table.facts if fact.id.startswith(prefix))
