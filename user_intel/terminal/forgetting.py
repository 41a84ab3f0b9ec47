"""`user-intel forget`: one person erased, and what was erased told."""

from contextlib import nullcontext

from user_intel import privacy
from user_intel.extract.posthog import PostHog
from user_intel.forget import forget
from user_intel.graph.connection import has_graph, open_graph
from user_intel.lake import open_lake
from user_intel.settings import settings
from user_intel.terminal.console import ERR, OUT, plain_table


def run_forget(user_id: str) -> None:
    """Erases the person and prints the rows by table. PostHog, where configured, is asked which persons the id is."""
    chosen = settings()
    persons: list[str] = []
    if chosen.uses_posthog:
        with PostHog.from_settings(chosen) as posthog:
            persons = posthog.person_ids(user_id)
    with open_graph(chosen) if has_graph(chosen) else nullcontext() as graph:
        forgotten = forget(user_id, open_lake(), privacy.load_salt(chosen), person_ids=persons, graph=graph)
    table = plain_table("table", "rows erased", numbers=("rows erased",))
    for name, rows in forgotten.rows.items():
        table.add_row(name, f"{rows:,}")
    if forgotten.other_rows:
        table.add_row("not yet in a table", f"{forgotten.other_rows:,}")
    if forgotten.total:
        OUT.print(table)
    else:
        ERR.print("Nothing of this person was stored.")
    ERR.print("The person is kept out of later extractions and imports. Erase them at the source as well.")
