"""What becomes of a persona's users, beside all others: do they reach goals, do they come back, what do they use.

Belongs here: shares with Wilson intervals, of users (sessions of one person are no independent witnesses).

- Goal rate: users with a session in the window that went through a flow to its goal.
- Return rate: of the users seen in the first half of the window, those seen in its last seven days. Null where the lake
  holds fewer than 14 days of it: then the halves are no halves.
- Mix: values of the configured segments, by sessions. For information: nobody is grouped by them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb

from user_intel import files
from user_intel.detect.statistics import wilson
from user_intel.lake import Connection, Lake
from user_intel.product import Product

_LAST_DAYS = 7
_LEAST_DAYS = 14
_MOST_VALUES = 3
Key = str | None


@dataclass(frozen=True)
class Rate:
    """hits / users with its Wilson 95 % interval, and the same of all other users; null where there are none."""

    rate: float | None = None
    low: float | None = None
    high: float | None = None
    rest: float | None = None


def rates(counts: Mapping[Key, tuple[int, int]]) -> dict[str, Rate]:
    """The rate of each persona from (users, hits) of every persona and of users in none."""
    all_users, all_hits = (sum(each[place] for each in counts.values()) for place in (0, 1))
    return {
        key: _rate(users, hits, all_users - users, all_hits - hits)
        for key, (users, hits) in counts.items()
        if key is not None
    }


def _rate(users: int, hits: int, rest_users: int, rest_hits: int) -> Rate:
    rest = rest_hits / rest_users if rest_users else None
    if not users:
        return Rate(rest=rest)
    low, high = wilson(hits, users)
    return Rate(hits / users, float(low), float(high), rest)


def goal_rates(connection: Connection) -> dict[str, Rate]:
    """Of each persona; reads the views members and features."""
    rows = connection.query(files.sql("segment/goals")).fetchall()
    return rates({key: (users, reached) for key, users, reached in rows})


def return_rates(connection: Connection, days: Sequence[date]) -> dict[str, Rate]:
    """Of each persona; reads the views members and window_sessions, which holds `days`, those that are there."""
    if not days or (days[-1] - days[0]).days + 1 < _LEAST_DAYS:
        return {}
    half = days[0] + ((days[-1] - days[0]) + timedelta(days=1)) // 2
    given: dict[str, object] = {
        "early_until": half - timedelta(days=1), "late_from": days[-1] - timedelta(days=_LAST_DAYS - 1),
    }  # fmt: skip
    rows = connection.execute(files.sql("segment/returns"), given).fetchall()
    return rates({key: (early, returned) for key, early, returned in rows})


def mix(connection: Connection, lake: Lake, product: Product, days: Sequence[date]) -> dict[str, list[dict[str, Any]]]:
    """The most frequent values of every segment property in each persona's sessions, beside the rest's."""
    found = defaultdict(list)
    sessions = lake.read(connection, "sessions", days)
    for name in product.segments:
        value = duckdb.ColumnExpression(name).alias("value")
        sessions.project(duckdb.ColumnExpression("user_id"), value).create_view("window_values", replace=True)
        told: dict[str, int] = defaultdict(int)
        for key, segment, count, of, rest, of_rest in connection.execute(
            files.sql("segment/mix"), {"property": name}
        ).fetchall():
            if key is not None and told[key] < _MOST_VALUES:
                told[key] += 1
                share, other = count / of, rest / of_rest if of_rest else None
                found[key].append({"segment": segment, "share": share, "rest": other})
    return dict(found)
