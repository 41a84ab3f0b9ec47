"""From questions to problems: what is raised, for whom, and since when.

1. Each subject's p-values over its segments become one; Benjamini-Hochberg over all subjects of all metrics.
2. A raised subject is one problem. Whom it concerns is the segment, or everybody, that explains most: the deviance of
   its counts from the reference. Were it everybody, everybody's deviance is the largest; were it one segment, that
   segment's, because everybody else only dilutes it (the likelihood-ratio scan of Kulldorff, 1997).
3. It began on the day that parts its counts best into before and after. From there on its rate is measured, against
   the days before; so what has lasted for a while is not compared with itself.
4. Nothing is raised on significance alone: the change must be of practical size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import log

from user_intel.detect.history import Key
from user_intel.detect.judging import LEAST_BASELINE_DAYS, LEAST_UNITS, Judged, Reference, evidence
from user_intel.detect.segments import ALL
from user_intel.detect.statistics import Counts, Evidence, benjamini_hochberg, united, wilson
from user_intel.product import Thresholds

# A row speaks for a raised subject when it would by itself be called significant, leniently: which of the rows it is
# decides only whom the problem concerns.
_ROW_P = 0.01
# Most friction is everybody's: asked for everybody, a subject gets as much of the error allowed as in so many segments.
_EVERYBODYS_SHARE = 3.0


@dataclass(frozen=True)
class Problem:
    """One raised subject in the segment it concerns, measured from the day it began (within the window)."""

    metric: str
    key: Key
    reference: Reference
    first: date
    last: date
    began: date
    began_known: bool
    units: float
    hits: float
    value: float
    expected: float
    low: float
    high: float
    p_value: float
    q_value: float
    deviance: float
    days_hit: Sequence[date]
    earlier_value: float | None
    earlier_units: float

    @property
    def ratio(self) -> float:
        """value / expected."""
        return self.value / max(self.expected, 1e-9)


@dataclass(frozen=True)
class _Subject:
    judged: Judged
    rows: list[int]
    p_value: float


def raised(
    judged: Sequence[Judged], limits: Thresholds, others: Sequence[float] = ()
) -> tuple[list[Problem], list[float]]:
    """The problems of a day, and the q-values of `others`: p-values tested elsewhere that day (anomalies)."""
    subjects = [subject for each in judged for subject in _subjects(each, limits)]
    q_values = benjamini_hochberg([subject.p_value for subject in subjects] + list(others))
    problems = []
    for subject, q_value in zip(subjects, q_values, strict=False):
        if q_value <= limits.q_value and (problem := _problem(subject, float(q_value), limits)):
            problems.append(problem)
    return problems, [float(q) for q in q_values[len(subjects) :]]


def _subjects(judged: Judged, limits: Thresholds) -> Iterator[_Subject]:
    import numpy as np

    rows: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(judged.series.keys):
        if np.isfinite(judged.p_value[row]):
            rows.setdefault((key.subject, key.step), []).append(row)
    # However the hits fall on days, fewer than the evidence asks for can never be raised.
    whole = evidence(judged.series, 0, len(judged.series.days))
    most = whole.hits if isinstance(whole, Counts) else whole.units
    for found in rows.values():
        if max(most[row] for row in found) >= limits.min_sessions:
            weights = np.array([_EVERYBODYS_SHARE if judged.series.keys[row].segment == ALL else 1.0 for row in found])
            yield _Subject(judged, found, float(united(judged.p_value[found], weights)))


def _problem(subject: _Subject, q_value: float, limits: Thresholds) -> Problem | None:
    """The problem that a raised subject is, in the segment that explains most; None when it is too small to matter."""
    judged = subject.judged
    best = min(subject.rows, key=lambda row: judged.p_value[row])
    reference = judged.reference[best]
    speaking = [row for row in subject.rows if _speaks(judged, row, reference)]
    found = [_measured(judged, row, reference, q_value) for row in speaking or [best] if reference]
    large = [problem for problem in found if is_practical(problem, limits)]
    if reference == "comparable_steps":
        large += _sharper(subject, large, q_value, limits)
    # Of many segments the best looks better than it is, by what the largest of so many chance deviances comes to.
    luck = 2 * log(max(len(subject.rows), 2))
    return max(large, key=lambda p: p.deviance - (0.0 if p.key.segment == ALL else luck), default=None)


def _speaks(judged: Judged, row: int, reference: Reference | None) -> bool:
    return reference is not None and bool(judged.p_by_reference[reference][row] <= _ROW_P)


def _sharper(subject: _Subject, everybody: list[Problem], q_value: float, limits: Thresholds) -> list[Problem]:
    """Where everybody stands out from comparable steps: the segments without whom nobody would."""
    judged = subject.judged
    found = []
    for row in subject.rows:
        if everybody and _speaks(judged, row, "rest_of_product"):
            problem = _measured(judged, row, "rest_of_product", q_value)
            whole = everybody[0]
            rest = (whole.hits - problem.hits) / max(whole.units - problem.units, 1)
            if is_practical(problem, limits) and rest - whole.expected <= 0.35 * (problem.value - whole.expected):
                found.append(replace(problem, deviance=whole.deviance + problem.deviance))
    return found


def is_practical(problem: Problem, limits: Thresholds) -> bool:
    """Whether a change is large enough to be raised."""
    change = problem.value - problem.expected
    if problem.metric == "dwell":
        return problem.ratio >= limits.min_slow_ratio and change >= limits.min_slow_change_s
    if problem.metric == "feature":
        adoption, usual = 1 - problem.value, 1 - problem.expected
        # Evidence of what did not happen: so many sessions more would have used it.
        is_missed = problem.units * change >= limits.min_sessions
        return is_missed and change >= limits.min_signal_change and usual >= limits.min_ratio * adoption
    least = limits.min_rate_change if problem.metric in ("exit", "form_abandonment") else limits.min_signal_change
    return change >= least and problem.ratio >= limits.min_ratio


def _measured(judged: Judged, row: int, reference: Reference, q_value: float) -> Problem:
    series = judged.series
    days = len(series.days)
    window = min(days, judged.window)
    split, is_known = _onset(judged, row) if judged.p_by_reference["own_baseline"][row] <= _ROW_P else (0, False)
    if reference == "own_baseline" and is_known:
        first = max(split, days - window)
        expected = float(judged.expected_from(split)[row])
        deviance = _deviance(evidence(series, 0, split, row), evidence(series, split, days, row))
    else:
        first = days - window
        if is_known:
            first = max(first, split)
        expected = float(judged.expected_by_reference[reference][row])
        deviance = _deviance_from(judged.seen, row, expected)
    seen = evidence(series, first, days, row)
    low, high = _interval(seen)
    hit = series.hits[row] if isinstance(seen, Counts) else series.units[row]
    began = split if is_known else int((series.units[row] > 0).argmax())
    earlier = evidence(series, max(split if is_known else 0, first - window), first, row)
    return Problem(
        series.metric, series.keys[row], reference, series.days[first], series.days[-1], series.days[began], is_known,
        float(seen.units[0]), float(seen.hits[0]) if isinstance(seen, Counts) else float(seen.units[0]),
        float(seen.value[0]), expected, low, high, float(judged.p_value[row]), q_value, deviance,
        [series.days[day] for day in range(began, days) if hit[day] > 0],
        float(earlier.value[0]) if earlier.units[0] >= LEAST_UNITS else None, float(earlier.units[0]),
    )  # fmt: skip


def _onset(judged: Judged, row: int) -> tuple[int, bool]:
    """The column from which on a row's counts differ most from those before, and whether there is one."""
    series = judged.series
    days = len(series.days)
    best, split = 0.0, 0
    for at in range(LEAST_BASELINE_DAYS, days):
        before, after = evidence(series, 0, at, row), evidence(series, at, days, row)
        if before.units[0] >= LEAST_UNITS and after.units[0] > 0 and after.value[0] > before.value[0]:
            found = _deviance(before, after)
            best, split = (found, at) if found > best else (best, split)
    return split, best > 0


def _deviance(before: Evidence, after: Evidence) -> float:
    """Twice the log-likelihood ratio of two rates (or means) against one; of evidence of one row."""
    if isinstance(before, Counts) and isinstance(after, Counts):
        units = float(before.units[0] + after.units[0])
        common = float(before.hits[0] + after.hits[0]) / max(units, 1)
        return _deviance_from(before, 0, common) + _deviance_from(after, 0, common)
    distance = float(after.link[0] - before.link[0])
    return distance**2 / float(before.link_variance[0] + after.link_variance[0])


def _deviance_from(seen: Evidence, row: int, expected: float) -> float:
    """Twice the log-likelihood ratio of a rate (or mean) against an expected one."""
    if not isinstance(seen, Counts):
        return (float(seen.link[row]) - log(max(expected, 1e-9))) ** 2 / float(seen.link_variance[row])
    n, k = float(seen.units[row]), float(seen.hits[row])
    expected = min(max(expected, 1e-9), 1 - 1e-9)
    hits = k * log(k / (n * expected)) if k > 0 else 0.0
    misses = (n - k) * log((n - k) / (n * (1 - expected))) if n > k else 0.0
    return 2 * (hits + misses)


def _interval(seen: Evidence) -> tuple[float, float]:
    if isinstance(seen, Counts):
        low, high = wilson(seen.hits[0], seen.units[0])
        return float(low), float(high)
    from math import exp, sqrt

    from user_intel.detect.statistics import Z95

    half = Z95 * sqrt(float(seen.link_variance[0]))
    return exp(float(seen.link[0]) - half), exp(float(seen.link[0]) + half)
