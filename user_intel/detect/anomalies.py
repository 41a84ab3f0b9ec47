"""Days that are unlike the days before them: traffic, events, conversions, and tracking that broke.

- **Volume** (sessions, users): expected from the same weekdays of the weeks before, each scaled by how the level has
  changed since; needs two weeks of history, because a Saturday is no Friday.
- **Rate** (event:<name>, page:<path>, conversion:<flow>): how many per session, so that traffic and weekday cancel;
  expected is the median of the days before, needs `LEAST_DAYS` of them.
- **vanished**: an event or page that came every day and, since some day of the last week, comes less than half as
  often in each day's sessions: for most people it is no longer sent.
- **tracking**: sessions with a recording below `recorded_share` of their norm while traffic is within its tolerance.

Deviations are told in robust standard deviations: 1.4826 times the median absolute deviation, never less than what
counting alone (Poisson) and a tenth of the value leave open. Tails are Student's with four degrees of freedom:
product data has heavier tails than the normal, and a score of five should not claim one in a million.
Sources: median and MAD, Iglewicz and Hoaglin (1993).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import log, sqrt
from typing import TYPE_CHECKING, Literal

from user_intel.detect.segments import ALL
from user_intel.detect.statistics import benjamini_hochberg

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from user_intel.detect.history import History
    from user_intel.detect.scene import Scene

    Floats = npt.NDArray[np.float64]

Kind = Literal["volume", "rate", "vanished", "tracking"]

LEAST_DAYS = 5
LEAST_VOLUME_DAYS = 14
LEAST_DAYS_BEFORE_A_STOP = 3
# Fewer than this expected in a day are not missed with any certainty.
LEAST_EXPECTED = 30.0
# An event of which less than this share still comes, on every day since, has stopped for most people.
STOPPED_SHARE = 0.5
_SURE_STOP = 1e-4
_RELATIVE_FLOOR = 0.1
_TAIL_FREEDOM = 4
_ORDINARY = 3.5


@dataclass(frozen=True)
class Anomaly:
    """One metric of the day, and the day since which it has been so without a break."""

    metric: str
    kind: Kind
    value: float
    expected: float | None
    low: float | None
    high: float | None
    score: float | None
    p_value: float | None
    first_day: date
    reason: str | None = None

    @property
    def direction(self) -> str:
        """up, down or none: whether the value lies outside what is ordinary."""
        if self.low is None or self.high is None or self.low <= self.value <= self.high:
            return "none"
        return "up" if self.value > self.high else "down"


def found_anomalies(scene: Scene) -> list[Anomaly]:
    """Every metric of the day, whether unusual or not. Empty when the day was not counted."""
    history = scene.history
    if not history.days or history.days[-1] != scene.day:
        return []
    return [*_volumes(history), *_rates(scene), *_recorded(scene)]


def anomalies(scene: Scene) -> pl.DataFrame:
    """One row per metric of the day, with the columns of `tables.ANOMALIES`."""
    import polars as pl

    found = scene.anomalies
    columns = ("metric", "value", "expected", "low", "high", "score", "direction", "kind", "p_value", "reason")
    table = scene.lake.table("anomalies")
    types = {c.name: pl.String if c.type == "VARCHAR" else pl.Float64 for c in table.columns if c.name != "day"}
    rows = {name: [getattr(each, name) for each in found] for name in columns}
    q_values = benjamini_hochberg([float("nan") if p is None else p for p in rows["p_value"]])
    frame = pl.DataFrame({**rows, "q_value": q_values}, schema_overrides=types).with_columns(
        pl.lit(scene.day).alias("day"), pl.col("q_value").fill_nan(None)
    )
    return frame.select(table.column_names)


def _volumes(history: History) -> Iterator[Anomaly]:
    whole = history.series("day")
    for row, key in enumerate(whole.keys):
        if key.subject == "sessions":
            yield _volume("sessions", whole.units[row], whole.days)
            yield _volume("users", whole.hits[row], whole.days)


def _volume(metric: str, values: Floats, days: Sequence[date]) -> Anomaly:
    import numpy as np

    last = len(values) - 1
    expected = [_weekly(values, days, place) for place in range(len(values))]
    if (days[last] - days[0]).days < LEAST_VOLUME_DAYS or expected[last] is None:
        return Anomaly(metric, "volume", float(values[last]), None, None, None, None, None, days[last], "no_baseline")
    before = [log((values[p] + 1) / (e + 1)) for p, e in enumerate(expected[:last]) if e is not None]
    spread = 1.4826 * float(np.median(np.abs(before))) if len(before) >= LEAST_DAYS else 0.3
    mean = float(expected[last] or 0.0)
    deviation = max(spread, 2 * _RELATIVE_FLOOR, 1 / sqrt(mean + 1)) * (mean + 1)
    return _told(metric, "volume", float(values[last]), mean, deviation, days[last])


def _weekly(values: Floats, days: Sequence[date], place: int) -> float | None:
    """What the same weekdays before let expect, each scaled by the change of level since."""
    import numpy as np

    places = {day: number for number, day in enumerate(days)}
    found = []
    for weeks in range(1, 5):
        earlier = places.get(date.fromordinal(days[place].toordinal() - 7 * weeks))
        if earlier is not None:
            now, then = _level(values, place), _level(values, earlier)
            found.append(float(values[earlier]) * (now / then if now and then else 1.0))
    return float(np.median(found)) if found else None


def _level(values: Floats, place: int) -> float | None:
    import numpy as np

    week = values[max(0, place - 7) : place]
    return float(np.mean(week)) if len(week) == 7 and week.sum() > 0 else None


def _rates(scene: Scene) -> Iterator[Anomaly]:
    history = scene.history
    events, exits = history.series("event"), history.series("exit")
    sessions = _sessions(history)
    for row, key in enumerate(events.keys):
        yield _rate(f"event:{key.subject}", events.total[row], sessions, events.days)
    for row, key in enumerate(exits.keys):
        if key.segment == ALL and key.step.startswith("/"):
            yield _rate(f"page:{key.step}", exits.units[row], sessions, exits.days)
    index = exits.index()
    for flow in scene.flows:
        row_of = {key.step: number for key, number in index.items() if key.segment == ALL}
        if (goal := row_of.get(flow.steps[-1])) is not None:
            yield _rate(f"conversion:{flow.name}", exits.units[goal], sessions, exits.days)


def _sessions(history: History) -> Floats:
    import numpy as np

    whole = history.series("day")
    rows = [row for row, key in enumerate(whole.keys) if key.subject == "sessions"]
    return whole.units[rows[0]] if rows else np.zeros(len(history.days))


def _rate(metric: str, counts: Floats, sessions: Floats, days: Sequence[date]) -> Anomaly:
    import numpy as np

    today = float(counts[-1])
    usable = sessions[:-1] > 0
    rates = counts[:-1][usable] / sessions[:-1][usable]
    if len(rates) < LEAST_DAYS or sessions[-1] == 0:
        return Anomaly(metric, "rate", today, None, None, None, None, None, days[-1], "no_baseline")
    if stopped := _stopped(metric, counts, sessions, days):
        return stopped
    usual = float(np.median(rates))
    expected = usual * float(sessions[-1])
    spread = 1.4826 * float(np.median(np.abs(rates - usual))) * float(sessions[-1])
    # Events of one session come together: they vary more than counting alone lets expect.
    deviation = max(spread, _RELATIVE_FLOOR * expected, sqrt(2 * expected + 1))
    return _told(metric, "rate", today, expected, deviation, days[-1])


def _stopped(metric: str, counts: Floats, sessions: Floats, days: Sequence[date]) -> Anomaly | None:
    """The event as vanished, when since some day hardly any of it comes any more that came every day before."""
    import numpy as np

    for stretch in (1, 2, 3, 5, 7):
        split = len(counts) - stretch
        came, people = counts[:split], sessions[:split]
        if (people > 0).sum() < LEAST_DAYS_BEFORE_A_STOP or float(np.min(came[people > 0][-2 * LEAST_DAYS :])) <= 0:
            continue
        usual = float(np.median(came[people > 0] / people[people > 0]))
        expected, seen = usual * float(sessions[split:].sum()), float(counts[split:].sum())
        # On each of the days: one that is missed for a morning has not stopped.
        is_gone = (counts[split:] <= STOPPED_SHARE * usual * sessions[split:] + 1).all()
        p_value = _poisson_at_most(seen, STOPPED_SHARE * expected)
        if expected >= LEAST_EXPECTED and is_gone and p_value <= _SURE_STOP:
            place = split
            today = usual * float(sessions[-1])
            told = _told(metric, "vanished", float(counts[-1]), today, sqrt(2 * today + 1), days[place])
            return _with_p(told, p_value)
    return None


def _recorded(scene: Scene) -> Iterator[Anomaly]:
    from dataclasses import replace

    import numpy as np

    history, limits = scene.history, scene.product.thresholds
    whole = history.series("day")
    rows = [row for row, key in enumerate(whole.keys) if key.subject == "recorded"]
    if not rows or not whole.total[rows[0]].any():
        return
    recorded, sessions, days = whole.total[rows[0]], whole.units[rows[0]], whole.days
    usable = sessions[:-1] > 0
    shares = recorded[:-1][usable] / sessions[:-1][usable]
    if len(shares) < LEAST_DAYS or sessions[-1] == 0:
        yield Anomaly("recorded_share", "tracking", 0.0, None, None, None, None, None, days[-1], "no_baseline")
        return
    norm, share = float(np.median(shares)), float(recorded[-1] / sessions[-1])
    deviation = max(
        1.4826 * float(np.median(np.abs(shares - norm))), sqrt(norm * (1 - norm) / float(sessions[-1])), 0.02
    )
    told = _told("recorded_share", "tracking", share, norm, deviation, days[-1])
    broken = share < limits.recorded_share * norm and norm * float(sessions[-1]) >= LEAST_EXPECTED
    if broken and _ordinary_traffic(scene, sessions):
        place = len(shares)
        while place > 0 and shares[place - 1] < limits.recorded_share * norm:
            place -= 1
        first = [day for day, came in zip(days, [*usable, True], strict=True) if came][place]
        at_most = _poisson_at_most(float(recorded[-1]), limits.recorded_share * norm * float(sessions[-1]))
        yield _with_p(told, at_most if told.p_value is None else min(at_most, told.p_value), first)
    else:
        yield replace(told, p_value=None, reason="other_traffic" if broken else "recorded_as_usual")


def _ordinary_traffic(scene: Scene, sessions: Floats) -> bool:
    """Whether as many came as expected, within the tolerance; by the days before where weekdays are not yet known."""
    import numpy as np

    expected = next((each.expected for each in _volumes(scene.history) if each.metric == "sessions"), None)
    usual = expected or float(np.median(sessions[:-1]))
    tolerance = scene.product.thresholds.traffic_tolerance
    # Without known weekdays a weekend halves the traffic and is no outage.
    lower = 1 - tolerance if expected else 0.4
    return float(sessions[-1]) >= lower * usual


def _told(metric: str, kind: Kind, value: float, expected: float, deviation: float, first: date) -> Anomaly:
    from scipy.special import stdtr

    score = (value - expected) / deviation
    p_value = 2 * float(stdtr(_TAIL_FREEDOM, -abs(score)))
    low, high = max(0.0, expected - _ORDINARY * deviation), expected + _ORDINARY * deviation
    return Anomaly(metric, kind, value, expected, low, high, score, p_value, first)


def _with_p(anomaly: Anomaly, p_value: float, first: date | None = None) -> Anomaly:
    from dataclasses import replace

    return replace(anomaly, p_value=p_value, first_day=first or anomaly.first_day)


def _poisson_at_most(count: float, mean: float) -> float:
    from scipy.special import pdtr

    return float(pdtr(count, mean))
