"""Claude, through Anthropic's SDK and its Messages API.

The answer's form is asked for as structured output and not by a forced tool, which models since Opus 5.5 refuse.
https://platform.claude.com/docs/en/build-with-claude/structured-outputs, /prompt-caching and /thinking.
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
    from anthropic.types import Message

# No model caches less than 512 tokens (some need 4,096), and what is too short is silently not cached.
_CACHEABLE_CHARACTERS = 2_000


class AnthropicProvider:
    """A connection to the Messages API."""

    def __init__(self, access: Access, patience: Patience) -> None:
        import anthropic

        quiet("anthropic", "httpx2", "httpcore2")
        self._access = access
        self._patience = patience
        self._sdk = anthropic
        self._client = anthropic.Anthropic(
            api_key=access.key,
            base_url=access.address or None,
            timeout=anthropic.Timeout(patience.read_s, connect=patience.connect_s),
            max_retries=0,
            open_telemetry=False,
        )

    def reply(self, ask: Ask, manner: Manner) -> Reply:
        """One message, not streamed."""
        if ask.film:
            raise self._access.blind()
        request = message_request(ask, manner)
        message = attempted(lambda: self._client.messages.create(**request), self._understood(manner.model))
        if not isinstance(message, self._sdk.types.Message):
            raise self._access.nonsense()
        return attempted(lambda: message_reply(message), self._access.malformed)

    def batching(self) -> Batching:
        """Message Batches."""
        from user_intel.llm.anthropic_batches import MessageBatches

        return MessageBatches(self._client, self._access.or_malformed(self._understood("")))

    def release(self, ask: Ask) -> None:
        """Nothing was sent ahead."""

    def check(self, model: str) -> None:
        """Retrieves the model."""
        attempted(lambda: self._client.models.retrieve(model), self._understood(model))

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
                words = error.api_message or error.message
                return access.refused(error.status_code, words, error.response.headers, model)
            return access.nonsense() if isinstance(error, sdk.AnthropicError) else None

        return understood


def message_request(ask: Ask, manner: Manner) -> dict[str, Any]:
    """The body of one message: what a batch takes, too."""
    system: dict[str, Any] = {"type": "text", "text": ask.system}
    if manner.shared and len(ask.system) >= _CACHEABLE_CHARACTERS:
        system["cache_control"] = {"type": "ephemeral"}
    output: dict[str, Any] = {"format": {"type": "json_schema", "schema": strict_schema(ask.schema)}}
    if manner.effort is not None:
        output["effort"] = manner.effort
    return {
        "model": manner.model,
        "max_tokens": output_limit(ask),
        "system": [system],
        "messages": [{"role": "user", "content": ask.text}],
        "output_config": output,
    }


def message_reply(message: Message) -> Reply:
    used = message.usage
    cached, written = used.cache_read_input_tokens or 0, used.cache_creation_input_tokens or 0
    usage = Usage(used.input_tokens + cached + written, used.output_tokens, cached, written)
    text = "".join(block.text for block in message.content if block.type == "text")
    if message.stop_reason == "refusal":
        return Reply("", usage, "refused", (message.stop_details and message.stop_details.category) or "refusal")
    if message.stop_reason in ("max_tokens", "model_context_window_exceeded"):
        return Reply(text, usage, "cut_off", message.stop_reason)
    return Reply(text, usage)
