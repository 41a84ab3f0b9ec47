"""Client-side rate limits: so many calls in so many seconds, for every bucket a service counts.

A sliding log of the instants of past calls; exact, where a token bucket would let a burst through at a window's edge.
It knows nothing of HTTP. One process is its horizon: what several processes send together is limited by the service's
own 429, which `http.py` obeys.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

# Written by hand and not pyrate-limiter: that brings two thousand lines and a background thread for what is needed
# here, two windows in one process under a clock the tests can turn.


@dataclass(frozen=True)
class Rate:
    """At most `calls` in any `seconds`."""

    calls: int
    seconds: float


@dataclass
class Pace:
    """Lets callers of any thread through, one by one, as fast as every one of `rates` allows and no faster."""

    rates: Sequence[Rate]
    now: Callable[[], float]
    sleep: Callable[[float], None]
    _past: deque[float] = field(default_factory=deque, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def wait_for_turn(self) -> float:
        """Blocks until one more call is allowed, counts it, and returns the seconds waited."""
        waited = 0.0
        while (wait := self._take_or_wait()) > 0:
            self.sleep(wait)
            waited += wait
        return waited

    def _take_or_wait(self) -> float:
        """0 when the call was allowed and counted, else the seconds until it may be."""
        with self._lock:
            now = self.now()
            self._forget_before(now)
            wait = max((self._wait_under(rate, now) for rate in self.rates), default=0.0)
            if wait <= 0:
                self._past.append(now)
            return wait

    def _wait_under(self, rate: Rate, now: float) -> float:
        if len(self._past) < rate.calls:
            return 0.0
        return self._past[-rate.calls] + rate.seconds - now

    def _forget_before(self, now: float) -> None:
        horizon = max((rate.seconds for rate in self.rates), default=0.0)
        while self._past and self._past[0] <= now - horizon:
            self._past.popleft()
