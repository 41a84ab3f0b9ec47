"""One client for every service outside: timeouts, bounded retries, rate limits, errors in the service's own words.

Belongs here: what holds for any service. What a path means and how answers are read is the caller's. Retried are only
the causes listed in `RETRIED` and broken connections (a body that ends early is one); everything else is shown as the
service said it. The key goes into one header of one host and nowhere else.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self, TypeVar

import httpx
import msgspec
import tenacity

from user_intel.errors import BudgetError, SourceError, UserIntelError
from user_intel.http_answers import error_code, in_words, is_html, retry_after_s, titled
from user_intel.rate_limits import Pace, Rate

Answer = TypeVar("Answer")

_LOG = logging.getLogger(__name__)

# Status codes worth repeating the same request for: throttled, a fault of the moment, a gateway without its server.
# Not 504 (the same request would take as long again) and no other 4xx (the same request would be refused again).
RETRIED = frozenset({429, 500, 502, 503})
# Those after which a request that changes something certainly changed nothing.
RETRIED_UNREPEATABLE = frozenset({429, 503})
# The connection or the body of a request broke; DecodingError is a compressed body that ends early.
_BROKEN_CONNECTIONS = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, httpx.DecodingError)
# What a throttled request without Retry-After waits at least: its cause is other running queries.
THROTTLED_WAIT_S = 30.0
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Patience:
    """How long is waited for what, in seconds, and how often tried again."""

    connect_s: float = 10.0
    read_s: float = 150.0
    tries: int = 8
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    # An hourly allowance that is used up comes back within the hour.
    request_s: float = 3_900.0
    # Of all requests of one client together.
    retries: int = 300


@dataclass(frozen=True)
class Clock:
    """Seconds that pass; tests turn it by hand."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class StatusError(SourceError):
    """The service answered with an error `status` that is not (or no longer) worth repeating. `code` is its own."""

    def __init__(self, message: str, status: int, code: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class _TransientError(Exception):
    """One failed try that may be repeated."""

    def __init__(
        self,
        words: str,
        status: int = 0,
        code: str = "",
        retry_after_s: float | None = None,
        *,
        sent: bool = True,
    ) -> None:
        super().__init__(words)
        self.status = status
        self.code = code
        self.retry_after_s = retry_after_s
        self.sent = sent


class HttpClient:
    """Requests to one service, from any number of threads, at most `at_once` in flight. Close it, or use `with`."""

    def __init__(
        self,
        service: str,
        base_url: str,
        *,
        key: str = "",
        at_once: int = 2,
        rates: Sequence[Rate] = (),
        patience: Patience | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.service = service
        self.base_url = base_url.rstrip("/")
        self._key = key
        self._patience = patience or Patience()
        self._clock = clock or Clock()
        self._pace = Pace(rates, self._clock.now, self._clock.sleep)
        self._turns = threading.BoundedSemaphore(at_once)
        self._retries_left = self._patience.retries
        self._client = self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"HttpClient({self.service!r}, {self.base_url!r})"

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def get(self, path: str, decoder: msgspec.json.Decoder[Answer], params: Mapping[str, str] | None = None) -> Answer:
        """The JSON answer to a GET. Raises StatusError, SourceError or BudgetError."""
        request = self._client.build_request("GET", path, params=params)
        return self._repeatedly(lambda: self._json(request, decoder), RETRIED)

    def post(
        self, path: str, body: object, decoder: msgspec.json.Decoder[Answer], *, repeatable: bool = True
    ) -> Answer:
        """The JSON answer to a POST. `repeatable` when sending it twice does no harm. Raises as `get`."""
        headers = {"content-type": "application/json"}
        request = self._client.build_request("POST", path, content=msgspec.json.encode(body), headers=headers)
        retried = RETRIED if repeatable else RETRIED_UNREPEATABLE
        return self._repeatedly(lambda: self._json(request, decoder), retried, repeatable=repeatable)

    def download(self, path: str, target: Path) -> int:
        """Writes the body of a GET to `target`, following redirects without the key, and returns its bytes."""
        request = self._client.build_request("GET", path)
        with target.open("wb") as handle:
            return self._repeatedly(lambda: self._file(request, handle, 0), RETRIED)

    def append(self, path: str, target: BinaryIO, params: Mapping[str, str] | None = None) -> int:
        """Adds the body of a GET to an open file and returns its bytes; what a broken try left there is cut off."""
        request = self._client.build_request("GET", path, params=params)
        start = target.tell()
        return self._repeatedly(lambda: self._file(request, target, start), RETRIED)

    def _connect(self) -> httpx.Client:
        headers = {"user-agent": "user-intel", "accept": "application/json"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        limits = self._patience
        timeout = httpx.Timeout(limits.read_s, connect=limits.connect_s, pool=None)
        try:
            return httpx.Client(base_url=self.base_url, headers=headers, timeout=timeout)
        except (httpx.InvalidURL, UnicodeEncodeError):
            raise SourceError(
                f"{self.service} cannot be asked: {self.base_url!r} must be an address such as "
                "https://us.posthog.com, and the key plain ASCII."
            ) from None

    def _repeatedly(self, attempt: Callable[[], Answer], retried: frozenset[int], *, repeatable: bool = True) -> Answer:
        started = self._clock.now()

        def out_of_patience(state: tenacity.RetryCallState) -> bool:
            return self._clock.now() - started + state.upcoming_sleep > self._patience.request_s

        tries = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda fault: _worth_repeating(fault, retried, repeatable)),
            stop=lambda state: state.attempt_number >= self._patience.tries or out_of_patience(state),
            wait=self._wait_s,
            sleep=self._clock.sleep,
            before_sleep=self._spend_retry,
            reraise=True,
        )
        # tenacity keeps what a call returned in a cycle, until the garbage collector comes by: a page may weigh a lot.
        answers: list[Answer] = []
        try:
            tries(lambda: answers.append(self._in_turn(attempt)))
        except _TransientError as fault:
            number = int(tries.statistics.get("attempt_number", 1))
            raise self._gave_up(fault, number, self._clock.now() - started) from None
        return answers.pop()

    def _in_turn(self, attempt: Callable[[], Answer]) -> Answer:
        with self._turns:
            self._pace.wait_for_turn()
            return attempt()

    def _wait_s(self, state: tenacity.RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, _TransientError) and fault.retry_after_s is not None:
            # A little more than asked, and not the same for every client that was told the same.
            return fault.retry_after_s + _between(0.0, 0.5)
        longest = min(self._patience.first_wait_s * 2.0 ** (state.attempt_number - 1), self._patience.longest_wait_s)
        wait = _between(longest / 2, longest)
        throttled = isinstance(fault, _TransientError) and fault.status == 429
        return max(wait, _between(THROTTLED_WAIT_S, 1.5 * THROTTLED_WAIT_S)) if throttled else wait

    def _spend_retry(self, state: tenacity.RetryCallState) -> None:
        fault = state.outcome.exception() if state.outcome else None
        self._retries_left -= 1
        if self._retries_left < 0:
            raise BudgetError(
                f"{self.service} needed more than {self._patience.retries} repeated requests, the last time because "
                f"{fault} Nothing half-done counts as done; rerun when the service is well."
            )
        _LOG.warning("%s Try %d follows in %.1f s.", fault, state.attempt_number + 1, state.upcoming_sleep)

    def _gave_up(self, fault: _TransientError, tries: int, seconds: float) -> UserIntelError:
        words = f"{fault} Gave up after {tries} {'try' if tries == 1 else 'tries'} in {seconds:.0f} s."
        wait = fault.retry_after_s or 0.0
        if seconds + wait > self._patience.request_s:
            return BudgetError(
                f"{words} One request may take {self._patience.request_s:.0f} s with its waits; rerun later."
            )
        return StatusError(words, fault.status, fault.code) if fault.status else SourceError(words)

    def _json(self, request: httpx.Request, decoder: msgspec.json.Decoder[Answer]) -> Answer:
        started = self._clock.now()
        with self._sent(request) as response:
            # Not `response.read()`: a response stands in a cycle with its stream, and would keep the body till the
            # garbage collector comes by.
            body = b"".join(response.iter_bytes(_PIECE_BYTES))
            self._refuse_errors(response, body)
        answer = self._decoded(response, body, decoder)
        seconds = self._clock.now() - started
        _LOG.info("%s: %s %s: %d bytes in %.2f s", self.service, request.method, request.url.path, len(body), seconds)
        return answer

    def _file(self, request: httpx.Request, target: BinaryIO, start: int) -> int:
        started = self._clock.now()
        target.seek(start)
        target.truncate()
        with self._sent(request, follow_redirects=True) as response:
            if not response.is_success:
                self._refuse_errors(response, b"".join(response.iter_bytes()))
            size = sum(target.write(piece) for piece in response.iter_bytes(_PIECE_BYTES))
        seconds = self._clock.now() - started
        _LOG.info("%s: downloaded %s: %d bytes in %.2f s", self.service, request.url.path, size, seconds)
        return size

    @contextmanager
    def _sent(self, request: httpx.Request, *, follow_redirects: bool = False) -> Iterator[httpx.Response]:
        try:
            response = self._client.send(request, stream=True, follow_redirects=follow_redirects)
            try:
                yield response
            finally:
                response.close()
        except httpx.HTTPError as fault:
            raise self._broken(fault) from fault

    def _decoded(self, response: httpx.Response, body: bytes, decoder: msgspec.json.Decoder[Answer]) -> Answer:
        status = response.status_code
        if is_html(body, _content_type(response)):
            raise SourceError(
                f"{self._here} answered {status} with HTML{titled(body)} where JSON was expected. "
                "The address is probably not that of the API; check host and path."
            )
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as fault:
            # msgspec names the place and the types, not the values.
            raise SourceError(f"{self._here} answered JSON of another shape than expected: {fault}.") from None
        except msgspec.DecodeError as fault:
            if "truncated" in str(fault):
                raise _TransientError(f"{self._here} sent a body that ends early.") from None
            raise SourceError(f"{self._here} answered {status} with something that is no JSON: {fault}.") from None

    def _refuse_errors(self, response: httpx.Response, body: bytes) -> None:
        if response.is_success:
            return
        status = response.status_code
        if response.is_redirect:
            place = httpx.URL(response.headers.get("location", "")).copy_with(query=None)
            raise StatusError(f"{self._here} answered {status}: it wants to be asked at {place}.", status, "redirect")
        message = f"{self._here} answered {status}: {self._without_key(in_words(body, _content_type(response)))}."
        if status in RETRIED:
            wait = retry_after_s(response.headers.get("retry-after"))
            raise _TransientError(message, status, error_code(body), wait)
        raise StatusError(message, status, error_code(body))

    def _broken(self, fault: httpx.HTTPError) -> Exception:
        words = self._without_key(str(fault)) or type(fault).__name__
        if isinstance(fault, _BROKEN_CONNECTIONS):
            sent = not isinstance(fault, (httpx.ConnectError, httpx.ConnectTimeout))
            what = "broke off" if sent else "could not be reached"
            return _TransientError(f"{self._here} {what}: {words}.", sent=sent)
        return SourceError(f"{self._here} cannot be asked: {words}.")

    @property
    def _here(self) -> str:
        return f"{self.service} at {self.base_url}"

    def _without_key(self, words: str) -> str:
        return words.replace(self._key, "[key]") if self._key else words


def _content_type(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", ""))


def _worth_repeating(fault: BaseException, retried: frozenset[int], repeatable: bool) -> bool:
    if not isinstance(fault, _TransientError):
        return False
    if fault.status:
        return fault.status in retried
    return repeatable or not fault.sent


def _between(low: float, high: float) -> float:
    return random.uniform(low, high)  # noqa: S311  # spreads clients out in time; guards nothing
