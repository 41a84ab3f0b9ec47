"""What the windows of a recording show, by kind and in order of time: presses, moves, scrolls, changes, errors.

Belongs here: reading rrweb's events. What counts as a sign of trouble among them is `signs.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from user_intel.watch.events import Event, Interaction, Json, JsonValue, Kind, Source, finite, objects, whole

# A press that a browser tells twice, as touch and as click, is one.
_SAME_PRESS_S = 0.05
# Nodes that react in ways a recording does not show, or are pressed without wanting a change at once.
_QUIET_TAGS = frozenset({"a", "input", "textarea", "select", "option", "video", "audio", "canvas", "iframe", "summary"})
_BAD_STATUS = 400
# What a press may have done: the page changed, something was typed, selected, played or scrolled.
_CHANGES = frozenset(
    {
        Source.MUTATION, Source.INPUT, Source.SELECTION, Source.VIEWPORT_RESIZE, Source.STYLE_DECLARATION,
        Source.STYLE_SHEET_RULE, Source.MEDIA_INTERACTION, Source.CANVAS_MUTATION, Source.SCROLL,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Press:
    at_s: float
    node: int
    x: float
    y: float
    inert: bool


@dataclass
class Track:
    """What one window of a recording shows, by kind, each in order of time (seconds of the session)."""

    presses: list[Press] = field(default_factory=list)
    moves: list[tuple[float, float, float]] = field(default_factory=list)
    scrolls: list[tuple[float, int, float]] = field(default_factory=list)
    # What a press may have done: the page changed, another was loaded, something was selected or scrolled.
    changes: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    deeds: list[float] = field(default_factory=list)
    tags: dict[int, tuple[str, int | None]] = field(default_factory=dict)


def tracks_of(events: Iterable[Event], started_ms: int) -> dict[int, Track]:
    """The track of each window, from events in order of time; seconds count from `started_ms`."""
    tracks: dict[int, Track] = defaultdict(Track)
    errors: list[float] = []
    for event in events:
        at_s = (event.at_ms - started_ms) / 1000
        _note(tracks[event.window], event, at_s)
        if _is_error(event):
            errors.append(at_s)
    for track in tracks.values():
        # Errors are told of the window that was in front, which need not be the one pressed in.
        track.errors = errors
    return dict(tracks)


def _note(track: Track, event: Event, at_s: float) -> None:
    if event.kind in (Kind.FULL_SNAPSHOT, Kind.META) or event.source in _CHANGES:
        track.changes.append(at_s)
    if event.is_active and event.kind == Kind.INCREMENTAL:
        track.deeds.append(at_s)
    if event.kind == Kind.FULL_SNAPSHOT:
        track.tags.clear()
        _learn(track, event.data.get("node"), None)
    elif event.source == Source.MUTATION:
        for added in objects(event.data.get("adds")):
            _learn(track, added.get("node"), whole(added.get("parentId")))
    elif event.source == Source.SCROLL:
        track.scrolls.append((at_s, whole(event.data.get("id")) or 0, finite(event.data.get("y")) or 0.0))
    elif event.source == Source.MOUSE_MOVE:
        for place in objects(event.data.get("positions")):
            track.moves.append((at_s, finite(place.get("x")) or 0.0, finite(place.get("y")) or 0.0))
    elif event.press is not None and event.press != Interaction.CONTEXT_MENU:
        _press(track, event.data, at_s)


def _learn(track: Track, node: JsonValue, parent: int | None) -> None:
    waiting: list[tuple[JsonValue, int | None]] = [(node, parent)]
    while waiting:
        each, above = waiting.pop()
        if not isinstance(each, dict):
            continue
        number, tag = whole(each.get("id")), each.get("tagName")
        if number is not None:
            track.tags[number] = (tag.lower() if isinstance(tag, str) else "", above)
        waiting += [(child, number) for child in objects(each.get("childNodes"))]


def _press(track: Track, data: Json, at_s: float) -> None:
    node = whole(data.get("id")) or 0
    last = track.presses[-1] if track.presses else None
    if last and last.node == node and at_s - last.at_s < _SAME_PRESS_S:
        return
    x, y = finite(data.get("x")) or 0.0, finite(data.get("y")) or 0.0
    track.presses.append(Press(at_s, node, x, y, is_quiet(track, node)))


def is_quiet(track: Track, node: int) -> bool:
    """Whether the node, or one it stands in, is a link, a field or the like; unknown nodes count as such."""
    at: int | None = node
    if node not in track.tags:
        return True
    for _ in range(64):
        if at is None or at not in track.tags:
            return False
        tag, at = track.tags[at]
        if tag in _QUIET_TAGS:
            return True
    return False


def _is_error(event: Event) -> bool:
    """An error on the browser's console, or a request that failed."""
    payload = event.data.get("payload")
    if event.kind != Kind.PLUGIN or not isinstance(payload, dict):
        return False
    if payload.get("level") == "error":
        return True
    statuses = (finite(each.get("status")) for each in objects(payload.get("requests")))
    return any(status is not None and status >= _BAD_STATUS for status in statuses)
