"""`user-intel personas`: who uses the product and how, for people who read no SQL; as JSON lines for programs."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from user_intel.detect.summary import ranked_pain_points
from user_intel.detect.wording import PainPoint
from user_intel.errors import InputError
from user_intel.explain.rows import Row
from user_intel.explain.summary import told_personas, who
from user_intel.lake import Lake, open_lake
from user_intel.product import load_product
from user_intel.segment import summary, wording
from user_intel.segment.summary import Profile, Verdict
from user_intel.settings import settings
from user_intel.terminal.console import ERR, OUT

_MOST_MOVES = 6
_MOST_TROUBLES = 3


def run_personas(day: date | None, *, as_json: bool, picture: Path | None = None) -> None:
    """Prints the personas of a day, the last one by default, and draws them where a file is given.

    Raises InputError when the day was not run, or the picture's folder is not there.
    """
    if picture and not picture.parent.is_dir():
        raise InputError(
            f"There is no folder {picture.parent} to draw {picture.name} in. Make it, or give another file."
        )
    lake = open_lake()
    wanted = day or _last_day(lake)
    found = summary.verdict(lake, wanted)
    if found is None or wanted not in lake.days("cluster_profiles"):
        raise InputError(_not_run(lake, wanted))
    known = summary.profiles(lake, wanted)
    if as_json:
        for each in known:
            print(json.dumps(summary.as_json(each), ensure_ascii=False))  # noqa: T201  # for programs
    else:
        _print_day(lake, found, known)
    if picture:
        _draw(lake, wanted, picture)


def print_who(lake: Lake, day: date) -> None:
    """The personas of a day in a line or two each, or why there are none."""
    found = summary.verdict(lake, day)
    if found is None:
        return
    here = [each for each in summary.profiles(lake, day) if each.status != "gone"]
    days = load_product(settings().home).clusters.window_days
    OUT.print(wording.overview(found, len(here), days), highlight=False)
    for each in here:
        OUT.print(_headed(each))
        OUT.print(Padding(Text(wording.size(each)), (0, 0, 0, 3), expand=False))
    OUT.print()


def _draw(lake: Lake, day: date, path: Path) -> None:
    from user_intel.segment.illustration import illustrated

    path.write_bytes(illustrated(lake, day))
    ERR.print(f"drawn: {path}", highlight=False)


def _print_day(lake: Lake, found: Verdict, known: Sequence[Profile]) -> None:
    here = [each for each in known if each.status != "gone"]
    days = load_product(settings().home).clusters.window_days
    OUT.print(wording.overview(found, len(here), days), highlight=False)
    if here and (quality := wording.quality(found)):
        OUT.print(quality, highlight=False, style="dim")
    OUT.print()
    problems = {each.pain_point_id: each for each in ranked_pain_points(lake, found.day)}
    told = told_personas(lake, found.day)
    for each in known:
        OUT.print(_headed(each, told))
        for line in (*_lines(each, problems), *_advice(told.get(each.key))):
            OUT.print(Padding(Text(line), (0, 0, 0, 3), expand=False))
        OUT.print()
    names = {each.key: each.name for each in known}
    if found.before_day:
        for line in wording.moves(summary.moves(lake, found.day, _MOST_MOVES), names):
            ERR.print(f"since {found.before_day}: {line}", highlight=False, style="dim")


def _headed(found: Profile, told: Mapping[str, Row] | None = None) -> Table:
    """Its name: the better one, where a model found one that its traits bear."""
    named = (told or {}).get(found.key)
    line = Table.grid(padding=(0, 1))
    name = named["name"] if named else found.name
    line.add_row(Text("●", found.colour), Text(name, "bold"), Text(f"({found.key})", "dim"))
    return line


def _advice(told: Row | None) -> list[str]:
    """What to do for them, and who says so."""
    return [f"to do: {each}" for each in told["recommendations"]] + [f"said by {who(told)}"] if told else []


def _lines(found: Profile, problems: dict[str, PainPoint]) -> list[str]:
    """A persona in lines: size, what sets it apart, how it walks, what troubles it, what becomes of it."""
    lines = [wording.size(found)]
    if found.status == "gone":
        return lines
    lines += [f"apart by {line}" for line in wording.traits(found)] or ["nothing sets it apart by a size that matters"]
    lines += [f"walks {wording.path(each)}" for each in found.row["paths"][:2]]
    lines += [f"for example {wording.journey(each)}" for each in found.row["exemplars"][:1]]
    lines += [f"troubled: {wording.trouble(each, problems)}" for each in found.row["pain_points"][:_MOST_TROUBLES]]
    return [line for line in (*lines, wording.outcome(found), wording.standing(found)) if line]


def _last_day(lake: Lake) -> date:
    days = lake.days("cluster_profiles")
    if not days:
        raise InputError(f"Users were not grouped yet. Next: {_next(lake)}")
    return days[-1]


def _next(lake: Lake) -> str:
    for table, select in (("sessions", " --select segment"), ("events", "")):
        if days := lake.days(table):
            return f"user-intel run --from {days[-1]} --to {days[-1]}{select}"
    return "user-intel run --from D --to D, or user-intel demo"


def _not_run(lake: Lake, day: date) -> str:
    days = lake.days("cluster_profiles")
    known = f"grouped are {days[0]} to {days[-1]}" if days else "no day was grouped yet"
    select = " --select segment" if day in lake.days("sessions") else ""
    return f"Users of {day} were not grouped ({known}). Next: user-intel run --from {day} --to {day}{select}"
