"""Counts of subjects over days, as arrays: what `tallies` of a window and its baseline hold, ready to be compared.

One row of a `Series` is a subject (of a step) in a segment, one column a day. A day without tallies is no column: what
was not counted is not zero.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from user_intel.detect.segments import ALL

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Key:
    """What a row of a series is about."""

    subject: str
    step: str
    segment: str


@dataclass(frozen=True)
class Series:
    """One metric: `units` and `hits` (and for dwell `total` and `squares`) of each key on each day, oldest first."""

    metric: str
    keys: Sequence[Key]
    days: Sequence[date]
    units: Floats
    hits: Floats
    total: Floats
    squares: Floats

    def __len__(self) -> int:
        return len(self.keys)

    def groups(self) -> Integers:
        """The number of each row's segment."""
        import numpy as np

        numbers = {segment: number for number, segment in enumerate(dict.fromkeys(key.segment for key in self.keys))}
        return np.array([numbers[key.segment] for key in self.keys], dtype=np.int64)

    def subjects(self) -> Integers:
        """The number of each row's subject (at its step)."""
        import numpy as np

        names = [(key.subject, key.step) for key in self.keys]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        return np.array([numbers[name] for name in names], dtype=np.int64)

    def only(self, kept: Flags) -> Series:
        """The rows where `kept` is true."""
        keys = [key for key, keep in zip(self.keys, kept, strict=True) if keep]
        return replace(self, keys=keys, units=self.units[kept], hits=self.hits[kept], total=self.total[kept],
                       squares=self.squares[kept])  # fmt: skip

    def index(self) -> dict[Key, int]:
        """The row of each key."""
        return {key: row for row, key in enumerate(self.keys)}


class History:
    """The tallies of some days, as series by metric.

    Of elements and cycles, of which there may be any number, only those with `least_hits` are asked for.
    """

    def __init__(self, frame: pl.DataFrame, least_hits: int = 1) -> None:
        self._least_hits = least_hits
        self._parts = frame.partition_by("metric", as_dict=True)
        self._none = frame.clear()
        self._made: dict[str, Series] = {}
        self.days: list[date] = sorted(frame["day"].unique().to_list())
        self._arrivals = self.series("exit").index(), self.series("exit").units

    def series(self, metric: str) -> Series:
        """The rows of `metric` as they are stored."""
        if metric not in self._made:
            self._made[metric] = self._series(metric, self._parts.get((metric,), self._none))
        return self._made[metric]

    def against_arrivals(self, metric: str) -> Series:
        """As `series`, the units being the sessions that came to the step, in every segment that came there."""
        import numpy as np

        found = self.series(metric)
        index, arrivals = self._arrivals
        segments = list(dict.fromkeys(key.segment for key in index))
        keys = [
            Key(subject, step, segment)
            for subject, step in self._often(found)
            for segment in segments
            if Key(step, step, segment) in index
        ]
        rows, units = found.index(), [arrivals[index[Key(key.step, key.step, key.segment)]] for key in keys]
        return self._with_hits(found, keys, rows, np.array(units).reshape(len(keys), len(self.days)))

    def loops(self) -> Series:
        """Sessions that walked a cycle in circles, of those that came to the least visited step of it."""
        import numpy as np

        found = self.series("loop")
        index, arrivals = self._arrivals
        segments = list(dict.fromkeys(key.segment for key in index))
        keys, units = [], []
        for subject, step in self._often(found):
            for segment in segments:
                rows = [index.get(Key(each, each, segment)) for each in json.loads(subject)]
                if None not in rows:
                    keys.append(Key(subject, step, segment))
                    units.append(
                        min((arrivals[row] for row in rows if row is not None), key=lambda counts: counts.sum())
                    )
        return self._with_hits(found, keys, found.index(), np.array(units).reshape(len(keys), len(self.days)))

    def features(self, share: float = 0.8) -> Series:
        """Sessions that used a feature, of those that came to the steps from which `share` of its uses are made."""
        import numpy as np

        found = self.series("feature")
        index, arrivals = self._arrivals
        sessions = self.series("session")
        everybody = {key.segment: sessions.units[row] for row, key in enumerate(sessions.keys)}
        homes = home_steps(found, share)
        keys, units, hits = [], [], []
        rows = found.index()
        none = np.zeros(len(self.days))
        for feature, steps in homes.items():
            for segment, sessions_a_day in everybody.items():
                at = [rows.get(Key(feature, step, segment)) for step in steps]
                came = [sessions_a_day if not s else _at(arrivals, index.get(Key(s, s, segment)), none) for s in steps]
                keys.append(Key(feature, steps[0], segment))
                units.append(np.sum(came, axis=0))
                hits.append(np.sum([_at(found.hits, row, none) for row in at], axis=0))
        shape = (len(keys), len(self.days))
        counted = np.array(units).reshape(shape)
        used = np.minimum(np.array(hits).reshape(shape), counted)
        return Series("feature", keys, self.days, counted, used, np.zeros(shape), np.zeros(shape))

    def _often(self, found: Series) -> list[tuple[str, str]]:
        """Subjects (at their steps) hit often enough over all days to be evidence, whenever they were hit."""
        hits = found.hits.sum(axis=1)
        pairs = zip(found.keys, hits, strict=True)
        return [(key.subject, key.step) for key, often in pairs if key.segment == ALL and often >= self._least_hits]

    def _with_hits(self, found: Series, keys: list[Key], rows: dict[Key, int], units: Floats) -> Series:
        import numpy as np

        none = np.zeros(len(self.days))
        hits = np.array([_at(found.hits, rows.get(key), none) for key in keys]).reshape(units.shape)
        # Sessions at an element's step are counted once, wherever in the session they met it.
        units = np.maximum(units, hits)
        return Series(found.metric, keys, self.days, units, hits, np.zeros(units.shape), np.zeros(units.shape))

    def _series(self, metric: str, rows: pl.DataFrame) -> Series:
        import numpy as np
        import polars as pl

        named = rows.select("subject", "step", "segment").unique(maintain_order=True).with_row_index("number")
        placed = pl.DataFrame({"day": self.days}, schema={"day": pl.Date}).with_row_index("place")
        rows = rows.join(named, on=["subject", "step", "segment"], maintain_order="left").join(placed, on="day")
        keys = [Key(subject, step, segment) for _, subject, step, segment in named.iter_rows()]
        at = rows["number"].to_numpy(), rows["place"].to_numpy()
        arrays = []
        for column in ("units", "hits", "total", "total_squares"):
            array = np.zeros((len(keys), len(self.days)))
            array[at] = rows[column].fill_null(0).to_numpy()
            arrays.append(array)
        return Series(metric, keys, self.days, *arrays)


def home_steps(features: Series, share: float) -> dict[str, list[str]]:
    """The steps from which at least `share` of each feature's uses are made, most used first; '' began the session."""
    uses: dict[str, dict[str, float]] = {}
    for row, key in enumerate(features.keys):
        if key.segment == ALL:
            uses.setdefault(key.subject, {})[key.step] = float(features.hits[row].sum())
    return {feature: list(_covering(counts, share)) for feature, counts in uses.items()}


def _covering(counts: dict[str, float], share: float) -> Iterable[str]:
    wanted, reached = share * sum(counts.values()), 0.0
    for step, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield step
        reached += count
        if reached >= wanted:
            return


def _at(array: Floats, row: int | None, otherwise: Floats) -> Floats:
    return otherwise if row is None else array[row]
