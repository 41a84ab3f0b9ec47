"""`user-intel briefing`: a day, or the week that ends with it, in a minute's reading."""

import json
from datetime import date

from rich.markdown import Markdown

from user_intel.errors import InputError
from user_intel.explain import summary
from user_intel.lake import open_lake
from user_intel.terminal.console import ERR, OUT
from user_intel.terminal.insights import last_day, not_explained


def run_briefing(day: date | None, *, week: bool, as_json: bool) -> None:
    """Prints the briefing of a day or week, the last one by default. Raises InputError when there is none.

    On a terminal its Markdown is drawn; into a file or a pipe it goes as it is.
    """
    lake = open_lake()
    wanted, scope = day or last_day(lake, "briefings"), "week" if week else "day"
    found = summary.briefing(lake, wanted, scope)
    if found is None:
        raise InputError(not_explained(lake, wanted, "briefings"))
    if as_json:
        print(json.dumps({**vars(found), "day": str(found.day)}, ensure_ascii=False))  # noqa: T201  # for programs
        return
    text = f"# {found.title}\n\n{found.text}"
    # As it is: "[...]" is no markup, and "/reports/:id:" no emoji.
    drawn = Markdown(text) if OUT.is_terminal else text
    OUT.print(drawn, highlight=False, markup=False, emoji=False, soft_wrap=not OUT.is_terminal)
    ERR.print(f"by {found.by}", highlight=False, style="dim")
