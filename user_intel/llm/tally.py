"""What was paid while models were open: counted by many threads, told as `Spent`."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

from user_intel.llm.asks import Spent
from user_intel.llm.bought import Bought
from user_intel.llm.choice import Choice


class Tally:
    """A running count."""

    def __init__(self) -> None:
        self._spent = Spent()
        self._by_model: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def spent(self) -> Spent:
        """The count so far."""
        with self._lock:
            return replace(self._spent, by_model=dict(self._by_model))

    def hit(self) -> None:
        """An ask was answered without a call."""
        with self._lock:
            self._spent = replace(self._spent, cache_hits=self._spent.cache_hits + 1)

    def paid(self, choice: Choice, bought: Bought | None, calls: int, cost_usd: float | None) -> None:
        """`calls` calls were billed, None: at a cost not known; the last of them gave what was `bought`, if any did."""
        with self._lock:
            known = self._spent
            self._by_model[str(choice)] += calls
            self._spent = replace(
                known,
                calls=known.calls + calls,
                input_tokens=known.input_tokens + (bought.input_tokens if bought else 0),
                output_tokens=known.output_tokens + (bought.output_tokens if bought else 0),
                cached_input_tokens=known.cached_input_tokens + (bought.cached_input_tokens if bought else 0),
                cost_usd=known.cost_usd + (cost_usd or 0.0),
                calls_of_unknown_cost=known.calls_of_unknown_cost + (calls if cost_usd is None else 0),
            )
