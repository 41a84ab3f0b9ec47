"""What was bought is kept, by content: the same question to the same model is never paid for twice.

`<home>/llm/answers/<two digits>/<digest>.json` holds an answer and what it cost, or what was wrong with it: a refusal
or an unusable answer was paid for, too, and a rerun of an old day must not buy it again. The question is not kept.
Files are written beside and renamed into place; whoever asks holds a lock, so that two processes do not buy the same.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from user_intel.errors import ModelAway
from user_intel.llm.asks import Ask
from user_intel.llm.choice import Choice
from user_intel.llm.prices import Price
from user_intel.llm.provider import Reply
from user_intel.llm.structure import read_answer
from user_intel.whole_files import write_whole

_LOG = logging.getLogger(__name__)


class Bought(BaseModel):
    """One paid answer: a `value`, or why there is none. `cost_usd` None: the price was not known."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    end: Literal["answered", "refused", "unusable"]
    provider: str
    model: str
    value: JsonValue = None
    # What was wrong, for the log and, of an unusable answer, for the model.
    reason: str = ""
    input_tokens: int
    output_tokens: int
    cached_input_tokens: int
    cost_usd: float | None
    seconds: float


@dataclass(frozen=True)
class Deal:
    """One model with its price; None where it is not known."""

    choice: Choice
    price: Price | None


class Shelf:
    """The kept answers of a home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "llm" / "answers"
        self._locks = home / "locks"

    def find(self, ask: Ask, choice: Choice) -> Bought | None:
        """What `choice` answered to `ask`; None where it was not asked, or the file cannot be read."""
        path = self._path(ask, choice)
        try:
            found = Bought.model_validate_json(path.read_bytes())
            if found.end == "answered":
                ask.schema.model_validate(found.value)
            return found
        except FileNotFoundError:
            return None
        except (OSError, ValidationError):
            _LOG.warning("%s is not readable; it is bought anew", path)
            return None

    def keep(self, ask: Ask, choice: Choice, bought: Bought) -> None:
        """Keeps what was bought: whole or not at all."""
        path = self._path(ask, choice)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, bought.model_dump_json())

    @contextmanager
    def asking(self, ask: Ask, wait_s: float) -> Iterator[None]:
        """Holds `ask` against others who would ask the same. Raises ModelAway when one does so past `wait_s`."""
        from filelock import FileLock, Timeout

        self._locks.mkdir(parents=True, exist_ok=True)
        # One of 256 locks: two different asks may share one and wait for each other, which costs a little time.
        lock = FileLock(self._locks / f"llm-ask-{ask.digest[:2]}.lock", thread_local=False)
        try:
            lock.acquire(timeout=wait_s)
        except Timeout:
            raise ModelAway(f"Another process has been asking the same for {wait_s:.0f} s; rerun later.") from None
        try:
            yield
        finally:
            lock.release()

    def _path(self, ask: Ask, choice: Choice) -> Path:
        key = key_of(ask, choice)
        return self._folder / key[:2] / f"{key}.json"


def key_of(ask: Ask, choice: Choice) -> str:
    """What an answer is kept by: 64 hex digits of the question and of the model that was asked."""
    return hashlib.sha256(f"{ask.digest} {choice}".encode()).hexdigest()


def priced(ask: Ask, reply: Reply, deal: Deal, seconds: float, *, batch: bool = False) -> Bought:
    """What came back, as it is kept: read against the ask's schema, and priced."""
    usage = reply.usage
    cost = deal.price.cost_usd(usage, batch=batch) if deal.price and usage else None
    value = read_answer(reply.text, ask.schema) if reply.end == "done" else reply.why
    if reply.end == "refused":
        end, reason, said = "refused", f"It would not answer ({reply.why}).", None
    elif reply.end == "cut_off":
        end, said = "unusable", None
        reason = f"The answer was cut off at its limit of {ask.max_output_tokens} tokens; it must be shorter."
    elif isinstance(value, str):
        end, reason, said = "unusable", value, None
    else:
        end, reason, said = "answered", "", value.model_dump(mode="json")
    return Bought(
        end=end,  # type: ignore[arg-type]  # one of the three, as is plain above
        provider=deal.choice.provider,
        model=deal.choice.model,
        value=said,
        reason=reason,
        input_tokens=usage.input_tokens if usage else 0,
        output_tokens=usage.output_tokens if usage else 0,
        cached_input_tokens=usage.cached_input_tokens if usage else 0,
        cost_usd=cost,
        seconds=round(seconds, 3),
    )
