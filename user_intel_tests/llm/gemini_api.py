"""Google's Gemini API: https://ai.google.dev/api/generate-content and /api/models."""

from __future__ import annotations

import re
from typing import Any

from user_intel_tests.llm.played import Refusal, Request, strict

_FIELDS = {
    "contents",
    "systemInstruction",
    "generationConfig",
    "safetySettings",
    "tools",
    "toolConfig",
    "cachedContent",
}
_STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
           429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED"}  # fmt: skip
_ENDS = {"done": "STOP", "cut_off": "MAX_TOKENS", "refused": "SAFETY"}


def is_for(request: Request) -> bool:
    return "x-goog-api-key" in request.headers


def examine(request: Request, key: str, models: set[str], store: Store) -> None:
    if request.headers.get("x-goog-api-key") != key:
        raise Refusal(400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID")
    if (model := _model(request)) not in models and "/models/" in request.path:
        raise Refusal(404, f"models/{model} is not found for API version v1beta, or is not supported.")
    if not request.asks:
        return
    request.only(_FIELDS)
    for content in camel(request.needs("contents", list)):
        for part in content["parts"]:
            name = _name_in(part.get("fileData", {}).get("fileUri", ""))
            if "fileData" in part and store.files.get(name, {}).get("state") != "ACTIVE":
                raise Refusal(400, f"The File {name} is not in an ACTIVE state and usage is not allowed.")
    wanted = request.needs("generationConfig", dict)
    if wanted.get("responseMimeType") != "application/json":
        raise Refusal(400, "Response schema needs response_mime_type application/json")
    strict(wanted["responseJsonSchema"], "response_json_schema")


def listed(request: Request, models: set[str]) -> dict[str, Any]:
    return {"name": f"models/{_model(request)}", "version": "001", "supportedGenerationMethods": ["generateContent"]}


def answer(request: Request, move: Any) -> dict[str, Any]:
    usage = {
        "promptTokenCount": move.input_tokens,
        "candidatesTokenCount": move.output_tokens,
        "totalTokenCount": move.input_tokens + move.output_tokens,
    }
    if move.cached_tokens:
        usage["cachedContentTokenCount"] = move.cached_tokens
    said: dict[str, Any] = {"usageMetadata": usage, "modelVersion": _model(request), "responseId": "mAitaLmkHPPlz7IP"}
    if move.end == "filtered":
        return said | {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}
    candidate: dict[str, Any] = {"finishReason": _ENDS[move.end], "index": 0}
    if move.end != "refused":
        candidate["content"] = {"parts": [{"text": move.text}], "role": "model"}
    return said | {"candidates": [candidate]}


def error(status: int, words: str, code: str, retry_after: str | None = None) -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code}] if code else []
    if retry_after:
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_after}s"})
    return {"error": {"code": status, "message": words, "status": _STATUS.get(status, "UNKNOWN"), "details": details}}


def camel(body: Any) -> Any:
    """`body` with its fields' names as the API's reference has them; it takes those of the protocol buffers, too."""
    if isinstance(body, list):
        return [camel(part) for part in body]
    if not isinstance(body, dict):
        return body
    return {re.sub(r"_([a-z])", lambda found: found[1].upper(), key): camel(part) for key, part in body.items()}


def _name_in(uri: str) -> str:
    return "files/" + uri.rpartition("/files/")[2]


def _model(request: Request) -> str:
    found = re.search(r"/models/([^/:?]+)", request.path)
    return found[1] if found else ""


class Store:
    """The Files API: https://ai.google.dev/api/files. A file is PROCESSING for `looks` looks at it, then ACTIVE."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.files: dict[str, dict[str, Any]] = {}
        self.received: dict[str, bytes] = {}
        self.deleted: list[str] = []
        self.looks = 1
        self.outcome = "ACTIVE"
        self._started: dict[str, dict[str, Any]] = {}

    def is_for(self, request: Request) -> bool:
        return bool(re.match(r"/(upload/)?v1(beta)?/files", request.path))

    def step(self, request: Request) -> str:
        """start, upload, get or delete."""
        if request.path.startswith("/upload/"):
            return "upload" if "upload_id=" in request.path else "start"
        return {"GET": "get", "DELETE": "delete"}[request.method]

    def answer(self, request: Request) -> tuple[dict[str, Any], dict[str, str]]:
        """The body and the headers of the answer to a request that is in order."""
        return getattr(self, f"_{self.step(request)}")(request)

    def _start(self, request: Request) -> tuple[dict[str, Any], dict[str, str]]:
        wanted = {"x-goog-upload-protocol": "resumable", "x-goog-upload-command": "start"}
        if any(request.headers.get(name) != value for name, value in wanted.items()):
            raise Refusal(400, "Only resumable uploads are played")
        file = request.needs("file", dict)
        if file["name"] in self.files:
            raise Refusal(409, f"Resource {file['name']} already exists.")
        upload = str(len(self._started))
        self._started[upload] = {
            "name": file["name"],
            "mimeType": request.headers["x-goog-upload-header-content-type"],
            "sizeBytes": request.headers["x-goog-upload-header-content-length"],
            "createTime": "2026-11-21T10:00:00.000000Z",
            "updateTime": "2026-11-21T10:00:00.000000Z",
            "expirationTime": "2026-11-23T10:00:00.000000Z",
            "source": "UPLOADED",
        }
        # Google names a host of its own choice here; the SDK goes to the configured one.
        url = f"https://generativelanguage.googleapis.com{request.path.partition('?')[0]}?upload_id={upload}"
        return {}, {"x-goog-upload-url": url, "x-goog-upload-status": "active"}

    def _upload(self, request: Request) -> tuple[dict[str, Any], dict[str, str]]:
        file = self._started[request.path.rpartition("=")[2]]
        received = self.received.get(file["name"], b"") + request.raw
        self.received[file["name"]] = received
        if "finalize" not in request.headers["x-goog-upload-command"]:
            return {}, {"x-goog-upload-status": "active"}
        if len(received) != int(file["sizeBytes"]):
            raise Refusal(400, "The upload is not as long as it was said to be")
        uri = f"{self._url}/v1/{file['name']}"
        self.files[file["name"]] = file | {"uri": uri, "state": "PROCESSING", "looks": self.looks}
        return {"file": self._shown(file["name"])}, {"x-goog-upload-status": "final"}

    def _get(self, request: Request) -> tuple[dict[str, Any], dict[str, str]]:
        file = self.files[self._named(request)]
        file["looks"] -= 1
        if file["looks"] < 0:
            file["state"] = self.outcome
        return self._shown(file["name"]), {}

    def _delete(self, request: Request) -> tuple[dict[str, Any], dict[str, str]]:
        self.deleted.append(self._named(request))
        del self.files[self.deleted[-1]]
        return {}, {}

    def _named(self, request: Request) -> str:
        name = "files/" + request.path.partition("/files/")[2].partition("?")[0]
        if name not in self.files:
            raise Refusal(403, f"You do not have permission to access the File {name} or it may not exist.")
        return name

    def _shown(self, name: str) -> dict[str, Any]:
        return {key: value for key, value in self.files[name].items() if key != "looks"}
