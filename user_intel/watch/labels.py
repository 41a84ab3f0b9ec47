"""What the elements of a recording are called: as people see them, by what masking left of their texts.

Only ever fed with masked events: a name goes into tables, prompts and tickets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from user_intel.explain.untrusted import readable
from user_intel.watch.events import Event, Json, JsonValue, Kind, Source, objects, text_of, whole
from user_intel.watch.page_tree import Node, PageTree, Regime

_LONGEST: Final = 60
_ACTING: Final = frozenset({"button", "a", "input", "select", "textarea", "option", "label", "summary"})
_NAMED_BY: Final = ("aria-label", "title", "placeholder", "name", "alt", "id")
_HIDDEN: Final = re.compile(r"^[\W_]*$")


class Placed(Protocol):
    """Something that happened at a second of the session to a node of a window."""

    @property
    def from_s(self) -> float: ...
    @property
    def window(self) -> int: ...
    @property
    def node(self) -> int | None: ...


def labels_of(masked: Iterable[Event], placed: Sequence[Placed], started_ms: int) -> list[str]:
    """The name of each one's element at its moment, "" where it has none; `placed` in order of time."""
    pages = Pages()
    labels: list[str] = []
    waiting = iter(placed)
    each = next(waiting, None)
    for event in masked:
        while each is not None and event.at_ms - started_ms > 1000 * each.from_s:
            labels.append(pages.label(each.window, each.node))
            each = next(waiting, None)
        pages.follow(event)
    while each is not None:
        labels.append(pages.label(each.window, each.node))
        each = next(waiting, None)
    return labels


class Pages:
    """The page of each window, as far as its events were followed."""

    def __init__(self) -> None:
        self._trees: dict[int, PageTree] = {}

    def follow(self, event: Event) -> None:
        """Takes over what an event changes."""
        tree = self._trees.setdefault(event.window, PageTree(lambda _: Regime.NONE))
        node = event.data.get("node")
        if event.kind == Kind.FULL_SNAPSHOT and isinstance(node, dict):
            tree.replace(node)
        elif event.source == Source.MUTATION:
            _change(tree, event.data)

    def label(self, window: int, number: int | None) -> str:
        """What people call an element: its text where it has one, else what it is; "" where it is unknown."""
        tree = self._trees.get(window)
        node = tree.nodes.get(number) if tree and number is not None else None
        if node is None:
            return ""
        acting = _acting(node)
        words = " ".join(" ".join(each.text or "" for each in acting.walk() if each.text).split())
        told = next((each for each in (words, *_attributes(acting)) if each and not _HIDDEN.match(each)), "")
        if not told:
            return acting.tag
        shown = readable(told, _LONGEST)
        return f'"{shown}"'


def _acting(node: Node) -> Node:
    """The button, link or field that a node is part of; the node's own element where there is none."""
    element = node if node.tag or node.parent is None else node.parent
    at: Node | None = element
    while at is not None:
        if at.tag in _ACTING or at.attribute("role") == "button":
            return at
        at = at.parent
    return element


def _attributes(node: Node) -> list[str]:
    return [" ".join((node.attribute(name) or "").split()) for name in _NAMED_BY]


def _change(tree: PageTree, data: Json) -> None:
    for removed in objects(data.get("removes")):
        if gone := _known(tree, removed.get("id")):
            tree.remove(gone)
    for added in objects(data.get("adds")):
        raw = added.get("node")
        if isinstance(raw, dict):
            tree.add(raw, _known(tree, added.get("parentId")), _known(tree, added.get("nextId")))
    for changed in objects(data.get("texts")):
        if (node := _known(tree, changed.get("id"))) and node.text is not None:
            node.text = text_of(changed.get("value"))
    for changed in objects(data.get("attributes")):
        attributes = changed.get("attributes")
        if (node := _known(tree, changed.get("id"))) and isinstance(attributes, dict):
            node.update(attributes)


def _known(tree: PageTree, number: JsonValue) -> Node | None:
    return tree.nodes.get(whole(number) or 0)
