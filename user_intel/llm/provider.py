"""What every provider of models does for us, and the words in which they answer or fail.

A provider is one module with one class: it turns an ask into one request of its maker's SDK and the answer into a
`Reply`. It does not repeat, price, cache or log; that is done once for all of them in `models.py` and beside it.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeVar
from urllib.parse import urlsplit

from user_intel.errors import LLMError
from user_intel.http_answers import LONGEST_DETAIL, retry_after_s
from user_intel.llm.asks import Ask
from user_intel.llm.structure import strict_schema
from user_intel.settings import Settings

T = TypeVar("T")

# What a model may think before it answers, in tokens, on top of the answer's own limit: all three count both together,
# and a limit without room for it is reached before the first word.
THINKING_TOKENS = 4_000
# What a provider adds around a text: roles, its own instructions for the format.
_FRAME_TOKENS = 1_000
# A frame of a video (258 tokens), a second of its sound (32) and its time stamp, at Gemini's usual resolution.
_FILM_TOKENS_A_LOOK = 320

# Throttled, a fault of the moment, a gateway without its server, overloaded (Anthropic's 529).
RETRIED_STATUS = frozenset({429, 500, 502, 503, 529})
_KEY_STATUS = frozenset({401, 403})


@dataclass(frozen=True)
class Usage:
    """Tokens as they are billed. `input_tokens` are all that were sent: those read from and written to a cache too."""

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0


@dataclass(frozen=True)
class Reply:
    """What came back: a text that should be JSON, how it ended and why, what it took (None: nothing is said of it)."""

    text: str
    usage: Usage | None
    end: Literal["done", "cut_off", "refused"] = "done"
    why: str = ""


@dataclass(frozen=True)
class Manner:
    """How one ask is put: to which model, thinking how hard (a word, or tokens; None: as the model is by itself).

    `shared` is whether other asks with the same system text follow, so that caching it at the provider pays.
    """

    model: str
    effort: str | int | None = None
    shared: bool = False


class Provider(Protocol):
    """One maker's API. Its methods raise `Fault` and nothing else; they may be called from any thread."""

    def reply(self, ask: Ask, manner: Manner) -> Reply:
        """One request, one answer."""

    def batching(self) -> Batching | None:
        """Its batch endpoint; None where there is none for us."""

    def release(self, ask: Ask) -> None:
        """Takes back what was sent ahead for `ask`, such as an uploaded video. Raises nothing."""

    def check(self, model: str) -> None:
        """Asks whether this key may use this model, without paying for it."""

    def close(self) -> None:
        """Closes the connections."""


class Batching(Protocol):
    """A maker's batch endpoint: many asks at half price, done within a day, mostly much sooner. Raises `Fault`.

    Asks go by keys of 64 letters and digits. A batch carries the `mark` it was submitted with where the maker lets it.
    """

    def submit(self, asks: Mapping[str, tuple[Ask, Manner]], mark: str) -> str:
        """Submits a batch and returns its name. A Fault that was `sent` may have made one all the same."""

    def find(self, mark: str, size: int, since: datetime) -> list[str]:
        """Batches that may be the one of so many asks submitted with `mark` after `since`, likeliest first."""

    def ended(self, batch: str) -> bool:
        """Whether nothing more will come of it."""

    def replies(self, batch: str) -> dict[str, Reply]:
        """The answers of a batch that has ended. What failed or was cancelled is left out; it is not billed."""

    def cancel(self, batch: str) -> None:
        """Stops it; what is under way may still be answered, and billed."""

    def delete(self, batch: str) -> None:
        """Deletes it with its asks and answers."""


class Fault(Exception):
    """One try that failed. `transient`: may be repeated. `denied`: a setting must change before anything else works.

    `sent`: the request went out, so that the provider may have worked on it, and may bill it.
    """

    def __init__(
        self,
        words: str,
        *,
        transient: bool = False,
        denied: bool = False,
        retry_after_s: float | None = None,
        sent: bool = False,
    ) -> None:
        super().__init__(words)
        self.transient = transient
        self.denied = denied
        self.retry_after_s = retry_after_s
        self.sent = sent


@dataclass(frozen=True)
class Access:
    """How one provider is reached: by which key and address, and which settings say so. Its repr shows no key."""

    provider: str
    key_setting: str
    address_setting: str
    key: str
    address: str

    def __repr__(self) -> str:
        return f"Access({self.provider!r})"

    @property
    def here(self) -> str:
        """The provider in a message; with the host where the address is not the maker's own."""
        return f"{self.provider} at {_host(self.address)}" if self.address else self.provider

    def without_key(self, words: str) -> str:
        """`words` on one line, shortened, and without the key."""
        line = " ".join((words.replace(self.key, "[key]") if self.key else words).split())
        return line[:LONGEST_DETAIL] + " ..." if len(line) > LONGEST_DETAIL else line

    def refused(self, status: int, words: str, headers: Mapping[str, str], model: str) -> Fault:
        """What an answer with an error status means. `words` are the service's own."""
        if status in _KEY_STATUS:
            # Not in the service's words: some of them repeat a part of the key.
            return Fault(
                f"{self.here} does not accept {self.key_setting} for {model} ({status}); correct it.", denied=True
            )
        if status == 404:
            return Fault(
                f"{self.here} has no model {model!r} (404); correct USER_INTEL_LLM{self._or_path}.", denied=True
            )
        said = f"{self.here} answered {status}: {self.without_key(words).removesuffix('.') or 'nothing more'}."
        if status in RETRIED_STATUS:
            return Fault(said, transient=True, retry_after_s=retry_after_s(headers.get("retry-after")))
        if status == 402:
            return Fault(f"{said} The account of {self.key_setting} needs attention.", denied=True)
        return Fault(said)

    def timed_out(self, seconds: float) -> Fault:
        """No answer in time."""
        return Fault(f"{self.here} did not answer within {seconds:.0f} s.", transient=True, sent=True)

    def broke_off(self, error: BaseException, *, sent: bool) -> Fault:
        """The connection could not be made, or broke."""
        cause = error.__cause__ or error
        what = "broke off" if sent else "could not be reached"
        words = self.without_key(str(cause)) or type(cause).__name__
        return Fault(f"{self.here} {what}: {words.removesuffix('.')}.", transient=True, sent=sent)

    def malformed(self, error: Exception) -> Fault | None:
        """An answer that has not the parts it should have."""
        shapes = (AttributeError, IndexError, KeyError, TypeError, ValueError)
        return self.nonsense() if isinstance(error, shapes) else None

    def or_malformed(self, understood: Callable[[Exception], Fault | None]) -> Callable[[Exception], Fault | None]:
        """As `understood`, where what comes back is read on the way, too."""
        return lambda error: understood(error) or self.malformed(error)

    def nonsense(self) -> Fault:
        """An answer that is none of this API's."""
        return Fault(
            f"{self.here} answered something that is not this API's. Is {self.address_setting} the address of the API?",
            sent=True,
        )

    def blind(self) -> Fault:
        """A video was to be watched."""
        return Fault(f"{self.here} watches no videos; name a gemini model.", denied=True)

    @property
    def _or_path(self) -> str:
        return f", or {self.address_setting} (with its path, such as /v1)" if self.address else ""


def access(settings: Settings, provider: str) -> Access:
    """How `provider` is reached. Raises LLMError when its key is missing or can be none, or its address is none.

    An OpenAI-compatible server of one's own may need no key.
    """
    name = "gemini" if provider == "gemini" else provider
    key = getattr(settings, f"{name}_api_key")
    found = Access(
        provider,
        f"{name.upper()}_API_KEY",
        {"gemini": "GOOGLE_GEMINI_BASE_URL"}.get(provider, f"{name.upper()}_BASE_URL"),
        key.get_secret_value() if key else "",
        getattr(settings, f"{name}_base_url") or "",
    )
    if found.address and not found.address.startswith(("http://", "https://")):
        raise LLMError(f"{found.address_setting} must start with http:// or https://.")
    if not found.key and not (provider == "openai" and found.address):
        raise LLMError(f"USER_INTEL_LLM names {provider}, and {found.key_setting} is not set; set it, or leave it out.")
    if not (found.key.isascii() and found.key.isprintable()) or " " in found.key:
        raise LLMError(f"{found.key_setting} must be plain ASCII without blanks or line breaks.")
    return found


def attempted(call: Callable[[], T], understood: Callable[[Exception], Fault | None]) -> T:
    """What `call` returns; what it raises, as a Fault.

    The Fault is raised outside the handler: an SDK's exception holds the request, its headers and so the key, and what
    is not chained to ours can neither be printed nor stored with it. `understood` gives None for what is not expected.
    """
    try:
        return call()
    except Exception as error:
        fault = understood(error)
        if fault is None:
            raise
    raise fault


def most_tokens(ask: Ask) -> tuple[int, int]:
    """More input and output tokens than `ask` can possibly take: no tokeniser makes more tokens than bytes."""
    schema = json.dumps(strict_schema(ask.schema))
    sent = sum(len(text.encode()) for text in (ask.system, ask.text, schema)) + _FRAME_TOKENS
    if ask.film:
        looks = ask.film.seconds * max(ask.film.frames_per_s, 1.0) + 1
        sent += math.ceil(looks * _FILM_TOKENS_A_LOOK)
    return sent, output_limit(ask)


def output_limit(ask: Ask) -> int:
    """The limit that is sent: the answer's own, and room for thinking."""
    return ask.max_output_tokens + THINKING_TOKENS


def was_sent(error: BaseException) -> bool:
    """Whether a request had left before its connection failed; by the cause that an SDK on httpx2 keeps."""
    import httpx2

    never = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError)
    return not isinstance(error.__cause__, never)


def quiet(*loggers: str) -> None:
    """SDKs log whole requests when debugging: not through us."""
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING)


def _host(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
