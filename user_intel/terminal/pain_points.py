"""`user-intel pain-points`: where users struggle, for people who read no SQL; as JSON lines for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rich.table import Table
from rich.text import Text

from user_intel.detect import summary, wording
from user_intel.detect.wording import PainPoint
from user_intel.errors import InputError
from user_intel.lake import Lake, open_lake
from user_intel.product import Product, load_product
from user_intel.settings import settings
from user_intel.terminal.console import ERR, OUT

TOP = 10
_COLOURS = {"P0": "bold red", "P1": "red", "P2": "yellow", "P3": "dim"}


@dataclass(frozen=True)
class Asked:
    """What is to be listed. `top` None lists all."""

    day: date | None = None
    kind: str | None = None
    segment: str | None = None
    top: int | None = None

    def wants(self, found: PainPoint) -> bool:
        """Whether a pain point is of the kind and segment asked for."""
        return self.kind in (None, found.kind) and self.segment in (None, found.segment)


def run_pain_points(asked: Asked, *, as_json: bool) -> None:
    """Prints the pain points of a day, the last one by default. Raises InputError when the day was not judged."""
    if asked.kind and asked.kind not in wording.KINDS:
        raise InputError(f"There is no kind {asked.kind!r}; kinds are {', '.join(wording.KINDS)}.")
    lake = open_lake()
    day = asked.day or last_day(lake)
    if day not in lake.days("pain_points"):
        raise InputError(_not_judged(lake, day))
    ranked = summary.ranked_pain_points(lake, day)
    found = [each for each in ranked if asked.wants(each)]
    shown = found[: asked.top]
    if as_json:
        _print_json(shown)
    else:
        _print_list(lake, load_product(settings().home), day, ranked, found, shown)


def last_day(lake: Lake) -> date:
    """The last day that was judged. Raises InputError when none was."""
    days = lake.days("pain_points")
    if not days:
        raise InputError(f"No day was judged yet. Next: {_next(lake)}")
    return days[-1]


def print_top(lake: Lake, day: date, most: int) -> None:
    """The most severe problems of a day in a line or two each, and how many there are."""
    ranked = summary.ranked_pain_points(lake, day)
    many = wording.counted(len(ranked), "problem")
    more = f"; the first {most}:" if len(ranked) > most else ":"
    OUT.print(f"{many} of users found on {day}{more}" if ranked else f"No problem of users was found on {day}.")
    for found in ranked[:most]:
        OUT.print(_headed(found))
    OUT.print()


def print_problem(found: PainPoint) -> None:
    """One problem: its line, and under it whom it hit, what it cost, since when, and what else was seen."""
    severity = "" if found.severity is None else f"severity {found.severity:.0f} of 100"
    facts = "; ".join(part for part in (wording.hit(found), wording.cost(found), severity) if part)
    under = (facts, wording.history(found), *(f"also {each}" for each in wording.also(found)), *_element(found))
    told = _headed(found)
    for line in under:
        told.add_row("", Text(line))
    OUT.print(told)


def _headed(found: PainPoint) -> Table:
    told = Table.grid(padding=(0, 2))
    told.add_row(Text(found.priority, _COLOURS.get(found.priority, "")), Text(wording.heading(found), "bold"))
    return told


def _element(found: PainPoint) -> list[str]:
    known = wording.element(found.subject)
    return [f"the element is {found.subject}"] if found.kind.endswith("_click") and known != found.subject else []


def _print_json(found: Sequence[PainPoint]) -> None:
    for each in found:
        print(json.dumps(summary.as_json(each), ensure_ascii=False))  # noqa: T201  # for programs


def _print_list(
    lake: Lake, product: Product, day: date, ranked: list[PainPoint], found: list[PainPoint], shown: list[PainPoint]
) -> None:
    of_all = f" of {len(ranked)}" if len(found) < len(ranked) else ""
    window = product.thresholds.window_days
    many = wording.counted(len(found), "problem")
    count = f"{many}{of_all}, the most severe first" if found else f"no problem was found{of_all and ' like that'}"
    OUT.print(f"{day} and the {window - 1} days before: {count}\n", highlight=False)
    for each in shown:
        print_problem(each)
        OUT.print()
    if len(shown) < len(found):
        ERR.print(f"{len(found) - len(shown)} more: --all shows them", highlight=False)
    for line in _unsaid(lake, product, day):
        ERR.print(line, highlight=False, style="dim")


def _unsaid(lake: Lake, product: Product, day: date) -> list[str]:
    """What could not be said of the day, and why, a line each."""
    limits = product.thresholds
    wanted = limits.window_days + limits.baseline_days
    counted = summary.days_of_history(lake, day, wanted)
    lines = [f"{counted} of {wanted} days of history are there; more make it sharper"] if counted < wanted else []
    if silent := summary.silent_segments(lake, day, product.segments):
        lines.append(f"not cut by {', '.join(silent)}: too few users of at least two values")
    for table in wording.TABLES:
        told = summary.unsaid(lake, table, day, wording.EVERYBODY)
        reasons = {name: rows for name, rows in told.reasons.items() if name not in summary.BY_DESIGN}
        if reasons:
            lines.append(wording.not_judged(table, sum(reasons.values()), told.rows, reasons))
    return lines


def _next(lake: Lake) -> str:
    for table, select in (("sessions", " --select detect"), ("events", "")):
        if days := lake.days(table):
            return f"user-intel run --from {days[0]} --to {days[-1]}{select}"
    return "user-intel run --from D --to D, or user-intel demo"


def _not_judged(lake: Lake, day: date) -> str:
    days = lake.days("pain_points")
    known = f"judged are {days[0]} to {days[-1]}" if days else "no day was judged yet"
    if day in lake.days("sessions"):
        return f"{day} was not judged ({known}). Next: user-intel run --from {day} --to {day} --select detect"
    return f"{day} was not run ({known}). Next: user-intel run --from {day} --to {day}"
