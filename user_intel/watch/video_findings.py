"""The table `video_findings`: what was seen in a day's recordings, by Gemini in the clips or by the local reader.

A model that is away, refuses or has used up its budget leaves a clip to the local reader, and it is said which and why.
What the events do not bear out is stored as refused, with the reason, and shown to nobody.
"""

from __future__ import annotations

import hashlib
import json
import logging
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from user_intel import files
from user_intel.detect import summary
from user_intel.detect.window import window_days
from user_intel.detect.wording import PainPoint, heading
from user_intel.errors import BudgetError, LLMError
from user_intel.explain.untrusted import readable
from user_intel.lake import Lake
from user_intel.llm.ledger import Budget
from user_intel.llm.patience import Patience
from user_intel.product import Product
from user_intel.settings import Settings, variable_name
from user_intel.watch.clips import DRAWN, NOT_DRAWN
from user_intel.watch.clock import Clock, Piece, Stretch
from user_intel.watch.findings import LOCAL, LOCAL_READER, Finding
from user_intel.watch.grounding import Happened
from user_intel.watch.local_reader import read
from user_intel.watch.shelf import Shelf
from user_intel.watch.signs import Sign

if TYPE_CHECKING:
    from user_intel.llm.models import Models
    from user_intel.watch.asking import Watched

_LOG = logging.getLogger(__name__)

_GEMINI: Final = "gemini"
_DIGITS: Final = 16


@dataclass
class Seen:
    """What became of a day: findings shown and refused, clips that say nothing, clips left to the local reader."""

    shown: int = 0
    refused: int = 0
    inconclusive: int = 0
    calls: int = 0
    cost_usd: float = 0.0
    calls_of_unknown_cost: int = 0
    cache_hits: int = 0
    left_to_local: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Reader:
    """Who read, and what it cost for each of its findings."""

    provider: str
    model: str
    prompt_digest: str | None = None
    cost_usd: float | None = 0.0


_LOCALLY: Final = _Reader(LOCAL, LOCAL_READER)


def find_day(lake: Lake, product: Product, settings: Settings, day: date, *, patience: Patience | None = None) -> Seen:
    """Writes `video_findings` of `day` from its `replay_clips`. Raises ConfigError when the model cannot be meant."""
    from user_intel.llm.models import open_models

    clips = [row for row in lake.rows("replay_clips", day) if row["status"] in (DRAWN, NOT_DRAWN)]
    problems = {each.pain_point_id: each for each in summary.ranked_pain_points(lake, day)}
    steps = _Steps(lake, product, day, clips)
    seen = Seen()
    model = settings.watching_model
    chosen = f"{_GEMINI}:{model}" if model else "offline"
    rows: list[dict[str, Any]] = []
    with open_models(settings, day=day, llm=chosen, budget=_budget(settings), patience=patience) as models:
        for clip in [each for each in clips if each["kind"] == "moment" and each["pain_point_id"] in problems]:
            rows += _findings(lake, product, models, day, clip, problems[clip["pain_point_id"]], steps, seen)
        spent = models.spent
    seen.calls, seen.cost_usd, seen.cache_hits = spent.calls, spent.cost_usd, spent.cache_hits
    seen.calls_of_unknown_cost = spent.calls_of_unknown_cost
    seen.shown = sum(row["grounded"] for row in rows)
    seen.refused = len(rows) - seen.shown
    with lake.writing("video_findings", day):
        lake.write_rows("video_findings", day, {row["finding_id"]: row for row in rows}.values())
    return seen


def _budget(settings: Settings) -> Budget:
    names = (variable_name("video_budget_usd"), variable_name("video_calls"))
    return Budget("watch", settings.video_budget_usd, settings.video_calls, *names)


def _findings(
    lake: Lake, product: Product, models: Models, day: date, clip: Mapping[str, Any], found: PainPoint, steps: _Steps,
    seen: Seen,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The rows of one recording: a model's of its clip, else the local reader's of the whole session."""
    watched: Watched | None = None
    findings: Sequence[Finding]
    if clip["file"] and not models.offline:
        try:
            watched = _watched(lake, product, models, day, clip, found)
        except (LLMError, BudgetError) as error:
            seen.left_to_local.append(str(error))
            _LOG.warning("a clip is left to the local reader: %s", error)
    if watched is None:
        findings, reader = _read_locally(clip), _LOCALLY
    else:
        findings = watched.findings
        seen.inconclusive += watched.inconclusive
        share = None if watched.cost_usd is None else watched.cost_usd / max(1, len(findings))
        reader = _Reader(_GEMINI, watched.model, watched.prompt_digest, share)
    for finding in findings:
        yield _row(day, clip, finding, reader, steps)


def _watched(
    lake: Lake, product: Product, models: Models, day: date, clip: Mapping[str, Any], found: PainPoint
) -> Watched:
    from user_intel.watch.asking import Clip, watch_clip

    kept = Shelf(lake.home).known(day, clip["clip_id"]) or {}
    told = Clip(
        path=Shelf(lake.home).root / clip["file"],
        digest=hashlib.sha256(f"{clip['events_digest']}\n{clip['clock']}".encode()).hexdigest(),
        clock=_clock(clip["clock"]),
        step=readable(found.place),
        problem=readable(heading(found), 300),
        contrast=not clip["met"],
    )
    return watch_clip(models, told, Happened(**kept["happened"]), product.explain.about)


def _clock(text: str) -> Clock:
    pieces = json.loads(text)
    return Clock(tuple(Piece(Stretch(**p["session"]), Stretch(**p["video"]), p["skipped"]) for p in pieces))


def _read_locally(clip: Mapping[str, Any]) -> list[Finding]:
    told = json.loads(clip["signs"] or "[]")
    signs = [Sign(each["signal"], each["from_s"], each["to_s"], 0, None, each["count"]) for each in told]
    return read(signs, [each["element"] for each in told])


def _row(day: date, clip: Mapping[str, Any], finding: Finding, reader: _Reader, steps: _Steps) -> dict[str, Any]:
    named = (
        day, clip["pain_point_id"], clip["session_id"], reader.model, finding.kind, finding.signal, finding.from_s,
        finding.to_s, finding.description,
    )  # fmt: skip
    inside = clip["file"] and clip["from_s"] <= finding.from_s and finding.to_s <= clip["to_s"]
    return {
        "finding_id": hashlib.sha256("\n".join(map(str, named)).encode()).hexdigest()[:_DIGITS],
        "session_id": clip["session_id"],
        "user_id": clip["user_id"],
        "pain_point_id": clip["pain_point_id"],
        "met": clip["met"],
        "kind": finding.kind,
        "signal": finding.signal,
        "from_s": finding.from_s,
        "to_s": finding.to_s,
        "step": steps.at(clip, finding.from_s),
        "description": finding.description,
        "suggestion": finding.suggestion,
        "confidence": finding.confidence,
        "agreement": finding.agreement,
        "grounded": finding.grounded,
        "refused_because": finding.refused_because,
        "clip": clip["file"] if inside else None,
        "provider": reader.provider,
        "model": reader.model,
        "prompt_digest": reader.prompt_digest,
        "cost_usd": reader.cost_usd,
        "url": _at_moment(clip["url"], finding.from_s),
    }  # fmt: skip


def _at_moment(url: str | None, at_s: float) -> str | None:
    return f"{url.partition('?t=')[0]}?t={int(at_s)}" if url else None


class _Steps:
    """Which step a watched session was at, by the second of its recording."""

    def __init__(self, lake: Lake, product: Product, day: date, clips: Sequence[Mapping[str, Any]]) -> None:
        self._visits: dict[str, tuple[list[datetime], list[str]]] = {}
        sessions = sorted({clip["session_id"] for clip in clips})
        with lake.connect() as connection:
            lake.read(connection, "steps", window_days(product, day)).create_view("watched_steps")
            rows = connection.execute(files.sql("watch/visited_steps"), {"sessions": sessions}).fetchall()
        for session_id, step, entered_at in rows:
            times, steps = self._visits.setdefault(session_id, ([], []))
            times.append(entered_at)
            steps.append(step)

    def at(self, clip: Mapping[str, Any], at_s: float) -> str | None:
        """The step of that second; null before the first visit."""
        times, steps = self._visits.get(clip["session_id"], ([], []))
        at = datetime.fromtimestamp(clip["started_ms"] / 1000 + at_s, UTC).replace(tzinfo=None)
        place = bisect_right(times, at)
        return steps[place - 1] if place else None
