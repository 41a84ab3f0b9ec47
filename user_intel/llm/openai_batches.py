"""OpenAI's batches of chat completions. https://developers.openai.com/api/docs/guides/batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from user_intel.llm.asks import Ask
from user_intel.llm.openai import completion_reply, completion_request
from user_intel.llm.provider import Fault, Manner, Reply, attempted

if TYPE_CHECKING:
    from openai import OpenAI

T = TypeVar("T")

_ENDPOINT: Final = "/v1/chat/completions"
_MARK = "user_intel"
_ENDED = frozenset({"failed", "completed", "expired", "cancelled"})
# A killed run's batch is among the last ones of its project, or is given up.
_LOOKED_AT = 50


class CompletionBatches:
    """The batches of one key's project. They carry their mark as metadata."""

    def __init__(self, client: OpenAI, understood: Callable[[Exception], Fault | None]) -> None:
        self._files = client.files
        self._batches = client.batches
        self._understood = understood

    def submit(self, asks: Mapping[str, tuple[Ask, Manner]], mark: str) -> str:
        """Uploads the asks, submits a batch of them, and returns its name."""
        lines = [
            {"custom_id": key, "method": "POST", "url": _ENDPOINT, "body": completion_request(*asked, local=False)}
            for key, asked in asks.items()
        ]
        text = "\n".join(map(json.dumps, lines)).encode()
        file = self._done(lambda: self._files.create(file=("asks.jsonl", text), purpose="batch"))

        create = partial(
            self._batches.create,
            input_file_id=file.id,
            endpoint=_ENDPOINT,
            completion_window="24h",
            metadata={_MARK: mark},
        )

        return self._done(create).id

    def find(self, mark: str, size: int, since: datetime) -> list[str]:
        """The batch with this mark."""
        page = self._done(lambda: self._batches.list(limit=_LOOKED_AT))
        return [batch.id for batch in page.data if (batch.metadata or {}).get(_MARK) == mark]

    def ended(self, batch: str) -> bool:
        """Whether nothing more will come of it."""
        return self._done(lambda: self._batches.retrieve(batch)).status in _ENDED

    def replies(self, batch: str) -> dict[str, Reply]:
        """The answers of a batch that has ended."""
        output = self._done(lambda: self._batches.retrieve(batch)).output_file_id
        if not output:
            return {}
        text = self._done(lambda: self._files.content(output).text)
        return attempted(lambda: _replies(text), self._understood)

    def cancel(self, batch: str) -> None:
        """Stops it."""
        self._done(lambda: self._batches.cancel(batch))

    def delete(self, batch: str) -> None:
        """Deletes its files; the batch itself, which holds neither asks nor answers, cannot be deleted."""
        found = self._done(lambda: self._batches.retrieve(batch))
        for file in filter(None, (found.input_file_id, found.output_file_id, found.error_file_id)):
            self._done(partial(self._files.delete, file))

    def _done(self, call: Callable[[], T]) -> T:
        return attempted(call, self._understood)


def _replies(text: str) -> dict[str, Reply]:
    from openai.types.chat import ChatCompletion

    found = [json.loads(line) for line in text.splitlines() if line.strip()]
    return {
        line["custom_id"]: completion_reply(ChatCompletion.model_validate(line["response"]["body"]))
        for line in found
        if line.get("response") and line["response"]["status_code"] == 200
    }
