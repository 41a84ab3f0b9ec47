"""Pain points with all their facts, written down by hand: what texts are checked against."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from user_intel.detect.wording import PainPoint
from user_intel.explain.facts import FactTable
from user_intel.explain.insight_facts import facts_of
from user_intel.lake import Lake
from user_intel.product import Product

DAY = date(2026, 3, 29)
FIRST = date(2026, 3, 23)
PRODUCT = Product(
    flows={
        "checkout": ["/catalog", "/item/:id", "/cart", "/shipping", "/payment", "order_completed"],
        "reporting": ["/dashboard", "/reports", "/reports/:id", "report_exported"],
        "upgrade": ["/pricing", "/billing", "plan_upgraded"],
    },
    features=["report_exported", "search_performed", "file_uploaded"],
    segments=["device_type", "plan", "country"],
)
# What the whole product has; a text may only say what its own facts name.
NAMES = frozenset(
    ["checkout", "reporting", "upgrade", "/catalog", "/item/:id", "/cart", "/shipping", "/payment", "order_completed",
     "/dashboard", "/reports", "/reports/:id", "report_exported", "/pricing", "/billing", "plan_upgraded",
     "search_performed",
     "file_uploaded", "/home", "/status", "/signup", "device_type=mobile", "device_type=desktop", "device_type=tablet",
     "plan=free", "plan=pro", "plan=enterprise", "country=US", "country=DE", 'button.btn#pay "Pay now"',
     'button.btn "Apply coupon"', 'a.link "Attach file"', "Evening users, rarely finish checkout"]
)  # fmt: skip
PAY = 'button.btn#pay "Pay now"'
ATTACH = 'a.link "Attach file"'


def found(key: str) -> PainPoint:
    """One of the pain points below by its key."""
    return _FOUND[key]


def table(key: str, lake: Lake) -> FactTable:
    """Its fact table."""
    return facts_of(found(key), lake, PRODUCT, NAMES)


def made(kind: str, subjects: list[str], metric: str, value: float, expected: float, **known: Any) -> PainPoint:
    """A pain point whose `facts` agree with its columns."""
    segment, flow, days = known.get("segment", "all"), known.get("flow"), known.get("days", 7)
    first = DAY - timedelta(days=days - 1)
    users, sessions, active = known.get("users", 96), known.get("sessions", 120), known.get("active", 1_548)
    unit = "s" if metric == "p50_s" else "share"
    noun = "visits" if unit == "s" else "sessions"
    of = f"{noun} at {subjects[-1]}"

    def number(id_: str, value: float, unit: str, of: str, **changed: str) -> dict[str, Any]:
        told = {"id": id_, "what": id_, "value": value, "unit": unit, "of": of, "segment": segment}
        return {**told, "from": str(first), "to": str(DAY), **changed}

    everybody = {"segment": "all", "from": str(FIRST)}
    numbers = [number("value", value, unit, of), number("expected", expected, unit, of),
               number("units", known["units"] if "units" in known else round(sessions / value) if value else 0, noun,
                      of)]  # fmt: skip
    if kind != "anomaly":
        numbers += [number("active_users", active, "users", "all users", **everybody),
                    number("users_hit_share", users / active, "share", "active users")]  # fmt: skip
    if flow:
        numbers += [number(f"goal_rate:{flow}", known.get("goal", 0.021), "share", "sessions hit"),
                    number(f"goal_rate_without:{flow}", known.get("goal_without", 0.613), "share", of),
                    number("conversions", known.get("conversions", 540), "conversions", "flow",
                           **everybody)]  # fmt: skip
    if before := known.get("before"):
        earlier = {"from": str(first - timedelta(days=7)), "to": str(first - timedelta(days=1))}
        numbers.append(number("value_before", before, unit, of, **earlier))
    facts = {"numbers": numbers, "reference": "own_baseline", "steps": subjects, "also": known.get("also", []),
             "reversals": [], "notes": known.get("notes", [])}  # fmt: skip
    is_loop = kind == "loop"
    return PainPoint(
        day=DAY, pain_point_id=f"{kind} {subjects[0]}", kind=kind,
        subject=" <-> ".join(sorted(subjects)) if is_loop else subjects[0], subjects=subjects, segment=segment,
        flow=flow,
        metric=metric, value=value, expected=expected, low=known.get("low", 0.85 * value), high=known.get("high",
                                                                                                          1.15 * value),
        sessions=sessions, users=users, p_value=1e-9, q_value=1e-7, lost_conversions=known.get("lost"),
        lost_usd=known.get("usd"), severity=known.get("severity", 12.3), priority=known.get("priority", "P1"),
        first_day=known.get("first_day", first), last_day=DAY, days_seen=known.get("days_seen", 4),
        trend=known.get("trend", "new"), facts=json.loads(json.dumps(facts)), source_table="drop_offs",
    )  # fmt: skip


_FOUND = {
    "form": made("form_abandonment", ["/shipping"], "abandonment_rate", 0.412, 0.12, segment="device_type=mobile",
                 flow="checkout", low=0.351, high=0.474, lost=61.4, usd=1_228.0, before=0.31, trend="worse",
                 first_day=date(2026, 3, 12), days_seen=16),
    "slow": made("slow_step", ["/reports/:id"], "p50_s", 98.4, 27.4, flow="reporting", low=93.0, high=104.1, users=323,
                 sessions=484, units=524, active=2_334, lost=12.3, goal=0.21, goal_without=0.4, days=6,
                 first_day=date(2026, 3, 24), days_seen=6),
    "rage": made("rage_click", [PAY, "/payment"], "rage_click_rate", 0.06, 0.005, flow="checkout", users=48,
                 sessions=51,
                 units=850, active=2_300, lost=20.2, usd=808.0, goal=0.35, goal_without=0.8, priority="P2",
                 trend="same",
                 notes=["since when is not known: it is as old as the data"], first_day=date(2026, 3, 9), days_seen=21),
    "unused": made("underused_feature", ["report_exported"], "adoption", 0.13, 0.42, segment="plan=free", users=410,
                   sessions=455, units=523, active=1_640, priority="P0", trend="same", before=0.128, low=0.1,
                   high=0.17),
    "loop": made("loop", ["/home", "/status"], "loop_rate", 0.25, 0.083, users=500, sessions=640, units=2_560,
                 active=1_500, priority="P0", low=0.234, high=0.267),
    "drop": made("drop_off", ["/pricing"], "exit_rate", 0.5, 0.25, flow="upgrade", users=1_200, sessions=1_310,
                 units=2_620,
                 active=4_800, lost=40.3, usd=4_836.0, priority="P0", low=0.481, high=0.519, trend="better",
                 before=0.61, goal=0.0, goal_without=0.184, first_day=date(2026, 3, 2), days_seen=28,
                 also=[{"kind": "rapid_exit", "subject": "/billing", "segment": "all", "value": 0.24, "expected": 0.11,
                        "q_value": 0.001}]),
    "dead": made("dead_click", [ATTACH, "/dashboard"], "dead_click_rate", 0.097, 0.0048, users=147, sessions=169,
                 units=1_747, active=2_334, low=0.084, high=0.112),
    "error": made("error_click", [PAY, "/payment"], "error_click_rate", 0.18, 0.02, flow="checkout", users=33,
                  sessions=41,
                  units=228, active=2_300, lost=7.7, usd=308.0, goal=0.5, goal_without=0.9, priority="P2", days=3),
    "turn": made("u_turn", ["/billing"], "u_turn_rate", 0.33, 0.11, users=75, sessions=82, units=248, active=4_800,
                 segment="country=DE", priority="P2"),
    "rapid": made("rapid_exit", ["/catalog"], "rapid_exit_rate", 0.147, 0.0004, users=210, sessions=233, units=1_585,
                  active=2_800),
    "blind": made("anomaly", ["recorded_share"], "recorded_share", 0.062, 0.57, notes=["tracking"], users=0,
                  sessions=0, days=1, low=0.4, high=0.7, days_seen=2),
    "stopped": made("anomaly", ["event:order_completed", "order_completed"], "event:order_completed", 0.0, 210.4,
                    notes=["vanished"], users=0, sessions=0, days=1, low=150.0, high=270.0, days_seen=1),
    "fewer": made("anomaly", ["sessions"], "sessions", 1_200.0, 4_000.0, notes=["volume"], users=0, sessions=0, days=1,
                  low=3_100.0, high=4_900.0, days_seen=1),
}  # fmt: skip
KEYS = list(_FOUND)
