"""What surrounds every request: it is noted, may meet a fault, and learns whether its address is deprecated."""

import asyncio
import json
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from user_intel.simulate.faults import FaultBook, refusal_of
from user_intel.simulate.journal import Entry, Journal
from user_intel.simulate.knobs import Fault

_DEPRECATED = (
    (b"deprecation", b"true"),
    (b"sunset", b"Wed, 30 Jun 2027 00:00:00 GMT"),
    (b"link", b'</api/projects/>; rel="successor-version"'),
)


class Watched:
    """The application, watched. Requests to the stand-in's own pages (`/_stand_in/`) are let through unseen."""

    def __init__(self, app: ASGIApp, journal: Journal, faults: FaultBook) -> None:
        self._app, self._journal, self._faults = app, journal, faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http" or scope["path"].startswith("/_stand_in"):
            await self._app(scope, receive, send)
            return
        body = await _whole_body(receive)
        entry = _entry(scope, body)
        self._journal.add(entry)
        scope["entry"] = entry
        # Routes are declared with an optional trailing slash; asking without one is not redirected.
        scope["path"] = scope["path"].rstrip("/") + "/"
        asks = scope["path"].endswith("/query/")
        self._journal.in_flight += asks
        entry.in_flight = self._journal.in_flight
        try:
            await self._answer(scope, _replayed(body, receive), _noting(entry, _marking(scope, send)))
        finally:
            self._journal.in_flight -= asks

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        entry: Entry = scope["entry"]
        fault = self._faults.next_for(f"{entry.path} {entry.name} {entry.query}")
        if fault is None:
            await self._app(scope, receive, send)
            return
        entry.fault = fault.fault
        if refusal := refusal_of(fault):
            await refusal(scope, receive, send)
        elif fault.fault == "slow":
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _cutting(fault, send))


def _entry(scope: Scope, body: bytes) -> Entry:
    entry = Entry(at=time.time(), method=scope["method"], path=scope["path"])
    try:
        content = json.loads(body) if body else {}
    except ValueError:
        return entry
    if isinstance(content, dict):
        query = content.get("query")
        inner: dict[str, Any] = query if isinstance(query, dict) else {}
        entry.name = str(content.get("name") or inner.get("name") or "")
        entry.query = str(inner.get("query") or "")
        entry.refresh = str(content.get("refresh") or "")
    return entry


async def _whole_body(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _noting(entry: Entry, send: Send) -> Send:
    async def noting(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            entry.status = message["status"]
        else:
            entry.bytes += len(message.get("body", b""))
        await send(message)

    return noting


def _marking(scope: Scope, send: Send) -> Send:
    async def marking(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and scope["path"].startswith("/api/environments/"):
            message["headers"] = [*message.get("headers", []), *_DEPRECATED]
        await send(message)

    return marking


def _cutting(fault: Fault, send: Send) -> Send:
    """Half of the answer: either as if it were all of it, or with the connection closed in the middle."""
    opening: Message = {}

    async def cutting(message: MutableMapping[str, Any]) -> None:
        nonlocal opening
        if message["type"] == "http.response.start":
            opening = message
            return
        body = message.get("body", b"")
        half = body[: len(body) // 2]
        if fault.fault == "truncated":
            kept = [pair for pair in opening["headers"] if pair[0].lower() != b"content-length"]
            opening["headers"] = [*kept, (b"content-length", str(len(half)).encode())]
        await send(opening)
        # Uvicorn closes the connection when an answer is left unfinished.
        await send({"type": "http.response.body", "body": half, "more_body": fault.fault == "broken"})

    return cutting
