"""OpenAI's Chat Completions API: https://developers.openai.com/api/reference, and what speaks its language.

A server whose key is empty is one of one's own: it takes any key or none, knows only the old name of the limit, and
gives no usage details.
"""

from __future__ import annotations

from typing import Any

from user_intel_tests.llm.played import Refusal, Request, strict

_FIELDS = {"model", "messages", "response_format", "max_tokens", "max_completion_tokens", "reasoning_effort", "stream",
           "temperature", "store", "seed"}  # fmt: skip
_ENDS = {"done": "stop", "cut_off": "length", "refused": "stop", "filtered": "content_filter"}


def is_for(request: Request) -> bool:
    return "anthropic-version" not in request.headers


def examine(request: Request, key: str, models: set[str], _store: object) -> None:
    said = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key and said != key:
        raise Refusal(401, f"Incorrect API key provided: {said}. You can find your API key in your account.",
                      "invalid_api_key")  # fmt: skip
    if not request.asks:
        return
    request.only(_FIELDS)
    if (model := request.needs("model", str)) not in models:
        raise Refusal(404, f"The model `{model}` does not exist or you do not have access to it.", "model_not_found")
    if key and "max_tokens" in request.body:
        raise Refusal(400, "Unsupported parameter: 'max_tokens' is not supported with this model. "
                      "Use 'max_completion_tokens' instead.", "unsupported_parameter")  # fmt: skip
    if not key and "max_completion_tokens" in request.body:
        raise Refusal(400, "unknown field max_completion_tokens")
    request.needs("messages", list)
    form = request.needs("response_format", dict)
    if form.get("type") != "json_schema" or form["json_schema"].get("strict") is not True:
        raise Refusal(400, "Invalid response_format")
    strict(form["json_schema"]["schema"], f"schema for response_format '{form['json_schema']['name']}'")


def listed(request: Request, models: set[str]) -> dict[str, Any]:
    rows = [
        {"id": name, "object": "model", "created": 1_790_000_000, "owned_by": "stand-in"} for name in sorted(models)
    ]
    return {"object": "list", "data": rows}


def answer(request: Request, move: Any) -> dict[str, Any]:
    refused = move.end == "refused"
    message = {
        "role": "assistant",
        "content": None if refused else move.text,
        "refusal": "I'm sorry, I can't help with that." if refused else None,
        "annotations": [],
    }
    said: dict[str, Any] = {
        "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": request.body["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _ENDS[move.end]}],
        "service_tier": "default",
    }
    if "max_tokens" not in request.body:
        said["usage"] = {
            "prompt_tokens": move.input_tokens,
            "completion_tokens": move.output_tokens,
            "total_tokens": move.input_tokens + move.output_tokens,
            "prompt_tokens_details": {
                "cached_tokens": move.cached_tokens,
                "cache_write_tokens": move.written_tokens,
                "audio_tokens": 0,
            },
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        }
    return said


def error(status: int, words: str, code: str) -> dict[str, Any]:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return {"error": {"message": words, "type": kind, "param": None, "code": code or None}}
