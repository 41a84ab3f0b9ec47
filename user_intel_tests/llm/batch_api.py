"""The batch endpoints: Anthropic's Message Batches and OpenAI's batches of files, with one desk behind both.

https://platform.claude.com/docs/en/api/creating-message-batches and
https://developers.openai.com/api/reference/resources/batches. A batch is under way for `looks` looks at it; one that is
`stuck` is under way until it is cancelled, and then has answers to the first half of its requests.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

from user_intel_tests.llm import anthropic_api, openai_api
from user_intel_tests.llm.played import Refusal, Request

_PATH = re.compile(r"/v1/(messages/batches|batches|files)(?:/([^/?]+))?(?:/(results|cancel|content))?(?:\?|$)")


@dataclass
class Batch:
    """One batch: its requests by custom_id, and what came of them."""

    name: str
    requests: dict[str, Request]
    looks: int
    metadata: dict[str, str] = field(default_factory=dict)
    input_file: str = ""
    cancelled: bool = False
    replies: dict[str, tuple[int, dict[str, Any]]] | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


class Desk:
    """All batches and files of the stand-in."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.batches: dict[str, Batch] = {}
        self.files: dict[str, bytes] = {}
        self.deleted: list[str] = []
        self.looks = 1
        self.stuck = False
        self.hangs_after_submit_s = 0.0

    def is_for(self, request: Request) -> bool:
        return bool(_PATH.match(request.path)) and "x-goog-api-key" not in request.headers

    def answer(self, request: Request, answered: Callable[[Any, Request], tuple[int, dict[str, Any]]]) -> object:
        """The body of the answer; `answered` says what comes of one request of a batch that is done."""
        kind, name, action = _PATH.match(request.path).groups()  # type: ignore[union-attr]
        api = anthropic_api if kind == "messages/batches" else openai_api
        if kind == "files":
            return self._file(request, name)
        if request.method == "POST" and not name:
            return self._created(request, api, answered)
        if not name:
            rows = [self._shown(batch, api) for batch in reversed(self.batches.values())]
            return {"object": "list", "data": rows, "has_more": False, "first_id": None, "last_id": None}
        if name not in self.batches:
            raise Refusal(404, f"No batch {name}")
        batch = self.batches[name]
        if action == "cancel":
            batch.cancelled = True
            batch.looks = min(batch.looks, 1)
        if request.method == "DELETE":
            self.deleted.append(name)
            del self.batches[name]
            return {"id": name, "type": "message_batch_deleted"}
        if action == "results":
            return "\n".join(map(json.dumps, self._results(batch)))
        self._look(batch, api, answered)
        return self._shown(batch, api)

    def _created(self, request: Request, api: Any, answered: Any) -> dict[str, Any]:
        if api is anthropic_api:
            asked = {row["custom_id"]: row["params"] for row in request.needs("requests", list)}
        else:
            lines = self.files[request.needs("input_file_id", str)].decode().splitlines()
            asked = {row["custom_id"]: row["body"] for row in map(json.loads, lines)}
        if not all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", key) for key in asked):
            raise Refusal(400, "custom_id: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'")
        path = "/v1/messages" if api is anthropic_api else "/v1/chat/completions"
        made = {key: Request("POST", path, request.headers, json.dumps(body).encode()) for key, body in asked.items()}
        name = f"batch_{len(self.batches) + len(self.deleted)}"
        batch = Batch(name, made, self.looks, request.body.get("metadata", {}), request.body.get("input_file_id", ""))
        self.batches[name] = batch
        time.sleep(self.hangs_after_submit_s)
        return self._shown(batch, api)

    def _look(self, batch: Batch, api: Any, answered: Any) -> None:
        batch.looks -= 1
        if batch.replies is not None or batch.looks > 0 or (self.stuck and not batch.cancelled):
            return
        done = list(batch.requests)[: len(batch.requests) // 2] if batch.cancelled else list(batch.requests)
        batch.replies = {key: answered(api, batch.requests[key]) for key in done}
        if api is openai_api:
            rows = [
                {
                    "id": "batch_req_1",
                    "custom_id": key,
                    "response": {"status_code": status, "body": body},
                    "error": None,
                }
                for key, (status, body) in batch.replies.items()
            ]
            self.files[f"file-of-{batch.name}"] = "\n".join(map(json.dumps, rows)).encode()

    def _results(self, batch: Batch) -> list[dict[str, Any]]:
        assert batch.replies is not None
        rows = []
        for key in batch.requests:
            status, body = batch.replies.get(key, (0, {}))
            result = {"type": "succeeded", "message": body} if status == 200 else {"type": "errored", "error": body}
            rows.append({"custom_id": key, "result": result if status else {"type": "canceled"}})
        return rows

    def _shown(self, batch: Batch, api: Any) -> dict[str, Any]:
        ended = batch.replies is not None
        count, done = len(batch.requests), len(batch.replies or {})
        if api is openai_api:
            status = ("cancelled" if batch.cancelled else "completed") if ended else "in_progress"
            return {
                "id": batch.name, "object": "batch", "endpoint": "/v1/chat/completions", "completion_window": "24h",
                "input_file_id": batch.input_file, "status": status, "created_at": int(batch.created.timestamp()),
                "output_file_id": f"file-of-{batch.name}" if ended else None, "metadata": batch.metadata,
                "request_counts": {"total": count, "completed": done, "failed": 0},
            }  # fmt: skip
        counts = {"processing": 0 if ended else count, "succeeded": done, "errored": 0,
                  "canceled": count - done if ended else 0, "expired": 0}  # fmt: skip
        return {
            "id": batch.name, "type": "message_batch", "created_at": batch.created.isoformat(),
            "expires_at": batch.created.isoformat(), "request_counts": counts,
            "processing_status": "ended" if ended else ("canceling" if batch.cancelled else "in_progress"),
            "results_url": f"{self._url}/v1/messages/batches/{batch.name}/results" if ended else None,
        }  # fmt: skip

    def _file(self, request: Request, name: str | None) -> object:
        if request.method == "POST":
            head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
            parts = BytesParser(policy=HTTP).parsebytes(head + request.raw).iter_parts()
            held = {
                part.get_param("name", header="content-disposition"): part.get_payload(decode=True) for part in parts
            }
            if held["purpose"] != b"batch":
                raise Refusal(400, "purpose: batch was expected")
            name = f"file-{len(self.files)}"
            self.files[name] = held["file"]  # type: ignore[assignment]
            return {"id": name, "object": "file", "bytes": len(self.files[name]), "created_at": 1_790_000_000,
                    "filename": "asks.jsonl", "purpose": "batch", "status": "processed"}  # fmt: skip
        if name not in self.files:
            raise Refusal(404, f"No such File object: {name}")
        if request.method == "DELETE":
            self.deleted.append(name)
            del self.files[name]
            return {"id": name, "object": "file", "deleted": True}
        return self.files[name].decode()
