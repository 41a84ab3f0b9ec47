"""A shop whose last four days go wrong in ways that nobody can miss, written down by hand, day by day the same.

Each day forty sessions on desktop and forty on mobile walk /home, /list, /cart, /pay, paid. In the last four days 20 of
the 40 on mobile leave at /cart, where 4 did before; and 12 of the 40 on desktop go back and forth between /home and
/list, which nobody did before. No session of desktop leaves at /cart more often than before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from user_intel.lake import Lake
from user_intel.product import Product
from user_intel_tests.detect.hand_made import DAY, Session, before, write

DAYS = [before(back) for back in reversed(range(10))]
TROUBLED = DAYS[-4:]
PRODUCT_YAML = """
flows: {purchase: [/home, /list, /cart, /pay, paid]}
segments: [device, plan]
goals: {value_usd: {paid: 20}}
"""
PRODUCT = Product.model_validate(
    {
        "flows": {"purchase": ["/home", "/list", "/cart", "/pay", "paid"]},
        "segments": ["device", "plan"],
        "goals": {"value_usd": {"paid": 20}},
    }
)
_THROUGH = "/home:8 /list:12 /cart:9 /pay:30 paid"
_AWAY = "/home:8 /list:12 /cart"
_CIRCLES = "/home:8 /list:12 /home:5 /list:6 /home:5 /list:6 /cart:9 /pay:30 paid"


def write_shop(lake: Lake, days: Sequence[date] = DAYS) -> None:
    """Writes sessions, steps, events, recordings and frustration_signals of all days."""
    for day in days:
        write(lake, day, list(_sessions(day in TROUBLED, (day - DAYS[0]).days)))


def _sessions(troubled: bool, day_no: int) -> Iterator[Session]:
    for device, leaving, circling in (("mobile", 20 if troubled else 4, 0), ("desktop", 4, 12 if troubled else 0)):
        for number in range(40):
            walk = _AWAY if number < leaving else _CIRCLES if number >= 40 - circling else _THROUGH
            # Everybody comes twice in ten days, so that no user is much of anything.
            user = f"{device} {number} {day_no % 5}"
            yield Session(walk, user, {"device": device, "plan": "free"}, hour=8 + number / 10)


__all__ = ["DAY", "DAYS", "PRODUCT", "PRODUCT_YAML", "TROUBLED", "write_shop"]
