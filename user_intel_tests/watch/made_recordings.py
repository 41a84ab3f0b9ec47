"""Recordings made by hand: small pages as rrweb would have recorded them, and what is done on them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

STARTED_MS = 1_790_000_000_000
WIDTH, HEIGHT = 1280, 768
Raw = dict[str, object]


class Page:
    """Builds the serialised nodes of one page; ids count up from 1."""

    def __init__(self, first_id: int = 1) -> None:
        self.next_id = first_id

    def id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def text(self, words: str, **more: object) -> Raw:
        return {"type": 3, "id": self.id(), "textContent": words, **more}

    def element(self, tag: str, *children: Raw | str, **attributes: object) -> Raw:
        named = {_attribute(name): value for name, value in attributes.items()}
        inner = [self.text(child) if isinstance(child, str) else child for child in children]
        return {"type": 2, "id": self.id(), "tagName": tag, "attributes": named, "childNodes": inner}

    def document(self, *body: Raw | str, head: Iterable[Raw] = (), **attributes: object) -> Raw:
        html = self.element("html", self.element("head", *head), self.element("body", *body, **attributes))
        doctype = {"type": 1, "id": self.id(), "name": "html", "publicId": "", "systemId": ""}
        return {"type": 0, "id": self.id(), "childNodes": [doctype, html]}


def _attribute(name: str) -> str:
    """The attribute a Python name stands for: class_ is class, data_x is data-x; rrweb's own keep their names."""
    return name if name.startswith(("rr_", "_css")) else name.strip("_").replace("_", "-")


def event(kind: int, at_s: float, data: Raw) -> Raw:
    return {"type": kind, "timestamp": STARTED_MS + round(at_s * 1000), "data": data}


def meta(
    at_s: float = 0.0, href: str = "https://shop.example/cart?user=7", width: int = WIDTH, height: int = HEIGHT
) -> Raw:
    return event(4, at_s, {"href": href, "width": width, "height": height})


def snapshot(document: Raw, at_s: float = 0.0) -> Raw:
    return event(2, at_s, {"node": document, "initialOffset": {"left": 0, "top": 0}})


def happening(source: int, at_s: float, **data: object) -> Raw:
    return event(3, at_s, {"source": source, **data})


def mutation(at_s: float, **data: object) -> Raw:
    return happening(0, at_s, **{"adds": [], "removes": [], "texts": [], "attributes": [], **data})


def moves(at_s: float, *positions: tuple[float, float, float], node: int) -> Raw:
    """A move; each position is (seconds before `at_s`, x, y)."""
    listed = [{"x": x, "y": y, "id": node, "timeOffset": round(-before * 1000)} for before, x, y in positions]
    return happening(1, at_s, positions=listed)


def click(at_s: float, x: float, y: float, node: int) -> Raw:
    return happening(2, at_s, type=2, id=node, x=x, y=y, pointerType=0)


def write(path: Path, events: Iterable[object]) -> Path:
    path.write_text(json.dumps(list(events)), encoding="utf-8")
    return path
