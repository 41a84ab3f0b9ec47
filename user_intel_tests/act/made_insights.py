"""A lake of pain points and insights written down by hand: what there is to make tickets of."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from user_intel.detect.wording import PainPoint
from user_intel.explain.identity import insight_id
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel_tests.detect.hand_made import DAY, new_lake, write_rows
from user_intel_tests.detect.made_pain_points import facts, made

PROJECT = "SHOP"


def number(id_: str, what: str, value: float, unit: str, of: str = "sessions at /shipping") -> dict[str, Any]:
    """One fact of a pain point."""
    return {"id": id_, "what": what, "value": value, "unit": unit, "of": of, "segment": "device_type=mobile",
            "from": "2026-03-23", "to": "2026-03-29"}  # fmt: skip


def leaving(step: str = "/shipping", **changed: Any) -> PainPoint:
    """People of mobile devices leave `step`; the id is 16 hex digits, as detect gives them."""
    known = {
        "segment": "device_type=mobile", "flow": "checkout", "severity": 60.0, "lost_conversions": 61.4,
        "pain_point_id": f"{abs(hash_of(step)):016x}",
        "facts": facts(numbers=[number("value", "exit_rate", 0.412, "share"),
                                number("units", "sessions", 290, "sessions"),
                                number("users_hit", "users hit", 96, "users")]),
    }  # fmt: skip
    return made("drop_off", step, **{**known, **changed})


def hash_of(text: str) -> int:
    """The same number for the same text in every process."""
    return int.from_bytes(text.encode()[-7:], "big")


def insight_row(found: PainPoint, place: int = 1, **changed: Any) -> dict[str, Any]:
    """The row of `insights` that explains a pain point."""
    known = {
        "day": found.day, "insight_id": insight_id(found.pain_point_id), "pain_point_id": found.pain_point_id,
        "place": place, "kind": found.kind, "subject": found.subject, "segment": found.segment,
        "priority": found.priority, "severity": found.severity, "title": f"People leave {found.subject}",
        "problem": f"41 % of mobile sessions leave {found.subject}.", "why_it_matters": "At least 61 conversions lost.",
        "hypothesis": "The form may ask for too much.", "recommendation": "Ask for less.",
        "verification": "Watch exit_rate for 14 days.", "metric": found.metric, "quiet": False, "quiet_because": None,
        "facts": "{}", "claims": "[]", "grounded": True, "refusals": "[]", "provider": "offline", "model": "narrator",
        "prompt_digest": "0", "input_tokens": 0, "output_tokens": 0, "cost_usd": 0.0,
    }  # fmt: skip
    return {**known, **changed}


def explained_lake(home: Path, product: Product, found: Sequence[PainPoint], day: date = DAY) -> Lake:
    """A lake whose `day` has the pain points and an insight of each, and its product.yaml."""
    lake = new_lake(home, product)
    explain(lake, found, day)
    return lake


def explain(lake: Lake, found: Sequence[PainPoint], day: date, **changed: Any) -> None:
    """Writes pain points and insights of a day, as if seen again on it."""
    again = [replace(each, day=day, last_day=day) for each in found]
    write_rows(lake, "pain_points", day, [{**asdict(each), "facts": json.dumps(each.facts)} for each in again])
    write_rows(lake, "insights", day, [insight_row(each, place, **changed) for place, each in enumerate(again, 1)])


def later(days: int) -> date:
    """So many days after the first day of the tests."""
    return DAY + timedelta(days=days)
