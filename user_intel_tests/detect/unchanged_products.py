"""Products in which nothing ever goes wrong, as series of counts: what a detector must stay silent about.

Every step has its own rate and traffic, every day its own luck. Weekends may bring fewer and other people, steps may
vary by themselves from day to day, segments may differ. Shares no code or formula with the detectors.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from user_intel.detect.history import Key, Series

FIRST = date(2026, 3, 2)
_SHARES = {"plan=a": 0.5, "plan=b": 0.3, "plan=c": 0.2}


@dataclass(frozen=True)
class Unchanged:
    """How a product varies although nothing is wrong. Standard deviations are of logits (or logarithms)."""

    steps: int = 60
    days: int = 35
    sessions_a_day: float = 400
    # All steps move together from day to day.
    days_sd: float = 0.0
    # Each step moves by itself from day to day.
    steps_sd: float = 0.05
    # On weekends half as many come, and leave more often: all steps by this much, each by its own part of it.
    weekend: float = 0.0
    # Segments differ at each step, for good.
    segments_sd: float = 0.0

    def exits(self, luck: np.random.Generator) -> Series:
        """Sessions that came to a step and left there: everybody, and three segments which add up to everybody."""
        sessions, odds = self._traffic(luck), self._movement(luck) + luck.normal(-1, 0.8, (self.steps, 1))
        counts = []
        for share in _SHARES.values():
            units = luck.poisson(sessions * share)
            differs = luck.normal(0, self.segments_sd, (self.steps, 1))
            counts.append((units, luck.binomial(units, 1 / (1 + np.exp(-odds - differs)))))
        units, hits = (np.concatenate([sum(part), *part]) for part in zip(*counts, strict=True))
        none = np.zeros(units.shape)
        return Series("exit", self._keys(), self._days(), units.astype(float), hits.astype(float), none, none)

    def dwells(self, luck: np.random.Generator) -> Series:
        """How long sessions stayed at a step: log-normal times, summed as tallies do."""
        sessions, usual = self._traffic(luck), self._movement(luck) + luck.normal(2.5, 0.8, (self.steps, 1))
        sums = []
        for share in _SHARES.values():
            units = np.maximum(luck.poisson(sessions * share), 2)
            mean = usual + luck.normal(0, self.segments_sd, (self.steps, 1))
            total = units * mean + luck.normal(0, 1, units.shape) * np.sqrt(units)
            within = luck.chisquare(units - 1)
            sums.append((units, total, within + total**2 / units))
        units, total, squares = (np.concatenate([sum(part), *part]) for part in zip(*sums, strict=True))
        return Series("dwell", self._keys(), self._days(), units.astype(float), np.zeros(units.shape), total, squares)

    def _traffic(self, luck: np.random.Generator) -> npt.NDArray[np.float64]:
        by_step = np.exp(luck.normal(np.log(self.sessions_a_day), 1, (self.steps, 1)))
        return by_step * np.where(self._is_weekend() & (self.weekend > 0), 0.5, 1)

    def _movement(self, luck: np.random.Generator) -> npt.NDArray[np.float64]:
        together = luck.normal(0, self.days_sd, self.days)
        alone = luck.normal(0, self.steps_sd, (self.steps, self.days))
        return together + alone + self._is_weekend() * luck.normal(self.weekend, self.weekend / 2, (self.steps, 1))

    def _is_weekend(self) -> npt.NDArray[np.bool_]:
        return np.array([day.weekday() >= 5 for day in self._days()])

    def _days(self) -> list[date]:
        # The last day is a Sunday: where history is short, its weekend is the first.
        last = FIRST + timedelta(days=6 + 7 * 5)
        return [last - timedelta(days=back) for back in reversed(range(self.days))]

    def _keys(self) -> list[Key]:
        return [Key(f"/{n}", f"/{n}", segment) for segment in ("all", *_SHARES) for n in range(self.steps)]
