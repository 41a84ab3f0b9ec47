"""The shapes in which recordings are kept, taken apart into rrweb events; PostHog's `cv` compression undone.

Known: an rrweb event; PostHog's line `["<window>", {event}]`, its older `{"window_id", "data": [events]}`, its capture
`{"event": "$snapshot", "properties": {"$snapshot_data", "$window_id"}}`, its export to a file
(`{"data": {"snapshots": [...]}}`, each with a windowId), a bare page (`{"node", "initialOffset"}`, the data of a full
snapshot), and lists or `{"events": [...]}` of any of these.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Final

from user_intel.watch.events import Json, JsonValue, Kind, Source, text_of, whole

CV_KNOWN: Final = "2024-10"
_GZIP_BITS: Final = 31
_DEEPEST: Final = 5
_LIST_NAMES: Final = ("snapshots", "events", "data", "$snapshot_data")
_WINDOW_NAMES: Final = ("window_id", "windowId", "$window_id")
_PACKED_MUTATION: Final = ("texts", "attributes", "removes", "adds")
_PACKED_RULES: Final = ("adds", "removes")


class UnknownCompression(ValueError):
    """An event is packed in a way that is not known, or its packing is damaged."""


def events_in(value: JsonValue, window: str = "", depth: int = 0) -> Iterator[tuple[str, Json]]:
    """The rrweb events of a value, each with the id of its window ("" where it has none), as they stand there.

    Yields an empty object for what is none of the known shapes, so that it can be counted.
    """
    if depth > _DEEPEST:
        yield window, {}
    elif isinstance(value, list):
        yield from _in_list(value, window, depth)
    elif isinstance(value, dict):
        yield from _in_object(value, window, depth)
    else:
        yield window, {}


def _in_list(value: list[JsonValue], window: str, depth: int) -> Iterator[tuple[str, Json]]:
    if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict | list):
        yield from events_in(value[1], value[0], depth + 1)
        return
    for item in value:
        yield from events_in(item, window, depth + 1)


def _in_object(value: Json, window: str, depth: int) -> Iterator[tuple[str, Json]]:
    window = next((found for name in _WINDOW_NAMES if (found := text_of(value.get(name)))), window)
    if "timestamp" in value and "type" in value:
        yield window, value
        return
    if isinstance(value.get("node"), dict):
        yield window, {"type": Kind.FULL_SNAPSHOT, "timestamp": 0, "data": value}
        return
    if isinstance(properties := value.get("properties"), dict):
        yield from events_in(properties, window, depth + 1)
        return
    for name in _LIST_NAMES:
        inner = _opened(value.get(name))
        if isinstance(inner, dict | list):
            yield from events_in(inner, window, depth + 1)
            return
    yield window, {}


def _opened(value: JsonValue) -> JsonValue:
    """A list that was kept as JSON text within JSON."""
    if not isinstance(value, str):
        return value
    try:
        opened: JsonValue = json.loads(value)
    except (json.JSONDecodeError, RecursionError):
        return None
    return opened


def unpacked(event: Json) -> Json:
    """The data of an event without PostHog's compression. Raises UnknownCompression where that cannot be undone."""
    data = event.get("data")
    version = event.get("cv")
    if version is None:
        return data if isinstance(data, dict) else {}
    if version != CV_KNOWN:
        raise UnknownCompression
    if isinstance(data, str):
        data = _gunzipped(data)
    if not isinstance(data, dict):
        return {}
    return {**data, **{name: _gunzipped(data[name]) for name in _packed(event, data) if isinstance(data[name], str)}}


def _packed(event: Json, data: Json) -> list[str]:
    if event.get("type") != Kind.INCREMENTAL:
        return []
    source = whole(data.get("source"))
    names = _PACKED_MUTATION if source == Source.MUTATION else _PACKED_RULES
    return [name for name in names if name in data] if source in (Source.MUTATION, Source.STYLE_SHEET_RULE) else []


def _gunzipped(packed: JsonValue) -> JsonValue:
    """What was JSON, then gzip, then a text with one character a byte; an empty text stands for nothing."""
    if not packed:
        return []
    try:
        unpacked: JsonValue = json.loads(zlib.decompress(text_of(packed).encode("latin-1"), _GZIP_BITS))
    except (UnicodeEncodeError, zlib.error, json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnknownCompression from error
    return unpacked
