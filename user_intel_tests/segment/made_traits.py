"""Traits written down by hand: `trait("evening_share", 0.8)` is a strong one."""

from __future__ import annotations

from user_intel.segment.terms import term
from user_intel.segment.traits import Trait


def trait(feature: str, effect: float, mean: float = 0.7, rest: float = 0.2) -> Trait:
    """A trait of that effect (Cliff's delta), its interval a tenth wide on both sides."""
    return Trait(
        feature, z=2 * effect, direction="more" if effect > 0 else "less", mean=mean, rest=rest,
        unit=term(feature).unit, effect=effect, low=max(-1.0, effect - 0.1), high=min(1.0, effect + 0.1), q_value=1e-6,
        median=mean, rest_median=rest, quartiles=(mean / 2, mean * 2), rest_quartiles=(rest / 2, rest * 2),
    )  # fmt: skip
