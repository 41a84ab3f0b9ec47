"""CSS selectors over a recording's elements: the part of CSS that says what an element is and what it stands in.

Understood: `tag`, `*`, `#id`, `.class`, `[name]`, `[name=value]` with `=`, `~=`, `|=`, `^=`, `$=`, `*=` and the flag
`i`, several of these together, descendants (a blank), children (`>`), and lists (`,`). Siblings and pseudo-classes are
refused rather than ignored: a mask that is not understood would hide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

_PART = re.compile(
    r"""(?P<tag>\*|[A-Za-z][\w-]*)
    |\#(?P<id>[\w-]+)
    |\.(?P<class>[\w-]+)
    |\[\s*(?P<name>[\w:-]+)\s*(?:(?P<how>[~|^$*]?=)\s*(?P<value>"[^"]*"|'[^']*'|[\w-]+)\s*(?P<flag>[iI])?\s*)?\]""",
    re.VERBOSE,
)
_COMBINATOR = re.compile(r"\s*>\s*|\s+")
_COMPARED: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda found, wanted: found == wanted,
    "~=": lambda found, wanted: wanted in found.split(),
    "|=": lambda found, wanted: found == wanted or found.startswith(f"{wanted}-"),
    "^=": lambda found, wanted: bool(wanted) and found.startswith(wanted),
    "$=": lambda found, wanted: bool(wanted) and found.endswith(wanted),
    "*=": lambda found, wanted: bool(wanted) and wanted in found,
}


class Element(Protocol):
    """What a selector looks at."""

    @property
    def tag(self) -> str: ...
    @property
    def parent(self) -> Element | None: ...
    def attribute(self, name: str) -> str | None: ...


@dataclass(frozen=True)
class _Condition:
    name: str
    how: str
    value: str
    ignores_case: bool

    def holds(self, element: Element) -> bool:
        found = element.attribute(self.name)
        if found is None or not self.how:
            return found is not None
        if self.ignores_case:
            return _COMPARED[self.how](found.lower(), self.value.lower())
        return _COMPARED[self.how](found, self.value)


@dataclass(frozen=True)
class _Compound:
    tag: str
    conditions: tuple[_Condition, ...]
    # Whether the compound before it must be the parent, not any ancestor.
    is_child: bool

    def matches(self, element: Element) -> bool:
        return self.tag in ("*", element.tag) and all(condition.holds(element) for condition in self.conditions)


@dataclass(frozen=True)
class Selector:
    """One selector list, ready to be asked."""

    _chains: tuple[tuple[_Compound, ...], ...]

    def matches(self, element: Element) -> bool:
        """Whether the selector names this very element."""
        return any(chain[-1].matches(element) and _leads_to(chain, element) for chain in self._chains)


def parse(selector: str) -> Selector:
    """A selector list. Raises ValueError that names what is not understood."""
    chains = tuple(_chain(part.strip(), selector) for part in _listed(selector))
    return Selector(chains)


def _listed(selector: str) -> list[str]:
    """Its parts between the commas that stand in no brackets or quotes."""
    return re.split(r""",(?=(?:[^"'\[\]]|"[^"]*"|'[^']*'|\[(?:[^"'\]]|"[^"]*"|'[^']*')*\])*$)""", selector)


def _chain(text: str, whole: str) -> tuple[_Compound, ...]:
    compounds: list[_Compound] = []
    place, is_child = 0, False
    while True:
        compound, place = _compound(text, place, is_child=is_child, whole=whole)
        compounds.append(compound)
        if place == len(text):
            return tuple(compounds)
        if not (between := _COMBINATOR.match(text, place)):
            raise ValueError(_not_understood(text[place:], whole))
        is_child, place = ">" in between[0], between.end()


def _compound(text: str, place: int, *, is_child: bool, whole: str) -> tuple[_Compound, int]:
    tag, conditions, start = "*", list[_Condition](), place
    while found := _PART.match(text, place):
        if found["tag"]:
            if place != start:
                break
            tag = found["tag"].lower()
        else:
            conditions.append(_condition(found))
        place = found.end()
    if place == start:
        raise ValueError(_not_understood(text[place:], whole))
    return _Compound(tag, tuple(conditions), is_child), place


def _condition(found: re.Match[str]) -> _Condition:
    if found["id"]:
        return _Condition("id", "=", found["id"], ignores_case=False)
    if found["class"]:
        return _Condition("class", "~=", found["class"], ignores_case=False)
    value = found["value"] or ""
    return _Condition(found["name"].lower(), found["how"] or "", value.strip("\"'"), ignores_case=bool(found["flag"]))


def _leads_to(chain: tuple[_Compound, ...], element: Element) -> bool:
    """Whether the ancestors of `element`, which matches the last compound, match those before it."""
    if len(chain) == 1:
        return True
    ancestor = element.parent
    while ancestor is not None:
        if chain[-2].matches(ancestor) and _leads_to(chain[:-1], ancestor):
            return True
        if chain[-1].is_child:
            return False
        ancestor = ancestor.parent
    return False


def _not_understood(rest: str, whole: str) -> str:
    return (
        f"{whole!r} is no selector that masking understands, from {rest[:30]!r} on; use tags, #id, .class, "
        "[name=value], descendants (a blank), children (>) and lists (,)"
    )
