"""What earlier days know of personas, read from the lake; and whether a day's keys still follow from it.

Keys are handed on from day to day: a day takes them from the nearest earlier one that was clustered, and from the days
of the window before it, where personas may have vanished for a while. So a day that was made again out of order can
leave the ones after it with keys of another version of it. Each day keeps a digest of what it saw; where that is not
what is there now, the keys are worked out again and compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from user_intel.lake import Connection, Lake
from user_intel.product import Product
from user_intel.segment.personas import NOISE, Before, Persona, follow, from_json


@dataclass(frozen=True)
class _Remembered:
    """One row of `clusterings`."""

    day: date
    personas: str
    highest: int


def load_before(lake: Lake, product: Product, day: date) -> Before | None:
    """What the days before `day` know of personas; None when none was clustered."""
    earlier = [each for each in clustered_days(lake) if each < day]
    if not earlier:
        return None
    first = day - timedelta(days=product.clusters.window_days)
    with lake.connect() as connection:
        remembered = _remembered(lake, connection, [earlier[-1], *(each for each in earlier[:-1] if each >= first)])
        return _before(lake, connection, remembered)


def clustered_days(lake: Lake) -> list[date]:
    """The days whose groups are known, in order."""
    return sorted(set(lake.days("clusterings")) & set(lake.days("user_clusters")))


def broken_chain(lake: Lake, product: Product, day: date) -> str | None:
    """Which keys of `day` would be others, were it made again now, and what to rerun; None when they would not.

    That a day before was made anew does not matter as long as its personas are recognised all the same.
    """
    with lake.connect() as connection:
        rows = lake.read(connection, "clusterings", [day]).project("personas, before_digest").fetchall()
    if not rows:
        return None
    text, before_digest = rows[0]
    before = load_before(lake, product, day)
    if before_digest == (before.digest if before else None):
        return None
    others = _other_keys(lake, day, from_json(text or "[]"), before)
    if not others:
        return None
    from_ = f"{before.day} as it is now" if before else "no day before it"
    told = ", ".join(f"{key} would be {other}" for key, other in others.items())
    again = f"user-intel run --from {day} --to {clustered_days(lake)[-1]} --select segment"
    return f"keys were taken over from another version of the days before; from {from_}, {told}. Next: {again}"


def _other_keys(lake: Lake, day: date, personas: Sequence[Persona], before: Before | None) -> dict[str, str]:
    """The keys of a stored day that would be others after `before`, with those others."""
    label = {persona.key: number for number, persona in enumerate(personas)}
    with lake.connect() as connection:
        rows = _clusters(lake, connection, day, None)
    labels = [label.get(key or "", NOISE) for _, key in rows]
    centroids = {label[persona.key]: persona.centre for persona in personas}
    keys = follow(before, day, labels, [user for user, _ in rows], centroids).keys
    return {key: keys[number] for key, number in label.items() if keys[number] != key}


def _remembered(lake: Lake, connection: Connection, days: Sequence[date]) -> list[_Remembered]:
    """What each day noted of its personas, the latest first."""
    rows = lake.read(connection, "clusterings", days).project("day, personas, highest_persona").fetchall()
    found = [_Remembered(day, personas or "[]", highest or 0) for day, personas, highest in rows]
    return sorted(found, key=lambda each: each.day, reverse=True)


def _before(lake: Lake, connection: Connection, remembered: Sequence[_Remembered]) -> Before:
    last = remembered[0]
    seen: dict[str, tuple[date, Persona]] = {}
    for each in remembered:
        for persona in from_json(each.personas):
            seen.setdefault(persona.key, (each.day, persona))
    members: dict[str, frozenset[str]] = {}
    users: list[tuple[str, str | None]] = []
    digest = hashlib.sha256()
    for day in dict.fromkeys([last.day, *(day for day, _ in seen.values())]):
        wanted = {key for key, (seen_on, _) in seen.items() if seen_on == day}
        rows = _clusters(lake, connection, day, None if day == last.day else sorted(wanted))
        users = rows if day == last.day else users
        members |= _members(rows, wanted)
        digest.update(repr((day, rows)).encode())
    digest.update(repr((last.highest, [(str(day), persona) for day, persona in seen.values()])).encode())
    return Before(
        last.day,
        [persona for day, persona in seen.values() if day == last.day],
        [persona for day, persona in seen.values() if day != last.day],
        members,
        frozenset(user for user, _ in users),
        last.highest,
        digest.hexdigest(),
    )


def _clusters(
    lake: Lake, connection: Connection, day: date, keys: Sequence[str] | None
) -> list[tuple[str, str | None]]:
    """(user, key) of a day in stored order; only of `keys` when they are given."""
    rows = lake.read(connection, "user_clusters", [day])
    if keys is not None:
        rows = rows.filter(duckdb.ColumnExpression("cluster_key").isin(*map(duckdb.ConstantExpression, keys)))
    return rows.project("user_id, cluster_key").order("user_id").fetchall()


def _members(rows: Sequence[tuple[str, str | None]], keys: set[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {key: set() for key in keys}
    for user, key in rows:
        if key in keys:
            found[key].add(user)
    return {key: frozenset(users) for key, users in found.items()}
