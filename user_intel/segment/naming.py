"""A plain name for every persona of a day, made of its strongest traits: "Evening users, rarely finish checkout".

Belongs here: choosing the words. A name stays from day to day while its traits hold, even when others have become
stronger; no two personas of a day have the same. Where nothing sets a persona apart it is "Everyone else".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from user_intel.segment.traits import Trait, large, told

NOBODY_APART = "Everyone else"
# What a name tells of may shrink to so much of what a new name needs.
_HOLDS = 0.75
_MOST_ADDED = 3
# A trait that a name tells of: feature and direction.
Mark = tuple[str, str]


@dataclass(frozen=True)
class Name:
    """The words, and the traits they tell of."""

    words: str
    marks: tuple[Mark, ...]


def names(traits: Mapping[str, Sequence[Trait]], earlier: Mapping[str, Name], least: float) -> dict[str, Name]:
    """A name for each key; keys come in the order in which they may choose. `earlier` holds names of the days before.

    A trait has to be `least` large to make a name, and somewhat smaller to let it go.
    """
    given: dict[str, Name] = {}
    for key, each in traits.items():
        holds = key in earlier and _still_holds(earlier[key], each, least)
        if holds and earlier[key].words not in _words(given):
            given[key] = earlier[key]
    taken = _words(given)
    for key, each in traits.items():
        if key not in given:
            given[key] = _new_name(key, large(each, least), taken)
            taken.add(given[key].words)
    return {key: given[key] for key in traits}


def _words(given: Mapping[str, Name]) -> set[str]:
    return {name.words for name in given.values()}


def _still_holds(name: Name, traits: Sequence[Trait], least: float) -> bool:
    """Whether all that the name says is still so; a name that says nothing holds while there is nothing to say."""
    if not name.marks:
        return not large(traits, least)
    return set(name.marks) <= {(trait.feature, trait.direction) for trait in large(traits, _HOLDS * least)}


def _new_name(key: str, traits: Sequence[Trait], taken: set[str]) -> Name:
    """The shortest name of two traits or more, where there are as many, that nobody has."""
    worth_saying = list(told(traits))
    if not worth_saying:
        return Name(_unlike(NOBODY_APART, key, taken), ())
    head = next((trait for trait in worth_saying if _who(trait)), None)
    others = [trait for trait in worth_saying if trait is not head]
    fewest = min(1 if head else 2, len(others))
    options = [_name(head, others[:number]) for number in range(fewest, min(len(others), _MOST_ADDED) + 1)]
    free = (name for name in options if name.words not in taken)
    return next(free, Name(_unlike(options[0].words, key, taken), options[0].marks))


def _name(head: Trait | None, added: Sequence[Trait]) -> Name:
    marks = tuple((trait.feature, trait.direction) for trait in ([head] if head else []) + list(added))
    additions = [_adds(trait) for trait in added]
    return Name(", ".join([_who(head), *additions]) if head else f"Users who {' and '.join(additions)}", marks)


def _unlike(words: str, key: str, taken: set[str]) -> str:
    return f"{words} ({key.replace('-', ' ')})" if words in taken else words


def _who(trait: Trait) -> str:
    return trait.term.who_much if trait.is_much else trait.term.who_little


def _adds(trait: Trait) -> str:
    return trait.term.much if trait.is_much else trait.term.little
