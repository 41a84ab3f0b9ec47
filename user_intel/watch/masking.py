"""Personal data hidden in a recording's events, before a browser sees them.

A masked event is made anew of what is known to be needed for drawing; whatever else an event holds, in whatever shape,
is left out. So what is not understood is not drawn, rather than drawn unmasked. Dropped as a whole: console and network
logs, custom events, pictures of canvases, fonts, media. What is hidden in texts and attributes is said in `rules.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from user_intel.product import Masking
from user_intel.watch import personal
from user_intel.watch.events import Event, Json, JsonValue, Kind, NodeType, Source, finite, objects, text_of, whole
from user_intel.watch.page_tree import Node, PageTree, runs
from user_intel.watch.rules import Rules

_TAG: Final = re.compile(r"[A-Za-z][\w:.-]{0,80}")
_NODE_FLAGS: Final = ("isSVG", "needBlock", "isShadowHost", "isShadow", "isCustom")
# Personal data that is written across several texts is hardly longer.
_REACH: Final = 96


class Masker:
    """Masks the events of one recording, which it must be given in order of time."""

    def __init__(self, masking: Masking | None = None) -> None:
        self._rules: Final = Rules(masking or Masking())
        self._pages: Final[dict[int, _Page]] = {}

    def masked(self, event: Event) -> Event | None:
        """The event as it may be drawn; None where nothing of it may, or is needed to."""
        try:
            data = self._masked(event)
        except RecursionError:
            # Nested deeper than any browser builds a page.
            return None
        return None if data is None else Event(event.at_ms, event.window, event.kind, data)

    def _masked(self, event: Event) -> Json | None:
        page = self._pages.setdefault(event.window, _Page(self._rules))
        if event.kind == Kind.FULL_SNAPSHOT:
            return page.snapshot(event.data)
        if event.kind == Kind.META:
            return {**_numbers(event.data, "width", "height"), "href": ""}
        return page.incremental(event.data) if event.kind == Kind.INCREMENTAL else None


class _Page:
    """What is masked in one window."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._tree = PageTree(rules.own_regime)
        self._masks: Mapping[int, Callable[[Json], Json | None]] = {
            Source.MUTATION: self._mutation,
            Source.INPUT: self._input,
            Source.STYLE_SHEET_RULE: self._style_rules,
            Source.STYLE_DECLARATION: self._style_declaration,
            Source.ADOPTED_STYLE_SHEET: self._adopted,
            Source.SELECTION: _selection,
            Source.MOUSE_MOVE: _moves,
            Source.TOUCH_MOVE: _moves,
            Source.DRAG: _moves,
            Source.MOUSE_INTERACTION: lambda data: _numbers(data, "source", "type", "id", "x", "y", "pointerType"),
            Source.SCROLL: lambda data: _numbers(data, "source", "id", "x", "y"),
            Source.VIEWPORT_RESIZE: lambda data: _numbers(data, "source", "width", "height"),
        }

    def snapshot(self, data: Json) -> Json | None:
        raw = data.get("node")
        if not isinstance(raw, dict):
            return None
        root = self._tree.replace(raw)
        self._decide(self._around([node for node in root.walk() if node.text is not None]))
        offset = data.get("initialOffset")
        offset_shown = _numbers(offset, "left", "top") if isinstance(offset, dict) else {}
        return {"node": self._drawn(raw), "initialOffset": offset_shown}

    def incremental(self, data: Json) -> Json | None:
        mask = self._masks.get(whole(data.get("source")) or 0)
        return mask(data) if mask is not None and finite(data.get("source")) is not None else None

    def _mutation(self, data: Json) -> Json:
        for removed in objects(data.get("removes")):
            if (node := self._tree.nodes.get(whole(removed.get("id")) or 0)) is not None:
                self._tree.remove(node)
        added = self._added(objects(data.get("adds")))
        changed = list(self._changed(objects(data.get("texts"))))
        attributes, judged = self._reattributed(objects(data.get("attributes")))
        new = [node for _, root in added for node in root.walk() if node.text is not None]
        again = self._around((*new, *changed, *judged))
        before = {node.id: node.shown for node in again}
        self._decide(again)
        inside = {node.id for node in new}
        told = {node.id for node in changed}
        texts: list[JsonValue] = [
            {"id": node.id, "value": node.shown}
            for node in again
            if node.id in told or (node.id not in inside and before.get(node.id) != node.shown)
        ]
        adds: list[JsonValue] = [
            {**_numbers(raw, "parentId"), **_places(raw), "node": self._drawn(drawn)}
            for raw, _ in added
            if isinstance(drawn := raw.get("node"), dict)
        ]
        removes: list[JsonValue] = [
            {**_numbers(raw, "parentId", "id"), **_flags(raw, "isShadow")} for raw in objects(data.get("removes"))
        ]
        shown: Json = {"source": int(Source.MUTATION), "adds": adds, "removes": removes, "texts": texts}
        return {**shown, "attributes": attributes, **_flags(data, "isAttachIframe")}

    def _added(self, raws: list[Json]) -> list[tuple[Json, Node]]:
        """Puts added nodes into the tree, also those that come before their parents; those without any are dropped."""
        added: list[tuple[Json, Node]] = []
        left = raws
        while left:
            waiting: list[Json] = []
            for raw in left:
                parent = self._tree.nodes.get(whole(raw.get("parentId")) or 0)
                node = raw.get("node")
                if not isinstance(node, dict):
                    continue
                # The page of an iframe may come before the iframe.
                if parent is None and whole(node.get("type")) != NodeType.DOCUMENT:
                    waiting.append(raw)
                    continue
                before = self._tree.nodes.get(whole(raw.get("nextId")) or 0)
                added.append((raw, self._tree.add(node, parent, before)))
            if len(waiting) == len(left):
                break
            left = waiting
        return added

    def _changed(self, raws: list[Json]) -> Iterator[Node]:
        for raw in raws:
            node = self._tree.nodes.get(whole(raw.get("id")) or 0)
            if node is not None and node.text is not None:
                node.text = text_of(raw.get("value"))
                yield node

    def _reattributed(self, raws: list[Json]) -> tuple[list[JsonValue], list[Node]]:
        """The changed attributes as they may be drawn; and the texts that were drawn and now must be hidden."""
        shown: list[JsonValue] = []
        judged: list[Node] = []
        for raw in raws:
            node = self._tree.nodes.get(whole(raw.get("id")) or 0)
            changed = raw.get("attributes")
            if node is None or not isinstance(changed, dict):
                continue
            node.update(changed)
            shown.append({"id": node.id, "attributes": self._rules.attributes(changed, node)})
            if self._tree.judge(node):
                shown.extend(self._redrawn(node))
                judged.extend(inner for inner in node.walk() if inner.text is not None)
        return shown, judged

    def _redrawn(self, node: Node) -> Iterator[JsonValue]:
        """All attributes again of an element that is now hidden, and of all in it."""
        for inner in node.walk():
            if inner.tag:
                attributes: Json = {**inner.attributes}
                yield {"id": inner.id, "attributes": self._rules.attributes(attributes, inner)}

    def _decide(self, texts: list[Node]) -> None:
        """Decides what is drawn of these texts, among which are all that are read together with one of them."""
        for node in texts:
            node.shown = self._rules.text(node.text or "", node.regime)
        for run in [] if self._rules.hides_all else self._runs(texts):
            _star_across(run, secrets_only=self._rules.secrets_only)

    def _around(self, texts: Iterable[Node]) -> list[Node]:
        """These texts and all that are read together with them, each once."""
        found = {id(node): node for node in texts}
        for run in self._runs(list(found.values())):
            found.update({id(node): node for node in run})
        return list(found.values())

    def _runs(self, texts: Iterable[Node]) -> list[list[Node]]:
        """The runs of several texts that these texts are part of, each once."""
        seen: set[int] = set()
        found: list[list[Node]] = []
        for text in texts:
            if id(text) in seen or text.regime:
                continue
            for run in runs(text):
                if run and id(run[0]) not in seen:
                    seen.update(id(node) for node in run)
                    if len(run) > 1:
                        found.append(run)
            seen.add(id(text))
        return found

    def _input(self, data: Json) -> Json | None:
        node = self._tree.nodes.get(whole(data.get("id")) or 0)
        if node is None:
            return None
        text = self._rules.typed(text_of(data.get("text")), node)
        return {**_numbers(data, "source", "id"), "text": text, **_flags(data, "isChecked", "userTriggered")}

    def _style_rules(self, data: Json) -> Json:
        shown: Json = {**_numbers(data, "source", "id", "styleId")}
        shown["adds"] = [self._rule(raw) for raw in objects(data.get("adds"))]
        shown["removes"] = [{"index": _index(raw)} for raw in objects(data.get("removes"))]
        for name in ("replace", "replaceSync"):
            if isinstance(text := data.get(name), str):
                shown[name] = self._rules.styles(text)
        return shown

    def _rule(self, raw: Json) -> Json:
        return {"rule": self._rules.styles(text_of(raw.get("rule"))), "index": _index(raw)}

    def _style_declaration(self, data: Json) -> Json:
        shown: Json = {**_numbers(data, "source", "id", "styleId"), "index": _index(data)}
        for name in ("set", "remove"):
            if isinstance(raw := data.get(name), dict):
                shown[name] = {
                    key: self._rules.styles(text_of(raw.get(key))) for key in ("property", "value", "priority")
                }
        return shown

    def _adopted(self, data: Json) -> Json:
        ids = data.get("styleIds")
        shown: Json = {**_numbers(data, "source", "id")}
        shown["styleIds"] = [number for number in ids if whole(number) is not None] if isinstance(ids, list) else []
        shown["styles"] = [
            {**_numbers(raw, "styleId"), "rules": [self._rule(rule) for rule in objects(raw.get("rules"))]}
            for raw in objects(data.get("styles"))
        ]
        return shown

    def _drawn(self, raw: Json) -> Json:
        """A serialised node of the tree as it may be drawn."""
        kind = whole(raw.get("type"))
        shown: Json = {**_numbers(raw, "type", "id", "rootId"), **_flags(raw, *_NODE_FLAGS)}
        if kind == NodeType.TEXT:
            node = self._tree.nodes.get(whole(raw.get("id")) or 0)
            return {**shown, "textContent": (node.shown or "") if node is not None else "", **_flags(raw, "isStyle")}
        if kind == NodeType.DOCUMENT_TYPE:
            return {**shown, "name": "html", "publicId": "", "systemId": ""}
        if kind not in (NodeType.DOCUMENT, NodeType.ELEMENT):
            return {**shown, "type": int(NodeType.COMMENT), "textContent": ""}
        if kind == NodeType.ELEMENT:
            tag = text_of(raw.get("tagName"))
            attributes = raw.get("attributes")
            element = self._tree.nodes.get(whole(raw.get("id")) or 0)
            shown["tagName"] = tag if _TAG.fullmatch(tag) else "div"
            shown["attributes"] = (
                self._rules.attributes(attributes, element) if isinstance(attributes, dict) and element else {}
            )
        elif raw.get("compatMode") == "BackCompat":
            shown["compatMode"] = "BackCompat"
        shown["childNodes"] = [self._drawn(child) for child in objects(raw.get("childNodes"))]
        return shown


def _star_across(run: list[Node], *, secrets_only: bool) -> None:
    """Puts stars into the drawn texts of a run where personal data reaches over from one into another."""
    parts = [part for node in run for part in _ends(node)]
    found = personal.spans("".join(text for _, _, text in parts), secrets_only=secrets_only)
    at = 0
    for node, start, text in parts if found else ():
        end = at + len(text)
        inside = tuple((max(a, at) - at + start, min(b, end) - at + start) for a, b in found if a < end and b > at)
        node.shown = personal.starred(node.shown or "", inside)
        at = end


def _ends(node: Node) -> list[tuple[Node, int, str]]:
    """What of a text is read together with its neighbours, and where it begins: of a long one, only its two ends.

    What stands within it was found before. The blank between the ends belongs to neither.
    """
    text = node.text or ""
    if len(text) <= 2 * _REACH:
        return [(node, 0, text)]
    return [(node, 0, text[:_REACH]), (node, len(text), "\n"), (node, len(text) - _REACH, text[-_REACH:])]


def _moves(data: Json) -> Json:
    positions: list[JsonValue] = [
        {"timeOffset": 0, **_numbers(raw, "x", "y", "id", "timeOffset")} for raw in objects(data.get("positions"))
    ]
    return {**_numbers(data, "source"), "positions": positions}


def _selection(data: Json) -> Json:
    names = ("start", "startOffset", "end", "endOffset")
    return {**_numbers(data, "source"), "ranges": [_numbers(raw, *names) for raw in objects(data.get("ranges"))]}


def _places(raw: Json) -> Json:
    """Beside which nodes an added one stands; null means none, which is not the same as not told."""
    return {name: whole(raw[name]) for name in ("nextId", "previousId") if name in raw}


def _index(raw: Json) -> JsonValue:
    index = raw.get("index")
    return [part for part in index if whole(part) is not None] if isinstance(index, list) else whole(index)


def _numbers(raw: Json, *names: str) -> Json:
    return {name: value for name in names if finite(value := raw.get(name)) is not None}


def _flags(raw: Json, *names: str) -> Json:
    return {name: value for name in names if isinstance(value := raw.get(name), bool)}
