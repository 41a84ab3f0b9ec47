"""The stand-in's process: `python -m user_intel_tests.act.stand_in.server cloud|server`. It ends when its parent does.

Jira's paths are below `/rest/api/3` (Cloud) or `/rest/api/2` (Server), the stand-in's own below `/_stand_in/`.
"""

import base64
import dataclasses
import email
import email.policy
import json
import os
import re
import select
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from user_intel_tests.act.stand_in import TOKEN, USER
from user_intel_tests.act.stand_in.contract import GONE, Contract
from user_intel_tests.act.stand_in.knobs import Fault, FaultBook, Knobs
from user_intel_tests.act.stand_in.refusal import Refusal
from user_intel_tests.act.stand_in.world import World

_HTML = "<html><head><title>Log in - Jira</title></head><body>Please log in.</body></html>"
_AFTER = {"lost_answer", "500_after", "half_answer", "html", "odd_json", "bad_gzip"}


@dataclasses.dataclass
class Asked:
    """A request, read."""

    method: str
    path: str
    query: dict[str, str]
    kind: str
    body: Any
    file: tuple[str, bytes] | None = None


@dataclasses.dataclass
class Answer:
    """What is sent back; `content` instead of `body` where it is no JSON."""

    status: int
    body: Any = None
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    content: bytes | None = None

    def payload(self) -> bytes:
        """The bytes."""
        if self.content is not None:
            return self.content
        return b"" if self.status == 204 else json.dumps(self.body).encode()


class Jira:
    """Everything the stand-in answers with."""

    def __init__(self, flavour: str, url: str) -> None:
        self.flavour = flavour
        self.knobs, self.faults, self.contract = Knobs(), FaultBook(), Contract(flavour)
        self.world = World(flavour, self.knobs, url)
        self.requests: list[dict[str, Any]] = []
        self.violations: list[str] = []
        self.root = "/rest/api/3" if flavour == "cloud" else "/rest/api/2"
        self._lock = threading.Lock()
        self._routes = self._made_routes()

    def answer(self, asked: Asked, authorization: str) -> Answer | None:
        """What Jira says; None where the connection just breaks."""
        noted: dict[str, Any] = {
            **dataclasses.asdict(asked),
            "file": asked.file[0] if asked.file else None,
            "status": None,
        }
        with self._lock:
            self.requests.append(noted)
        fault = self.faults.next_for(f"{asked.method} {asked.path}")
        time.sleep(self.knobs.latency_s + (fault.seconds if fault and fault.fault == "slow" else 0.0))
        answer = self._before(fault)
        if answer is None and not (fault and fault.fault == "dropped"):
            answer = self._after(fault, self._true_answer(asked, authorization))
        noted["status"] = answer.status if answer else None
        return answer

    def own(self, method: str, what: str, content: Any) -> Answer:
        """The stand-in's own pages."""
        with self._lock:
            if method == "GET":
                pages = {"requests": self.requests, "violations": self.violations}
                tickets = [dataclasses.asdict(ticket) for ticket in self.world.tickets]
                return Answer(200, pages.get(what, tickets))
            if what == "faults":
                self.faults.add(Fault(**content))
            elif what == "clear":
                self.faults.clear()
                self.world.clear()
                self.requests.clear()
                self.violations.clear()
                self._turn(dataclasses.asdict(Knobs()) | content)
            elif what == "knobs":
                self._turn(content)
            else:
                self.world.change(what.partition("/")[2], content)
            return Answer(204)

    def _turn(self, knobs: dict[str, Any]) -> None:
        for name, value in knobs.items():
            if not hasattr(self.knobs, name):
                raise Refusal(400, [f"there is no knob {name}"])
            setattr(self.knobs, name, value)

    def _true_answer(self, asked: Asked, authorization: str) -> Answer:
        if authorization != self._expected_authorization():
            return _unauthorized(self.flavour)
        if self.flavour == "cloud" and asked.path in GONE:
            return Answer(410, {"errorMessages": ["The requested API has been removed. Please migrate."], "errors": {}})
        faults = self.contract.request_faults(asked.method, asked.path, asked.query, asked.kind, asked.body)
        with self._lock:
            self.violations += faults
            if faults:
                return Answer(400, {"errorMessages": [f"Not what the API describes: {faults[0]}"], "errors": {}})
            try:
                answer = self._served(asked)
            except Refusal as refusal:
                return Answer(refusal.status, refusal.body, refusal.headers)
            told = self.contract.answer_faults(asked.method, asked.path, answer.status, answer.body)
            self.violations += told
            return answer

    def _served(self, asked: Asked) -> Answer:
        for method, pattern, serve in self._routes:
            if method == asked.method and (found := pattern.fullmatch(asked.path.removeprefix(self.root))):
                return serve(asked, *map(unquote, found.groups()))
        raise Refusal(404, ["No such resource."])

    def _made_routes(self) -> list[tuple[str, re.Pattern[str], Callable[..., Answer]]]:
        world = self.world
        issue = r"/issue/([^/]+)"
        routes: list[tuple[str, str, Callable[..., Answer]]] = [
            ("GET", "/myself", lambda _: Answer(200, world.myself())),
            ("GET", "/serverInfo", lambda _: Answer(200, world.server_info())),
            ("GET", "/mypermissions", lambda asked: Answer(200, world.permissions(asked.query))),
            (
                "GET",
                "/project/search" if self.flavour == "cloud" else "/project",
                lambda _: Answer(200, world.projects()),
            ),
            ("GET", "/issue/createmeta/([^/]+)/issuetypes", lambda a, p: Answer(200, world.issue_types(p, a.query))),
            (
                "GET",
                "/issue/createmeta/([^/]+)/issuetypes/([^/]+)",
                lambda a, p, t: Answer(200, world.form(p, t, a.query)),
            ),
            ("POST", "/issue", lambda asked: Answer(201, world.create(asked.body))),
            (
                "POST",
                "/search/jql" if self.flavour == "cloud" else "/search",
                lambda a: Answer(200, world.search(a.body)),
            ),
            ("GET", f"{issue}/properties/([^/]+)", lambda _, key, name: Answer(200, world.property(key, name))),
            ("PUT", f"{issue}/properties/([^/]+)", self._set_property),
            ("GET", f"{issue}/comment", lambda asked, key: Answer(200, world.comments(key, asked.query))),
            ("POST", f"{issue}/comment", lambda asked, key: Answer(201, world.comment(key, asked.body))),
            ("GET", "/attachment/meta", lambda _: Answer(200, world.attachment_meta())),
            ("POST", f"{issue}/attachments", lambda asked, key: Answer(200, world.attach(key, *asked.file))),
            ("GET", issue, lambda asked, key: Answer(200, world.issue(key, asked.query))),
        ]
        if self.flavour == "cloud":
            routes.insert(0, ("POST", "/issue/bulkfetch", lambda asked: Answer(200, world.bulk(asked.body))))
        return [(method, re.compile(pattern), serve) for method, pattern, serve in routes]

    def _set_property(self, asked: Asked, key: str, name: str) -> Answer:
        return Answer(201 if self.world.set_property(key, name, asked.body) else 200, {})

    def _before(self, fault: Fault | None) -> Answer | None:
        """What is answered instead of the truth, with nothing done."""
        if fault is None:
            return None
        headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
        if fault.fault == "redirect":
            return Answer(302, headers={"Location": "https://login.example.com/?token=x"}, content=b"")
        if fault.fault == "anonymous":
            return Answer(200, {"issues": [], "isLast": True}, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
        if fault.fault == "captcha":
            return Answer(403, headers={"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE"}, content=_HTML.encode())
        if fault.fault == "401":
            return _unauthorized(self.flavour)
        if fault.fault.isdigit():
            messages = fault.messages or ([] if fault.errors else [f"Played: {fault.fault}."])
            return Answer(int(fault.fault), {"errorMessages": messages, "errors": fault.errors}, headers)
        return None

    def _after(self, fault: Fault | None, answer: Answer) -> Answer | None:
        """What becomes of a true answer on its way."""
        if fault is None or fault.fault not in _AFTER:
            return answer
        if fault.fault == "lost_answer":
            return None
        changed = {
            "500_after": Answer(500, {"errorMessages": ["Internal server error"], "errors": {}}),
            "half_answer": dataclasses.replace(
                answer, headers={"Content-Length": str(len(answer.payload()) + 100)}, content=answer.payload()
            ),
            "html": Answer(200, content=_HTML.encode()),
            "bad_gzip": Answer(201, headers={"Content-Encoding": "gzip"}, content=b"not zipped"),
            "odd_json": Answer(200, {"unexpected": True}),
        }
        return changed[fault.fault]

    def _expected_authorization(self) -> str:
        if self.flavour == "server":
            return f"Bearer {TOKEN}"
        return "Basic " + base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()


def _unauthorized(flavour: str) -> Answer:
    if flavour == "cloud":
        words = "Client must be authenticated to access this resource."
        return Answer(401, {"message": words, "status-code": 401})
    page = b"<html><head><title>Unauthorized (401)</title></head></html>"
    return Answer(401, headers={"WWW-Authenticate": 'OAuth realm="x"'}, content=page)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    jira: Jira

    def _serve(self) -> None:
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get("Content-Type", "") if raw else ""
        if url.path.startswith("/_stand_in/"):
            content = json.loads(raw) if raw else None
            self._send(self._own(url.path.removeprefix("/_stand_in/"), content))
            return
        asked = Asked(self.command, url.path, dict(parse_qsl(url.query)), kind, *_parsed(kind, raw))
        answer = self.jira.answer(asked, self.headers.get("Authorization", ""))
        if answer is None:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
        else:
            self._send(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def _own(self, what: str, content: Any) -> Answer:
        try:
            return self.jira.own(self.command, what, content)
        except (Refusal, TypeError, KeyError) as refusal:
            return Answer(400, {"refused": repr(refusal)})

    def _send(self, answer: Answer) -> None:
        """In one piece: header and body apart would wait for each other's acknowledgement."""
        payload = answer.payload()
        kind = "text/html;charset=UTF-8" if payload.startswith(b"<") else "application/json;charset=UTF-8"
        headers = {"Content-Type": kind, "Content-Length": str(len(payload)), **answer.headers}
        head = f"HTTP/1.1 {answer.status} Played\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in headers.items()
        )
        self.wfile.write(head.encode() + b"\r\n" + payload)
        if int(headers["Content-Length"]) > len(payload):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def _parsed(kind: str, raw: bytes) -> tuple[Any, tuple[str, bytes] | None]:
    if kind.startswith("multipart/form-data"):
        message: Any = email.message_from_bytes(
            f"Content-Type: {kind}\r\n\r\n".encode() + raw, policy=email.policy.HTTP
        )
        (part,) = message.iter_parts()
        return "a form", (part.get_filename(), part.get_payload(decode=True))
    return (json.loads(raw) if raw else None), None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that went away is none of ours."""


def main(flavour: str) -> None:
    """Serves until the parent is gone."""
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    server = _Server(("127.0.0.1", 0), Handler)
    port = server.server_address[1]
    Handler.jira = Jira(flavour, f"http://127.0.0.1:{port}")
    sys.stdout.write(json.dumps({"port": port, "validates": Handler.jira.contract.validates}) + "\n")
    sys.stdout.flush()
    server.serve_forever()


def _end_with_parent(parent: int) -> None:
    """Another process may have inherited the parent's end of the pipe, so the parent itself is looked for as well."""
    while os.getppid() == parent:
        readable, _, _ = select.select([sys.stdin], [], [], 1.0)
        if readable and not os.read(sys.stdin.fileno(), 1):
            break
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
