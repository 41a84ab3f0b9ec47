"""The three APIs of language models, played over a real socket, built from their published reference.

One server speaks Anthropic's Messages, OpenAI's Chat Completions and Gemini's generateContent. It refuses requests that
the real ones would refuse (key, model, unknown fields, schemas that strict output does not know) and otherwise plays
the moves it was given, in order, then answers with `answers`. What it says has the shape of recorded answers.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

from user_intel_tests.llm import anthropic_api, batch_api, gemini_api, openai_api
from user_intel_tests.llm.played import Refusal, Request

KEY = "sk-secret-key-that-must-not-leak-4711"
MODEL = "stand-in-1"


@dataclass(frozen=True)
class Says:
    """An answer with status 200: its text, how it ended, what it took."""

    text: str
    end: Literal["done", "cut_off", "refused", "filtered"] = "done"
    input_tokens: int = 1_200
    output_tokens: int = 300
    cached_tokens: int = 0
    written_tokens: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Fails:
    """An error status in the API's own envelope."""

    status: int
    words: str = "Something went wrong"
    retry_after: str | None = None
    code: str = ""


@dataclass(frozen=True)
class Hangs:
    """No answer for so long; the client is expected to have left by then."""

    seconds: float


@dataclass(frozen=True)
class Drops:
    """The connection ends in the middle of the body."""


@dataclass(frozen=True)
class Page:
    """A page for people with status 200, as of a proxy."""

    text: str = "<html><title>Welcome</title></html>"


Move = Says | Fails | Hangs | Drops | Page


@dataclass
class StandIn:
    """The running server. `requests` are those that were received; `moves` those still to be played."""

    url: str
    answers: Callable[[Request], Move]
    models: set[str]
    key: str
    store: gemini_api.Store
    desk: batch_api.Desk
    # Moves on a step of the Files API: start, upload, get or delete.
    file_moves: dict[str, deque[Move]] = field(default_factory=lambda: defaultdict(deque))
    moves: deque[Move] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    busiest: int = 0
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def asked(self) -> list[Request]:
        """The requests for an answer."""
        return [request for request in self.requests if request.asks]

    def play(self, *moves: Move) -> None:
        """Adds moves to be played before any other."""
        self.moves.extend(moves)

    def play_on(self, step: Literal["start", "upload", "get", "delete"], *moves: Move) -> None:
        """Adds moves to be played on a step of the Files API before it works."""
        self.file_moves[step].extend(moves)

    def next_move(self, request: Request) -> Move:
        """What is to be done with this request."""
        with self._lock:
            return self.moves.popleft() if self.moves else self.answers(request)

    @contextmanager
    def serving(self, request: Request) -> Iterator[None]:
        """Notes a request, and how many there are together."""
        with self._lock:
            self.requests.append(request)
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1


@contextmanager
def running(
    answers: Callable[[Request], Move] | None = None, *, models: set[str] | None = None, key: str = KEY
) -> Iterator[StandIn]:
    """A stand-in for all three APIs; `answers` says what is answered when no moves are left."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    url = f"http://127.0.0.1:{server.server_address[1]}"
    server.stand_in = StandIn(
        url, answers or (lambda _: Says("{}")), models or {MODEL}, key, gemini_api.Store(url), batch_api.Desk(url)
    )  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.stand_in  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        stand_in: StandIn = self.server.stand_in  # type: ignore[attr-defined]
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, raw)
        # An upload goes to an address that needs no key.
        is_file = stand_in.store.is_for(request)
        api = (
            gemini_api
            if is_file
            else next(api for api in (gemini_api, openai_api, anthropic_api) if api.is_for(request))
        )
        with stand_in.serving(request):
            try:
                if stand_in.desk.is_for(request):
                    self._send(200, stand_in.desk.answer(request, self._batched))
                    return
                store = stand_in.store
                if store.is_for(request):
                    step = store.step(request)
                    if moves := stand_in.file_moves[step]:
                        self._play(api, request, moves.popleft())
                    else:
                        body, headers = store.answer(request)
                        self._send(200, body, headers)
                    return
                api.examine(request, stand_in.key, stand_in.models, store)
                if not request.asks:
                    self._send(200, api.listed(request, stand_in.models))
                    return
                self._play(api, request, stand_in.next_move(request))
            except Refusal as refusal:
                self._send(refusal.status, api.error(refusal.status, str(refusal), refusal.code))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    def _batched(self, api: Any, request: Request) -> tuple[int, dict[str, Any]]:
        stand_in: StandIn = self.server.stand_in  # type: ignore[attr-defined]
        try:
            api.examine(request, stand_in.key, stand_in.models, stand_in.store)
        except Refusal as refusal:
            return refusal.status, api.error(refusal.status, str(refusal), refusal.code)
        move = stand_in.next_move(request)
        if isinstance(move, Fails):
            return move.status, api.error(move.status, move.words, move.code)
        assert isinstance(move, Says)
        return 200, api.answer(request, move)

    def _play(self, api: Any, request: Request, move: Move) -> None:
        if isinstance(move, Fails):
            if api is gemini_api:
                # This one says in the body when to come back.
                self._send(move.status, api.error(move.status, move.words, move.code, move.retry_after))
                return
            headers = {"retry-after": move.retry_after} if move.retry_after else {}
            self._send(move.status, api.error(move.status, move.words, move.code), headers)
        elif isinstance(move, Hangs):
            time.sleep(move.seconds)
            self.close_connection = True
        elif isinstance(move, Drops):
            body = json.dumps(api.answer(request, Says("{}"))).encode()
            self._head(200, len(body), {})
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.connection.close()
            self.close_connection = True
        elif isinstance(move, Page):
            self._send(200, move.text, {"content-type": "text/html"})
        else:
            time.sleep(move.seconds)
            self._send(200, api.answer(request, move))

    def _send(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self._head(status, len(data), headers or {})
        self.wfile.write(data)

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
