"""A small product whose people wander: loops, dead ends, a strange name, two segments, a goal; a few days of it.

Everything is drawn from one seed and written as the stages before the graph would have stored it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from user_intel.journeys.transitions import transitions
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel_tests.detect.hand_made import Session, before, new_lake, rows, write, write_rows

DAYS = [before(back) for back in (8, 2, 1, 0)]
PRODUCT = Product.model_validate(
    {"flows": {"purchase": ["/home", "paid"], "support": ["/help", "/contact"]}, "segments": ["device", "plan"]}
)
STEPS = ["/home", "/item", "/cart", "paid", "/help", "/contact", "/admin", 'it\'s_"odd"\\/línea{$x}', "/old"]
# Where people go on to from each step, likelier ones first.
_NEXT = {
    0: (1, 4, 2), 1: (2, 0, 1), 2: (3, 1, 0, 4), 3: (0, 5), 4: (5, 0, 7), 5: (4,), 6: (7, 6), 7: (6, 4, 0), 8: (0, 1),
}  # fmt: skip


def wandering_lake(home: Path, sessions_a_day: int = 40, seed: int = 4) -> Lake:
    """A lake with sessions, steps and transitions of `DAYS`; the first of them alone has visits of /old."""
    lake = new_lake(home, PRODUCT)
    dice = random.Random(seed)
    for day in DAYS:
        write_journeys(lake, day, [_session(dice, day) for _ in range(sessions_a_day)])
    return lake


def write_journeys(lake: Lake, day: date, sessions: Sequence[Session]) -> None:
    """Writes a day's sessions, with the goals they reached, and the tables made of them."""
    write(lake, day, sessions)
    walked: dict[str, set[str]] = {}
    for row in rows(lake, "steps", day):
        walked.setdefault(row["session_id"], set()).add(row["step"])
    ends = {name: steps[-1] for name, steps in PRODUCT.flows.items()}
    told = [
        {**row, "goals": sorted(name for name, end in ends.items() if end in walked.get(row["session_id"], ()))}
        for row in rows(lake, "sessions", day)
    ]
    write_rows(lake, "sessions", day, told)
    with lake.connect() as connection:
        lake.write_day("transitions", day, transitions(lake.read(connection, "steps", [day])))


def _session(dice: random.Random, day: date) -> Session:
    device = dice.choice(["mobile", "desktop", "desktop", None])
    # Only desktop's people find the admin pages.
    at = dice.choice([0, 0, 0, 1, 4]) if device != "desktop" or dice.random() < 0.7 else 6
    if day == DAYS[0] and dice.random() < 0.1:
        at = 8
    walk = [at]
    while dice.random() < 0.8 and len(walk) < 30:
        ways = [step for step in _NEXT[walk[-1]] if step != walk[-1] and (step not in (6, 7) or device == "desktop")]
        walk.append(dice.choices(ways, weights=range(len(ways), 0, -1))[0])
    dwells = [round(dice.uniform(1, 90), 1) for _ in walk]
    return Session(
        " ".join(f"{STEPS[step]}:{dwell}" for step, dwell in zip(walk, dwells, strict=True)),
        user=f"user-{dice.randrange(25)}",
        values={"device": device, "plan": dice.choice(["free", "pro"])},
        hour=dice.randrange(20 * 60) / 60,
    )
