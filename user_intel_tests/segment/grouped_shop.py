"""A shop of thirty people over a fortnight, grouped by hand: twelve who buy in the evening, twelve who read in the
morning, six in no group. Five of the buyers turn away at the cart in the last three days, which is a pain point.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from user_intel.detect.pain_points import pain_point_id
from user_intel.lake import Lake
from user_intel.product import Clusters, Product, Thresholds
from user_intel.segment.features import write_features
from user_intel.segment.matrix import load_matrix
from user_intel.segment.personas import Persona, as_json, centres
from user_intel_tests.detect.hand_made import DAY, Session, before, write, write_rows

PRODUCT = Product(
    flows={"purchase": ["/shop", "/cart", "paid"]},
    segments=["device"],
    thresholds=Thresholds(min_segment_share=0.0),
    clusters=Clusters(window_days=14, min_sessions=1),
)
PRODUCT_YAML = """
flows: {purchase: [/shop, /cart, paid]}
segments: [device]
thresholds: {min_segment_share: 0.0}
clusters: {window_days: 14, min_sessions: 1}
"""
DAYS = [before(back) for back in range(13, -1, -1)]
BUYERS = [f"b{number:02}" for number in range(12)]
READERS = [f"r{number:02}" for number in range(12)]
OTHERS = [f"o{number:02}" for number in range(6)]
KEYS: dict[str, str | None] = {
    **dict.fromkeys(BUYERS, "persona-1"), **dict.fromkeys(READERS, "persona-2"), **dict.fromkeys(OTHERS, None)
}  # fmt: skip
AT_THE_CART = pain_point_id("drop_off", "/cart", "/cart", "all")


def write_journeys(lake: Lake) -> None:
    """Everybody comes every third day; buyers buy, readers read; b00 to b04 leave at the cart from DAY - 2 on."""
    for number, day in enumerate(DAYS):
        sessions = []
        for place, user in enumerate(KEYS):
            if (number + place) % 3 == 0:
                sessions.append(_session(user, turned_away=user < "b05" and day >= before(2)))
        write(lake, day, sessions)
        write_rows(lake, "tallies", day, [])


def write_groups(lake: Lake, day: date, keys: dict[str, str | None] = KEYS, **columns: Any) -> None:
    """user_features of a day, and its groups as told by `keys` (users without features are left out)."""
    write_features(lake, PRODUCT, day)
    matrix = load_matrix(lake, PRODUCT, day)
    label = {key: number for number, key in enumerate(sorted({key for key in keys.values() if key}))}
    labels = [label.get(keys.get(user) or "", -1) for user in matrix.user_ids]
    found = centres(matrix.names, matrix.values, labels)
    personas = [
        Persona(key, "#0072B2" if key == "persona-1" else "#D55E00", DAYS[0], labels.count(number), found[number])
        for key, number in label.items()
    ]
    places = [{"x": float(place), "y": float(label)} for place, label in enumerate(labels)]
    write_rows(lake, "user_clusters", day, [
        {"day": day, "user_id": user, "cluster_key": keys.get(user), "probability": 1.0, "fitted": True, **place}
        for user, place in zip(matrix.user_ids, places, strict=True)
    ])  # fmt: skip
    write_rows(lake, "clusterings", day, [{
        "day": day, "verdict": "clusters" if label else "no_structure", "words": "By hand.", "users": len(labels),
        "fitted_users": len(labels), "clusters": len(label), "noise_share": labels.count(-1) / len(labels),
        "dbcv": 0.4, "seed_agreement": 0.9, "personas": as_json(personas), "highest_persona": len(label),
        "stabilities": json.dumps({key: {"jaccard": 0.8, "dbcv": 0.5} for key in label}), **columns,
    }])  # fmt: skip


def write_pain_point(lake: Lake) -> None:
    """People leave at the cart since DAY - 2."""
    measured = {"id": "value", "value": 0.4, "from": str(before(2)), "to": str(DAY)}
    write_rows(lake, "pain_points", DAY, [{
        "day": DAY, "pain_point_id": AT_THE_CART, "kind": "drop_off", "subject": "/cart", "subjects": ["/cart"],
        "segment": "all", "flow": "purchase", "metric": "exit_rate", "value": 0.4, "expected": 0.01, "low": 0.3,
        "high": 0.5, "sessions": 5, "users": 5, "p_value": 1e-6, "q_value": 1e-5, "lost_conversions": 4.0,
        "severity": 40.0, "priority": "P1", "first_day": before(2), "last_day": DAY, "days_seen": 3, "trend": "new",
        "facts": json.dumps({"numbers": [measured], "also": [], "notes": []}), "source_table": "drop_offs",
    }])  # fmt: skip


def _session(user: str, *, turned_away: bool) -> Session:
    if user in BUYERS:
        walk = "/home:10 /shop:20 /cart:15" if turned_away else "/home:10 /shop:20 /cart:15 paid"
        return Session(walk, user=user, hour=20, values={"device": "mobile"})
    if user in READERS:
        return Session("/news:60 /article:120 /news:30 /article", user=user, hour=8, values={"device": "desktop"})
    return Session("/home:20 /news", user=user, values={"device": "desktop"})
