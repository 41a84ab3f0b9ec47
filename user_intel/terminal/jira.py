"""`user-intel jira`: tickets opened by hand, where they stand, and a day's report as one ticket."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING

from rich.text import Text

from user_intel.act import by_hand, following, outcomes, rules
from user_intel.act.by_hand import Asked, create, named_cases, rehearse
from user_intel.act.cases import cases_of
from user_intel.act.filing import Desk
from user_intel.act.jira import open_jira
from user_intel.act.outcomes import Outcome
from user_intel.act.reporting import file_report, report_of
from user_intel.act.sending import request_of
from user_intel.errors import InputError, JiraError
from user_intel.lake import Lake, open_lake
from user_intel.product import load_product
from user_intel.settings import settings
from user_intel.state import open_state
from user_intel.state.records import InsightStatus, Ticket
from user_intel.terminal.console import ERR, OUT, plain_table, progress
from user_intel.terminal.deciding import person, published

if TYPE_CHECKING:
    from user_intel.state.store import State

_COLOURS = {"created": "green", "updated": "green", "refused": "red", "dry_run": "yellow"}
_UNCONFIGURED = "Jira is not configured (JIRA_URL, JIRA_TOKEN, JIRA_PROJECT): this is what would be sent."


def run_create(insight_ids: Sequence[str], *, all_approved: bool, dry_run: bool, as_json: bool) -> None:
    """Opens tickets for the named insights, or all approved ones; shows the requests where none may be sent.

    Raises InputError for unknown insights, and JiraError when Jira refused any of them; the others are filed.
    """
    if bool(insight_ids) == all_approved:
        raise InputError("Name the insights, or give --all-approved; user-intel insights lists them.")
    chosen, lake = settings(), open_lake()
    product = load_product(chosen.home)
    with open_state(chosen) as state, published(state, lake):
        asked = named_cases(lake, state, insight_ids or by_hand.approved(state))
        if not asked:
            ERR.print("No approved insight is without a ticket.", highlight=False)
            return
        if dry_run or not chosen.uses_jira:
            rows = _rehearsed(lake, state, asked, dry_run=dry_run)
        else:
            with open_jira(chosen, issue_type=product.jira.issue_type) as jira:

                def desk_of(day: date) -> Desk:
                    return Desk(lake, product, chosen, state, jira, day, person(None))

                rows = _with_bar(create(desk_of, asked), len(asked))
            _keep(lake, asked, rows)
    _print_rows(rows, as_json=as_json)
    if refused := [row for row in rows if row.action == "refused"]:
        raise JiraError(f"{len(refused)} of {len(rows)} tickets were not opened: {refused[0].reason}")


def run_status(*, as_json: bool) -> None:
    """Prints every ticket and where it stands; Jira is asked first, where one is configured."""
    chosen, lake = settings(), open_lake()
    product = load_product(chosen.home)
    with open_state(chosen) as state, published(state, lake):
        known = [ticket for ticket in state.tickets() if ticket.key]
        if chosen.uses_jira and known:
            with open_jira(chosen, issue_type=product.jira.issue_type) as jira:
                day = max(lake.days("insights"), default=known[0].day)
                following.read_back(Desk(lake, product, chosen, state, jira, day, rules.BY_JIRA), known)
        elif known:
            ERR.print("Jira is not configured: shown is what it said last.", highlight=False)
        tickets, statuses = state.tickets(), state.statuses()
    if as_json:
        for ticket in tickets:
            told = {**asdict(ticket), "insight_status": _status(ticket, statuses)}
            told.pop("token")
            print(json.dumps(told, ensure_ascii=False, default=str))  # noqa: T201  # for programs
        return
    _print_tickets(tickets, statuses)


def run_report(day: date | None, scope: str, *, dry_run: bool) -> None:
    """Opens one ticket with the report of a day (the last one by default), or says which one it has."""
    chosen, lake = settings(), open_lake()
    product = load_product(chosen.home)
    days = lake.days("insights")
    wanted = day or max(days, default=None)
    if wanted is None or wanted not in days:
        known = f"explained are {days[0]} to {days[-1]}" if days else "no day was explained yet"
        raise InputError(f"There is nothing to report of {wanted or 'any day'} ({known}). Next: user-intel run")
    with open_state(chosen) as state:
        tickets = {ticket.pain_point_id: ticket for ticket in state.tickets()}
        new = report_of(lake, product.jira, wanted, scope, cases_of(lake, wanted), tickets)
        if dry_run or not chosen.uses_jira:
            if not dry_run:
                ERR.print(_UNCONFIGURED, highlight=False)
            _print_json(request_of(new, product, chosen))
            return
        with open_jira(chosen, issue_type=product.jira.issue_type) as jira:
            ticket = file_report(Desk(lake, product, chosen, state, jira, wanted, person(None)), new)
    OUT.print(Text(f"{ticket.key}  {ticket.url}"), soft_wrap=True)


def _rehearsed(lake: Lake, state: "State", asked: Sequence[Asked], *, dry_run: bool) -> list[Outcome]:
    chosen = settings()
    product = load_product(chosen.home)
    if not chosen.uses_jira:
        if not dry_run:
            ERR.print(_UNCONFIGURED, highlight=False)
        return list(rehearse(lake, product, chosen, state, asked, None))
    with open_jira(chosen, issue_type=product.jira.issue_type) as jira:
        return list(rehearse(lake, product, chosen, state, asked, jira))


def _with_bar(rows: Iterable[Outcome], total: int) -> list[Outcome]:
    done = []
    with progress() as bar:
        task = bar.add_task("tickets", total=total)
        for row in rows:
            bar.update(task, advance=1, description=row.key or row.action)
            done.append(row)
    return done


def _keep(lake: Lake, asked: Sequence[Asked], rows: Sequence[Outcome]) -> None:
    days = {status.insight_id: status.last_day for _, status in asked}
    for day in sorted(set(days.values())):
        by_hand.keep(lake, [row for row in rows if row.key and days[row.insight_id] == day], day)


def _print_rows(rows: Sequence[Outcome], *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            told = {**asdict(row), "request": json.loads(row.request) if row.request else None}
            print(json.dumps(told, ensure_ascii=False, default=str))  # noqa: T201  # for programs
        return
    table = plain_table("insight", "action", "ticket", "title")
    for row in rows:
        action = Text(row.action.replace("_", " "), _COLOURS.get(row.action, ""))
        table.add_row(row.insight_id, action, row.key or "", Text(row.title or ""))
    OUT.print(table)
    for row in rows:
        if row.reason:
            ERR.print(Text(f"{row.insight_id}: {row.reason}"), soft_wrap=True)
        if row.request:
            _print_json(row.request)
    counted = [f"{count} {action.replace('_', ' ')}" for action, count in outcomes.by_action(rows).items() if count]
    ERR.print(", ".join(counted), highlight=False)


def _print_json(request: str) -> None:
    print(json.dumps(json.loads(request), ensure_ascii=False, indent=2))  # noqa: T201  # to be read and piped


def _print_tickets(tickets: Sequence[Ticket], statuses: dict[str, InsightStatus]) -> None:
    if not tickets:
        OUT.print("No ticket was opened yet. Next: user-intel jira create INSIGHT_ID, or --all-approved")
        return
    table = plain_table("ticket", "in Jira", "insight is", "opened for", "insight", "title")
    for ticket in tickets:
        known = statuses.get(ticket.insight_id)
        table.add_row(
            *map(Text, (ticket.key or "(being filed)", ticket.status or "", _status(ticket, statuses) or "",
                        str(ticket.day), ticket.insight_id, known.title if known else "")),
        )  # fmt: skip
    OUT.print(table)
    for ticket in tickets:
        if ticket.url:
            ERR.print(Text(ticket.url, "dim"), soft_wrap=True)


def _status(ticket: Ticket, statuses: dict[str, InsightStatus]) -> str | None:
    known = statuses.get(ticket.insight_id)
    return known.status if known else None
