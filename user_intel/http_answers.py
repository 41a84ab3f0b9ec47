"""What an HTTP answer says when it is not the one hoped for: in words, as a code, and when to come back.

PostHog's envelope is `{"type", "code", "detail", "attr"}`; others say `error` or `message`; a gateway says HTML.
"""

import email.utils
import re
from datetime import UTC, datetime

import msgspec

LONGEST_DETAIL = 400
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


class _Envelope(msgspec.Struct):
    """The shapes in which services say what is wrong."""

    detail: object = None
    error: object = None
    message: object = None
    code: object = None


def in_words(body: bytes, content_type: str) -> str:
    """What an error answer says, in one short line: `detail` or `error` of a JSON body, else the body's own text."""
    if is_html(body, content_type):
        return f"an HTML page{titled(body)}"
    envelope = _envelope(body)
    said = envelope and (envelope.detail or envelope.error or envelope.message)
    text = said if isinstance(said, str) else body[: 4 * LONGEST_DETAIL].decode("utf-8", "replace")
    line = " ".join(text.split()).removesuffix(".")
    return (line[:LONGEST_DETAIL] + " ..." if len(line) > LONGEST_DETAIL else line) or "nothing more"


def error_code(body: bytes) -> str:
    """The service's own `code` of an error answer; empty when it has none."""
    envelope = _envelope(body)
    return envelope.code if envelope and isinstance(envelope.code, str) else ""


def retry_after_s(header: str | None) -> float | None:
    """Seconds that a Retry-After header asks for (a number or an HTTP date); None when it asks for nothing."""
    if header is None:
        return None
    if header.strip().isdigit():
        return float(header)
    try:
        until = email.utils.parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (until.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def _envelope(body: bytes) -> _Envelope | None:
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except msgspec.DecodeError:
        return None


def is_html(body: bytes, content_type: str) -> bool:
    """Whether the body is a page for people, by its type or its first character."""
    return "html" in content_type or body[:64].lstrip().startswith(b"<")


def titled(body: bytes) -> str:
    """ " titled '...'" with the title of an HTML page; empty when it has none."""
    found = _TITLE.search(body[:10_000])
    return f" titled {' '.join(found[1].decode('utf-8', 'replace').split())[:80]!r}" if found else ""
