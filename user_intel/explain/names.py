"""Finding the names in a text: what is a name of the facts, and what is a name but none of theirs.

A name is whatever stands in quotes or backticks, looks like a path, an identifier or property=value, is a name of the
product's vocabulary, or is written with a capital inside a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from user_intel.explain.facts import Entity, FactTable
from user_intel.explain.speaking import can_be_spoken

_QUOTED = re.compile(
    r"`([^`\n]{1,200})`|\"([^\"\n]{1,200})\"|“([^”\n]{1,200})”|«([^»\n]{1,200})»|(?<!\w)'([^'\n]{2,80})'(?!\w)"
)
_PATH = re.compile(r"(?<![\w/:.)<])/[\w:$@%~][\w:$@%~.\-/]*|(?<![\w/])/(?=[\s,.;)])")
_IDENTIFIER = re.compile(
    r"(?<![\w$])(?:\$[A-Za-z_]\w*|[A-Za-z]\w*_\w+|[A-Za-z]\w*=[\w.:/-]+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|"
    r"\w+://\S+|#[A-Za-z][\w-]*)"
)
# An element as recorders name it: a selector and, in quotes, the words on it. No sentence looks so.
_ELEMENT = re.compile(r"[a-z][\w-]*(?:[.#\[:][^\s\"']*)?\s[\"'][^\"']+[\"']")
_CAPITAL = re.compile(r"(?<![\w'’/$_.-])[A-Z][\w'’-]*")
_PRIORITY = re.compile(r"\bP[0-9]\b")
# What is written with a capital inside sentences and names nothing of the product.
_CAPITALS = """
    I I'd I'll I'm UI UX URL API A B FAQ CTA OK KPI QA ID USD US$ HTTP JavaScript JS CSS HTML DOM PM A/B English UTC
    January February March April May June July August September October November December
    Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday
    Mondays Tuesdays Wednesdays Thursdays Fridays Saturdays Sundays Jira PostHog
"""
_PLAIN_CAPITALS = frozenset(_CAPITALS.split())
_DEVICES = ("mobile", "mobiles", "desktop", "desktops", "tablet", "tablets", "smartphone", "smartphones", "phone",
            "phones",
            "laptop", "laptops", "iphone", "iphones", "ipad", "ipads", "android", "ios", "macos", "linux", "safari",
            "chrome", "firefox", "opera")  # fmt: skip
_ALIKE = {"phone": "mobile", "phones": "mobile", "smartphone": "mobile", "smartphones": "mobile", "laptop": "desktop",
          "laptops": "desktop"}  # fmt: skip
_WHOM = r"users?|sessions?|visitors?|people|customers?|devices?|plans?|traffic|browsers?|accounts?|visits?"
_NAMED_AFTER = r"of|in|on|for|through|finish\w*|complet\w+|reach\w*|begin\w*|enter\w*|flow|funnel|feature|event"
_SENTENCE_START = re.compile(r"(?:^|[.!?:;\n]|\n\s*[-*•]|\d[.)])\s*[\"'“*_(#>\s-]*$")


@dataclass(frozen=True)
class Name:
    """A name in a text. `entity` is None where the facts know none such."""

    start: int
    end: int
    text: str
    entity: Entity | None


def find(text: str, table: FactTable) -> list[Name]:
    """The names of a text in order, none inside another."""
    known = _Known.of(table.entities)
    taken: list[Name] = []

    def free(found: Iterable[Name]) -> None:
        for each in found:
            if all(each.end <= other.start or each.start >= other.end for other in taken):
                taken.append(each)

    free(_elements(text, known))
    free(_quoted(text, known, table))
    free(_long_names(text, known, table))
    free(_spoken(text, known))
    free(_looking_like_names(text, known))
    free(_of_the_vocabulary(text, known, table))
    free(_capitals(text, known))
    return sorted(taken, key=lambda each: each.start)


def masked(text: str, found: Iterable[Name]) -> str:
    """The text with known names made unreadable, so that no digit of a name is taken for a number."""
    letters = list(text)
    for each in found:
        if each.entity is not None:
            letters[each.start : each.end] = "n" * (each.end - each.start)
    return "".join(letters)


@dataclass(frozen=True)
class _Known:
    forms: dict[str, Entity]
    spoken: re.Pattern[str] | None
    words: frozenset[str]
    elements: re.Pattern[str] | None

    @staticmethod
    @lru_cache(maxsize=64)
    def of(entities: tuple[Entity, ...]) -> _Known:
        forms: dict[str, Entity] = {}
        for entity in entities:
            for form in (entity.name, *entity.said):
                forms.setdefault(_folded(form), entity)
        spoken = sorted((form for form in forms if can_be_spoken(form)), key=len, reverse=True)
        pattern = "|".join(re.escape(form).replace(r"\ ", r"\s+") for form in spoken)
        # A plural or a possessive of a name is the name; a path goes on where a letter or a slash follows.
        ends = r"(?=(?:'s|’s|s)?(?![\w/=-]|:\w))(?!\.\w)"
        joined = re.compile(rf"(?<![\w/:=$.-])(?:{pattern}){ends}", re.IGNORECASE) if spoken else None
        words = frozenset(word for form in forms for word in re.findall(r"\w+", form))
        whole = [re.escape(form) for form in sorted(forms, key=len, reverse=True) if _ELEMENT.fullmatch(form)]
        elements = re.compile(rf"(?<![\w.#-])(?:{'|'.join(whole)})", re.IGNORECASE) if whole else None
        return _Known(forms, joined, words, elements)

    def get(self, text: str) -> Entity | None:
        """The entity of that name, whatever its case and spaces."""
        folded = _folded(text)
        return self.forms.get(folded) or self.forms.get(folded.rstrip(".,;:!?"))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _elements(text: str, known: _Known) -> Iterator[Name]:
    """Elements whole, so that neither their quotes nor the digits of their selectors are read apart."""
    if known.elements is None:
        return
    for found in known.elements.finditer(text):
        yield Name(found.start(), found.end(), found.group(), known.get(found.group()))


def _quoted(text: str, known: _Known, table: FactTable) -> Iterator[Name]:
    for found in _QUOTED.finditer(text):
        inside = next(group for group in found.groups() if group is not None)
        entity = known.get(inside)
        if entity is None and any(f.unit == "text" and inside in str(f.value) for f in table.facts):
            entity = Entity("word", inside)
        yield Name(found.start(), found.end(), inside, entity)


def _spoken(text: str, known: _Known) -> Iterator[Name]:
    if known.spoken is None:
        return
    for found in known.spoken.finditer(text):
        yield Name(found.start(), found.end(), found.group(), known.get(found.group()))


def _long_names(text: str, known: _Known, table: FactTable) -> Iterator[Name]:
    """Names of several words, whole: the name of another persona may hold names that are known."""
    pattern = _several_words(table.vocabulary)
    for found in pattern.finditer(text) if pattern else ():
        yield Name(found.start(), found.end(), found.group(), known.get(found.group()))


@lru_cache(maxsize=8)
def _several_words(names: frozenset[str]) -> re.Pattern[str] | None:
    long = sorted((name for name in names if " " in name and can_be_spoken(name)), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, long))})(?!\w)") if long else None


def _looking_like_names(text: str, known: _Known) -> Iterator[Name]:
    for pattern in (_PATH, _IDENTIFIER, _PRIORITY):
        for found in pattern.finditer(text):
            name = found.group().rstrip(".,;:-") or found.group()
            if name in _PLAIN_CAPITALS:
                continue
            yield Name(found.start(), found.start() + len(name), name, known.get(name))


def _of_the_vocabulary(text: str, known: _Known, table: FactTable) -> Iterator[Name]:
    for found in re.finditer(rf"\b(?:{'|'.join(_DEVICES)})\b", text, re.IGNORECASE):
        word = found.group().casefold()
        same = _ALIKE.get(word, word)
        entity = known.get(word) or known.get(same) or known.get(same.removesuffix("s"))
        yield Name(found.start(), found.end(), found.group(), entity)
    pattern = _vocabulary(table.vocabulary)
    for found in pattern.finditer(text) if pattern else ():
        group = next(name for name in found.groupdict().values() if name is not None)
        at = text.index(group, found.start())
        yield Name(at, at + len(group), group, known.get(group))


@lru_cache(maxsize=8)
def _vocabulary(names: frozenset[str]) -> re.Pattern[str] | None:
    """Names of the product as texts say them: those of more than one word anywhere, others where they must be meant."""
    values = {name.partition("=")[2] for name in names if "=" in name}
    plain = {form for name in names if "=" not in name for form in (name, name.replace("_", " ")) if "/" not in form}
    long = sorted((re.escape(form) for form in plain if " " in form and can_be_spoken(form)), key=len, reverse=True)
    short = sorted((re.escape(form) for form in plain if " " not in form and form.isalpha()), key=len, reverse=True)
    worth = sorted((re.escape(value) for value in values if len(value) > 1), key=len, reverse=True)
    parts = []
    if long:
        parts.append(rf"(?<!\w)(?P<long>(?i:{'|'.join(long)}))(?!\w)")
    if short:
        one = "|".join(short)
        parts.append(rf"(?<!\w)(?P<flow>(?i:{one}))(?=\s+(?:flow|funnel|feature|event|{_WHOM})\b)")
        parts.append(rf"\b(?i:{_NAMED_AFTER})\s+(?P<after>(?i:{one}))(?!\w)")
    if worth:
        one = "|".join(worth)
        parts.append(rf"(?<![\w-])(?P<whose>{one})(?=\s+(?:{_WHOM})\b)")
        parts.append(rf"\b(?:on|for|with|among|from|in|of)\s+(?:the\s+)?(?P<which>{one})(?![\w-])")
    return re.compile("|".join(parts)) if parts else None


def _capitals(text: str, known: _Known) -> Iterator[Name]:
    words = re.findall(r"[A-Za-z][\w'’-]*", text)
    in_title_case = len(words) > 2 and sum(word[0].isupper() for word in words) > len(words) / 2
    for found in _CAPITAL.finditer(text):
        word = found.group().removesuffix("'s").removesuffix("’s")
        if in_title_case or word in _PLAIN_CAPITALS or _SENTENCE_START.search(text[: found.start()]):
            continue
        if word.casefold() in known.words:
            continue
        yield Name(found.start(), found.end(), found.group(), known.get(word))
