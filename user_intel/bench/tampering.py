"""Changing one thing in a true text, so that it is true no more: a number, a unit, a direction or a name.

Made without the checker's help: its words, numbers and roundings are not looked at here, so that what it does not know
is not left out of its test. A change keeps the claims on the changed words, as a writer who is mistaken would.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from user_intel.explain.claims import Bound

What = Literal["number", "unit", "direction", "name"]
KINDS: tuple[What, ...] = ("number", "unit", "direction", "name")
_HEDGED_UP = re.compile(
    r"(?:over|above|more than|at least|no fewer than|no less than|at the least|minimum of)\s*\$?$", re.IGNORECASE
)
_HEDGED_DOWN = re.compile(
    r"(?:under|below|less than|fewer than|at most|up to|nearly|almost|hardly any)\s*\$?$", re.IGNORECASE
)
_HEDGED = re.compile(r"(?:about|around|roughly|some|approximately|~)\s*\$?$", re.IGNORECASE)
_WORDS = {
    "half": "a fifth", "a quarter": "half", "quarter": "half", "a third": "two thirds", "one third": "one tenth",
    "twice": "three times", "double": "triple", "two": "four", "three": "five", "seven": "nine", "nine": "six",
    "one": "three", "ninefold": "fourfold", "ninety-six": "sixty-nine", "none": "half", "every": "no",
}  # fmt: skip
_UNITS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\s?percentage points|\s?points", (" %", " s")),
    (r"\s?%|\s?per\s?cent", (" percentage points", " s", " users", " times")),
    (r"\$", ("€", "")),
    (r"(?<=\d) ?(?:s|seconds)\b", (" min", " h", " %")),
    (r"(?<=\d) ?(?:min|minutes)\b", (" h", " s")),
    (r" times\b|fold\b", (" %", " points")),
)
_NOUNS = {"sessions": ("users", "conversions"), "users": ("sessions", "conversions"), "people": ("sessions",),
          "visits": ("users",), "conversions": ("users", "sessions"), "days": ("weeks", "hours"),
          "visitors": ("sessions",),
          "customers": ("sessions",), "events": ("users",), "orders": ("sessions",), "steps": ("users",),
          "problems": ("users",)}  # fmt: skip
_NOUN = re.compile(rf"^\s*(?:of\s+)?(?:(?:all|the|active|these|affected|distinct)\s+){{0,2}}({'|'.join(_NOUNS)})\b")
_OPPOSITES = {
    "more": "fewer", "fewer": "more", "higher": "lower", "lower": "higher", "above": "below", "below": "above",
    "worse": "better", "better": "worse", "worsened": "improved", "improved": "worsened",
    "improvement": "deterioration",
    "longer": "shorter", "shorter": "longer", "slower": "faster", "faster": "slower", "rise": "fall", "rises": "falls",
    "rose": "fell", "fall": "rise", "falls": "rises", "fell": "rose", "drop": "rise", "drops": "rises",
    "shrink": "grow",
    "decrease": "increase", "increase": "decrease", "decreased": "increased", "increased": "decreased",
    "lost": "gained",
    "at least": "at most", "up": "down", "down": "up", "grown": "shrunk", "shrunk": "grown", "less": "more",
}  # fmt: skip
_OPPOSITE = re.compile(
    rf"(?<![\w-])(?:{'|'.join(sorted(_OPPOSITES, key=len, reverse=True))})(?![\w-])"
    r"(?! (?:to|the|a|an|out|off)\b(?! (?:expected|usual|normal)))",
    re.IGNORECASE,
)
# Advice and guesses say how to change a product, not how it is: more of something there is no finding.
_FINDINGS = ("title", "problem", "why_it_matters", "verification", "who", "pain_points", "text")
# Not of more or less: "over 7 days more", "set up", "no more".
_IDIOMS = re.compile(
    r"(?:sign|set|up to|give|gave|lets?|mak(?:e|es|ing)|made|slow(?:s|ed|ing)?|show|end|come|comes|came|go|look|or|any|"
    r"much|no|one|once)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Text:
    """A text that was accepted: its fields, its claims, names it uses and names it might have used instead."""

    texts: Mapping[str, str]
    claims: tuple[Bound, ...]
    names: tuple[str, ...]
    other_names: tuple[str, ...]


@dataclass(frozen=True)
class Tampered:
    """A text with one thing changed: what, from which words to which."""

    what: What
    field: str
    before: str
    after: str
    texts: Mapping[str, str]
    claims: tuple[Bound, ...]


def tampered(text: Text, dice: random.Random) -> list[Tampered]:
    """Every place that can be changed, changed once; in an order that the dice give."""
    found = [*_numbers(text, dice), *_units(text, dice), *_directions(text), *_names(text, dice)]
    dice.shuffle(found)
    return found


def _changed(text: Text, what: What, field: str, span: tuple[int, int], new: str) -> Tampered:
    """The text with other words at a place; claims keep to their words, which the change may lengthen."""
    start, end = span
    old = text.texts[field]
    fresh = old[:start] + new + old[end:]
    claims = tuple(
        _moved(claim, start, end, len(new), fresh) if claim.field == field else claim for claim in text.claims
    )
    return Tampered(what, field, old[start:end], new, {**text.texts, field: fresh}, claims)


def _moved(claim: Bound, start: int, end: int, length: int, fresh: str) -> Bound:
    grown = length - (end - start)
    if claim.end <= start and not (claim.end == start == end):
        return claim
    first = claim.start + grown if claim.start >= end and claim.start > start else min(claim.start, start)
    last = claim.end + grown
    return replace(claim, start=first, end=last, text=fresh[first:last])


def _numbers(text: Text, dice: random.Random) -> Iterator[Tampered]:
    for claim in text.claims:
        said = text.texts[claim.field][claim.start : claim.end]
        before = text.texts[claim.field][max(0, claim.start - 24) : claim.start]
        digits = list(re.finditer(r"\d[\d,]*(?:\.\d+)?", said))
        if digits:
            chosen = dice.choice(digits)
            new = _other_number(chosen.group(), before if chosen is digits[0] else "", dice)
            if new and new != chosen.group():
                start = claim.start + chosen.start()
                yield _changed(text, "number", claim.field, (start, start + len(chosen.group())), new)
            continue
        for word, other in _WORDS.items():
            if found := re.search(rf"\b{word}\b", said, re.IGNORECASE):
                span = claim.start + found.start(), claim.start + found.end()
                yield _changed(text, "number", claim.field, span, other)
                break


def _other_number(said: str, before: str, dice: random.Random) -> str | None:
    digits = said.replace(",", "")
    if _HEDGED_UP.search(before):
        return str(dice.choice((2, 3, 10)) * float(digits) + 2).removesuffix(".0")
    if _HEDGED_DOWN.search(before):
        return str(round(float(digits) / 3, 2)).removesuffix(".0") if float(digits) > 3 else f"0.0{digits[-1]}"
    if _HEDGED.search(before):
        return str(dice.choice((2, 3)) * float(digits) + 1).removesuffix(".0")
    if float(digits) == 0:
        return str(dice.randint(1, 9))
    ways = [
        _last_digit(said, dice),
        said + "0" if "." not in said else said.replace(".", ""),
        f"{dice.randint(1, 9)}{said}",
    ]
    if len(digits) > 1 and digits[0] != digits[1] and "." not in said and "," not in said:
        ways.append(digits[1] + digits[0] + digits[2:])
    return dice.choice(ways)


def _last_digit(said: str, dice: random.Random) -> str:
    return said[:-1] + str((int(said[-1]) + dice.randint(1, 9)) % 10)


def _units(text: Text, dice: random.Random) -> Iterator[Tampered]:
    for claim in text.claims:
        whole = text.texts[claim.field]
        said = whole[claim.start : claim.end]
        for pattern, others in _UNITS:
            if found := re.search(pattern, said):
                span = claim.start + found.start(), claim.start + found.end()
                yield _changed(text, "unit", claim.field, span, dice.choice(others))
                break
        behind = _NOUN.match(whole[claim.end :])
        if behind and "$" not in said and not re.search(r"\b(?:s|min|h|points|times)$", said):
            span = claim.end + behind.start(1), claim.end + behind.end(1)
            yield _changed(text, "unit", claim.field, span, dice.choice(_NOUNS[behind.group(1)]))


def _directions(text: Text) -> Iterator[Tampered]:
    for field, whole in text.texts.items():
        if field not in _FINDINGS:
            continue
        for found in _OPPOSITE.finditer(whole):
            sentence = _sentence_at(whole, found.start())
            has_number = any(c.field == field and sentence[0] <= c.start < sentence[1] for c in text.claims)
            inside = any(c.field == field and c.start <= found.start() < c.end for c in text.claims)
            if has_number and not inside and not _IDIOMS.search(whole[: found.start()]):
                yield _changed(text, "direction", field, found.span(), _OPPOSITES[found.group().lower()])


def _sentence_at(whole: str, place: int) -> tuple[int, int]:
    ends = [0, *(found.end() for found in re.finditer(r"[.!?;](?=\s)|\n", whole)), len(whole)]
    start = max(end for end in ends if end <= place)
    return start, min((end for end in ends if end > place), default=len(whole))


def _names(text: Text, dice: random.Random) -> Iterator[Tampered]:
    for field, whole in text.texts.items():
        for name in text.names:
            for found in re.finditer(rf"(?<![\w/:=-]){re.escape(name)}(?![\w/=-])", whole):
                if any(c.field == field and c.start < found.end() and found.start() < c.end for c in text.claims):
                    continue
                others = [other for other in text.other_names if _is_like(name, other) and _may_stand(name, other)]
                if others:
                    yield _changed(text, "name", field, found.span(), dice.choice(sorted(others)))


def _is_like(name: str, other: str) -> bool:
    """Whether two names are of one sort, so that one could be taken for the other."""
    sorts = (r"^/", r"=", r"^P\d$", r"_", r"[\s\"]")
    return next(
        (bool(re.search(sort, other)) for sort in sorts if re.search(sort, name)),
        not re.search(r"^/|=|\s|^P\d$", other),
    )


def _may_stand(name: str, other: str) -> bool:
    return name != other and name not in other and other not in name


def sample(texts: Sequence[Text], count: int, seed: int) -> Iterator[tuple[Text, Tampered]]:
    """`count` changed texts, as many of each kind as there can be, from all texts in turn."""
    dice = random.Random(seed)  # no secret
    by_kind: dict[What, list[tuple[Text, Tampered]]] = {kind: [] for kind in KINDS}
    for text in texts:
        for each in tampered(text, dice):
            by_kind[each.what].append((text, each))
    for found in by_kind.values():
        dice.shuffle(found)
    made = 0
    while made < count and any(by_kind.values()):
        for kind in KINDS:
            if by_kind[kind] and made < count:
                made += 1
                yield by_kind[kind].pop()
