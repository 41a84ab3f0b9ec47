"""Requests to one Jira through atlassian-python-api: patience, throttling, lost answers; errors in Jira's own words.

Belongs here: what holds for any request. What a resource means is `jira.py`. The library's general methods are used
and not its named ones: those of its Server class cannot set a property while creating, and its own repeating of
throttled requests waits as long as it is told to and sends changes twice.
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast, overload

import msgspec

from user_intel.act import answers
from user_intel.act.tickets import Flavour
from user_intel.errors import ConfigError, JiraAway, JiraError, JiraUnsure
from user_intel.http_answers import retry_after_s
from user_intel.settings import Settings

if TYPE_CHECKING:
    from atlassian.rest_client import AtlassianRestAPI
    from requests import Response

Answer = TypeVar("Answer")

_LOG = logging.getLogger(__name__)

# Throttled, or nobody there to take the request: nothing was done, whatever it was.
_NOT_DONE = frozenset({429, 503})
# A fault of the moment; a change may have been made before it.
_FAULTS = frozenset({500, 502, 504})
_TAKEN_FOR_NOBODY = "AUTHENTICATED_FAILED"
_MAYBE_DONE = "It may have done what was asked."


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
        # By id, once known: errors then name the fields as people see them.
        self.field_names: dict[str, str] = {}
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

    def get(self, resource: str, shape: type[Answer], params: dict[str, str] | None = None) -> Answer:
        """A resource below the API's root."""
        path = self._library.resource_url(resource)
        asked = _Asked("GET", resource, lambda: self._library.get(path, params=params), repeatable=True)
        return self._repeatedly(asked, shape)

    def post(self, resource: str, body: object, shape: type[Answer], *, repeatable: bool = False) -> Answer:
        """The answer to a POST; `repeatable` when sending it twice does no harm, as of a search."""
        path = self._library.resource_url(resource)
        asked = _Asked("POST", resource, lambda: self._library.post(path, data=cast(Any, body)), repeatable)
        return self._repeatedly(asked, shape)

    def upload(self, resource: str, name: str, content: IO[bytes], shape: type[Answer]) -> Answer:
        """The answer to a file sent as a form."""
        path, headers = self._library.resource_url(resource), self._library.no_check_headers

        def send() -> object:
            # A throttled request has read it to its end.
            content.seek(0)
            return self._library.post(path, headers=headers, files={"file": (name, content)})

        return self._repeatedly(_Asked("POST", resource, send, repeatable=False), shape)

    def put(self, resource: str, body: object) -> None:
        """Puts a value where it belongs, however often."""
        path = self._library.resource_url(resource)
        asked = _Asked("PUT", resource, lambda: self._library.put(path, data=cast(Any, body)), repeatable=True)
        self._repeatedly(asked, None)

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

    @overload
    def _repeatedly(self, asked: _Asked, shape: type[Answer]) -> Answer: ...

    @overload
    def _repeatedly(self, asked: _Asked, shape: None) -> None: ...

    def _repeatedly(self, asked: _Asked, shape: type[Answer] | None) -> Answer | None:
        """Sends until there is an answer, a refusal, or no patience left."""
        began, number = self._clock.now(), 0
        while True:
            number += 1
            try:
                return self._once(asked, shape)
            except _Later as later:
                wait = self._wait_s(number, later.retry_after_s)
                elapsed = self._clock.now() - began
                if number >= self._patience.tries or elapsed + wait > self._patience.request_s:
                    raise JiraAway(_gave_up(later, number, elapsed)) from None
                _LOG.warning("%s Trying again in %.1f s.", later, wait)
            self._clock.sleep(wait)
            self.repeated += 1

    def _once(self, asked: _Asked, shape: type[Answer] | None) -> Answer | None:
        from requests import RequestException

        began = self._clock.now()
        self.requests += 1
        try:
            answer = cast("Response", asked.send())
        except RequestException as broken:
            raise self._broken(broken, asked) from None
        finally:
            seconds = self._clock.now() - began
            self.seconds += seconds
        _LOG.info("jira: %s %s: %d in %.2f s", asked.method, asked.resource, answer.status_code, seconds)
        self._refuse_errors(answer, asked)
        return self._decoded(answer, asked, shape) if shape is not None else None

    def _refuse_errors(self, answer: Response, asked: _Asked) -> None:
        status = answer.status_code
        if status < 300 and not asked.repeatable:
            return
        if _TAKEN_FOR_NOBODY in answer.headers.get("x-seraph-loginreason", ""):
            # Whatever it answers, it answers as to a stranger: with less, or nothing, but not always with 401.
            status = 401
        if status < 300:
            return
        told = answers.said(answer.content, answer.headers.get("content-type", ""), self.field_names)
        words = f"{self._here} answered {status}: {self._harmless(told.line)}"
        if status in _NOT_DONE or (status in _FAULTS and asked.repeatable):
            raise _Later(words, retry_after_s(answer.headers.get("retry-after")))
        if status in _FAULTS:
            raise JiraUnsure(f"{words} {_MAYBE_DONE}")
        raise answers.refusal(status, words, told, captcha="x-authentication-denied-reason" in answer.headers)

    def _decoded(self, answer: Response, asked: _Asked, shape: type[Answer]) -> Answer:
        try:
            return msgspec.json.decode(answer.content, type=shape)
        except msgspec.ValidationError as fault:
            # msgspec names the place and the types, not the values.
            words = f"with JSON of another shape than expected: {fault}."
        except msgspec.DecodeError:
            kind = answers.not_json(answer.content, answer.headers.get("content-type", ""))
            words = f"with {kind} where JSON was expected. Check JIRA_URL: it is the address of Jira itself."
        found = f"{self._here} answered {answer.status_code} {words}"
        raise JiraError(found) if asked.repeatable else JiraUnsure(f"{found} {_MAYBE_DONE}")

    def _broken(self, broken: Exception, asked: _Asked) -> Exception:
        from requests import exceptions

        words = self._harmless(answers.of_connection(broken))
        if isinstance(broken, exceptions.TooManyRedirects):
            to = broken.response.headers.get("location", "") if broken.response is not None else ""
            place = to.partition("?")[0]
            return JiraError(f"{self._here} wants to be asked at {place}. Set JIRA_URL to where Jira itself is.")
        if isinstance(broken, ValueError):
            return JiraError(f"{self._here} cannot be asked: {words}.")
        if not answers.was_sent(broken):
            if isinstance(broken, exceptions.SSLError):
                remedy = "REQUESTS_CA_BUNDLE names a CA of your own"
                return JiraError(f"{self._here} could not be reached securely: {words}. {remedy}.")
            return _Later(f"{self._here} could not be reached: {words}.")
        unfinished = f"{self._here} did not finish its answer: {words}."
        return _Later(unfinished) if asked.repeatable else JiraUnsure(f"{unfinished} {_MAYBE_DONE}")

    def _wait_s(self, number: int, retry_after: float | None) -> float:
        if retry_after is not None:
            return retry_after
        return min(self._patience.first_wait_s * 2.0 ** (number - 1), self._patience.longest_wait_s)

    def _harmless(self, words: str) -> str:
        coded = base64.b64encode(f"{self._user}:{self._token}".encode()).decode()
        return words.replace(self._token, "[token]").replace(coded, "[token]") if self._token else words

    @property
    def _here(self) -> str:
        return f"Jira at {self.url}"


@dataclass(frozen=True)
class _Asked:
    """One request, as often as it is sent."""

    method: str
    resource: str
    send: Callable[[], object]
    repeatable: bool


class _Later(Exception):
    """One try that failed without having done anything that matters, and may be repeated."""

    def __init__(self, words: str, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after_s = retry_after


def _gave_up(later: _Later, tries: int, seconds: float) -> str:
    asked = f" It asked to be left alone for {later.retry_after_s:.0f} s." if later.retry_after_s else ""
    tried = f"Gave up after {tries} {'try' if tries == 1 else 'tries'} in {seconds:.0f} s; nothing was done."
    return f"{later}{asked} {tried} Try again later."
