"""Gemini, through Google's SDK and the Gemini API (not Vertex AI).

https://ai.google.dev/gemini-api/docs/structured-output, /thinking and /caching (implicit, automatic).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from user_intel.llm.asks import Ask
from user_intel.llm.patience import Patience
from user_intel.llm.provider import Access, Fault, Manner, Reply, Usage, attempted, output_limit, quiet
from user_intel.llm.structure import strict_schema

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import GenerateContentConfig, GenerateContentResponse

# Reasons to stop that are neither the end nor the limit: a filter, a policy, or the model's own failure.
_DONE = ("STOP", "FINISH_REASON_UNSPECIFIED")
_CUT_OFF = ("MAX_TOKENS", "CONTINUATION")


class GeminiProvider:
    """A connection to the Gemini API. `client` is the SDK's, for whoever needs more of it (files)."""

    def __init__(self, access: Access, patience: Patience) -> None:
        self.access = access
        self._patience = patience
        self.client = gemini_client(access, patience)

    def reply(self, ask: Ask, manner: Manner) -> Reply:
        """One generation from text, not streamed."""
        return self.generate(ask, manner, ask.text)

    def generate(self, ask: Ask, manner: Manner, contents: Any) -> Reply:
        """As `reply`, about other contents than the ask's text, such as an uploaded file and a text."""
        config = generation(ask, manner)
        generate = self.client.models.generate_content
        answer = attempted(
            lambda: generate(model=manner.model, contents=contents, config=config), self.understood(manner.model)
        )
        return attempted(lambda: _reply(answer), self.access.malformed)

    def check(self, model: str) -> None:
        """Retrieves the model."""
        attempted(lambda: self.client.models.get(model=model), self.understood(model))

    def close(self) -> None:
        """Closes the connections."""
        self.client.close()

    def understood(self, model: str) -> Callable[[Exception], Fault | None]:
        """What an exception of the SDK means, while `model` was asked."""
        return lambda error: gemini_fault(self.access, self._patience, model, error)


def gemini_client(access: Access, patience: Patience) -> Client:
    """A client of the Gemini API. It repeats nothing by itself."""
    from google import genai
    from google.genai.types import HttpOptions

    quiet("google_genai", "httpx", "httpcore", "httpx2", "httpcore2")
    options = HttpOptions(base_url=access.address or None, timeout=int(patience.read_s * 1000))
    return genai.Client(api_key=access.key, vertexai=False, http_options=options)


def gemini_fault(access: Access, patience: Patience, model: str, error: Exception) -> Fault | None:
    """What an exception of the SDK, or of the HTTP client below it, means; None for what is not expected."""
    import httpx
    import httpx2
    from google.genai import errors

    if isinstance(error, (httpx.ConnectError, httpx2.ConnectError, httpx.ConnectTimeout, httpx2.ConnectTimeout)):
        return access.broke_off(error, sent=False)
    if isinstance(error, (httpx.TimeoutException, httpx2.TimeoutException)):
        return access.timed_out(patience.read_s)
    if isinstance(error, (httpx.TransportError, httpx2.TransportError)):
        return access.broke_off(error, sent=True)
    if isinstance(error, errors.APIError):
        # A wrong key is a 400 here, told from other bad requests by its reason.
        status = 401 if "API_KEY_INVALID" in str(error.details) else error.code
        return access.refused(status, str(error.message or ""), getattr(error.response, "headers", {}), model)
    if isinstance(error, (errors.UnknownApiResponseError, ValueError)):
        return access.nonsense()
    return None


def generation(ask: Ask, manner: Manner) -> GenerateContentConfig:
    """How an answer is to be generated."""
    from google.genai.types import GenerateContentConfig, ThinkingConfig, ThinkingLevel

    thinking = None
    if isinstance(manner.effort, int):
        thinking = ThinkingConfig(thinking_budget=manner.effort)
    elif manner.effort is not None:
        thinking = ThinkingConfig(thinking_level=ThinkingLevel(manner.effort.upper()))
    return GenerateContentConfig(
        system_instruction=ask.system,
        response_mime_type="application/json",
        response_json_schema=strict_schema(ask.schema),
        max_output_tokens=output_limit(ask),
        thinking_config=thinking,
    )


def _reply(answer: GenerateContentResponse) -> Reply:
    usage = _usage(answer)
    if not answer.candidates:
        blocked = answer.prompt_feedback and answer.prompt_feedback.block_reason
        return Reply("", usage, "refused", str(blocked.value if blocked else "nothing came back"))
    candidate = answer.candidates[0]
    parts = (candidate.content.parts if candidate.content else None) or []
    text = "".join(part.text or "" for part in parts if not part.thought)
    why = str(candidate.finish_reason.value) if candidate.finish_reason else "STOP"
    if why in _CUT_OFF:
        return Reply(text, usage, "cut_off", why)
    return Reply(text, usage) if why in _DONE else Reply("", usage, "refused", why)


def _usage(answer: GenerateContentResponse) -> Usage | None:
    used = answer.usage_metadata
    if used is None or used.prompt_token_count is None:
        return None
    output = (used.candidates_token_count or 0) + (used.thoughts_token_count or 0)
    return Usage(used.prompt_token_count, output, used.cached_content_token_count or 0)
