"""What Jira's refusals and broken connections say, in words a person can act on.

Jira's envelope is `{"errorMessages": [...], "errors": {field: words}}`; proxies and login pages say HTML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from user_intel.errors import FieldsRefused, JiraError, JiraMissing
from user_intel.http_answers import in_words, is_html, titled

_REMEDIES = {
    400: "Mend what it names and try again.",
    401: "Check JIRA_TOKEN and JIRA_USER: Cloud wants the e-mail and an API token of that account (tokens expire), "
    "Server and Data Center a personal access token and no JIRA_USER.",
    403: "The account of the token lacks the permission; ask the project's administrator for it.",
    404: "It does not exist, or the account of the token may not see it.",
    410: "This Jira no longer has what was asked for; a newer user_intel may.",
    413: "The file is larger than this Jira takes.",
}
_LONGEST = 1_000
# OpenSSL's words for what goes wrong before anything is sent.
_HANDSHAKE = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "HANDSHAKE_FAILURE", "UNSUPPORTED_PROTOCOL")
_CAPTCHA = "Jira wants a CAPTCHA solved after failed logins: log in once with a browser as this user."


@dataclass(frozen=True)
class Said:
    """What an error answer says: general `messages`, and words for single `fields`."""

    messages: tuple[str, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """All of it in one line."""
        named = [f"{name}: {words}" for name, words in self.fields.items()]
        whole = " ".join(" ".join(part.split()) for part in (*self.messages, *named)) or "nothing more."
        return whole if len(whole) <= _LONGEST else f"{whole[:_LONGEST]} ..."


def said(body: bytes, content_type: str, field_names: Mapping[str, str]) -> Said:
    """What Jira's envelope says, with its fields by name where known; of another answer, its title or beginning."""
    try:
        envelope = json.loads(body)
    except ValueError:
        return Said((in_words(body, content_type) + ".",))
    if not isinstance(envelope, dict):
        return Said((in_words(body, content_type) + ".",))
    errors = envelope.get("errors")
    fields = (
        {_named(str(id_), field_names): str(words) for id_, words in errors.items()} if isinstance(errors, dict) else {}
    )
    told = envelope.get("errorMessages") or [envelope.get("errorMessage") or envelope.get("message") or ""]
    messages = [str(words).strip() for words in (told if isinstance(told, list) else [told]) if words]
    return Said(tuple(messages), fields)


def _named(id_: str, field_names: Mapping[str, str]) -> str:
    name = field_names.get(id_)
    return f'"{name}" ({id_})' if name and name.casefold() != id_.casefold() else id_


def refusal(status: int, words: str, told: Said, *, captcha: bool) -> JiraError:
    """The error for an answer that repeating does not mend; `words` are Jira's own, with where and what."""
    if status == 400 and told.fields:
        faults = tuple(f"{name}: {fault}" for name, fault in told.fields.items())
        return FieldsRefused(f"{words} {_REMEDIES[400]}", (*told.messages, *faults))
    remedy = _CAPTCHA if captcha else _REMEDIES.get(status, "")
    return (JiraMissing if status == 404 else JiraError)(f"{words} {remedy}".strip())


def not_json(body: bytes, content_type: str) -> str:
    """What came instead of JSON."""
    if is_html(body, content_type):
        return f"a page for people{titled(body)}"
    return "a broken body" if body else "an empty body"


def was_sent(broken: Exception) -> bool:
    """Whether the request may have reached Jira before the connection broke."""
    from requests.exceptions import ConnectTimeout, ProxyError, SSLError
    from urllib3.exceptions import MaxRetryError, NewConnectionError

    if isinstance(broken, ConnectTimeout | ProxyError):
        return False
    if isinstance(broken, SSLError):
        return not any(word in str(broken) for word in _HANDSHAKE)
    cause = broken.args[0] if broken.args else None
    return not (isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError))


def of_connection(broken: Exception) -> str:
    """Why a connection broke; the libraries' own words name objects and repeat themselves."""
    from requests import exceptions

    if isinstance(broken, exceptions.ConnectTimeout):
        return "it did not take the connection in time"
    if isinstance(broken, exceptions.Timeout):
        return "it took too long"
    cause = broken.args[0] if broken.args else broken
    reason = getattr(cause, "reason", None) or cause
    inner = reason.args[-1] if getattr(reason, "args", None) else reason
    return " ".join(str(inner).split()).rpartition(">: ")[2].rstrip(".") or type(broken).__name__
