"""`user-intel import`: CSV and batch-export Parquet files into the lake, with progress and a summary."""

from collections.abc import Sequence
from pathlib import Path

from user_intel.errors import InputError
from user_intel.extract.batch_export import import_exports
from user_intel.extract.csv import Imported, import_csv
from user_intel.extract.sources import open_normaliser
from user_intel.lake import open_lake
from user_intel.product import load_product
from user_intel.settings import settings
from user_intel.terminal.console import ERR, OUT, progress

# A batch export's file may end in .parquet.zst: the codec is inside, Parquet it is.
_PARQUET = ".parquet"


def run_import(paths: Sequence[Path]) -> None:
    """Imports the files and says what became of their rows. Raises InputError before anything when one is missing."""
    if missing := [path for path in paths if not path.exists()]:
        raise InputError(f"There is no file {missing[0]}. Nothing was imported.")
    chosen, lake = settings(), open_lake()
    product, share = load_product(chosen.home), chosen.max_rejected_share
    normaliser = open_normaliser(chosen, product)
    exports = [path for path in paths if path.is_dir() or _PARQUET in path.suffixes]
    tables = [path for path in paths if path not in exports]
    with progress() as bar:
        task = bar.add_task("importing", total=None)

        def show(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total)

        if tables:
            _tell(import_csv(tables, lake, normaliser, max_rejected_share=share, on_progress=show))
        if exports:
            _tell(import_exports(exports, lake, product, normaliser, max_rejected_share=share))
    lake.refresh_views()


def _tell(imported: Imported) -> None:
    days = f"{imported.days[0]} to {imported.days[-1]}" if imported.days else "no day"
    OUT.print(
        f"{imported.rows:,} rows of {days}: {imported.added:,} new, {imported.duplicates:,} there already, "
        f"{imported.rejected:,} rejected",
        highlight=False,
    )
    if imported.rejected_path:
        ERR.print(f"Rejected rows and why: {imported.rejected_path}", highlight=False, soft_wrap=True)
    if imported.days:
        ERR.print(f"Next: user-intel run --from {imported.days[0]} --to {imported.days[-1]}", highlight=False)
