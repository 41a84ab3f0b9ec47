"""Personal data in a text of a page: where it stands, and the text with stars in its place.

The shapes are those of `sql/privacy/macros.sql`, which scrubs events, and some more: what is hidden in a video by
mistake costs little, so plain long numbers, IBANs and social security numbers go too. A test holds both together. Every
search takes time in proportion to the text: recordings are written by strangers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

Span = tuple[int, int]

_MAY_HOLD: Final = re.compile(r"@|%40|\d{3}|eyJ|://|\?|[A-Za-z0-9_+/-]{20}|(?i:bearer)|\d-\d|[23f][0-9a-f]{3}:", re.A)
# Letters, digits and signs of every script; not blanks, plain punctuation, or the private signs of icon fonts.
_SHOWING: Final = re.compile(r"[^\s!-/:-@\[-^`{-~\ue000-\uf8ff]")
_INVISIBLE: Final = re.compile("[\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufeff]")
_NO_BLANK: Final = re.compile(r"\S")

_AT: Final = re.compile(r"@|%40")
_BEFORE_AT: Final = re.compile(r"[\w.%+'-]{1,128}$")
_AFTER_AT: Final = re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_USERINFO: Final = re.compile(r"(?<=://)[^/\s\"@]{1,256}@")
_QUERY: Final = re.compile(r"(?<=\S)[?#&][\w%.\[\]-]{1,128}=[^\s\"'<>]*")
_TOKEN: Final = re.compile(
    r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?"
    r"|\b[srp]k[-_](?:[a-z0-9]{1,16}[-_]){0,4}[A-Za-z0-9]{16}[A-Za-z0-9_-]*"
    r"|\b(?:whsec|ph[xcsa]|gh[pousr]|github_pat|glpat|xox[abeoprs]|shp(?:at|ca|pa|ss)|ya29)[-_.][A-Za-z0-9_.-]{16,}"
    r"|\b(?:npm|hf)_[A-Za-z0-9]{30,}"
    r"|(?:AKIA|ASIA|AGPA|AROA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,}"
    r"|(?i:bearer)\s{1,8}[A-Za-z0-9._~+/=-]{8,}"
)
_LONG: Final = (re.compile(r"[A-Za-z0-9_+/-]{40,}"), re.compile(r"[A-Za-z0-9]{20,}"))
_GROUPS: Final = re.compile(r"\d+(?:[ \u00a0\u2009\u202f.\-]\d+)*")
_GROUP: Final = re.compile(r"\d+")
_ISSUER: Final = re.compile(r"4|5[1-8]|2[2-7]|3[0456789]|6")
_PHONE: Final = re.compile(
    r"(?:\+|\b00)[1-9][0-9]{0,2}(?:[ ().\-/\u00a0]{0,2}[0-9]){6,13}\b"
    r"|(?:\([2-9][0-9]{2}\)[ .-]?|\b[2-9][0-9]{2}[ .-])[0-9]{3}[ .-][0-9]{4}\b"
    r"|\b0[1-9][0-9]{1,3}[ /-][0-9]{3,4}[ -]?[0-9]{3,5}\b"
    r"|\b0[1-9](?:[ .][0-9]{2}){4}\b"
)
_LONG_NUMBER: Final = re.compile(r"\d{9,}")
_SOCIAL_SECURITY: Final = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_IPV4: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?!\d|\.\d)")
_IPV6: Final = re.compile(r"(?i)\b(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f])(?::{1,2}[0-9a-f]{1,4}){2,7}\b")


def hidden(text: str) -> str:
    """A text of the same shape that says nothing: a star for each letter, digit and sign."""
    return _SHOWING.sub("*", text)


def scrubbed(text: str, *, secrets_only: bool = False) -> str:
    """A text with stars in place of personal data; with `secrets_only`, of cards, tokens and addresses' queries."""
    return starred(text, spans(text, secrets_only=secrets_only))


def starred(text: str, found: tuple[Span, ...]) -> str:
    """A text with stars in these places."""
    for start, end in found:
        text = text[:start] + _NO_BLANK.sub("*", text[start:end]) + text[end:]
    return text


def without_named_shapes(text: str) -> str:
    """A text that is no prose (a style sheet) without e-mails and tokens; its numbers stay."""
    found = tuple({*_emails(text), *(token.span() for token in _TOKEN.finditer(text))})
    return starred(text, found)


def spans(text: str, *, secrets_only: bool = False) -> tuple[Span, ...]:
    """Where personal data stands in a text, in no order; spans may overlap."""
    if _INVISIBLE.search(text):
        # Signs of no width break a shape for a pattern, but not for an eye.
        places = [place for place, sign in enumerate(text) if not _INVISIBLE.match(sign)]
        seen = spans("".join(text[place] for place in places), secrets_only=secrets_only)
        return tuple((places[start], places[end - 1] + 1) for start, end in seen if end > start)
    if not _MAY_HOLD.search(text):
        return ()
    return _spans_of_short(text, secrets_only) if len(text) <= _SHORT else _spans(text, secrets_only)


_SHORT: Final = 400


@lru_cache(maxsize=8192)
def _spans_of_short(text: str, secrets_only: bool) -> tuple[Span, ...]:
    return _spans(text, secrets_only)


def _spans(text: str, secrets_only: bool) -> tuple[Span, ...]:
    """Finds again in what is left, as long as there is something: a datum may begin where another ended."""
    found: set[Span] = set()
    finders = _SECRETS if secrets_only else _ALL
    while fresh := {span for find in finders for span in find(text)} - found:
        found |= fresh
        text = starred(text, tuple(fresh))
    return tuple(found)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    return lambda text: (found.span() for found in pattern.finditer(text))


def _emails(text: str) -> Iterator[Span]:
    # From the @ outwards: looking for a beginning first takes quadratic time in long words.
    for at in _AT.finditer(text):
        window = max(0, at.start() - 128)
        before = _BEFORE_AT.search(text[window : at.start()])
        after = _AFTER_AT.match(text, at.end())
        if before and after:
            yield window + before.start(), after.end()


def _random(text: str) -> Iterator[Span]:
    return (found.span() for long in _LONG for found in long.finditer(text) if _looks_random(found[0]))


def _looks_random(word: str) -> bool:
    """Random text changes between small, capital and digit far oftener than words do."""
    if not re.search(r"\d", word) or not re.search(r"[A-Za-z]", word):
        return False
    if re.fullmatch(r"[0-9a-fA-F]+", word):
        return True
    if re.search(r"[a-z]", word) and re.search(r"[A-Z]", word):
        return len(re.findall(r"[a-z]+|[A-Z]+|[0-9]+", word)) >= 0.45 * len(word)
    return bool(re.fullmatch(r"[a-z0-9]+|[A-Z0-9]+", word)) and len(re.findall(r"[A-Za-z]+|[0-9]+", word)) >= 0.3 * len(
        word
    )


def _cards(text: str) -> Iterator[Span]:
    """Groups of digits that follow each other and are a card's number together, whatever digits stand beside them."""
    for run in _GROUPS.finditer(text):
        groups = [group.span() for group in _GROUP.finditer(text, *run.span())]
        for first, (start, _) in enumerate(groups):
            for _, end in groups[first : first + 6]:
                if _is_card("".join(filter(str.isdigit, text[start:end]))):
                    yield start, end


def _is_card(digits: str) -> bool:
    return 13 <= len(digits) <= 19 and bool(_ISSUER.match(digits)) and _luhn_valid(digits)


def _luhn_valid(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def _ibans(text: str) -> Iterator[Span]:
    for found in _IBAN.finditer(text):
        if _is_iban(found[0].replace(" ", "")):
            yield found.span()


def _is_iban(letters: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in letters[4:] + letters[:4])) % 97 == 1


_SECRETS: Final = (_matches(_USERINFO), _matches(_QUERY), _matches(_TOKEN), _random, _cards)
_ALL: Final = (
    *_SECRETS, _emails, _ibans, _matches(_PHONE), _matches(_LONG_NUMBER), _matches(_SOCIAL_SECURITY),
    _matches(_IPV4), _matches(_IPV6),
)  # fmt: skip
