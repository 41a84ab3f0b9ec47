"""One ticket for one problem, however often it is filed, whoever else files it, wherever it was broken off.

Before Jira is asked for a ticket, the state and Jira are both asked whether there is one. The state's claim is kept
first, so a claim without a ticket means: one may have been made, and only its record is missing. Jira's search finds a
new ticket some seconds late, so after such a claim, or a lost answer, it is asked until that time has passed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from user_intel.act.cases import Case
from user_intel.act.clips import Footage, footage_of
from user_intel.act.composing import identity_label, ticket_of
from user_intel.act.links import links_of
from user_intel.act.outcomes import Outcome
from user_intel.act.tickets import NewTicket, Tracker
from user_intel.errors import InputError, JiraAway, JiraError, JiraUnsure
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.settings import Settings
from user_intel.state.records import InsightStatus, Status, Ticket

if TYPE_CHECKING:
    from user_intel.state.store import State

_LOG = logging.getLogger(__name__)

# Longer than another program may take over one request to Jira with all its repetitions.
_TURN_S = 400.0
# After so long nothing that was ever sent to Jira is still on its way.
_SETTLED = timedelta(minutes=15)
_LOOK_EVERY_S = 1.0


@dataclass(frozen=True)
class Desk:
    """Where tickets are filed and followed: what is known, who is asked, on whose behalf, for which day."""

    lake: Lake
    product: Product
    settings: Settings
    state: State
    tracker: Tracker
    day: date
    by: str
    sleep: Callable[[float], None] = field(default=time.sleep)

    def alone(self, identity: str) -> AbstractContextManager[None]:
        """Holds a ticket against all other programs. Whoever claimed it before and left nothing behind is gone."""
        return self.state.alone(f"jira-{identity}", wait_s=_TURN_S)

    def composed(self, case: Case) -> NewTicket:
        """The ticket of a case as this deployment sends it."""
        return composed(self.lake, self.product, self.settings, case)

    def move(self, insight_id: str, to: Status, *, by: str, reason: str | None = None) -> InsightStatus | None:
        """Moves an insight; where somebody moved it elsewhere meanwhile, so that it makes no sense, it stays there."""
        try:
            return self.state.decide(insight_id, to, by=by, reason=reason, day=self.day)
        except InputError as refusal:
            _LOG.info("not moved: %s", refusal)
            return self.state.status(insight_id)


def composed(lake: Lake, product: Product, settings: Settings, case: Case) -> NewTicket:
    """The ticket of a case, with its links, what recordings show, and the names of its clips."""
    footage = _footage(lake, product, case)
    links = links_of(case.insight_id, case.found, product, settings, footage.urls)
    return ticket_of(case, product.jira, links, footage)


def _footage(lake: Lake, product: Product, case: Case) -> Footage:
    chosen = product.jira
    clips = chosen.max_clips if chosen.attach_clips else 0
    return footage_of(lake, case.found, clips=clips, seen=chosen.max_sights, urls=chosen.links.recordings)


def file_case(desk: Desk, case: Case) -> Outcome:
    """Makes sure that a case has its ticket. What Jira refuses is told in the row, and leaves nothing behind.

    Raises JiraAway: then there is no use in asking for others.
    """
    new = desk.composed(case)
    told = Outcome(
        case.insight_id, case.pain_point_id, "refused", title=new.summary, priority=case.found.priority,
        severity=case.found.severity, reason="",
    )  # fmt: skip
    try:
        ticket = obtain(desk, case.pain_point_id, case.insight_id, new)
    except JiraAway:
        raise
    except JiraError as refusal:
        known = desk.state.status(case.insight_id)
        return replace(told, reason=str(refusal), insight_status=known.status if known else None)
    if ticket is None:
        return replace(told, reason="another program is filing it at this moment")
    now = desk.state.status(case.insight_id)
    filed = replace(
        told, action="created" if ticket.day == desk.day else "unchanged", key=ticket.key, url=ticket.url,
        status=ticket.status, created_at=ticket.created_at, reason=None, insight_status=now.status if now else None,
    )  # fmt: skip
    return attached(desk, filed, case)


def obtain(desk: Desk, identity: str, insight_id: str, new: NewTicket) -> Ticket | None:
    """The one ticket of `identity`: recorded, found in Jira, or created; None while another program is at it.

    Raises JiraError where Jira would not make it; JiraUnsure where it may have: the next call looks for it first.
    """
    with desk.alone(identity):
        known = desk.state.ticket(identity)
        if known and known.key:
            return known
        claim = desk.state.claim_ticket(identity, insight_id, by=desk.by, day=desk.day, stale_after_s=0)
        if claim is None:
            return None
        left = known.claimed_at if known else None
        try:
            key, url, status = _found_or_created(desk, new, left)
        except JiraUnsure:
            raise
        except JiraError as refusal:
            # A claim that was taken over stays: it still says that a ticket may have been made.
            if left is None:
                desk.state.release_ticket(identity, token=str(claim.token), by=desk.by, reason=str(refusal))
            raise
        return desk.state.record_ticket(identity, key=key, url=url, status=status, by=desk.by)


def attached(desk: Desk, filed: Outcome, case: Case) -> Outcome:
    """The clips on the ticket, each once; what could not be attached is told in the row's reason."""
    clips = _footage(desk.lake, desk.product, case).clips if desk.product.jira.attach_clips else ()
    if not clips or filed.key is None:
        return filed
    try:
        limit = desk.tracker.attachment_limit()
        if limit is None:
            return filed.with_reason("clips were not attached: Jira's attachments are switched off")
        there = {each.name for each in desk.tracker.attachments(filed.key)}
        for clip in clips:
            if clip.name not in there:
                desk.tracker.attach(filed.key, clip.path, clip.name)
    except JiraError as refusal:
        return filed.with_reason(f"clips were not attached: {refusal}")
    return filed


def _found_or_created(desk: Desk, new: NewTicket, left: datetime | None) -> tuple[str, str, str | None]:
    """Key, address and status of the ticket in Jira. `left`: when a claim was made that no ticket is recorded for."""
    lag_s = desk.product.jira.index_lag_s
    in_flight = left is not None and datetime.now(UTC).replace(tzinfo=None) - left < _SETTLED
    if found := _look(desk, new.identity, lag_s if in_flight else 0.0):
        _LOG.info("%s was in Jira already", found[0])
        return found
    try:
        return _created(desk, new)
    except JiraUnsure as lost:
        _LOG.warning("%s Looking for the ticket.", lost)
    # Found later than that, it would have been found: Jira did not make it, and may be asked once more.
    return _look(desk, new.identity, lag_s) or _created(desk, new)


def _created(desk: Desk, new: NewTicket) -> tuple[str, str, None]:
    made = desk.tracker.create(new)
    return made.key, made.url, None


def _look(desk: Desk, identity: str, for_s: float) -> tuple[str, str, str] | None:
    """The oldest ticket of `identity` that Jira's search knows, asked at least once and until `for_s` have passed."""
    until = time.monotonic() + for_s
    while True:
        found = desk.tracker.find(identity_label(identity))
        ours = next((each.status for each in found if each.identity == identity), None)
        if ours is not None:
            return ours.key, ours.url, ours.name
        if time.monotonic() >= until:
            return None
        desk.sleep(_LOOK_EVERY_S)
