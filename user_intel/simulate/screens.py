"""The small pages that recordings of the simulated product show, as rrweb nodes at known places.

Belongs here: what a page looks like and where its parts are. What people do on it is `replays.py`. Everything is placed
absolutely, so that a click of a recording can be aimed, and a rendered frame be checked, without a browser's layout.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Node = dict[str, Any]

_TOP, _ROW, _GAP = 180, 44, 20
_WIDTHS = {"Mobile": (390, 844), "Tablet": (820, 1180)}
_DESKTOP = (1280, 800)
_STYLE = """
body { margin: 0; font: 16px sans-serif; color: #223; background: #f5f6f8; }
header { position: absolute; left: 0; top: 0; right: 0; height: 56px; background: #23304d; color: #fff; }
header b { position: absolute; left: 40px; top: 17px; }
h1 { position: absolute; left: 40px; top: 76px; margin: 0; font-size: 28px; }
.who { position: absolute; left: 40px; top: 126px; color: #667; }
.btn { position: absolute; border: 0; border-radius: 6px; background: #2f6fed; color: #fff; font-size: 16px; }
.field { position: absolute; box-sizing: border-box; border: 1px solid #99a; border-radius: 6px; font-size: 16px; }
.label { position: absolute; color: #667; font-size: 13px; }
.text { position: absolute; left: 40px; top: 900px; width: 300px; height: 1100px; color: #667; }
.toast { position: fixed; right: 20px; bottom: 20px; padding: 12px 18px; background: #1d7a46; color: #fff; }
.toast.error { background: #b3261e; }
"""


@dataclass(frozen=True)
class Place:
    """A part of a page: its node and its box in CSS pixels from the page's top left corner."""

    node: int
    x: int
    y: int
    width: int
    height: int

    @property
    def centre(self) -> tuple[int, int]:
        """Where somebody would click."""
        return self.x + self.width // 2, self.y + self.height // 2


@dataclass
class Screen:
    """One page as it was loaded: its full snapshot, and where its buttons and fields are. Ids count from `first_id`."""

    href: str
    title: str
    who: str
    device: str
    buttons: Sequence[str]
    fields: Sequence[str]
    first_id: int = 1
    places: dict[str, Place] = field(default_factory=dict)
    document: Node = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._next = self.first_id
        self.document = self._document()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the window."""
        return _WIDTHS.get(self.device, _DESKTOP)

    @property
    def last_id(self) -> int:
        """The highest node id given out so far."""
        return self._next - 1

    def meta(self) -> Node:
        """The data of the Meta event that comes before the snapshot."""
        width, height = self.size
        return {"href": self.href, "width": width, "height": height}

    def snapshot(self) -> Node:
        """The data of the FullSnapshot event."""
        return {"node": self.document, "initialOffset": {"left": 0, "top": 0}}

    def toast(self, text: str, *, failed: bool = False) -> tuple[int, Node]:
        """The mutation that shows a message, and the node it adds."""
        node = self._tag("div", {"class": "toast error" if failed else "toast"}, [])
        inner = self._text(text)
        adds = [
            {"parentId": self.places["body"].node, "nextId": None, "node": node},
            {"parentId": node["id"], "nextId": None, "node": inner},
        ]
        return node["id"], {"source": 0, "texts": [], "attributes": [], "removes": [], "adds": adds}

    def without(self, node: int) -> Node:
        """The mutation that takes a message away."""
        removes = [{"parentId": self.places["body"].node, "id": node}]
        return {"source": 0, "texts": [], "attributes": [], "removes": removes, "adds": []}

    def _document(self) -> Node:
        document: Node = {"type": 0, "id": self._id(), "childNodes": []}
        document["childNodes"].append(
            {"type": 1, "name": "html", "publicId": "", "systemId": "", "id": self._id()},
        )
        html = self._tag("html", {"lang": "en"}, [])
        document["childNodes"].append(html)
        html["childNodes"].append(self._head())
        body = self._tag("body", {}, [])
        width, height = self.size
        self.places["body"] = Place(body["id"], 0, 0, width, height)
        html["childNodes"].append(body)
        body["childNodes"] += list(self._parts())
        return document

    def _head(self) -> Node:
        style = self._tag("style", {}, [self._text(_STYLE, style=True)])
        return self._tag("head", {}, [self._tag("title", {}, [self._text(self.title)]), style])

    def _parts(self) -> Iterator[Node]:
        yield self._tag("header", {}, [self._tag("b", {}, [self._text("Example")])])
        yield self._tag("h1", {}, [self._text(self.title)])
        yield self._tag("p", {"class": "who"}, [self._text(self.who)])
        top = _TOP
        for name in self.fields:
            yield from self._field(name, top)
            top += _ROW + 2 * _GAP
        for name in self.buttons:
            yield self._button(name, top)
            top += _ROW + _GAP
        yield self._tag("p", {"class": "text"}, [self._text("Terms and conditions. " * 60)])

    def _button(self, name: str, top: int) -> Node:
        node = self._tag("button", {"class": "btn", "style": self._box(name, top)}, [self._text(name)])
        self._place(name, node, top)
        return node

    def _field(self, name: str, top: int) -> Iterator[Node]:
        label = {"class": "label", "style": f"left: 40px; top: {top - 4}px"}
        yield self._tag("label", label, [self._text(name.replace("_", " ").capitalize())])
        kind = "password" if name in ("password", "card_cvc") else "text"
        attributes = {"class": "field", "name": name, "type": kind, "style": self._box(name, top + _GAP)}
        node = self._tag("input", attributes, [])
        self._place(name, node, top + _GAP)
        yield node

    def _box(self, name: str, top: int) -> str:
        return f"left: 40px; top: {top}px; width: {self._width(name)}px; height: {_ROW}px"

    def _place(self, name: str, node: Node, top: int) -> None:
        self.places[name] = Place(node["id"], 40, top, self._width(name), _ROW)

    def _width(self, name: str) -> int:
        return 300 if name in self.fields else 220

    def _tag(self, name: str, attributes: dict[str, str], children: list[Node]) -> Node:
        return {"type": 2, "tagName": name, "attributes": attributes, "childNodes": children, "id": self._id()}

    def _text(self, text: str, *, style: bool = False) -> Node:
        node: Node = {"type": 3, "textContent": text, "id": self._id()}
        return node | {"isStyle": True} if style else node

    def _id(self) -> int:
        self._next += 1
        return self._next - 1
