"""`user-intel doctor`: every configured connection, one line each."""

from user_intel import doctor
from user_intel.terminal.console import OUT

_MARKS = {"works": "[green]works[/]  ", "default": "[dim]default[/]", "broken": "[red]broken[/] "}


def run_doctor() -> bool:
    """Prints the findings as they come; whether none of them is broken."""
    healthy = True
    for finding in doctor.examine():
        OUT.print(f"{_MARKS[finding.state]} {finding.subject:<10} {finding.words}", highlight=False, soft_wrap=True)
        healthy = healthy and finding.state != "broken"
    return healthy
