"""A day through the stage: insights made known to the state, tickets followed, new ones filed, all of it told.

Only the last day of insights acts, and only while it is recent: running history again opens no tickets and comments
none. What an older day did is history; its table stays as it is, or is told from what the state recorded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING

from user_intel.act import outcomes, rules, wording
from user_intel.act.cases import Case, cases_of
from user_intel.act.filing import Desk, composed, file_case
from user_intel.act.following import follow_up, read_back
from user_intel.act.jira import open_jira
from user_intel.act.outcomes import Outcome
from user_intel.act.sending import request_of
from user_intel.days import yesterday
from user_intel.errors import JiraAway, JiraError
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.settings import Settings
from user_intel.state import open_state
from user_intel.state.publishing import publish, register
from user_intel.state.records import InsightStatus, Ticket

if TYPE_CHECKING:
    from user_intel.state.store import State

_LOG = logging.getLogger(__name__)

_WAIT_S = 60.0
# Tickets of reports are kept beside those of pain points.
REPORTS = "report:"


@dataclass(frozen=True)
class Acted:
    """What a day did. `words`: in what way it acted, or why it did not; `waiting`: kept back by the daily cap."""

    day: date
    outcomes: Sequence[Outcome]
    words: str
    waiting: int = 0


def act_day(
    lake: Lake, product: Product, settings: Settings, day: date, *, today: date | None = None,
    told: Callable[[Outcome], None] = lambda _: None,
) -> Acted:  # fmt: skip
    """Writes `jira_issues` of `day`; its insights must be there. `told` hears of every row as it is made.

    `today`: the last day that is over (default: by the clock). Raises JiraError where Jira lets nothing be done at
    all, JiraAway among them; what it refuses of single tickets is told in their rows.
    """
    with open_state(settings) as state:
        register(lake, state, [day])
        try:
            acted = _acted(lake, product, settings, state, day, today or yesterday(product.zone), told)
            with lake.writing("jira_issues", day, wait_s=_WAIT_S):
                outcomes.write_outcomes(lake, day, acted.outcomes)
        finally:
            publish(lake, state)
    return acted


def why_not(lake: Lake, product: Product, day: date, today: date) -> str | None:
    """Why a day opens and comments no tickets; None when it does."""
    last = max(lake.days("insights"), default=day)
    if day < last:
        return f"no ticket was touched: {last} is the last day of insights, and only that acts"
    oldest = today - timedelta(days=product.jira.max_age_days - 1)
    if day < oldest:
        return (
            f"no ticket was touched: {day} is more than jira.max_age_days ({product.jira.max_age_days}) old; "
            "user-intel jira create opens one all the same"
        )
    return None


def _acted(
    lake: Lake, product: Product, settings: Settings, state: State, day: date, today: date,
    told: Callable[[Outcome], None],
) -> Acted:  # fmt: skip
    reason = why_not(lake, product, day, today)
    if reason:
        return Acted(day, _history(lake, state, day), reason)
    cases = cases_of(lake, day)
    if not settings.uses_jira:
        return _dry_run(lake, product, settings, state, day, cases)
    with open_jira(settings, issue_type=product.jira.issue_type) as jira:
        desk = Desk(lake, product, settings, state, jira, day, rules.BY_POLICY)
        return _filed_and_followed(desk, cases, told)


def _filed_and_followed(desk: Desk, cases: Sequence[Case], told: Callable[[Outcome], None]) -> Acted:
    tickets = _tickets(desk.state)
    # Nobody is asked for one ticket after the other with a token that is not accepted.
    server = desk.tracker.whoami().server
    statuses = read_back(desk, tickets)
    chosen = _chosen(desk.product, desk.state, desk.day, cases, tickets)
    by_problem = {case.pain_point_id: case for case in cases}
    steps: list[tuple[Outcome, Callable[[], Outcome]]] = []
    for ticket in tickets:
        case = by_problem.get(ticket.pain_point_id)
        steps.append((_plain(ticket), partial(follow_up, desk, ticket, statuses.get(str(ticket.key)), case)))
    steps += [(_refused(case, ""), partial(file_case, desk, case)) for case in chosen.now]
    done = _with_statuses(desk, _each(steps, told))
    done += _kept_back(desk.product, desk.state, desk.day, cases, chosen, tickets)
    return Acted(desk.day, done, f"asked {server} at {desk.tracker.url}", len(chosen.waiting))


def _each(steps: Iterable[tuple[Outcome, Callable[[], Outcome]]], told: Callable[[Outcome], None]) -> list[Outcome]:
    """Every step's outcome. Once Jira is away it is not asked again: what is left is told as refused."""
    done: list[Outcome] = []
    away: JiraAway | None = None
    for otherwise, step in steps:
        outcome = replace(otherwise, action="refused", reason=f"not asked any more: {away}") if away else None
        if outcome is None:
            try:
                outcome = step()
            except JiraAway as fault:
                away = fault
                outcome = replace(otherwise, action="refused", reason=str(fault))
        done.append(outcome)
        told(outcome)
    return done


def _with_statuses(desk: Desk, done: list[Outcome]) -> list[Outcome]:
    """The rows of tickets opened just now with the statuses Jira gave them, so that a rerun gives the same rows."""
    new = {row.pain_point_id for row in done if row.key and row.status is None}
    tickets = [ticket for ticket in _tickets(desk.state) if ticket.pain_point_id in new]
    try:
        statuses = read_back(desk, tickets) if tickets else {}
    except JiraError as fault:
        _LOG.warning("The statuses of new tickets were not read: %s", fault)
        return done
    names = {key: status.name for key, status in statuses.items() if status}
    return [replace(row, status=row.status or names.get(str(row.key))) for row in done]


def _dry_run(lake: Lake, product: Product, settings: Settings, state: State, day: date, cases: Sequence[Case]) -> Acted:
    tickets = _tickets(state)
    chosen = _chosen(product, state, day, cases, tickets)
    statuses = state.statuses()
    rows = [_plain(ticket, statuses) for ticket in tickets]
    for case in chosen.now:
        new = composed(lake, product, settings, case)
        row = replace(_refused(case, "Jira is not configured", statuses), action="dry_run", title=new.summary)
        rows.append(replace(row, request=request_of(new, product, settings)))
    rows += _kept_back(product, state, day, cases, chosen, tickets)
    words = "Jira is not configured: shown is what would be sent (set JIRA_URL, JIRA_TOKEN, JIRA_PROJECT)"
    return Acted(day, rows, words, len(chosen.waiting))


def _history(lake: Lake, state: State, day: date) -> list[Outcome]:
    if day in lake.days("jira_issues"):
        return outcomes.outcomes_of(lake, day)
    comments = {ticket.pain_point_id: state.comments(ticket.pain_point_id) for ticket in _tickets(state)}
    titles = {name: status.title for name, status in state.statuses().items()}
    return outcomes.recorded(_tickets(state), comments, titles, day)


def _tickets(state: State) -> list[Ticket]:
    """The tickets of problems that Jira has made."""
    return [ticket for ticket in state.tickets() if ticket.key and not ticket.pain_point_id.startswith(REPORTS)]


def _chosen(
    product: Product, state: State, day: date, cases: Sequence[Case], tickets: Sequence[Ticket]
) -> rules.Chosen:
    ticketed = {ticket.pain_point_id for ticket in tickets}
    opened = sum(ticket.day == day for ticket in tickets)
    return rules.to_file(cases, state.statuses(), ticketed, day, product.jira, opened)


def _kept_back(
    product: Product, state: State, day: date, cases: Sequence[Case], chosen: rules.Chosen, tickets: Sequence[Ticket]
) -> list[Outcome]:
    """What was to have a ticket and has none: for the daily cap, or because the day no longer has the problem."""
    statuses = state.statuses()
    cap = f"the daily cap of {product.jira.daily_cap} tickets is reached; it waits for the next day"
    rows = [_refused(case, cap, statuses) for case in chosen.waiting]
    here = {case.insight_id for case in cases} | {ticket.insight_id for ticket in tickets}
    rows += [
        Outcome(known.insight_id, known.pain_point_id, "refused", title=known.title, insight_status=known.status,
                reason=f"approved, but {day} no longer has the problem (last seen {known.last_day}); "
                f"user-intel jira create {known.insight_id} opens a ticket all the same")
        for known in statuses.values()
        if known.on(day) == "approved" and known.insight_id not in here
    ]  # fmt: skip
    return rows


def _refused(case: Case, reason: str, statuses: dict[str, InsightStatus] | None = None) -> Outcome:
    known = (statuses or {}).get(case.insight_id)
    return Outcome(
        case.insight_id, case.pain_point_id, "refused", reason=reason, title=wording.title(case.found),
        priority=case.found.priority, severity=case.found.severity, insight_status=known.status if known else None,
    )  # fmt: skip


def _plain(ticket: Ticket, statuses: dict[str, InsightStatus] | None = None) -> Outcome:
    known = (statuses or {}).get(ticket.insight_id)
    return Outcome(
        ticket.insight_id, ticket.pain_point_id, "unchanged", ticket.key, ticket.url, ticket.status, ticket.created_at,
        title=known.title if known else None, insight_status=known.status if known else None,
    )  # fmt: skip
