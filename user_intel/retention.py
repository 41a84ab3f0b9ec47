"""How long what people did is kept: old days of `events` and `recordings` go, and old rejected rows with them.

Journeys stay: they hold pseudonyms and steps, nothing else. So do `user_clusters`, by which a persona is known again.
What people decided (`state/`) stays as well, with its audit trail: it holds no user of the product.
`user_features` go: they hold sums of events' properties, repeat each other from day to day, and can be made anew.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from user_intel.lake import Lake

EXPIRING = ("events", "recordings", "user_features")
_WAIT_S = 120.0


def apply_retention(lake: Lake, retention_days: int, today: date | None = None) -> dict[str, list[date]]:
    """Drops the days of `EXPIRING` tables that are more than `retention_days` before `today` (default: UTC's).

    Returns the days dropped, by table. Raises DayBusy when a day is being written; what was dropped by then stays so.
    """
    oldest = (today or datetime.now(UTC).date()) - timedelta(days=retention_days)
    dropped = {table: [day for day in lake.days(table) if day < oldest] for table in EXPIRING}
    for table, days in dropped.items():
        for day in days:
            with lake.writing(table, day, wait_s=_WAIT_S):
                lake.drop_day(table, day)
    _drop_old_rejects(lake, oldest)
    return dropped


def _drop_old_rejects(lake: Lake, oldest: date) -> None:
    for path in (lake.home / "rejected").rglob("*.parquet"):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC).date() < oldest:
            path.unlink(missing_ok=True)
