"""The pages of a recording as masking sees them: which element stands in which, and what that means for its text.

A tree is built from a full snapshot and follows every mutation. Children keep their order, because personal data may be
written across several of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import IntFlag
from typing import Final

from user_intel.watch.events import Json, NodeType, objects, text_of, whole

_INLINE: Final = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "label"}
    | {"mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tspan", "tt", "u", "var", "wbr"}
)
# Longer runs of text are looked at in parts: one changed word must not cost a whole book.
_LONGEST_RUN: Final = 400


class Regime(IntFlag):
    """What becomes of the text of an element and, but for STYLE and BOX, of all that stands in it."""

    NONE = 0
    # A selector or class asks for it to be hidden.
    HIDDEN = 1
    # It was typed by somebody.
    FIELD = 2
    # It is a style sheet.
    STYLE = 4
    # It is never drawn: scripts.
    DEAD = 8
    # The element itself becomes a grey box.
    BOX = 16


_INHERITED: Final = Regime.HIDDEN | Regime.FIELD | Regime.DEAD


class Node:
    """One node of a page: a document, an element or a text."""

    __slots__ = ("attributes", "children", "id", "parent", "regime", "secret", "shown", "tag", "text")

    def __init__(self, raw: Json) -> None:
        kind = whole(raw.get("type"))
        self.id = whole(raw.get("id")) or 0
        self.parent: Node | None = None
        self.children: list[Node] = []
        self.tag = text_of(raw.get("tagName")).lower() if kind == NodeType.ELEMENT else ""
        self.attributes: dict[str, str] = {}
        self.text = text_of(raw.get("textContent")) if kind == NodeType.TEXT else None
        # What of the text is drawn; None until it was decided.
        self.shown: str | None = None
        self.regime = Regime.NONE
        # Whether it was ever a password's field.
        self.secret = False
        if isinstance(attributes := raw.get("attributes"), dict):
            self.update(attributes)

    def update(self, attributes: Json) -> None:
        """Takes over changed attributes; null removes one. Values that are no text are none."""
        for name, value in attributes.items():
            if isinstance(value, str):
                self.attributes[name.lower()] = value
            elif value is None:
                self.attributes.pop(name.lower(), None)
        self.secret = self.secret or self.attributes.get("type", "").lower() == "password"

    def attribute(self, name: str) -> str | None:
        return self.attributes.get(name)

    def walk(self) -> Iterator[Node]:
        """The node and all that stands in it, in the order of the page."""
        left = [self]
        while left:
            node = left.pop()
            yield node
            left.extend(reversed(node.children))


class PageTree:
    """The nodes of one window by their ids. `own_regime` says what an element itself asks for."""

    def __init__(self, own_regime: Callable[[Node], Regime]) -> None:
        self.nodes: dict[int, Node] = {}
        self._own_regime = own_regime

    def replace(self, raw: Json) -> Node:
        """Forgets all and begins anew with the page of a full snapshot."""
        self.nodes.clear()
        return self._grow(raw, None)

    def add(self, raw: Json, parent: Node | None, before: Node | None) -> Node:
        """Puts a serialised node, with all in it, into `parent`: before that child, at the end otherwise."""
        if (old := self.nodes.get(whole(raw.get("id")) or 0)) is not None:
            self.remove(old)
        node = self._grow(raw, parent)
        if parent is not None:
            at = parent.children.index(before) if before is not None and before.parent is parent else None
            parent.children.insert(len(parent.children) if at is None else at, node)
        return node

    def remove(self, node: Node) -> None:
        """Takes a node out, with all that stands in it."""
        if node.parent is not None and node in node.parent.children:
            node.parent.children.remove(node)
        for gone in node.walk():
            if self.nodes.get(gone.id) is gone:
                del self.nodes[gone.id]

    def judge(self, node: Node) -> bool:
        """Decides again what becomes of the text in `node`; whether anything is hidden now that was not."""
        hidden = False
        for inner in node.walk():
            # What was hidden once stays so: there is no way to know that it is harmless now.
            regime = self._regime(inner) | (inner.regime & (Regime.HIDDEN | Regime.FIELD))
            hidden = hidden or bool(regime & ~inner.regime)
            inner.regime = regime
        return hidden

    def _grow(self, raw: Json, parent: Node | None) -> Node:
        node = Node(raw)
        node.parent = parent
        node.regime = self._regime(node)
        self.nodes[node.id] = node
        node.children = [self._grow(child, node) for child in objects(raw.get("childNodes"))]
        return node

    def _regime(self, node: Node) -> Regime:
        inherited = node.parent.regime if node.parent is not None else Regime.NONE
        if node.text is not None:
            return inherited & (_INHERITED | Regime.STYLE)
        return (inherited & _INHERITED) | self._own_regime(node)


def runs(around: Node) -> Iterator[list[Node]]:
    """The texts of the block that `around` stands in, in lists of those that are read without a break between them."""
    block = around
    while block.parent is not None and (block.text is not None or block.tag in _INLINE):
        block = block.parent
    run: list[Node] = []
    for child in block.children:
        for text in _inline_texts(child):
            if text is None or len(run) == _LONGEST_RUN:
                yield run
                run = []
            if text is not None:
                run.append(text)
    yield run


def _inline_texts(node: Node) -> Iterator[Node | None]:
    """The texts of an inline node, None for a break."""
    left: list[Node | None] = [node]
    while left:
        inner = left.pop()
        if inner is None:
            yield None
        elif inner.text is not None:
            yield None if inner.regime else inner
        elif inner.tag in _INLINE:
            left.extend(reversed(inner.children))
        elif inner.tag or inner.children:
            yield None
