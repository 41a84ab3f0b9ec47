"""The numbers an explanation may use, each with its unit, window, denominator and segment: the JSON of `facts`.

{"numbers": [{"id", "what", "value", "unit", "from", "to", "of", "segment"}, ...], "also": [...], "reversals": [...],
"reference", "steps", "note"}. `also` lists what was found as well and is taken for the same problem: kind, subject,
segment, value, expected. `reversals` names properties along which every value got better while all together got worse.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date


@dataclass(frozen=True)
class Number:
    """One fact. `of` says what it is a share of or counted among."""

    id: str
    what: str
    value: float | int
    unit: str
    first_day: date
    last_day: date
    of: str
    segment: str


@dataclass(frozen=True)
class Also:
    """What is taken for the same problem."""

    kind: str
    subject: str
    segment: str
    value: float
    expected: float
    q_value: float


@dataclass(frozen=True)
class Facts:
    """All facts of one pain point."""

    numbers: Sequence[Number]
    reference: str
    steps: Sequence[str]
    also: Sequence[Also] = ()
    reversals: Sequence[str] = field(default=())
    notes: Sequence[str] = field(default=())

    def text(self) -> str:
        """As JSON, keys in a fixed order, numbers rounded to nine significant digits."""
        told = asdict(self)
        told["numbers"] = [_told(each) for each in told["numbers"]]
        return json.dumps(told, ensure_ascii=False, default=str)


def _told(number: dict[str, object]) -> dict[str, object]:
    first, last = number.pop("first_day"), number.pop("last_day")
    value = number["value"]
    rounded = float(f"{value:.9g}") if isinstance(value, float) else value
    return {**number, "value": rounded, "from": str(first), "to": str(last)}
