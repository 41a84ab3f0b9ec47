"""Anthropic's Message Batches. https://platform.claude.com/docs/en/build-with-claude/batch-processing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from user_intel.llm.anthropic import message_reply, message_request
from user_intel.llm.asks import Ask
from user_intel.llm.provider import Fault, Manner, Reply, attempted

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types.messages import MessageBatch

T = TypeVar("T")

# A killed run's batch is among the last ones of its workspace, or is given up.
_LOOKED_AT = 50


class MessageBatches:
    """The batches of one key's workspace. They carry no mark: their size, and what is in them, tells them apart."""

    def __init__(self, client: Anthropic, understood: Callable[[Exception], Fault | None]) -> None:
        self._batches = client.messages.batches
        self._understood = understood

    def submit(self, asks: Mapping[str, tuple[Ask, Manner]], mark: str) -> str:
        """Submits a batch and returns its name."""
        requests: Any = [{"custom_id": key, "params": message_request(*asked)} for key, asked in asks.items()]
        return self._done(lambda: self._batches.create(requests=requests)).id

    def find(self, mark: str, size: int, since: datetime) -> list[str]:
        """The batches of `size` asks after `since`, latest first."""
        page = self._done(lambda: self._batches.list(limit=_LOOKED_AT))
        return [batch.id for batch in page.data if batch.created_at >= since and _size(batch) == size]

    def ended(self, batch: str) -> bool:
        """Whether nothing more will come of it."""
        return self._done(lambda: self._batches.retrieve(batch)).processing_status == "ended"

    def replies(self, batch: str) -> dict[str, Reply]:
        """The answers of a batch that has ended."""

        def read() -> dict[str, Reply]:
            results = self._batches.results(batch)
            return {
                found.custom_id: message_reply(found.result.message)
                for found in results
                if found.result.type == "succeeded"
            }

        return self._done(read)

    def cancel(self, batch: str) -> None:
        """Stops it."""
        self._done(lambda: self._batches.cancel(batch))

    def delete(self, batch: str) -> None:
        """Deletes it."""
        self._done(lambda: self._batches.delete(batch))

    def _done(self, call: Callable[[], T]) -> T:
        return attempted(call, self._understood)


def _size(batch: MessageBatch) -> int:
    counts = batch.request_counts
    return counts.processing + counts.succeeded + counts.errored + counts.canceled + counts.expired
