"""What must hold of a day of events: ids once, and a volume like that of the same weekday before.

Whether the source now counts other events is asked of the source itself (`sources.py`).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from user_intel import files
from user_intel.lake import Lake

# Four weeks of the same weekday, of which three must be there before anything is said.
TRAILING_WEEKS = 4
FEWEST_WEEKS = 3
# A volume is unusual beyond five robust standard deviations, and at least half the usual volume, from the median:
# daily counts scatter more than a normal law allows, and small counts more than large ones.
DEVIATIONS = 5 * 1.4826
SMALLEST_SHARE = 0.5


@dataclass(frozen=True)
class Volume:
    """The events of one day beside the bounds that the trailing weeks set (None: too little history to say)."""

    day: date
    rows: int
    low: float | None
    high: float | None

    @property
    def usual(self) -> bool:
        """Whether the volume lies within its bounds, or nothing can be said."""
        return self.low is None or self.high is None or self.low <= self.rows <= self.high

    @property
    def summary(self) -> str:
        """The volume beside its bounds, in words."""
        bounds = "no bounds yet" if self.low is None else f"{self.low:,.0f} to {self.high:,.0f} expected"
        return f"{self.rows:,} events, {bounds}"


def repeated_event_ids(lake: Lake, day: date) -> int:
    """How many event ids occur more than once on `day`."""
    with lake.connect() as connection:
        lake.read(connection, "events", [day]).create_view("events_of_day")
        row = connection.execute(files.sql("extract/check_repeated_ids")).fetchall()[0]
    return int(row[0])


def event_rows(lake: Lake, days: list[date]) -> dict[date, int]:
    """Events in the lake by day, for those of `days` that were extracted."""
    held = [day for day in days if lake.day_path("events", day).exists()]
    with lake.connect() as connection:
        counted = lake.read(connection, "events", held).aggregate("day, count(*)").fetchall()
    return dict.fromkeys(held, 0) | dict(counted)


def volume(lake: Lake, day: date) -> Volume:
    """The volume of `day` beside the bounds set by the same weekday of the trailing weeks."""
    before = [day - timedelta(weeks=weeks) for weeks in range(1, TRAILING_WEEKS + 1)]
    rows = event_rows(lake, [day, *before])
    history = [rows[earlier] for earlier in before if earlier in rows]
    low, high = bounds(history)
    return Volume(day, rows.get(day, 0), low, high)


def bounds(history: list[int]) -> tuple[float | None, float | None]:
    """The lowest and highest usual volume given earlier ones: median -+ max(5 robust deviations, half the median)."""
    if len(history) < FEWEST_WEEKS:
        return None, None
    middle = median(history)
    spread = max(DEVIATIONS * median(abs(rows - middle) for rows in history), SMALLEST_SHARE * middle)
    return max(0.0, middle - spread), middle + spread
