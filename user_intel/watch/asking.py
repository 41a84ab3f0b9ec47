"""A clip watched by Gemini: asked, converted to the session's clock, checked against the events, critical ones twice.

What is sent is the video (drawn from masked events) and words about the problem; no identity, no event. Times come back
in seconds of the video; the clip's clock says which second of the session each shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from user_intel.explain.untrusted import readable
from user_intel.llm.asks import Answer, Ask, Film
from user_intel.privacy import scrubbed
from user_intel.prompts import prompt
from user_intel.watch.answers import SeenFinding, VideoAnswer
from user_intel.watch.clock import Clock, Stretch
from user_intel.watch.findings import Finding
from user_intel.watch.grounding import SLACK_S, Happened, refusal

if TYPE_CHECKING:
    from user_intel.llm.models import Models

PROMPT: Final = "video"
# Gemini looks at a video once a second unless it is told otherwise; clicks are shorter than that.
_FRAMES_PER_S: Final = 2.0
_LONGEST_WORDS: Final = 400
# What is worth a second look: what a team would act on at once.
_CRITICAL: Final = frozenset({"frustration", "error"})
_CRITICAL_CONFIDENCE: Final = 0.8
_TWICE: Final = 2


@dataclass(frozen=True)
class Clip:
    """A video to be watched: its file, its clock, and what it was chosen for, in words.

    `digest` is that of what it was drawn from: drawn again, it is the same film, whatever its bytes.
    """

    path: Path
    digest: str
    clock: Clock
    step: str
    problem: str
    contrast: bool


@dataclass(frozen=True)
class Watched:
    """What a model saw in a clip, refused findings among it. `cost_usd` is null where the price is not known.

    `inconclusive`: it says that the clip shows nothing that helps.
    """

    findings: Sequence[Finding]
    inconclusive: bool
    model: str
    prompt_digest: str
    cost_usd: float | None
    asked: int


def watch_clip(models: Models, clip: Clip, happened: Happened, about: str) -> Watched:
    """Asks once, and once more where something critical was seen and borne out. Raises LLMError or BudgetError."""
    first = _asked(models, clip, about, again=0)
    findings = [_finding(seen, clip, happened) for seen in _said(first).findings]
    answers = [first]
    if any(map(_is_critical, findings)):
        second = _asked(models, clip, about, again=1)
        answers.append(second)
        others = [_finding(seen, clip, happened) for seen in _said(second).findings]
        findings = [_compared(each, others) for each in findings]
    costs = [answer.cost_usd for answer in answers]
    return Watched(
        findings=findings,
        inconclusive=_said(first).inconclusive,
        model=first.model,
        prompt_digest=prompt(PROMPT).digest,
        cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        asked=len(answers),
    )


def _asked(models: Models, clip: Clip, about: str, *, again: int) -> Answer:
    told = prompt(PROMPT)
    filled = told.filled(
        about=about, step=clip.step, problem=clip.problem, seconds=round(clip.clock.video_s), contrast=clip.contrast
    )
    video = Film(clip.path, clip.digest, clip.clock.video_s, _FRAMES_PER_S)
    ask = Ask(PROMPT, filled.system, filled.text, VideoAnswer, told.limits.output_tokens, film=video, again=again)
    return models.ask(ask)


def _said(answer: Answer) -> VideoAnswer:
    assert isinstance(answer.value, VideoAnswer)  # noqa: S101  # models give what the ask's schema says
    return answer.value


def _finding(seen: SeenFinding, clip: Clip, happened: Happened) -> Finding:
    at = Stretch(clip.clock.to_session(seen.from_s), clip.clock.to_session(seen.to_s))
    return Finding(
        kind=seen.kind,
        from_s=round(at.from_s, 3),
        to_s=round(at.to_s, 3),
        description=_words(seen.what_was_seen),
        suggestion=_words(seen.suggestion),
        confidence=seen.confidence,
        refused_because=refusal(seen, at, clip.clock.session, clip.clock.video_s, happened),
    )


def _words(text: str) -> str:
    """A model's words as they may be stored: scrubbed, on one line, with nothing in them that hides or marks up."""
    return readable(scrubbed(text), _LONGEST_WORDS) if text.strip() else ""


def _is_critical(finding: Finding) -> bool:
    return finding.grounded and (finding.kind in _CRITICAL or finding.confidence >= _CRITICAL_CONFIDENCE)


def _compared(finding: Finding, others: Sequence[Finding]) -> Finding:
    """A critical finding with how often it was seen; refused when the second look does not show it."""
    if not _is_critical(finding):
        return finding
    again = any(
        other.grounded
        and other.kind == finding.kind
        and other.from_s <= finding.to_s + SLACK_S
        and other.to_s >= finding.from_s - SLACK_S
        for other in others
    )
    if again:
        return replace(finding, agreement=1.0)
    return replace(finding, agreement=1 / _TWICE, refused_because="it was not seen again when asked a second time")
