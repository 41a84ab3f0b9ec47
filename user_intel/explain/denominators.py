"""What a number is counted among, by the words around it: "41 % of sessions", "96 users", "sessions hit: 120"."""

from __future__ import annotations

import re

from user_intel.explain import lexicon

# What shares are of.
WHOM = ("sessions", "users", "visits")
# Who was spoken of just before.
OF_THEM = re.compile(r"\s*of\s+(?:them|which|whom|(?:these|those)(?!\s+\w+s\b))\b", re.IGNORECASE)
_TIME_BEFORE = ("a", "per", "each", "every", "last", "next", "this", "that", "the")


def of_whom(before: str, after: str) -> str | None:
    """What a share is of, where the text says so right behind or right before it."""
    if OF_THEM.match(after):
        return None
    if re.match(r"\s*(?:of|among)\b", after):
        told = first_noun(after, 6)
        return None if told == "steps" else told  # "of those on the page"
    if (direct := first_noun(after, 2)) in WHOM:
        return direct
    found = re.search(r"\b(?:of|among|in)\s+(?:(?:all|the|those|these)\s+)?(?:[\w=-]+\s+){0,2}$", before + " ")
    inside = re.search(r"\b(?:[Oo]f|[Aa]mong)\s+((?:[\w'=-]+\s+){1,4})(?:[^.\d]{0,40})$", before)
    told = first_noun(inside.group(1), 4) if inside and not found else None
    return told if told in WHOM else None


def first_noun(text: str, words: int) -> str | None:
    """What is counted, by the first noun we know among the next words."""
    reach = re.match(rf"(?:\W*[\w'’=/:,.-]+){{0,{words}}}", text)
    found = (each for each in lexicon.NOUN.finditer(reach.group() if reach else "") if not _is_time(each))
    return next((each.lastgroup for each in found), None)


def _is_time(found: re.Match[str]) -> bool:
    """Whether it only says when or how often: "a week before", "per day"."""
    before = found.string[: found.start()].split()[-1:]
    return found.lastgroup in ("days", "weeks") and before != [] and before[0].lower() in _TIME_BEFORE


def last_noun(text: str, words: int) -> str | None:
    reach = re.search(rf"(?:[\w'’=/:,.-]+\W*){{0,{words}}}$", text)
    found = list(lexicon.NOUN.finditer(reach.group() if reach else ""))
    return found[-1].lastgroup if found else None
