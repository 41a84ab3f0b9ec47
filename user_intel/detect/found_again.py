"""A pain point of the lake as the problem that detect found: so that others can ask who met it, as detect would."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from user_intel.detect.history import Key
from user_intel.detect.pain_points import KINDS
from user_intel.detect.wording import PainPoint


@dataclass(frozen=True)
class Sought:
    """What `evidence.gather` must know to say who met a pain point; `expected` as its row has it."""

    metric: str
    key: Key
    first: date
    last: date
    expected: float


_METRICS = {kind: metric for metric, kind in KINDS.items()}


def as_problem(found: PainPoint, days: Sequence[date]) -> tuple[str, Key, date, date]:
    """Metric, key and days under which detect found a pain point; `days` where its facts do not tell."""
    metric = _METRICS.get(found.kind, found.kind)
    subject = (
        json.dumps(found.subjects, ensure_ascii=False, separators=(",", ":")) if metric == "loop" else found.subjects[0]
    )
    measured = next((each for each in found.facts.get("numbers", ()) if each["id"] == "value"), None)
    first, last = (date.fromisoformat(measured[end]) for end in ("from", "to")) if measured else (days[0], days[-1])
    return metric, Key(subject, found.subjects[-1], found.segment), first, last


def sought(found: PainPoint, days: Sequence[date]) -> Sought:
    """A pain point as evidence is asked for it; `days` as in `as_problem`."""
    return Sought(*as_problem(found, days), found.expected)
