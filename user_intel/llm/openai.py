"""GPT, and whatever speaks its language: OpenAI's SDK and the Chat Completions API.

Chat Completions and not the newer Responses API: all current models take it, structured outputs included, and it is
what OpenAI-compatible servers have (Ollama, vLLM, llama.cpp, LM Studio, gateways). So one way is tried and tested.
https://developers.openai.com/api/docs/guides/structured-outputs, /prompt-caching (automatic) and /reasoning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from user_intel.llm.asks import Ask
from user_intel.llm.patience import Patience
from user_intel.llm.provider import (
    Access,
    Batching,
    Fault,
    Manner,
    Reply,
    Usage,
    attempted,
    output_limit,
    quiet,
    was_sent,
)
from user_intel.llm.structure import strict_schema

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletion

# A 429 that waiting does not mend: the account has no money left.
_USED_UP = "insufficient_quota"


class OpenAIProvider:
    """A connection to a Chat Completions API."""

    def __init__(self, access: Access, patience: Patience) -> None:
        import openai

        quiet("openai", "httpx2", "httpcore2")
        self._access = access
        self._patience = patience
        self._sdk = openai
        self._client = openai.OpenAI(
            # None would make the SDK look for a key by itself.
            api_key=access.key or "none",
            base_url=access.address or "https://api.openai.com/v1",
            timeout=openai.Timeout(patience.read_s, connect=patience.connect_s),
            max_retries=0,
        )
        # A server of one's own without a key is not sent one.
        self._headers = {} if access.key else {"Authorization": openai.omit}

    def reply(self, ask: Ask, manner: Manner) -> Reply:
        """One completion, not streamed."""
        if ask.film:
            raise self._access.blind()
        request = completion_request(ask, manner, local=not self._access.key)
        create = self._client.chat.completions.create
        completion = attempted(lambda: create(**request, extra_headers=self._headers), self._understood(manner.model))
        if not isinstance(completion, self._sdk.types.chat.ChatCompletion):
            raise self._access.nonsense()
        return attempted(lambda: completion_reply(completion), self._access.malformed)

    def batching(self) -> Batching | None:
        """OpenAI's batches; a server of another address is not taken to have any."""
        if self._access.address and not self._access.key:
            return None
        from user_intel.llm.openai_batches import CompletionBatches

        return CompletionBatches(self._client, self._access.or_malformed(self._understood("")))

    def release(self, ask: Ask) -> None:
        """Nothing was sent ahead."""

    def check(self, model: str) -> None:
        """Looks for the model in the list of models: what servers of one's own have, too."""
        list_ = self._client.models.list
        listed = attempted(lambda: {found.id for found in list_(extra_headers=self._headers)}, self._understood(model))
        if model not in listed:
            raise self._access.refused(404, "", {}, model)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _understood(self, model: str) -> Callable[[Exception], Fault | None]:
        sdk, access = self._sdk, self._access

        def understood(error: Exception) -> Fault | None:
            if isinstance(error, sdk.APITimeoutError):
                return access.timed_out(self._patience.read_s)
            if isinstance(error, sdk.APIConnectionError):
                return access.broke_off(error, sent=was_sent(error))
            if isinstance(error, sdk.APIStatusError):
                status = 402 if error.code == _USED_UP else error.status_code
                return access.refused(status, _words(error), error.response.headers, model)
            return access.nonsense() if isinstance(error, sdk.OpenAIError) else None

        return understood


def completion_request(ask: Ask, manner: Manner, *, local: bool) -> dict[str, Any]:
    """The body of one completion: what a batch takes, too."""
    form = {"name": ask.schema.__name__[:64], "schema": strict_schema(ask.schema), "strict": True}
    request: dict[str, Any] = {
        "model": manner.model,
        "messages": [{"role": "system", "content": ask.system}, {"role": "user", "content": ask.text}],
        "response_format": {"type": "json_schema", "json_schema": form},
        # OpenAI's models refuse the old name of the limit; local servers know only that.
        ("max_tokens" if local else "max_completion_tokens"): output_limit(ask),
    }
    if manner.effort is not None:
        request["reasoning_effort"] = manner.effort
    return request


def completion_reply(completion: ChatCompletion) -> Reply:
    choice = completion.choices[0]
    usage = _usage(completion)
    if choice.message.refusal:
        return Reply("", usage, "refused", "refusal")
    if choice.finish_reason == "content_filter":
        return Reply("", usage, "refused", "content_filter")
    text = choice.message.content or ""
    return Reply(text, usage, "cut_off", "length") if choice.finish_reason == "length" else Reply(text, usage)


def _usage(completion: ChatCompletion) -> Usage | None:
    used = completion.usage
    if used is None:
        return None
    details = used.prompt_tokens_details
    cached = (details and details.cached_tokens) or 0
    written = (details and details.cache_write_tokens) or 0
    return Usage(used.prompt_tokens, used.completion_tokens, cached, written)


def _words(error: Any) -> str:
    body = error.body
    said = body.get("message") if isinstance(body, dict) else None
    return str(said or error.message)
