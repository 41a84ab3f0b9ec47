"""A day's report as one ticket: its briefing, and every insight of the day in a table with the ticket it has.

A report has one ticket as a pain point has: named `report:<day>` where pain points have their id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import duckdb

from user_intel.act import wording
from user_intel.act.cases import Case
from user_intel.act.composing import identity_label
from user_intel.act.document import Block, Document, Line, Link, heading, line, paragraph, table
from user_intel.act.filing import Desk, obtain
from user_intel.act.markdown import blocks_of
from user_intel.act.run import REPORTS
from user_intel.act.tickets import NewTicket
from user_intel.detect.wording import counted
from user_intel.errors import JiraAway
from user_intel.lake import Lake
from user_intel.product import Jira
from user_intel.state.records import Ticket


def report_of(
    lake: Lake, chosen: Jira, day: date, scope: str, cases: Sequence[Case], tickets: Mapping[str, Ticket]
) -> NewTicket:
    """The ticket that tells a day (or the week that ends with it). `tickets`: those there are, by pain point."""
    problems = counted(len(cases), "problem")
    span = f"on {day}" if scope == "day" else f"in the week up to {day}"
    blocks: list[Block] = [*_briefing(lake, day, scope), heading(2, "Insights"), _insights(cases, tickets)]
    blocks.append(paragraph(f"Report of user_intel, {scope} {day}: the insights of {day}, in the order of its feed."))
    identity = identity_of(day, scope)
    return NewTicket(
        summary=f"What users struggled with {span}: {problems}",
        description=Document(tuple(blocks)),
        identity=identity,
        labels=(*chosen.labels, identity_label(identity)),
        components=(chosen.component,) if chosen.component else (),
    )


def identity_of(day: date, scope: str) -> str:
    """What a report's ticket goes by."""
    return f"{REPORTS}{scope}:{day}"


def file_report(desk: Desk, new: NewTicket) -> Ticket:
    """Makes sure that a report has its ticket. Raises JiraError where Jira refuses it."""
    ticket = obtain(desk, new.identity, new.identity, new)
    if ticket is None:
        raise JiraAway("Another program is filing this report at this moment; nothing was done.")
    return ticket


def _insights(cases: Sequence[Case], tickets: Mapping[str, Ticket]) -> Block:
    if not cases:
        return paragraph("No problem of users was found.")
    rows = [
        (case.found.priority, wording.title(case.found), _ticket(tickets.get(case.pain_point_id))) for case in cases
    ]
    return table(("priority", "problem", "ticket"), rows)


def _ticket(known: Ticket | None) -> Line:
    return line(Link(known.key, known.url)) if known and known.key and known.url else line("none yet")


def _briefing(lake: Lake, day: date, scope: str) -> list[Block]:
    with lake.connect() as connection:
        rows = lake.read(connection, "briefings", [day])
        wanted = rows.filter(duckdb.ColumnExpression("scope") == duckdb.ConstantExpression(scope))
        texts = wanted.project(duckdb.ColumnExpression("text")).fetchall()
    return blocks_of(texts[0][0]) if texts else [paragraph("There is no briefing of it.")]
