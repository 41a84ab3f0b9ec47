"""What a recording holds, as PostHog serves it: sources, blocks of JSON lines, refusals (posthog.md section 4.4)."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from user_intel.simulate.access import RateLimits, admit
from user_intel.simulate.knobs import Knobs
from user_intel.simulate.refusal import invalid, not_found
from user_intel.simulate.replays import Happening, RrwebEvent, replay_of
from user_intel.simulate.site import Friction, Step
from user_intel.simulate.store import Store

_MOST_KEYS = 20
_BLOCK_MS = 10_000
_COMPRESSED = "2024-10"


@dataclass(frozen=True)
class Block:
    """One stored piece of a recording: its time span and its lines."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


class Snapshots:
    """Answers about what recordings hold."""

    def __init__(
        self, store: Store, knobs: Knobs, limits: RateLimits, steps: Sequence[Step], frictions: Sequence[Friction]
    ) -> None:
        self._store, self._knobs, self._limits = store, knobs, limits
        self._steps, self._frictions = steps, frictions
        self._blocks = lru_cache(maxsize=64)(self._make_blocks)

    async def get(self, request: Request) -> Response:
        """GET P/session_recordings/:id/snapshots/: the sources, or the blocks of a range of keys."""
        await admit(request, self._knobs, "session_recording:read")
        self._limits.take("clickhouse", self._knobs)
        self._limits.take("recordings", self._knobs)
        blocks = await run_in_threadpool(self._blocks, request.path_params["recording_id"])
        source = request.query_params.get("source")
        if source is None:
            return JSONResponse({"sources": [_source(number, block) for number, block in enumerate(blocks)]})
        if source not in ("blob_v2", "blob_v2_lts"):
            raise invalid("invalid_input", f"Invalid source must be one of [blob_v2, blob_v2_lts]: {source}", "source")
        first, last = _key(request, "start_blob_key"), _key(request, "end_blob_key")
        if last - first > _MOST_KEYS:
            raise invalid("invalid_input", f"Cannot request more than {_MOST_KEYS} blob keys at once")
        if first > last or last >= len(blocks):
            raise not_found("Block index out of range")
        # PostHog sends the blocks it could load, and says nothing of the others.
        kept = [n for n in range(first, last + 1) if n not in self._knobs.missing_blocks]
        lines = [line for number in kept for line in blocks[number].lines]
        headers = {"Cache-Control": "max-age=3600"}
        return Response("\n".join(lines), media_type="application/jsonl", headers=headers)

    def _make_blocks(self, recording_id: str) -> tuple[Block, ...]:
        span = self._rows("recorded_span", recording_id)
        if not span:
            raise not_found("Recording not found")
        happenings = [Happening(**row) for row in self._rows("recorded_session", recording_id)]
        replay = replay_of(recording_id, happenings, int(span[0]["end_ms"]), self._steps, self._frictions)
        old = sum(recording_id.encode()) % 5 == 0
        return tuple(_cut(replay.events, old=old))

    def _rows(self, name: str, recording_id: str) -> list[dict[str, Any]]:
        raw = self._store.own(name, "JSON", {"session": recording_id})
        rows: list[dict[str, Any]] = json.loads(raw)["data"]
        return [{key: int(value) if key.endswith("_ms") else value for key, value in row.items()} for row in rows]


def _cut(events: Sequence[tuple[str, RrwebEvent]], *, old: bool) -> list[Block]:
    """The events in blocks of ten seconds; recordings of an `old` library have another shape of line."""
    blocks: list[Block] = []
    waiting: list[tuple[str, RrwebEvent]] = []
    for window, event in events:
        if waiting and event["timestamp"] - waiting[0][1]["timestamp"] >= _BLOCK_MS:
            blocks.append(_block(waiting, old=old))
            waiting = []
        waiting.append((window, event))
    return [*blocks, _block(waiting, old=old)] if waiting else blocks


def _block(events: Sequence[tuple[str, RrwebEvent]], *, old: bool) -> Block:
    if old:
        windows = dict.fromkeys(window for window, _ in events)
        lines = [{"window_id": w, "data": [event for each, event in events if each == w]} for w in windows]
    else:
        lines = [[window, _compressed(event)] for window, event in events]  # type: ignore[misc]
    told = tuple(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    return Block(events[0][1]["timestamp"], events[-1][1]["timestamp"], told)


def _compressed(event: RrwebEvent) -> RrwebEvent:
    """As posthog-js sends it: snapshots whole, mutations member by member, gzipped into Latin-1 text."""
    data = event["data"]
    if event["type"] == 2:
        return {**event, "data": _packed(data), "cv": _COMPRESSED}
    if event["type"] == 3 and data["source"] == 0:
        packed = {name: _packed(data[name]) for name in ("texts", "attributes", "removes", "adds")}
        return {**event, "data": {**data, **packed}, "cv": _COMPRESSED}
    return event


def _packed(content: object) -> str:
    # No time of packing inside: the same recording is the same bytes.
    return gzip.compress(json.dumps(content).encode(), mtime=0).decode("latin-1")


def _source(number: int, block: Block) -> dict[str, Any]:
    told = {name: _instant(at) for name, at in (("start_timestamp", block.start_ms), ("end_timestamp", block.end_ms))}
    return {"source": "blob_v2", **told, "blob_key": str(number)}


def _instant(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _key(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not text.isdigit():
        raise invalid("invalid_input", f"Must provide {name} as an integer", name)
    return int(text)
