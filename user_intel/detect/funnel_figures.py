"""From who came how far to a funnel's figures: conversions with their intervals, and times, in one segment.

Belongs here: arithmetic. A unit (session or user) belongs to a segment by a session it touched: see `funnels`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from user_intel.detect.funnel_matching import Visits
from user_intel.detect.statistics import wilson

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_US_PER_S = 1_000_000


@dataclass(frozen=True)
class Progress:
    """One row per unit that entered, one column per position: whether it came there, when, and in which session."""

    reached: Flags
    at_us: Integers
    session: NDArray[np.uint64]

    @classmethod
    def of(cls, visits: Visits, matches: Integers) -> Progress:
        """That of matches found among `visits`."""
        return cls(matches >= 0, visits.at_us[matches], visits.session[matches])

    def touched(self, breakdown: Literal["first_touch", "last_touch", "each_step"]) -> NDArray[np.uint64]:
        """The session whose segment counts: one column for all positions, or with each_step one for each."""
        import numpy as np

        if breakdown == "each_step":
            return self.session
        last = self.reached.sum(axis=1, keepdims=True) - 1
        return self.session[:, :1] if breakdown == "first_touch" else np.take_along_axis(self.session, last, axis=1)


def figures(progress: Progress, member: Flags) -> Iterator[dict[str, Any]]:
    """One per position: the measures of `funnels` among the units of a segment; None where nothing was entered.

    `member` says which units are in the segment: one column, or one per position.
    """
    came = progress.reached & member
    onward = came[:, :-1] & progress.reached[:, 1:]
    entered, converted = came.sum(axis=0), onward.sum(axis=0)
    followed = (progress.reached & member[:, :1]).sum(axis=0)
    times = _median_times(progress.at_us, onward)
    for place in range(len(entered)):
        last = place == len(converted)
        yield {
            "entered": int(entered[place]),
            "converted": None if last else int(converted[place]),
            "step_conversion": None if last else _share(converted[place], entered[place]),
            "overall_conversion": _share(followed[place], entered[0]),
            **(_interval(followed[place], entered[0]) if last else _interval(converted[place], entered[place])),
            "median_time_s": None if last else times[place],
        }


def _median_times(at_us: Integers, onward: Flags) -> list[float | None]:
    import numpy as np

    gaps = [at_us[went, place + 1] - at_us[went, place] for place, went in enumerate(onward.T)]
    return [float(np.median(gap)) / _US_PER_S if len(gap) else None for gap in gaps]


def _share(hits: Any, units: Any) -> float | None:
    return float(hits / units) if units else None


def _interval(hits: Any, units: Any) -> dict[str, float | None]:
    if not units:
        return {"low": None, "high": None}
    low, high = wilson(hits, units)
    return {"low": float(low), "high": float(high)}
