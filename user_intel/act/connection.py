"""Requests to one Jira through atlassian-python-api: patience, throttling, lost answers; errors in Jira's own words.

Belongs here: what holds for any request. What a resource means is `jira.py`. The library's general methods are used
and not its named ones: those of its Server class cannot set a property while creating, and its own repeating of
throttled requests waits as long as it is told to and sends changes twice.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, cast

from user_intel.act import answers
from user_intel.act.tickets import Flavour
from user_intel.errors import ConfigError, JiraAway, JiraError, JiraUnsure
from user_intel.http_answers import retry_after_s
from user_intel.settings import Settings

if TYPE_CHECKING:
    from atlassian.rest_client import AtlassianRestAPI
    from requests import Response

# A JSON value as it came.
Json = Any

_LOG = logging.getLogger(__name__)

# Throttled, or nobody there to take the request: nothing was done, whatever it was.
_NOT_DONE = frozenset({429, 503})
# A fault of the moment; a change may have been made before it.
_FAULTS = frozenset({500, 502, 504})


@dataclass(frozen=True)
class Patience:
    """How long is waited for what, in seconds, and how often tried again."""

    connect_s: float = 10.0
    read_s: float = 60.0
    tries: int = 5
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    # Of one request with all its waits; a longer Retry-After is not waited for.
    request_s: float = 180.0


@dataclass(frozen=True)
class Clock:
    """Seconds that pass; tests turn it by hand."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Connection:
    """One Jira, one account. Close it when done. Not for several threads at once."""

    def __init__(self, settings: Settings, patience: Patience | None = None, clock: Clock | None = None) -> None:
        self.url = (settings.jira_url or "").rstrip("/")
        self.flavour: Flavour = "cloud" if settings.jira_user else "server"
        self.requests, self.repeated, self.seconds = 0, 0, 0.0
        self._user = settings.jira_user or ""
        self._token = settings.jira_token.get_secret_value().strip() if settings.jira_token else ""
        self._patience, self._clock = patience or Patience(), clock or Clock()
        self._library = self._opened()

    def __repr__(self) -> str:
        return f"Connection({self.url!r})"

    def close(self) -> None:
        """Closes the connections, and says what they were used for."""
        self._library.close()
        words = "jira at %s: %d requests, %d of them repeated, %.2f s in them"
        _LOG.info(words, self.url, self.requests, self.repeated, self.seconds)

    def get(self, resource: str, params: dict[str, str] | None = None) -> Json:
        """The JSON of a resource below the API's root."""
        path = self._library.resource_url(resource)
        return self._asked("GET", resource, lambda: self._library.get(path, params=params), repeatable=True)

    def post(self, resource: str, body: Json, *, repeatable: bool) -> Json:
        """The JSON answer to a POST; `repeatable` when sending it twice does no harm, as of a search."""
        path = self._library.resource_url(resource)
        return self._asked("POST", resource, lambda: self._library.post(path, data=body), repeatable=repeatable)

    def upload(self, resource: str, name: str, content: IO[bytes]) -> Json:
        """The JSON answer to a file sent as a form."""
        path, headers = self._library.resource_url(resource), self._library.no_check_headers
        files = {"file": (name, content)}
        return self._asked("POST", resource, lambda: self._library.post(path, headers=headers, files=files))

    def _opened(self) -> AtlassianRestAPI:
        from atlassian import Jira
        from atlassian.jira import JiraCloud
        from requests import Session

        if not self._token.isascii() or not self._token.isprintable() or " " in self._token:
            raise ConfigError("JIRA_TOKEN must be plain ASCII without spaces; copy it again from where it was made.")
        # The library logs what it sends and is answered.
        logging.getLogger("atlassian").setLevel(logging.CRITICAL)
        session = Session()
        # A redirected POST would become a GET of the page it leads to.
        session.max_redirects = 0
        choices: dict[str, Any] = {"session": session, "advanced_mode": True, "retry_with_header": False}
        library: AtlassianRestAPI = (
            JiraCloud(self.url, username=self._user, password=self._token, api_version=3, **choices)
            if self.flavour == "cloud"
            else Jira(self.url, token=self._token, api_version="2", **choices)
        )
        # Given at once they would have to be one whole number.
        library.timeout = cast(Any, (self._patience.connect_s, self._patience.read_s))
        return library

    def _asked(self, method: str, resource: str, send: Callable[[], object], *, repeatable: bool = False) -> Json:
        """Sends until there is an answer, a refusal, or no patience left."""
        began = self._clock.now()
        for number in range(1, self._patience.tries + 1):
            try:
                return self._once(method, resource, send, repeatable=repeatable)
            except _Later as later:
                wait = self._wait_s(number, later.retry_after_s)
                elapsed = self._clock.now() - began
                if number == self._patience.tries or elapsed + wait > self._patience.request_s:
                    raise JiraAway(_gave_up(later, number, elapsed)) from None
                _LOG.warning("%s Trying again in %.1f s.", later, wait)
                self._clock.sleep(wait)
                self.repeated += 1
        raise AssertionError("there is at least one try")

    def _once(self, method: str, resource: str, send: Callable[[], object], *, repeatable: bool) -> Json:
        from requests import RequestException

        began = self._clock.now()
        self.requests += 1
        try:
            answer = cast("Response", send())
        except RequestException as broken:
            raise self._broken(broken, repeatable=repeatable) from None
        finally:
            seconds = self._clock.now() - began
            self.seconds += seconds
        _LOG.info("jira: %s %s: %d in %.2f s", method, resource, answer.status_code, seconds)
        return self._read(answer, repeatable=repeatable)

    def _read(self, answer: Response, *, repeatable: bool) -> Json:
        status = answer.status_code
        if status < 300:
            return self._decoded(answer, repeatable=repeatable)
        said = answers.said(answer.content, answer.headers.get("content-type", ""))
        words = f"{self._here} answered {status}: {self._harmless(said.line)}"
        if status in _NOT_DONE or (status in _FAULTS and repeatable):
            raise _Later(words, retry_after_s(answer.headers.get("retry-after")))
        if status in _FAULTS:
            raise JiraUnsure(f"{words} It may have been done all the same.")
        raise answers.refusal(status, words, said, captcha="x-authentication-denied-reason" in answer.headers)

    def _decoded(self, answer: Response, *, repeatable: bool) -> Json:
        if not answer.content and answer.status_code == 204:
            return None
        try:
            return answer.json()
        except ValueError:
            words = answers.not_json(answer.content, answer.headers.get("content-type", ""))
            found = f"{self._here} answered {answer.status_code} with {words} where JSON was expected."
            if repeatable:
                raise JiraError(f"{found} Check JIRA_URL: it is the address of Jira itself.") from None
            raise JiraUnsure(f"{found} It may have been done all the same.") from None

    def _broken(self, broken: Exception, *, repeatable: bool) -> Exception:
        from requests import exceptions

        words = self._harmless(answers.of_connection(broken))
        if isinstance(broken, exceptions.TooManyRedirects):
            to = broken.response.headers.get("location", "") if broken.response is not None else ""
            place = to.partition("?")[0]
            return JiraError(f"{self._here} wants to be asked at {place}. Set JIRA_URL to where Jira itself is.")
        if isinstance(broken, exceptions.SSLError):
            return JiraError(f"{self._here} cannot be trusted: {words}. Set REQUESTS_CA_BUNDLE for a CA of your own.")
        if not isinstance(broken, exceptions.ConnectionError | exceptions.Timeout | exceptions.ChunkedEncodingError):
            return JiraError(f"{self._here} cannot be asked: {words}.")
        if not answers.was_sent(broken):
            return _Later(f"{self._here} could not be reached: {words}.")
        if repeatable:
            return _Later(f"{self._here} did not finish its answer: {words}.")
        return JiraUnsure(f"{self._here} did not finish its answer: {words}. It may have done what was asked.")

    def _wait_s(self, number: int, retry_after: float | None) -> float:
        if retry_after is not None:
            return retry_after
        return min(self._patience.first_wait_s * 2.0 ** (number - 1), self._patience.longest_wait_s)

    def _harmless(self, words: str) -> str:
        return words.replace(self._token, "[token]") if self._token else words

    @property
    def _here(self) -> str:
        return f"Jira at {self.url}"


class _Later(Exception):
    """One try that failed without having done anything that matters, and may be repeated."""

    def __init__(self, words: str, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after_s = retry_after


def _gave_up(later: _Later, tries: int, seconds: float) -> str:
    asked = f" It asked to be left alone for {later.retry_after_s:.0f} s." if later.retry_after_s else ""
    tried = f"Gave up after {tries} {'try' if tries == 1 else 'tries'} in {seconds:.0f} s; nothing was done."
    return f"{later}{asked} {tried} Try again later."
