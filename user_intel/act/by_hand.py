"""Tickets that people ask for by name: the same filing as the daily one, of any day, beside its policy and cap."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from user_intel.act import outcomes, rules, wording
from user_intel.act.cases import Case, cases_of
from user_intel.act.filing import Desk, composed, file_case
from user_intel.act.outcomes import Outcome
from user_intel.act.sending import request_of
from user_intel.act.tickets import Tracker
from user_intel.errors import InputError, JiraAway
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.settings import Settings
from user_intel.state.publishing import register
from user_intel.state.records import InsightStatus

if TYPE_CHECKING:
    from user_intel.state.store import State

_WAIT_S = 30.0

# A case as of the last day it was seen, and what was decided about it.
Asked = tuple[Case, InsightStatus]


def approved(state: State) -> list[str]:
    """The insights that are approved and have no ticket, by id."""
    ticketed = {ticket.insight_id for ticket in state.tickets() if ticket.key}
    statuses = state.statuses().values()
    return [each.insight_id for each in statuses if each.status == "approved" and each.insight_id not in ticketed]


def named_cases(lake: Lake, state: State, insight_ids: Sequence[str]) -> list[Asked]:
    """The cases of the insights people named, each as of the last day it was seen.

    Raises InputError for an unknown insight, and for one whose day is no longer in the lake.
    """
    if last := max(lake.days("insights"), default=None):
        register(lake, state, [last])
    known = {name: _known(state, name) for name in dict.fromkeys(insight_ids)}
    days = {status.last_day for status in known.values()}
    cases = {(case.insight_id, day): case for day in days for case in cases_of(lake, day)}
    found = []
    for name, status in known.items():
        case = cases.get((name, status.last_day))
        if case is None:
            raise InputError(
                f"{name} was last seen on {status.last_day}, and that day of insights or pain_points is not there any "
                f"more. Next: user-intel run --from {status.last_day} --to {status.last_day} --select explain"
            )
        found.append((case, status))
    return found


def create(desk_of: Callable[[date], Desk], asked: Sequence[Asked]) -> Iterator[Outcome]:
    """Files the tickets one after the other, and tells each; stops asking once Jira is away."""
    away: JiraAway | None = None
    for case, status in asked:
        row = _row(case, status)
        why_not = f"not asked any more: {away}" if away else rules.may_have_ticket(case, status.on(case.found.day))
        if why_not is not None:
            yield replace(row, reason=why_not)
            continue
        desk = desk_of(case.found.day)
        try:
            _forget_gone(desk, case)
            yield file_case(desk, case)
        except JiraAway as fault:
            away = fault
            yield replace(row, reason=str(fault))


def _forget_gone(desk: Desk, case: Case) -> None:
    """A ticket that is not in Jira any more stands in nobody's way once a person asks for one."""
    known = desk.state.ticket(case.pain_point_id)
    if known and known.key and desk.tracker.statuses([known.key])[known.key] is None:
        desk.state.drop_ticket(case.pain_point_id, by=desk.by, reason=f"{known.key} is gone from Jira")


def rehearse(
    lake: Lake, product: Product, settings: Settings, state: State, asked: Sequence[Asked], tracker: Tracker | None
) -> Iterator[Outcome]:
    """What `create` would send, and what Jira would refuse of it; nothing is written anywhere."""
    tickets = {ticket.pain_point_id: ticket for ticket in state.tickets() if ticket.key}
    for case, status in asked:
        row = _row(case, status)
        if known := tickets.get(case.pain_point_id):
            yield replace(row, action="unchanged", key=known.key, url=known.url, status=known.status)
            continue
        if why_not := rules.may_have_ticket(case, status.on(case.found.day)):
            yield replace(row, reason=why_not)
            continue
        new = composed(lake, product, settings, case)
        faults = " ".join(tracker.check(new)) if tracker else "Jira is not configured"
        request = request_of(new, product, settings, tracker)
        yield replace(row, action="dry_run", title=new.summary, reason=faults or None, request=request)


def keep(lake: Lake, rows: Sequence[Outcome], day: date) -> None:
    """Puts rows into a day of `jira_issues` that is there already, in place of those of the same pain points."""
    if day not in lake.days("jira_issues") or not rows:
        return
    with lake.writing("jira_issues", day, wait_s=_WAIT_S):
        kept = {each.pain_point_id: each for each in (*outcomes.outcomes_of(lake, day), *rows)}
        outcomes.write_outcomes(lake, day, kept.values())


def _known(state: State, insight_id: str) -> InsightStatus:
    found = state.status(insight_id)
    if found is not None:
        return found
    known = list(state.statuses())
    near = difflib.get_close_matches(insight_id, known, n=3) or known[:3]
    raise InputError(
        f"There is no insight {insight_id!r}; there are {len(known)}, such as {', '.join(near) or 'none'}. "
        "All of them: user-intel insights"
    )


def _row(case: Case, status: InsightStatus) -> Outcome:
    return Outcome(
        case.insight_id, case.pain_point_id, "refused", title=wording.title(case.found),
        priority=case.found.priority, severity=case.found.severity, insight_status=status.status,
    )  # fmt: skip
