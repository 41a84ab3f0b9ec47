"""Pain points written down by hand, one of each kind: what detectors might have found, for those who tell of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from user_intel.detect.wording import PainPoint

DAY = date(2026, 3, 29)
_COMMON: dict[str, Any] = {
    "day": DAY, "segment": "all", "flow": None, "metric": "exit_rate", "value": 0.412, "expected": 0.12, "low": 0.35,
    "high": 0.47, "sessions": 120, "users": 96, "p_value": 1e-9, "q_value": 1e-7, "lost_conversions": None,
    "lost_usd": None, "severity": 12.3, "priority": "P1", "first_day": date(2026, 3, 26), "last_day": DAY,
    "days_seen": 4, "trend": "new", "source_table": "drop_offs",
}  # fmt: skip


def facts(**changed: Any) -> dict[str, Any]:
    """The facts of a pain point, the least there are."""
    return {
        "numbers": [],
        "reference": "own_baseline",
        "steps": [],
        "also": [],
        "reversals": [],
        "notes": [],
        **changed,
    }


def made(kind: str = "drop_off", *subjects: str, **changed: Any) -> PainPoint:
    """A pain point of a kind at /shipping, or what `subjects` name, with some fields changed."""
    names = list(subjects) or ["/shipping"]
    known = {"subject": names[0], "subjects": names, "facts": facts(), "pain_point_id": f"{kind} {names[0]}"}
    return PainPoint(**{**_COMMON, "kind": kind, **known, **changed})


BUTTON = 'button.btn#pay "Pay now"'
ONE_OF_EACH = [
    made("drop_off", segment="device_type=mobile", flow="checkout", lost_conversions=61.4, lost_usd=1228.0),
    made("loop", "/home", "/status", subject="/home <-> /status", metric="loop_rate"),
    made("loop", "/", "/changelog", "/home", subject="/ -> /changelog -> /home", metric="loop_rate"),
    made("slow_step", metric="p50_s", value=190.0, expected=62.0, low=150.0, high=240.0),
    made("underused_feature", "report_exported", metric="adoption", value=0.13, expected=0.42, low=0.1, high=0.17),
    made("rage_click", BUTTON, "/shipping", metric="rage_click_rate", expected=0.0003),
    made("dead_click", BUTTON, "/shipping", metric="dead_click_rate"),
    made("error_click", BUTTON, "/shipping", metric="error_click_rate"),
    made("u_turn", metric="u_turn_rate"),
    made("form_abandonment", metric="abandonment_rate"),
    made("rapid_exit", metric="rapid_exit_rate"),
    made("anomaly", "recorded_share", metric="recorded_share", value=0.062, expected=0.57, low=0.4, high=0.7,
         facts=facts(notes=["tracking"]), sessions=0, users=0),
    made("anomaly", "event:order_completed", metric="event:order_completed", value=0.0, expected=210.4, low=150.0,
         high=270.0, facts=facts(notes=["vanished"]), sessions=0, users=0),
    made("anomaly", "sessions", metric="sessions", value=1200.0, expected=4000.0, low=3100.0, high=4900.0,
         facts=facts(notes=["volume"]), sessions=0, users=0),
]  # fmt: skip
