"""Between the lake and what people decided: insights become known to the state, its last word is shown in SQL.

The tables `insight_status` and `roadmap` are written anew by every command that decides something and by the act stage.
They are a picture of the state; nothing is ever read back from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from user_intel.errors import LakeError
from user_intel.lake import Lake
from user_intel.state.records import InsightStatus, RoadmapItem, SeenInsight, Ticket

if TYPE_CHECKING:
    from user_intel.state.store import State

Row = Mapping[str, object]

_WAIT_S = 120
_SEEN = ("insight_id", "pain_point_id", "kind", "subject", "segment", "day", "title")


def register(lake: Lake, state: State, days: Iterable[date] | None = None) -> None:
    """Makes the insights of `days` (of all days when None) known to the state. Again, it changes nothing."""
    with lake.connect() as connection:
        rows = lake.read(connection, "insights", days).select(*_SEEN).fetchall()
    state.register([SeenInsight(*row) for row in rows])


def publish(lake: Lake, state: State) -> None:
    """Writes `insight_status` and `roadmap` as they are now. Of several writers, the last one saw what all did.

    Raises LakeError when they cannot be written; what was decided stays decided.
    """
    with _in_turn(lake):
        tables = {"insight_status": _statuses(lake, state), "roadmap": [_item(item) for item in state.roadmap()]}
        for name, rows in tables.items():
            lake.write_snapshot_rows(name, rows)


@contextmanager
def _in_turn(lake: Lake) -> Iterator[None]:
    from filelock import FileLock, Timeout

    locks = lake.home / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(locks / "published.lock", timeout=_WAIT_S):
            yield
    except Timeout:
        raise LakeError(
            "Another process is writing insight_status for too long. What was decided is kept; the next decision or "
            "run writes it again."
        ) from None


def _statuses(lake: Lake, state: State) -> list[Row]:
    days = lake.days("insights")
    links = {ticket.pain_point_id: ticket for ticket in state.tickets()}
    said = Counter((given.insight_id, given.verdict) for given in state.feedback())
    return [
        {
            **_decided(found, days[-1] if days else found.last_day),
            **{verdict: said[found.insight_id, verdict] for verdict in ("useful", "dismissed", "wrong")},
            **_linked(links.get(found.pain_point_id)),
        }
        for found in state.statuses().values()
    ]


def _decided(found: InsightStatus, day: date) -> Row:
    told = vars(found) | {"status": found.on(day), "decided_by": found.by, "decided_at": found.at}
    return {name: value for name, value in told.items() if name not in ("by", "at")}


def _linked(ticket: Ticket | None) -> Row:
    made = ticket if ticket and ticket.key else None
    return {
        "ticket": made and made.key,
        "ticket_url": made and made.url,
        "ticket_status": made and made.status,
    }


def _item(item: RoadmapItem) -> Row:
    return {
        **vars(item.plan),
        "item_id": item.item_id,
        "status": item.status,
        "added_by": item.by,
        "added_at": item.created_at,
        "changed_at": item.changed_at,
    }
