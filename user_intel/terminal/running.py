"""`user-intel run`: days through the pipeline, with a progress bar and a summary."""

from collections.abc import Mapping, Sequence
from datetime import date
from time import monotonic

from rich.markup import escape

from user_intel import orchestrator
from user_intel.days import day_range
from user_intel.errors import UserIntelError
from user_intel.lake import open_lake
from user_intel.orchestrator import Outcome, Written
from user_intel.settings import settings
from user_intel.terminal.console import ERR, OUT, plain_table, progress


def run_days(first: date, last: date, select: Sequence[str], overrides: Mapping[str, str] | None = None) -> Outcome:
    """Materialises the days and prints what was written. Raises UserIntelError when the run failed."""
    started = monotonic()
    expected = _expected_table_days(first, last, select)
    with progress() as bar:
        task = bar.add_task(f"{first} to {last}", total=expected)

        def show(written: Written) -> None:
            bar.update(task, advance=1, description=f"{written.table} of {written.day}")

        def warn(words: str) -> None:
            bar.console.print(f"[yellow]waiting[/] {escape(words)}", highlight=False, soft_wrap=True)

        run = orchestrator.run
        outcome = run(settings(), first, last, select, overrides=overrides, on_written=show, on_warning=warn)
    _print_summary(outcome, monotonic() - started)
    if not outcome.succeeded:
        raise UserIntelError(
            f"{'; '.join(outcome.faults) or 'The run did not finish.'} What was written before stays. "
            f"Why: {settings().home / 'logs' / 'run.log'}, or the run in the Dagster UI. Rerun the command to go on."
        )
    return outcome


def _expected_table_days(first: date, last: date, select: Sequence[str]) -> int | None:
    tables = open_lake().tables.values()
    chosen = [table for table in tables if not select or table.name in select or table.stage in select]
    return len(chosen) * len(list(day_range(first, last))) or None


def _print_summary(outcome: Outcome, seconds: float) -> None:
    table = plain_table("table", "days", "rows", numbers=("days", "rows"))
    for name in dict.fromkeys(written.table for written in outcome.written):
        # A day that a retried step wrote twice counts once.
        rows = {written.day: written.rows for written in outcome.written if written.table == name}
        table.add_row(name, f"{len(rows):,}", f"{sum(rows.values()):,}")
    OUT.print(table)
    for check in outcome.failed_checks:
        ERR.print(f"[yellow]check[/] {check}", highlight=False)
    ERR.print(f"{'done' if outcome.succeeded else 'failed'} in {seconds:.1f} s", highlight=False)
