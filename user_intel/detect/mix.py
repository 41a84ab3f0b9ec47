"""Worse together although nobody fares worse: what a change in who comes does to a rate, and Simpson's reversals.

When more of those come who always left more often, the rate of all rises and nothing is wrong with the step. Whether
that is so is seen along each segment property: the rate that today's people would have had by each value's own past.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from user_intel.detect.history import Key
from user_intel.detect.judging import LEAST_UNITS, Judged, evidence
from user_intel.detect.segments import ALL, Segments
from user_intel.detect.statistics import Counts

if TYPE_CHECKING:
    from user_intel.detect.problems import Problem

# So much of the excess is the mix's: then the step is not to blame.
_MIX_SHARE = 0.8


@dataclass(frozen=True)
class Mix:
    """Along one property: the part of a problem's excess that who came explains, and whether no value got worse."""

    along: str
    explained: float
    is_reversal: bool

    @property
    def is_all(self) -> bool:
        """Whether nearly all of the excess is the mix's."""
        return self.explained >= _MIX_SHARE


def mixes(judged: Judged, problem: Problem, segments: Segments) -> Iterator[Mix]:
    """One for each property whose values can be followed since before the problem began; only for everybody's rates."""
    series, days = judged.series, judged.series.days
    if problem.key.segment != ALL or not problem.began_known or problem.metric == "dwell":
        return
    split = days.index(problem.began)
    before, after = evidence(series, 0, split), evidence(series, split, len(days))
    if not (isinstance(before, Counts) and isinstance(after, Counts)):
        return
    index = series.index()
    whole = index[problem.key]
    excess = float(after.value[whole] - before.value[whole])
    for name, values in segments.speaking.items():
        keys = [Key(problem.key.subject, problem.key.step, f"{name}={value}") for value in values]
        rows = [index[key] for key in keys if key in index]
        followed = [row for row in rows if min(before.units[row], after.units[row]) >= LEAST_UNITS]
        units = float(after.units[followed].sum())
        if len(followed) < 2 or units < 0.8 * float(after.units[whole]) or excess <= 0:
            continue
        usual = float((after.units[followed] * before.value[followed]).sum()) / units
        worse = [float(after.value[row]) > float(before.value[row]) for row in followed]
        yield Mix(name, (usual - float(before.value[whole])) / excess, not any(worse))
