"""Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages, /errors and /models."""

from __future__ import annotations

from typing import Any

from user_intel_tests.llm.played import Refusal, Request, strict

_FIELDS = {"model", "max_tokens", "messages", "system", "output_config", "cache_control", "metadata", "stop_sequences",
           "stream", "thinking", "service_tier", "tools", "tool_choice"}  # fmt: skip
_TYPES = {400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
          404: "not_found_error", 413: "request_too_large", 429: "rate_limit_error", 500: "api_error",
          504: "timeout_error", 529: "overloaded_error"}  # fmt: skip
_ENDS = {"done": "end_turn", "cut_off": "max_tokens", "refused": "refusal", "filtered": "refusal"}


def is_for(request: Request) -> bool:
    return "anthropic-version" in request.headers


def examine(request: Request, key: str, models: set[str], _store: object) -> None:
    said = request.headers.get("authorization", "").removeprefix("Bearer ")
    if said != key:
        raise Refusal(401, f"invalid API key: {said}")
    if not request.asks:
        if (model := request.path.rsplit("/", 1)[-1]) not in models:
            raise Refusal(404, f"model: {model}")
        return
    request.only(_FIELDS)
    if (model := request.needs("model", str)) not in models:
        raise Refusal(404, f"model: {model}")
    request.needs("max_tokens", int)
    if not request.needs("messages", list):
        raise Refusal(400, "messages: at least one message is required")
    strict(request.body.get("output_config", {}).get("format", {}).get("schema", {}), "output_config.format.schema")


def listed(request: Request, models: set[str]) -> dict[str, Any]:
    model = request.path.rsplit("/", 1)[-1]
    return {"type": "model", "id": model, "display_name": model, "created_at": "2026-09-22T00:00:00Z"}


def answer(request: Request, move: Any) -> dict[str, Any]:
    refused = move.end in ("refused", "filtered")
    details = {"type": "refusal", "category": "general_harms", "explanation": None} if refused else None
    return {
        "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
        "type": "message",
        "role": "assistant",
        "model": request.body["model"],
        "content": [] if refused else [{"type": "text", "text": move.text}],
        "stop_reason": _ENDS[move.end],
        "stop_sequence": None,
        "stop_details": details,
        "usage": {
            "input_tokens": move.input_tokens - move.cached_tokens - move.written_tokens,
            "cache_creation_input_tokens": move.written_tokens,
            "cache_read_input_tokens": move.cached_tokens,
            "output_tokens": move.output_tokens,
            "service_tier": "standard",
        },
    }


def error(status: int, words: str, code: str) -> dict[str, Any]:
    kind = code or _TYPES.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": words}, "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy"}
