"""Gemini, through Google's SDK and the Gemini API (not Vertex AI).

https://ai.google.dev/gemini-api/docs/structured-output, /thinking and /caching (implicit, automatic).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from user_intel.llm.asks import Ask
from user_intel.llm.gemini_films import FilmNotReady, Films
from user_intel.llm.patience import Patience
from user_intel.llm.provider import Access, Batching, Fault, Manner, Reply, Usage, attempted, output_limit, quiet
from user_intel.llm.structure import strict_schema

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import GenerateContentConfig, GenerateContentResponse

_LOG = logging.getLogger(__name__)

# https://google.aip.dev/193: RetryInfo, in whole seconds or parts of one; what is said of parts is left away.
_RETRY_DELAY = re.compile(r"'retryDelay': '(\d+)(?:\.\d+)?s'")
# Reasons to stop that are neither the end nor the limit: a filter, a policy, or the model's own failure.
_DONE = ("STOP", "FINISH_REASON_UNSPECIFIED")
_CUT_OFF = ("MAX_TOKENS", "CONTINUATION")


class GeminiProvider:
    """A connection to the Gemini API."""

    def __init__(self, access: Access, patience: Patience) -> None:
        self._access = access
        self._patience = patience
        self._client = gemini_client(access, patience)
        self._films = Films(self._client, access.address, patience)

    def reply(self, ask: Ask, manner: Manner) -> Reply:
        """One generation, not streamed. The ask's film is uploaded first, and stays till `release`."""
        config = generation(ask, manner)
        understood = self._understood(manner.model)

        def generate() -> GenerateContentResponse:
            contents: list[Any] = [self._films.uploaded(ask), ask.text] if ask.film else [ask.text]
            return self._client.models.generate_content(model=manner.model, contents=contents, config=config)

        answer = attempted(generate, understood)
        return attempted(lambda: _reply(answer), self._access.malformed)

    def batching(self) -> Batching | None:
        """Not used: Gemini explains seldom, and its batches know no films."""
        return None

    def release(self, ask: Ask) -> None:
        """Deletes the ask's film."""
        if not ask.film:
            return
        try:
            attempted(lambda: self._films.delete(ask), self._understood(""))
        except Fault as fault:
            _LOG.warning(
                "%s: the uploaded video was not deleted, and goes by itself after two days: %s", ask.name, fault
            )

    def check(self, model: str) -> None:
        """Retrieves the model."""
        attempted(lambda: self._client.models.get(model=model), self._understood(model))

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _understood(self, model: str) -> Callable[[Exception], Fault | None]:
        return lambda error: gemini_fault(self._access, self._patience, model, error)


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

    if isinstance(error, FilmNotReady):
        return Fault(f"{access.here} {error}", transient=error.transient)

    if isinstance(error, (httpx.ConnectError, httpx2.ConnectError, httpx.ConnectTimeout, httpx2.ConnectTimeout)):
        return access.broke_off(error, sent=False)
    if isinstance(error, (httpx.TimeoutException, httpx2.TimeoutException)):
        return access.timed_out(patience.read_s)
    if isinstance(error, (httpx.TransportError, httpx2.TransportError)):
        return access.broke_off(error, sent=True)
    if isinstance(error, errors.APIError):
        # A wrong key is a 400 here, told from other bad requests by its reason.
        status = 401 if "API_KEY_INVALID" in str(error.details) else error.code
        return access.refused(status, str(error.message or ""), _headers(error), model)
    if isinstance(error, (errors.UnknownApiResponseError, ValueError)):
        return access.nonsense()
    return None


def _headers(error: Any) -> dict[str, str]:
    """The headers of an error, with the wait that this API asks for in the body instead."""
    headers = dict(getattr(error.response, "headers", None) or {})
    if wait := _RETRY_DELAY.search(str(error.details)):
        headers.setdefault("retry-after", wait[1])
    return headers


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
