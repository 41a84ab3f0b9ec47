"""What a day's journeys are, told by plain Python over the whole history at once: slow, obvious, independent."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from user_intel.days import day_of
from user_intel.product import Product


@dataclass
class Event:
    """One event, as a test writes it down."""

    event_id: str
    user_id: str
    at: datetime
    step: str | None = None
    session_id: str | None = None
    is_bot: bool = False
    event: str | None = None
    page: str | None = None
    properties: str | None = None
    columns: dict[str, str] = field(default_factory=dict)


def told_slowly(events: list[Event], product: Product) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every session and every step of a history, as rows of the two tables (segments left out)."""
    people = [e for e in events if not e.is_bot]
    sessions = [s for user in sorted({e.user_id for e in people}) for s in _sessions_of(user, people, product)]
    first_uses = _first_uses(people)
    first_days = {u: min(day_of(e.at, product.zone) for e in people if e.user_id == u) for u, *_ in sessions}
    session_rows, step_rows = [], []
    for user, chain, members in sessions:
        identity = _identity(user, chain, members, first_uses, product)
        steps = _steps_of(members, product)
        day = day_of(members[-1].at + _gap(product), product.zone)
        first_day = day_of(members[0].at, product.zone)
        names = {e.step for e in members}
        session_rows.append(
            {
                "day": day,
                "session_id": identity,
                "user_id": user,
                "started_at": members[0].at,
                "ended_at": members[-1].at,
                "duration_s": (members[-1].at - members[0].at).total_seconds(),
                "event_count": len(members),
                "events_before_day": sum(day_of(e.at, product.zone) < day for e in members),
                "step_count": len(steps),
                "entry_step": steps[0]["step"] if steps else None,
                "exit_step": steps[-1]["step"] if steps else None,
                "goals": sorted(flow for flow, path in product.flows.items() if path[-1] in names),
                "new_user": first_days[user] >= first_day,
            }
        )
        step_rows += [{"day": day, "session_id": identity, "user_id": user, **step} for step in steps]
    return session_rows, step_rows


def _gap(product: Product) -> timedelta:
    return timedelta(minutes=product.thresholds.session_gap_minutes)


def _sessions_of(user: str, people: list[Event], product: Product) -> list[tuple[str, str | None, list[Event]]]:
    gap, cap = _gap(product), timedelta(hours=product.thresholds.session_cap_hours)
    chains: dict[str | None, list[Event]] = defaultdict(list)
    latest: Event | None = None
    for e in sorted((e for e in people if e.user_id == user), key=lambda e: (e.at, e.event_id)):
        if e.session_id is not None:
            latest = e
            chains[e.session_id].append(e)
        elif latest is not None and e.at - latest.at <= gap:
            chains[latest.session_id].append(e)
        else:
            chains[None].append(e)
    found = []
    for chain, members in chains.items():
        parts: list[list[Event]] = []
        for e in members:
            if parts and not _ends_before(parts[-1], e, chain, gap, cap, product):
                parts[-1].append(e)
            else:
                parts.append([e])
        found += [(user, chain, part) for part in parts]
    return found


def _ends_before(
    part: list[Event], e: Event, chain: str | None, gap: timedelta, cap: timedelta, product: Product
) -> bool:
    if e.at >= part[0].at + cap:
        return True
    closes = part[-1].at + gap
    if chain is None:
        return e.at > closes
    return day_of(closes, product.zone) < day_of(e.at, product.zone)


def _first_uses(people: list[Event]) -> dict[str, tuple[datetime, str]]:
    uses: dict[str, tuple[datetime, str]] = {}
    for e in people:
        if e.session_id is not None:
            uses[e.session_id] = min(uses.get(e.session_id, (e.at, e.user_id)), (e.at, e.user_id))
    return uses


def _identity(
    user: str, chain: str | None, members: list[Event], uses: dict[str, tuple[datetime, str]], product: Product
) -> str:
    started_at = members[0].at
    microseconds = (started_at - datetime.fromisoformat("1970-01-01")) // timedelta(microseconds=1)
    digest = hashlib.md5(f"{user}~{microseconds}".encode(), usedforsecurity=False).hexdigest()
    if chain is None:
        return digest
    if uses[chain] == (started_at, user):
        return chain
    return f"{chain}~{day_of(started_at, product.zone)}~{digest[:8]}"


def _steps_of(members: list[Event], product: Product) -> list[dict[str, Any]]:
    visits: list[dict[str, Any]] = []
    for e in (e for e in members if e.step is not None):
        if visits and visits[-1]["step"] == e.step:
            visits[-1]["repeats"] += 1
        else:
            visits.append({"position": len(visits) + 1, "step": e.step, "entered_at": e.at, "repeats": 1})
    cap = product.thresholds.dwell_cap_minutes * 60.0
    for visit, following in zip(visits, [*visits[1:], None], strict=False):
        visit["next_step"] = following["step"] if following else None
        stay = (following["entered_at"] - visit["entered_at"]).total_seconds() if following else None
        visit["dwell_s"] = None if stay is None else min(stay, cap)
    return visits


def by_day(rows: list[dict[str, Any]], day: date) -> list[dict[str, Any]]:
    """The rows of one day, sorted by session and position."""
    return sorted((r for r in rows if r["day"] == day), key=lambda r: (r["session_id"], r.get("position", 0)))
