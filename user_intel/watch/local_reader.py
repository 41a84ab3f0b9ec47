"""The signs of a recording in words: what is said of it where no model watches. Deterministic, and labelled so.

Every number said is the sign's own; names are those that masking left. The confidences are judgements about what a sign
is worth as evidence of trouble, not measurements: people pause for many reasons, and hammer on a button for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from user_intel.detect.wording import counted, duration
from user_intel.watch.findings import Finding, FindingKind
from user_intel.watch.signs import Sign, Signal


@dataclass(frozen=True)
class _Saying:
    kind: FindingKind
    confidence: float
    words: str
    suggestion: str


_SAYINGS: Final[dict[Signal, _Saying]] = {
    "rage_click": _Saying(
        "frustration", 0.9, "Hammers on {element}: {clicks} within {time}.",
        "Let {element} answer at once, or show that it is working.",
    ),
    "repeated_click": _Saying(
        "repetition", 0.7, "Clicks {element} again and again: {clicks} within {time}.",
        "Show after the first click on {element} that it was taken.",
    ),
    "dead_click": _Saying(
        "confusion", 0.8, "Clicks {element}; nothing changes for {time}.",
        "Let {element} do something, or let it not look as if it could.",
    ),
    "error_click": _Saying(
        "error", 0.9, "Clicks {element} and meets an error {time} later.",
        "Find the error behind {element}, and say what to do when it happens.",
    ),
    "pause": _Saying(
        "hesitation", 0.4, "Stops for {time}, then goes on.",
        "See whether what is asked for here is clear.",
    ),
    "thrash": _Saying(
        "erratic_cursor", 0.6, "Moves the cursor to and fro: {turns} within {time}.",
        "See whether the next thing to do can be found here.",
    ),
    "scroll_reversal": _Saying(
        "confusion", 0.6, "Scrolls up and down: {turns} within {time}.",
        "See whether what people look for can be found where they look.",
    ),
}  # fmt: skip


def read(signs: Sequence[Sign], labels: Sequence[str]) -> list[Finding]:
    """A finding for each sign, with the name of its element beside it ("" where it has none)."""
    return [_told(sign, label) for sign, label in zip(signs, labels, strict=True)]


def _told(sign: Sign, label: str) -> Finding:
    saying = _SAYINGS[sign.signal]
    parts = {
        "element": label or "the same place",
        "clicks": counted(sign.count, "click"),
        "turns": counted(sign.count, "turn"),
        "time": duration(sign.to_s - sign.from_s),
    }
    return Finding(
        kind=saying.kind,
        from_s=round(sign.from_s, 3),
        to_s=round(sign.to_s, 3),
        description=saying.words.format(**parts),
        suggestion=saying.suggestion.format(**parts),
        confidence=saying.confidence,
        signal=sign.signal,
    )
