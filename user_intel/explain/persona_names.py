"""Whether a name says of a persona only what its traits do, and which name a persona has from day to day.

A model may find a better name than the one put together in `segment.naming`; code decides whether it may be used. Every
part of it (between commas and "and") has to be said with the words of one trait, in the trait's direction: "Report
exporters" of people who often use report_exported, never of those who rarely do. Words are compared by their stems.

A name stays while it holds. Another is taken only where the one in use tells of something that is no longer so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from user_intel.segment.terms import term

LONGEST = 60
# What a kept name tells of may have shrunk to so much of what a new name needs; as in segment.naming.
_HOLDS = 0.75
_PARTS = re.compile(r"\s*(?:[,;:()&]|\band\b|\bbut\b|\bwho\b|\bthat\b|\s[–—-]\s)\s*", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def _these(words: str) -> frozenset[str]:
    return frozenset(words.split())


# They name nobody and nothing.
_EMPTY = _these(
    "a an the of at in on to by with from for their its these those very mostly mainly users user visitors visitor "
    "people group groups ones are is be come comes visit visits use uses sessions session"
)
# They turn what is said around.
_LITTLE = _these(
    "rarely rare seldom hardly never not no non without few fewer little less low lower least light brief briefly "
    "short quick quickly skip skips avoid avoids lack"
)
_MUCH = _these("often much many high higher heavy heavily far")
# Families of traits that say when people come.
_WHENS = ("hour", "weekday")
_ALIKE = {
    "frequent": "often", "frequently": "often", "regulars": "often", "seldom": "rarely", "hardly": "rarely",
    "nighttime": "night", "lengthy": "long",
}  # fmt: skip
_ENDINGS = ("ations", "ation", "ings", "ing", "ers", "ors", "ed", "er", "or", "es", "ly", "s", "e")
_SHORTEST_STEM = 3


def fits(name: str, traits: Sequence[Mapping[str, Any]], least: float) -> bool:
    """Whether each part of `name` says what one of the `traits` (as in `cluster_profiles`) of effect `least` says.

    When people come may stand before it: "Evening report exporters", where both are traits.
    """
    if not name or len(name) > LONGEST or name != " ".join(name.split()) or any(sign.isdigit() for sign in name):
        return False
    strong = [trait for trait in traits if abs(trait["effect"]) >= least]
    phrases = [phrase for trait in strong for phrase in _phrases(trait)]
    whens = [trait for trait in strong if term(trait["feature"]).family in _WHENS]
    when = {_stem(word) for trait in whens for phrase in _phrases(trait) if not phrase & _LITTLE for word in phrase}
    parts = [words for part in _PARTS.split(name) if (words := _words(part))]
    return bool(parts) and all(any(_says(part, phrase, when) for phrase in phrases) for part in parts)


def chosen(
    proposed: str,
    earlier: str | None,
    plain: str,
    traits: Sequence[Mapping[str, Any]],
    taken: Collection[str],
    least: float,
) -> str:
    """The name of a persona: the better one it has already while that holds, else the proposed one, else the plain one.

    `earlier` is a name that a model found on an earlier day, `plain` that of `cluster_profiles`, `taken` what other
    personas of the day are called.
    """
    others = {name.casefold() for name in taken}
    if earlier and earlier.casefold() not in others and fits(earlier, traits, _HOLDS * least):
        return earlier
    if proposed.casefold() not in others and fits(proposed, traits, least):
        return proposed
    return plain


def _phrases(trait: Mapping[str, Any]) -> Iterator[frozenset[str]]:
    """The words that say a trait, each way of saying it by itself."""
    said = term(trait["feature"])
    much = trait["direction"] == "more"
    told = [said.much, said.who_much, said.what] if much else [said.little, said.who_little]
    yield from (_words(phrase) for phrase in told if phrase)


def _says(part: frozenset[str], phrase: frozenset[str], when: Collection[str]) -> bool:
    """Whether a part of a name says no more than a phrase does, turned around or not as the phrase is."""
    if bool(part & _LITTLE) != bool(phrase & _LITTLE):
        return False
    told = {_stem(word) for word in phrase}
    what = {_stem(word) for word in part - _LITTLE - _MUCH}
    if not what:
        # "Frequent users" is all that "come often" says, not all that "often visit /cart" does.
        return {_stem(word) for word in part} == told
    return what <= told | set(when) and bool(what & told)


def _words(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(_ALIKE.get(word, word) for word in words if word not in _EMPTY)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            stem = word.removesuffix(ending)
            return stem[:-1] if stem[-1:] == stem[-2:-1] else stem
    return word
