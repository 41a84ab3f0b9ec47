"""`user-intel insights`: what users struggle with, explained, and what to do about it; as JSON lines for programs."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from user_intel.detect.wording import KINDS, counted
from user_intel.errors import InputError
from user_intel.explain import summary
from user_intel.explain.summary import Told
from user_intel.lake import Lake, open_lake
from user_intel.state import open_state
from user_intel.state.moves import words
from user_intel.state.records import InsightStatus
from user_intel.terminal.console import ERR, OUT

TOP = 10
_COLOURS = {"P0": "bold red", "P1": "red", "P2": "yellow", "P3": "dim"}
# Decided: nobody has to think about them again today.
_DONE = ("dismissed", "shipped", "verified")
_FIELDS = {
    "problem": "what",
    "why_it_matters": "why it matters",
    "hypothesis": "a guess why",
    "recommendation": "what to change",
    "verification": "how to measure",
}


@dataclass(frozen=True)
class Asked:
    """What is to be listed: the open ones, all of them, or only what is quiet. `top` None lists all that are meant."""

    day: date | None = None
    everything: bool = False
    quiet: bool = False
    top: int | None = TOP


def run_insights(asked: Asked, *, as_json: bool) -> None:
    """Prints the insights of a day, the last one by default. Raises InputError when the day was not explained."""
    lake = open_lake()
    day = asked.day or last_day(lake, "insights")
    if day not in lake.days("insights"):
        raise InputError(not_explained(lake, day, "insights"))
    told = summary.told_insights(lake, day)
    with open_state() as state:
        statuses = state.statuses()
    wanted = [each for each in told if _is_wanted(each, asked, statuses, day)]
    if as_json:
        for each in wanted:
            found = statuses.get(each.insight_id)
            status = {"status": found.on(day) if found else "new", "status_reason": found.reason if found else None}
            print(json.dumps(summary.as_json(each) | status, ensure_ascii=False))  # noqa: T201  # for programs
        return
    _print_list(day, told, wanted, statuses, asked)


def last_day(lake: Lake, table: str) -> date:
    """The last day that was explained. Raises InputError when none was."""
    if days := lake.days(table):
        return days[-1]
    raise InputError(f"No day was explained yet. Next: {_next(lake)}")


def not_explained(lake: Lake, day: date, table: str) -> str:
    """Why there is nothing of a day, and what to run."""
    days = lake.days(table)
    known = f"explained are {days[0]} to {days[-1]}" if days else "no day was explained yet"
    select = " --select explain" if day in lake.days("pain_points") else ""
    return f"{day} was not explained ({known}). Next: user-intel run --from {day} --to {day}{select}"


def print_first(lake: Lake, day: date, most: int) -> None:
    """What to change first, a line or two for each; nothing where the day was not explained."""
    first = [each for each in summary.told_insights(lake, day) if not each.quiet][:most]
    if not first:
        return
    OUT.print("What to change first, told by user-intel insights in full:")
    for each in first:
        OUT.print(_headed(each, ""))
        OUT.print(Padding(Text(each.row["recommendation"]), (0, 0, 0, 4), expand=False))
    OUT.print()


def _is_wanted(each: Told, asked: Asked, statuses: Mapping[str, InsightStatus], day: date) -> bool:
    if asked.quiet:
        return each.quiet
    return asked.everything or not (each.quiet or _status(each, statuses, day) in _DONE)


def _status(each: Told, statuses: Mapping[str, InsightStatus], day: date) -> str:
    found = statuses.get(each.insight_id)
    return found.on(day) if found else "new"


def _print_list(
    day: date, told: Sequence[Told], wanted: Sequence[Told], statuses: Mapping[str, InsightStatus], asked: Asked
) -> None:
    of_all = f" of {len(told)}" if len(wanted) < len(told) else ""
    many = f"{counted(len(wanted), 'insight')}{of_all}" if wanted else f"no insight{of_all and ' to show' + of_all}"
    OUT.print(f"{day}: {many}, what to look at first is first\n" if wanted else f"{day}: {many}\n", highlight=False)
    shown = wanted[: asked.top]
    for each in shown:
        OUT.print(_explained(each, statuses.get(each.insight_id), day))
        OUT.print()
    if by := summary.written_by([each.row for each in shown]):
        ERR.print(by, highlight=False, style="dim")
    if len(shown) < len(wanted):
        ERR.print(f"{len(wanted) - len(shown)} more: --all shows them", highlight=False)
    if hidden := _hidden(told, wanted, statuses, day):
        ERR.print(f"not shown: {hidden}; --all shows them", highlight=False, style="dim")


def _explained(each: Told, status: InsightStatus | None, day: date) -> Group:
    """One insight: its line, what is said of it, and how to go on."""
    said = "" if status is None or status.on(day) in ("new", "seen") else words(status.on(day))
    body = Table.grid(padding=(0, 2))
    body.add_column(style="dim", no_wrap=True)
    body.add_column()
    for field, label in _FIELDS.items():
        body.add_row(label, Text(each.row[field]))
    if each.quiet_because:
        body.add_row("quiet", Text(each.quiet_because))
    if status and status.reason and said:
        body.add_row(said, Text(status.reason))
    severity = "" if each.severity is None else f"severity {each.severity:.0f} of 100, "
    name = KINDS[each.kind].name if each.kind in KINDS else each.kind
    foot = Text(f"{name}, {severity}by {each.by}; proof: user-intel explain {each.insight_id} --proof", "dim")
    return Group(_headed(each, said), Padding(Group(body, foot), (0, 0, 0, 4)))


def _headed(each: Told, status: str) -> Table:
    line = Table.grid(padding=(0, 2))
    line.add_row(Text(each.priority, _COLOURS.get(each.priority, "")), Text(each.title, "bold"), Text(status, "cyan"))
    return line


def _hidden(told: Sequence[Told], wanted: Sequence[Told], statuses: Mapping[str, InsightStatus], day: date) -> str:
    left_out = [each for each in told if each not in wanted]
    reasons = Counter("quiet" if each.quiet else words(_status(each, statuses, day)) for each in left_out)  # type: ignore[arg-type]  # a status
    return ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())


def _next(lake: Lake) -> str:
    for table, select in (("pain_points", " --select explain"), ("events", "")):
        if days := lake.days(table):
            return f"user-intel run --from {days[-1]} --to {days[-1]}{select}"
    return "user-intel run --from D --to D, or user-intel demo"
