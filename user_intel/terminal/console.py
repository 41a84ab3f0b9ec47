"""The two consoles: results on stdout, everything else on stderr; and the progress bar all commands share."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

OUT = Console()
ERR = Console(stderr=True)


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress bar on stderr that leaves nothing behind; on no terminal it draws nothing."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=True) as bar:
        yield bar


def plain_table(*headings: str, numbers: tuple[str, ...] = ()) -> Table:
    """An unboxed table; the columns named in `numbers` are right-aligned."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in numbers else "left")
    return table
