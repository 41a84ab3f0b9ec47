"""What the hand of a session's user does, as a video shows it: where the pointer is, what it presses, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from user_intel.watch.events import Event, Interaction, Source, finite, objects, whole

# A press stays visible for so long, and in any case until the next frame.
LINGER_S: Final = 0.6
_SAME_PLACE_PX: Final = 12.0
_DOING: Final = {
    Source.INPUT: "typing",
    Source.SCROLL: "scrolling",
    Source.VIEWPORT_RESIZE: "resizing",
    Source.SELECTION: "selecting text",
    Source.DRAG: "dragging",
}


@dataclass(frozen=True, slots=True)
class Point:
    """Where something is: pixels of the page (or of the iframe's page) that the node stands in."""

    x: float
    y: float
    node_id: int


@dataclass(frozen=True, slots=True)
class Press:
    """A click or touch, at a second of the session; `count` of them at one place."""

    at_s: float
    point: Point
    count: int = 1


class Hand:
    """Follows the events of a session in order of time."""

    def __init__(self) -> None:
        self.pointers: Final[dict[int, Point]] = {}
        self.touches = False
        self._presses: list[tuple[int, Press]] = []
        self._done: Counter[str] = Counter()

    def follow(self, event: Event, at_s: float) -> None:
        """Takes one event in; `at_s` is its second of the session."""
        self._done.update(_doing(event))
        if event.is_move:
            self.touches = event.source == Source.TOUCH_MOVE
            for position in objects(event.data.get("positions")):
                self._point(event.window, position.get("x"), position.get("y"), position.get("id"))
        elif event.source == Source.MOUSE_INTERACTION:
            self._interact(event, at_s)

    def presses(self, window: int, at_s: float, since_s: float) -> list[Press]:
        """The presses to be seen in this window at this second: fresh ones, and all after the last frame's second."""
        self._presses = [(tab, press) for tab, press in self._presses if press.at_s > min(since_s, at_s - LINGER_S)]
        seen: list[Press] = []
        for tab, press in self._presses:
            if tab == window:
                _gather(seen, press)
        return seen

    def said(self) -> str:
        """What was done since this was asked the last time, in a few words."""
        words = [f"{count} clicks" if what == "click" and count > 1 else what for what, count in self._done.items()]
        self._done.clear()
        return ", ".join(words)

    def _interact(self, event: Event, at_s: float) -> None:
        press = event.press
        if press is Interaction.TOUCH_START:
            self.touches = True
        if event.data.get("x") is not None and (press is not None or event.window not in self.pointers):
            self._point(event.window, event.data.get("x"), event.data.get("y"), event.data.get("id"))
        # A double click comes after its two clicks, and a click after its touch.
        if press in (Interaction.CLICK, Interaction.CONTEXT_MENU, Interaction.TOUCH_START):
            at = self.pointers.get(event.window)
            after_touch = press is Interaction.CLICK and self.touches
            if at is not None and not after_touch:
                self._presses.append((event.window, Press(at_s, at)))

    def _point(self, window: int, x: object, y: object, node_id: object) -> None:
        left, top = (finite(value) if isinstance(value, int | float) else None for value in (x, y))
        if left is not None and top is not None:
            self.pointers[window] = Point(left, top, node_id if isinstance(node_id, int) else 0)


def _doing(event: Event) -> list[str]:
    if event.press in (Interaction.CLICK, Interaction.CONTEXT_MENU):
        return ["click"]
    if whole(event.data.get("type")) == Interaction.TOUCH_START and event.source == Source.MOUSE_INTERACTION:
        return ["touch"]
    source = event.source
    return [_DOING[Source(source)]] if source in _DOING else []


def _gather(seen: list[Press], press: Press) -> None:
    """Adds a press, to one at the same place where there is one."""
    for place, other in enumerate(seen):
        near = abs(other.point.x - press.point.x) + abs(other.point.y - press.point.y) <= _SAME_PLACE_PX
        if near and other.point.node_id == press.point.node_id:
            seen[place] = Press(press.at_s, press.point, other.count + 1)
            return
    seen.append(press)
