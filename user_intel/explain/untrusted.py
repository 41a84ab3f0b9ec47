"""Text that users of the analysed product may have written: made readable and harmless, never obeyed.

Names of steps, elements, features and segments come from addresses, buttons and events, so anybody can choose them.
Belongs here: what is done to a name before it stands in a fact table, a sentence, a prompt or a ticket, and the fence
around facts in a prompt. What is refused of a model that obeyed such a text all the same is `grounding`.

Letters, digits and emoji of every script stay. What cannot be seen or steers how text is shown goes: controls, marks of
direction (Unicode TR 36; CVE-2021-42574), zero width, tags and variation selectors that can hide a message (ASCII
smuggling), fillers that look like nothing. What opens markup or closes a fence is replaced by what only looks like it.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# A name, and any other text from outside. Longer ones are cut, and carry a digest so that two of them stay two.
NAME_LETTERS = 120
NAMELESS = "(nameless)"

_LOOKS_LIKE = str.maketrans(
    {"<": "‹", ">": "›", "＜": "‹", "＞": "›", "﹤": "‹", "﹥": "›", "`": "'", "｀": "'", "\\": "/"}
)
# Letters by their category, nothing to the eye: Hangul fillers, the empty Braille cell.
_FILLERS = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800"}
_JOINER, _NON_JOINER = "\u200d", "\u200c"
_EMOJI_STYLES = {"\ufe0e", "\ufe0f"}
_HIDDEN_MARKS = re.compile("[\u034f\u17b4\u17b5\u180b-\u180f\ufe00-\ufe0d\U000e0100-\U000e01ef]")
_MOST_MARKS = 4
# Emoji and Chinese characters that Unicode may have added since this Python was made.
_GROWING = (("\U0001f000", "\U0001faff"), ("\U0002a6e0", "\U000323af"))
_DIGEST_DIGITS = 4
_FENCE_DIGITS = 12


def readable(text: str, most: int = NAME_LETTERS) -> str:
    """`text` on one line of at most `most` letters, with nothing in it that hides, steers or marks up.

    The same for the same text, and itself once more: readable(readable(text)) is readable(text).
    """
    shown = " ".join("".join(_seen(unicodedata.normalize("NFC", text.translate(_LOOKS_LIKE)))).split())
    shown = unicodedata.normalize("NFC", shown)
    if len(shown) > most:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_DIGITS]
        shown = f"{shown[: most - _DIGEST_DIGITS - 1].rstrip(_JOINER + ' ')}…{digest}"
    return shown or NAMELESS


def made_readable(told: Any) -> Any:
    """The same mapping, list or value with every text in it `readable`, keys included; of two keys made one, the first.

    Nothing else is changed: numbers stay numbers.
    """
    if isinstance(told, str):
        return readable(told) if told else told
    if isinstance(told, Mapping):
        return _readable_mapping(told)
    if isinstance(told, Sequence):
        return [made_readable(each) for each in told]
    return told


def as_data(told: object) -> str:
    """JSON on as few letters as it takes; every script as it is, so that people and models can read it."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=str)


def fenced(name: str, data: str) -> str:
    """`data` between two lines that nobody could have put into it: they carry its digest, which nobody knows before."""
    digest = hashlib.sha256(data.encode()).hexdigest()[:_FENCE_DIGITS]
    return f"<{name} {digest}>\n{data}\n</{name} {digest}>"


def _readable_mapping(told: Mapping[Any, Any]) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for key, value in told.items():
        made.setdefault(made_readable(key), made_readable(value))
    return made


def _seen(text: str) -> Iterator[str]:
    """The characters that stay, blanks for those that separate."""
    marks = 0
    for place, letter in enumerate(text):
        category = unicodedata.category(letter)
        marks = marks + 1 if category == "Mn" else 0
        if letter in _FILLERS or category in ("Cc", "Zl", "Zp", "Zs"):
            yield " "
        elif letter in _EMOJI_STYLES:
            yield letter if place and _is_picture(text[place - 1]) else ""
        elif letter in (_JOINER, _NON_JOINER):
            yield letter if _joins(text, place) else ""
        elif _is_seen(letter, category) and marks <= _MOST_MARKS:
            yield letter


def _is_seen(letter: str, category: str) -> bool:
    if category == "Cn":
        return any(first <= letter <= last for first, last in _GROWING)
    return category[0] != "C" and not _HIDDEN_MARKS.match(letter)


def _joins(text: str, place: int) -> bool:
    """Whether a joiner does what it is for: makes one picture of two, or shapes letters of scripts that need it."""
    if place == 0 or place + 1 == len(text):
        return False
    before, after = text[place - 1], text[place + 1]
    if text[place] == _JOINER and (_is_picture(before) or before in _EMOJI_STYLES) and _is_picture(after):
        return True
    return _is_shaped(before) and _is_shaped(after)


def _is_picture(letter: str) -> bool:
    """Emoji and what makes them up: pictographs, dingbats, keycaps, skin tones."""
    return unicodedata.category(letter) in ("So", "Sk", "Cn") or letter in "#*0123456789♀♂→"


def _is_shaped(letter: str) -> bool:
    """Letters and marks of Arabic, Syriac and the scripts of India, whose spelling needs joiners."""
    return "\u0600" <= letter <= "\u08ff" or "\u0900" <= letter <= "\u0dff"
