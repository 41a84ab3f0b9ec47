"""rrweb's vocabulary: what an event of a recording is, and careful ways to read its JSON.

A recording comes from outside, so nothing about its JSON is taken for granted: every reader here returns an empty value
for a shape it does not know. The numbers are those of rrweb's `packages/types`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
Json: TypeAlias = "dict[str, JsonValue]"


class Kind(IntEnum):
    """What an event is; rrweb's EventType."""

    DOM_CONTENT_LOADED = 0
    LOAD = 1
    FULL_SNAPSHOT = 2
    INCREMENTAL = 3
    META = 4
    CUSTOM = 5
    PLUGIN = 6


class Source(IntEnum):
    """What an incremental event tells of; rrweb's IncrementalSource."""

    MUTATION = 0
    MOUSE_MOVE = 1
    MOUSE_INTERACTION = 2
    SCROLL = 3
    VIEWPORT_RESIZE = 4
    INPUT = 5
    TOUCH_MOVE = 6
    MEDIA_INTERACTION = 7
    STYLE_SHEET_RULE = 8
    CANVAS_MUTATION = 9
    FONT = 10
    LOG = 11
    DRAG = 12
    STYLE_DECLARATION = 13
    SELECTION = 14
    ADOPTED_STYLE_SHEET = 15
    CUSTOM_ELEMENT = 16


class Interaction(IntEnum):
    """What a mouse or a finger did; rrweb's MouseInteractions."""

    MOUSE_UP = 0
    MOUSE_DOWN = 1
    CLICK = 2
    CONTEXT_MENU = 3
    DOUBLE_CLICK = 4
    FOCUS = 5
    BLUR = 6
    TOUCH_START = 7
    TOUCH_MOVE_DEPARTED = 8
    TOUCH_END = 9
    TOUCH_CANCEL = 10


class NodeType(IntEnum):
    """What a serialised node is; rrweb's NodeType."""

    DOCUMENT = 0
    DOCUMENT_TYPE = 1
    ELEMENT = 2
    TEXT = 3
    CDATA = 4
    COMMENT = 5


# Without one of these for a while nobody is doing anything (PostHog's segmenter): mutations alone are no activity.
_ACTIVE_KINDS = frozenset({Kind.META, Kind.FULL_SNAPSHOT})
_ACTIVE_SOURCES = frozenset(
    {
        Source.MOUSE_MOVE, Source.MOUSE_INTERACTION, Source.SCROLL, Source.VIEWPORT_RESIZE, Source.INPUT,
        Source.TOUCH_MOVE, Source.MEDIA_INTERACTION, Source.DRAG,
    }
)  # fmt: skip
_MOVES = frozenset({Source.MOUSE_MOVE, Source.TOUCH_MOVE, Source.DRAG})
PRESSES = frozenset({Interaction.CLICK, Interaction.DOUBLE_CLICK, Interaction.CONTEXT_MENU, Interaction.TOUCH_START})


@dataclass(frozen=True, slots=True)
class Event:
    """One rrweb event. `at_ms` is Unix time in milliseconds, `window` the place of its tab in `Recording.windows`."""

    at_ms: int
    window: int
    kind: int
    data: Json

    @property
    def source(self) -> int | None:
        """What an incremental event tells of; None for every other kind."""
        return whole(self.data.get("source")) if self.kind == Kind.INCREMENTAL else None

    @property
    def is_active(self) -> bool:
        """Whether it shows that somebody is there: the page changed over, or a hand moved."""
        return self.kind in _ACTIVE_KINDS or self.source in _ACTIVE_SOURCES

    @property
    def is_move(self) -> bool:
        """Whether it holds a position of a pointer: one, at its own time (`recording.py` takes them apart)."""
        return self.source in _MOVES

    @property
    def press(self) -> Interaction | None:
        """The click, double click or touch it is; None for everything else."""
        if self.source != Source.MOUSE_INTERACTION:
            return None
        done = whole(self.data.get("type"))
        return Interaction(done) if done in PRESSES else None


def whole(value: JsonValue) -> int | None:
    """A JSON number as a whole one; None for anything else."""
    number = finite(value)
    return None if number is None else int(number)


def finite(value: JsonValue) -> float | None:
    """A JSON number that is one; None for anything else, also for truth values."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def objects(value: JsonValue) -> list[Json]:
    """The objects of a JSON list, without what is none; [] for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(value: JsonValue) -> str:
    """A JSON string; "" for anything else."""
    return value if isinstance(value, str) else ""
