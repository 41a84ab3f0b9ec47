"""How long a model is waited for, and how often it is asked again: the one layer of retries over all providers.

The SDKs' own retries are switched off: two layers would multiply, and theirs knows no budget.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from user_intel.llm.provider import Fault

T = TypeVar("T")

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Patience:
    """How long is waited for what, in seconds, and how often tried again."""

    connect_s: float = 10.0
    read_s: float = 120.0
    tries: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    # No further try starts after this; with the last one's own time this bounds an ask.
    ask_s: float = 300.0
    # An uploaded video is processed before it can be watched: a minute of it takes seconds, ten minutes under a minute.
    film_ready_s: float = 180.0
    film_look_s: float = 2.0
    # How often a batch is looked at, and how long what is under way is waited for after it was cancelled.
    batch_look_s: float = 15.0
    batch_end_s: float = 60.0


@dataclass
class Tries:
    """What the tries of one ask came to. `unanswered`: sent without an answer, so that they may be billed or not."""

    number: int = 0
    unanswered: int = 0


def repeated(call: Callable[[], T], patience: Patience, tries: Tries) -> T:
    """What `call` returns; asked again after transient faults, as long as `patience` lasts. Raises the last Fault."""
    started = time.monotonic()

    def attempt() -> T:
        tries.number += 1
        try:
            return call()
        except Fault as fault:
            tries.unanswered += fault.sent
            raise

    def out_of_patience(state: tenacity.RetryCallState) -> bool:
        # Whoever asks for a longer wait than there is patience for, is not waited for in vain.
        return time.monotonic() - started + state.upcoming_sleep > patience.ask_s

    again = tenacity.Retrying(
        retry=tenacity.retry_if_exception(lambda error: isinstance(error, Fault) and error.transient),
        stop=lambda state: state.attempt_number >= patience.tries or out_of_patience(state),
        wait=lambda state: _wait_s(state, patience),
        before_sleep=_say,
        reraise=True,
    )
    return again(attempt)


def _wait_s(state: tenacity.RetryCallState, patience: Patience) -> float:
    fault = state.outcome.exception() if state.outcome else None
    if isinstance(fault, Fault) and fault.retry_after_s is not None:
        # A little more than asked, and not the same for everybody who was told the same.
        return fault.retry_after_s + _between(0.0, 0.5)
    longest = min(patience.first_wait_s * 2.0 ** (state.attempt_number - 1), patience.longest_wait_s)
    return _between(longest / 2, longest)


def _say(state: tenacity.RetryCallState) -> None:
    fault = state.outcome.exception() if state.outcome else None
    _LOG.warning("%s Try %d follows in %.1f s.", fault, state.attempt_number + 1, state.upcoming_sleep)


def _between(low: float, high: float) -> float:
    return random.uniform(low, high)  # noqa: S311  # spreads clients out in time; guards nothing
