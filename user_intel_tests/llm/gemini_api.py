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


def examine(request: Request, key: str, models: set[str]) -> None:
    if request.headers.get("x-goog-api-key") != key:
        raise Refusal(400, "API key not valid. Please pass a valid API key.", "API_KEY_INVALID")
    if (model := _model(request)) not in models:
        raise Refusal(404, f"models/{model} is not found for API version v1beta, or is not supported.")
    if not request.asks:
        return
    request.only(_FIELDS)
    request.needs("contents", list)
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


def error(status: int, words: str, code: str) -> dict[str, Any]:
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": code}] if code else []
    return {"error": {"code": status, "message": words, "status": _STATUS.get(status, "UNKNOWN"), "details": details}}


def _model(request: Request) -> str:
    found = re.search(r"/models/([^/:?]+)", request.path)
    return found[1] if found else ""
