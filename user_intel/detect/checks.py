"""What must hold of a day's pain points whatever the data are: worked out anew from the tables, not from the detectors.

Belongs here: promises to whoever reads pain points. Whether a finding is right is FrictionBench's to say.
"""

from __future__ import annotations

from datetime import date

from user_intel import files
from user_intel.detect.window import window_days
from user_intel.lake import Lake
from user_intel.product import Product

# Shrunk losses add up to the real one but for the last digits of a float.
_ROUNDING = 1e-6


def losses_beyond_the_real(lake: Lake, product: Product, day: date) -> dict[str, tuple[float, int]]:
    """Flows whose pain points claim more conversions than were really lost in the window: claimed, really lost.

    Really lost: sessions that came to a step of the flow and not to its goal. A flow whose steps are not known (it was
    mined, and `funnels` of the day is not there) cannot be told to be exceeded.
    """
    with lake.connect() as connection:
        lake.read(connection, "pain_points", [day]).create_view("check_pain_points")
        lake.read(connection, "funnels", [day]).create_view("check_funnels")
        lake.read(connection, "steps", window_days(product, day)).create_view("check_steps")
        rows = connection.execute(files.sql("detect/check_losses")).fetchall()
    return {flow: (claimed, real) for flow, claimed, real in rows if claimed > real * (1 + _ROUNDING)}


def without_evidence(lake: Lake, product: Product, day: date) -> list[str]:
    """Ids of pain points that fewer sessions or users met than the evidence asks for; anomalies are of a whole day."""
    limits = product.thresholds
    least = {"min_sessions": limits.min_sessions, "min_users": limits.min_users}
    with lake.connect() as connection:
        lake.read(connection, "pain_points", [day]).create_view("check_pain_points")
        return [row[0] for row in connection.execute(files.sql("detect/check_evidence"), least).fetchall()]
