"""`POST /api/projects/:id/query/` and its asynchronous side (posthog.md section 2)."""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from user_intel.simulate.access import RateLimits, admit
from user_intel.simulate.faults import too_heavy
from user_intel.simulate.hogql import translate
from user_intel.simulate.journal import Entry
from user_intel.simulate.knobs import Knobs
from user_intel.simulate.refusal import Refusal, crowded, invalid, not_found
from user_intel.simulate.store import Rows, Store

_MODES = {
    "blocking",
    "force_blocking",
    "async",
    "force_async",
    "lazy_async",
    "async_except_on_cache_miss",
    "force_cache",
}
_KEPT = timedelta(minutes=10)


@dataclass
class _Task:
    """An asynchronous query. `answer` is the whole JSON of its result, `refusal` what went wrong instead."""

    id: str
    started: datetime
    answer: bytes | None = None
    refusal: Refusal | None = None
    ended: datetime | None = None
    work: "asyncio.Task[None] | None" = None


@dataclass
class _Asked:
    """A query as it was sent."""

    query: dict[str, Any]
    refresh: str
    client_query_id: str
    text: str = ""
    values: dict[str, object] = field(default_factory=dict)
    project_time: bool = True

    @property
    def key(self) -> str:
        return json.dumps(self.query, sort_keys=True)


class Queries:
    """Answers queries from the store, from memory where the caller allows it, three at a time."""

    def __init__(self, store: Store, knobs: Knobs, limits: RateLimits) -> None:
        self._store, self._knobs, self._limits = store, knobs, limits
        self._answers: dict[str, tuple[datetime, Rows]] = {}
        self._tasks: dict[str, _Task] = {}
        self._running = 0
        self._vacancy = asyncio.Condition()

    def clear(self) -> None:
        """Forgets earlier answers and asynchronous queries."""
        self._answers.clear()
        self._tasks.clear()

    async def ask(self, request: Request) -> Response:
        """POST: the rows, or 202 with the status of an asynchronous query."""
        await admit(request, self._knobs, "query:read")
        self._limits.take("queries", self._knobs)
        asked = await _asked(request)
        earlier = self._answers.get(asked.key)
        if asked.refresh.startswith("force_async") or (asked.refresh in {"async", "lazy_async"} and earlier is None):
            return self._start(asked)
        if earlier is not None and not asked.refresh.startswith("force_"):
            return _json(200, self._envelope(asked, earlier[1], earlier[0], is_cached=True))
        entry: Entry = request.scope["entry"]
        async with _Place(self):
            rows = await self._run(asked)
        entry.rows, entry.seconds = rows.count, rows.seconds
        began = time.perf_counter()
        answer = self._envelope(asked, rows, datetime.now(UTC), is_cached=False)
        entry.seconds += time.perf_counter() - began
        return _json(200, answer)

    async def poll(self, request: Request) -> Response:
        """GET: how far an asynchronous query is, with its result once there."""
        await admit(request, self._knobs, "query:read")
        task = self._task(request)
        if task.refusal is not None:
            status = {**_status(task, self._knobs), "error_message": task.refusal.envelope["detail"]}
            return JSONResponse({"query_status": status}, 400 if task.refusal.status < 500 else 500)
        status = _status(task, self._knobs)
        if task.answer is None:
            return JSONResponse({"query_status": status}, 202)
        head = msgspec.json.encode({key: value for key, value in status.items() if key != "results"})
        return _json(200, b'{"query_status":' + head[:-1] + b',"results":' + task.answer + b"}}")

    async def cancel(self, request: Request) -> Response:
        """DELETE: stops an asynchronous query."""
        await admit(request, self._knobs, "query:read")
        task = self._task(request)
        if task.work is not None:
            task.work.cancel()
        del self._tasks[task.id]
        return Response(status_code=204)

    def _task(self, request: Request) -> _Task:
        task = self._tasks.get(request.path_params["query_id"])
        if task is None or (task.ended and datetime.now(UTC) - task.ended > _KEPT):
            raise not_found("Query not found.")
        return task

    def _start(self, asked: _Asked) -> Response:
        task = _Task(asked.client_query_id, datetime.now(UTC))
        self._tasks[task.id] = task
        task.work = asyncio.create_task(self._finish(task, asked))
        return JSONResponse({"query_status": _status(task, self._knobs)}, 202)

    async def _finish(self, task: _Task, asked: _Asked) -> None:
        try:
            rows = await self._run(asked)
            task.answer = self._envelope(asked, rows, datetime.now(UTC), is_cached=False)
        except Refusal as refusal:
            task.refusal = refusal
        task.ended = datetime.now(UTC)

    async def _run(self, asked: _Asked) -> Rows:
        statement = translate(asked.text, asked.values)
        await asyncio.sleep(self._knobs.latency_s)
        rows = await asyncio.to_thread(self._store.ask, statement, "project" if asked.project_time else "utc")
        if self._knobs.heavy_rows is not None and rows.count > self._knobs.heavy_rows:
            raise too_heavy(self._knobs.heavy_status)
        self._answers[asked.key] = (datetime.now(UTC), rows)
        return rows

    def _envelope(self, asked: _Asked, rows: Rows, calculated: datetime, is_cached: bool) -> bytes:
        """The answer in PostHog's keys. The rows are spliced in as ClickHouse wrote them."""
        paged = {} if rows.page is None else {"hasMore": rows.more, "limit": rows.page, "offset": 0}
        instant = calculated.isoformat().replace("+00:00", "Z")
        before = {
            "cache_key": f"cache_{uuid.uuid5(uuid.NAMESPACE_OID, asked.key).hex}",
            "cache_target_age": None,
            "calculation_trigger": None,
            "clickhouse": None,
            "columns": rows.columns,
            "error": None,
            "explain": None,
            "hogql": asked.text,
            "is_cached": is_cached,
            "last_refresh": instant,
            "metadata": None,
            "modifiers": {"convertToProjectTimezone": asked.project_time},
            "next_allowed_client_refresh": instant,
            "query": asked.query,
            "query_status": None,
            "resolved_date_range": None,
            **paged,
        }
        after = {
            "timezone": self._knobs.timezone,
            "timings": [{"k": "./clickhouse_execute", "t": round(rows.seconds, 6)}],
            "types": rows.types,
        }
        encode = msgspec.json.encode
        return b"".join([encode(before)[:-1], b',"results":', rows.body, b",", encode(after)[1:]])

    async def enter(self) -> None:
        """Waits for one of the places an organisation has; 429 when none is free in time."""
        async with self._vacancy:
            try:
                await asyncio.wait_for(
                    self._vacancy.wait_for(lambda: self._running < self._knobs.max_concurrent),
                    self._knobs.queue_wait_s,
                )
            except TimeoutError:
                raise crowded(self._knobs.max_concurrent) from None
            self._running += 1

    async def leave(self) -> None:
        """Frees the place."""
        async with self._vacancy:
            self._running -= 1
            self._vacancy.notify()


class _Place:
    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def __aenter__(self) -> None:
        await self._queries.enter()

    async def __aexit__(self, *_: object) -> None:
        await self._queries.leave()


async def _asked(request: Request) -> _Asked:
    if not request.headers.get("content-type", "").startswith("application/json"):
        kind = request.headers.get("content-type", "")
        raise Refusal(415, "validation_error", "unsupported_media_type", f'Unsupported media type "{kind}" in request.')
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise Refusal(400, "invalid_request", "parse_error", f"JSON parse error - {error}") from None
    query = body.get("query") if isinstance(body, dict) else None
    if not isinstance(query, dict):
        raise invalid("required", "This field is required.", "query")
    if query.get("kind") != "HogQLQuery" or not isinstance(query.get("query"), str):
        raise invalid("invalid_input", "This stand-in answers queries of kind HogQLQuery only.", "query")
    refresh = str(body.get("refresh") or ("async" if body.get("async") else "blocking"))
    if refresh not in _MODES:
        raise invalid("invalid_input", f'"{refresh}" is not a valid choice.', "refresh")
    modifiers = query.get("modifiers") or {}
    return _Asked(
        query=query,
        refresh=refresh,
        client_query_id=str(body.get("client_query_id") or uuid.uuid4()),
        text=query["query"],
        values=dict(query.get("values") or {}),
        project_time=modifiers.get("convertToProjectTimezone") is not False,
    )


def _status(task: _Task, knobs: Knobs) -> dict[str, Any]:
    def written(instant: datetime | None) -> str | None:
        return instant.isoformat().replace("+00:00", "Z") if instant else None

    return {
        "id": task.id,
        "team_id": knobs.project_id,
        "complete": task.ended is not None,
        "error": task.refusal is not None,
        "error_message": None,
        "results": None,
        "start_time": written(task.started),
        "end_time": written(task.ended),
        "pickup_time": written(task.started),
        "expiration_time": written(task.ended + _KEPT if task.ended else None),
        "task_id": task.id,
        "query_async": True,
        "query_progress": None,
        "labels": None,
        "insight_id": None,
        "dashboard_id": None,
    }


def _json(status: int, body: bytes) -> Response:
    return Response(body, status, media_type="application/json")
