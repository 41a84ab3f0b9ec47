"""Calendar days in the product's time zone, and the UTC instants that bound them.

A day is a `datetime.date`. Instants are naive UTC `datetime`s with microseconds, as the lake stores them.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def day_bounds(day: date, timezone: ZoneInfo) -> tuple[datetime, datetime]:
    """Half-open `[start, end)` of `day` as naive UTC instants; 23, 24 or 25 hours long where clocks change."""
    return _midnight(day, timezone), _midnight(day + timedelta(days=1), timezone)


def day_of(at: datetime, timezone: ZoneInfo) -> date:
    """The calendar day a naive UTC instant falls in."""
    return at.replace(tzinfo=UTC).astimezone(timezone).date()


def day_range(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def yesterday(timezone: ZoneInfo) -> date:
    """The last day that is over in the product's time zone."""
    return datetime.now(timezone).date() - timedelta(days=1)


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone).astimezone(UTC).replace(tzinfo=None)
