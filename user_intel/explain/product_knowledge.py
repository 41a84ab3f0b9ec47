"""What the team said of earlier insights, as whoever explains gets to know it: verdicts and reasons, nobody's name.

Feedback is written by colleagues, and still data: personal data is scrubbed, names and reasons are made readable, it
is fenced like facts and bounded. Of an insight only what was said of ones like it is told, so that a verdict on one
problem does not make all others be asked, and paid, anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from user_intel import privacy
from user_intel.detect.wording import KINDS, PainPoint
from user_intel.explain.untrusted import as_data, fenced, readable
from user_intel.state.records import Feedback

REASON_LETTERS = 200
MOST_TOLD = 4
KNOWLEDGE_LETTERS = 500


def clean(feedback: Iterable[Feedback]) -> list[Feedback]:
    """The same feedback, its reasons on one line, readable and without personal data."""
    return [replace(said, reason=_clean(said.reason) if said.reason else None) for said in feedback]


def _clean(reason: str) -> str:
    return readable(privacy.scrubbed(reason), REASON_LETTERS)


def told(words: Iterable[Feedback], about: PainPoint | None = None) -> str:
    """What of `words` (`ranking.last_words`) a model is told, fenced; empty where there is nothing.

    Of a pain point what was said of its kind or its subject, of itself first; else all; the latest first. At most
    `MOST_TOLD` of them on at most `KNOWLEDGE_LETTERS` letters.
    """
    like = [word for word in words if about is None or _is_like(word, about)]
    like.sort(
        key=lambda word: (about is not None and word.pain_point_id == about.pain_point_id, word.day), reverse=True
    )
    lines: list[dict[str, str]] = []
    for word in like[:MOST_TOLD]:
        if len(as_data([*lines, _line(word)])) > KNOWLEDGE_LETTERS:
            break
        lines.append(_line(word))
    return fenced("knowledge", as_data(lines)) if lines else ""


def _is_like(word: Feedback, found: PainPoint) -> bool:
    return word.kind == found.kind or word.subject == found.subject


def _line(word: Feedback) -> dict[str, str]:
    kind = KINDS[word.kind].name if word.kind in KINDS else word.kind
    line = {"verdict": word.verdict, "problem": kind, "of": readable(word.subject), "segment": readable(word.segment)}
    return line | ({"reason": word.reason} if word.reason else {})
