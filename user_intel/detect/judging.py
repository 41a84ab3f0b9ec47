"""Is it worse than expected? The same three questions for every metric, subject and segment.

1. **Own baseline**: are the last days worse than the days before them? Asked for the window of `window_days`, and for
   shorter and longer last stretches, so that what began yesterday is seen tomorrow and what began two weeks ago is not
   taken for normal. The window counts for half of the error allowed, all other stretches for the other half.
2. **Rest of the product** (segments only): is the step worse for this segment than for all others, by more than the
   segment is worse everywhere else? An interaction test; what is true of a segment everywhere is no friction here.
3. **Comparable steps** (everybody only, and only where the detector names peers): is it worse than such steps are?

The answers to one question, and to all questions about one subject however many segments it is asked for, are united
by the Cauchy combination; Benjamini-Hochberg then runs over subjects. So one friction that shows in ten segments is one
discovery. Sources: Liu and Xie (2020); Benjamini and Bogomolov (2014) for selecting families first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from user_intel.detect.history import Key, Series
from user_intel.detect.segments import ALL
from user_intel.detect.statistics import Counts, Evidence, Expectation, Times, expect, expect_like_others, united

if TYPE_CHECKING:
    from user_intel.detect.statistics import Flags, Floats

Reference = Literal["own_baseline", "rest_of_product", "comparable_steps"]

# Days before a stretch without which there is no baseline, and units on either side without which there is no rate.
LEAST_BASELINE_DAYS = 3
LEAST_UNITS = 20
LEAST_PEERS = 5
_STRETCHES = (1, 2, 3, 5, 10, 14, 21, 28)
# How far rates (logits) and times (logarithms) of a subject vary by themselves at least: from one stretch of days to
# the next, from one segment to the rest, and from one step to comparable ones; and how far all of them move together.
_OWN_SD, _REST_SD, _PEERS_SD = 0.07, 0.12, 0.5
_COMMON_SHIFT_SD, _SEGMENT_SHIFT_SD = 0.15, 0.6


@dataclass(frozen=True)
class Judged:
    """A series with, for each row, what the window shows, what was expected, and how unlikely it is.

    `p_value` is nan where nothing can be said; `reason` says why. `reference` is the one that spoke loudest.
    """

    series: Series
    # Days of it that were counted.
    window: int
    seen: Evidence
    expected: Floats
    p_value: Floats
    p_by_reference: dict[Reference, Floats]
    expected_by_reference: dict[Reference, Floats]
    reference: list[Reference | None]
    reason: list[str | None]

    def expected_from(self, split: int) -> Floats:
        """What the days before column `split` let expect of the days from there on."""
        if split not in self._expected_from:
            self._expected_from[split] = own_test(self.series, split)[1]
        return self._expected_from[split]

    @cached_property
    def _expected_from(self) -> dict[int, Floats]:
        return {}


def evidence(series: Series, first: int, end: int, row: int | None = None) -> Evidence:
    """The sums of columns `first` to `end` (not included), of all rows or of one."""
    rows, window = slice(None) if row is None else slice(row, row + 1), slice(first, end)
    units = series.units[rows, window].sum(axis=1)
    if series.metric == "dwell":
        return Times(units, series.total[rows, window].sum(axis=1), series.squares[rows, window].sum(axis=1))
    return Counts(units, series.hits[rows, window].sum(axis=1))


def judge(series: Series, window: int, *, peers: Series | None = None, silent: dict[str, str] | None = None) -> Judged:
    """Asks the three questions of every row over the last `window` days.

    `peers` has one row of everybody per comparable step. `silent` gives steps or subjects at which nothing is ever
    said, with the reason.
    """
    import numpy as np

    days = len(series.days)
    window = _counted_days(series, window)
    seen = evidence(series, days - window, days)
    questions: dict[Reference, tuple[Floats, Floats]] = {
        "own_baseline": _own_baseline(series, window),
        "rest_of_product": _rest_of_product(series, seen),
        "comparable_steps": _comparable_steps(series, seen, peers, window),
    }
    asked = np.stack([p for p, _ in questions.values()])
    expected = np.stack([mean for _, mean in questions.values()])
    count = np.isfinite(asked).sum(axis=0)
    smallest = np.nanargmin(np.where(np.isfinite(asked), asked, 2.0), axis=0) if len(series) else np.zeros(0, int)
    rows = np.arange(len(series))
    whole = united(asked, np.ones((len(questions), 1)))
    reasons = [_reason(key, seen, row, whole[row], silent or {}) for row, key in enumerate(series.keys)]
    spoken = np.array([reason is None for reason in reasons], dtype=bool)
    names = list(questions)
    return Judged(
        series,
        window,
        seen,
        np.where(count > 0, expected[smallest, rows], np.nan),
        np.where(spoken, whole, np.nan),
        {name: p for name, (p, _) in questions.items()},
        {name: mean for name, (_, mean) in questions.items()},
        [names[smallest[row]] if count[row] else None for row in rows],
        reasons,
    )


def _counted_days(series: Series, window: int) -> int:
    """How many days of a window were counted: days that were not are no columns, and the window reaches no further."""
    return sum(day > series.days[-1] - timedelta(days=window) for day in series.days)


def _own_baseline(series: Series, window: int) -> tuple[Floats, Floats]:
    import numpy as np

    days = len(series.days)
    stretches = [w for w in {window, *_STRETCHES} if w <= days - LEAST_BASELINE_DAYS]
    if not stretches:
        return np.full(len(series), np.nan), np.full(len(series), np.nan)
    # The window first: what it lets expect is shown, whichever stretch was the most telling.
    stretches.sort(key=lambda stretch: (stretch != window, abs(stretch - window)))
    answers = [own_test(series, days - stretch) for stretch in stretches]
    weights = np.array([len(stretches) - 1 if stretch == window else 1 for stretch in stretches], dtype=float)
    means = np.stack([mean for _, mean in answers])
    first = np.isfinite(means).argmax(axis=0)
    p_values = united(np.stack([p for p, _ in answers]), np.maximum(weights, 1)[:, None])
    return p_values, means[first, np.arange(len(series))]


def own_test(series: Series, split: int) -> tuple[Floats, Floats]:
    """p-value and expected value of the days from column `split` on, given the days before it."""
    before, after = evidence(series, 0, split), evidence(series, split, len(series.days))
    expectation = expect(before, after, series.groups(), series.subjects(), _OWN_SD, _COMMON_SHIFT_SD)
    enough = (before.units >= LEAST_UNITS) & (after.units >= LEAST_UNITS)
    return _answer(after, expectation, enough)


def _rest_of_product(series: Series, seen: Evidence) -> tuple[Floats, Floats]:
    import numpy as np

    index = series.index()
    whole = np.array([index.get(Key(key.subject, key.step, ALL), -1) for key in series.keys], dtype=int)
    is_part = (whole >= 0) & np.array([key.segment != ALL for key in series.keys], dtype=bool)
    rest = _without(seen, whole)
    expectation = expect(rest, seen, series.groups(), series.subjects(), _REST_SD, _SEGMENT_SHIFT_SD)
    return _answer(seen, expectation, is_part & (seen.units >= LEAST_UNITS) & (rest.units >= LEAST_UNITS))


def _without(seen: Evidence, whole: Floats) -> Evidence:
    """What is left of the rows `whole` without each row."""
    import numpy as np

    def left(values: Floats) -> Floats:
        return np.maximum(np.where(whole >= 0, values[whole] - values, 0), 0) if len(values) else values

    if isinstance(seen, Times):
        return Times(left(seen.units), np.where(whole >= 0, seen.total[whole] - seen.total, 0), left(seen.squares))
    units = left(seen.units)
    return Counts(units, np.minimum(left(seen.hits), units))


def _comparable_steps(series: Series, seen: Evidence, peers: Series | None, window: int) -> tuple[Floats, Floats]:
    """Judges rows of everybody by the peers at other steps; the peer at its own step is left out."""
    import numpy as np

    nothing = np.full(len(series), np.nan)
    if peers is None or len(peers) < LEAST_PEERS:
        return nothing, nothing
    others = evidence(peers, max(0, len(peers.days) - window), len(peers.days))
    teaching = others.units >= LEAST_UNITS
    if teaching.sum() < LEAST_PEERS:
        return nothing, nothing
    of_peer = expect_like_others(others, teaching, _PEERS_SD)
    places = {key.step: row for row, key in enumerate(peers.keys)}
    place = np.array([places.get(key.step, -1) if key.segment == ALL else -1 for key in series.keys], dtype=int)
    expectation = Expectation(of_peer.link[place], of_peer.variance[place], of_peer.freedom)
    return _answer(seen, expectation, (place >= 0) & (seen.units >= LEAST_UNITS))


def _answer(seen: Evidence, expectation: Expectation, enough: Flags) -> tuple[Floats, Floats]:
    import numpy as np

    p_values = np.where(enough, seen.tail(expectation), np.nan)
    return p_values, np.where(enough, seen.unlink(expectation.link), np.nan)


def _reason(key: Key, seen: Evidence, row: int, p_value: float, silent: dict[str, str]) -> str | None:
    for name in (key.step, key.subject):
        if name in silent:
            return silent[name]
    if p_value == p_value:  # not nan
        return None
    return "too_few_sessions" if seen.units[row] < LEAST_UNITS else "no_baseline"
