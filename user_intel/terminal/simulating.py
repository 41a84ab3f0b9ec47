"""`user-intel simulate`: the simulated product as CSV files."""

from datetime import date, timedelta
from pathlib import Path

from user_intel.days import day_range, yesterday
from user_intel.product import Product
from user_intel.terminal.console import ERR, OUT, progress


def run_simulate(out_dir: Path, *, days: int, users: int | None, seed: int, until: date | None) -> None:
    """Writes one CSV a day and a product.yaml, and prints their paths."""
    from user_intel.simulate.csv_files import write_csv
    from user_intel.simulate.product import SimulatedProduct
    from user_intel.terminal.demo import DEFAULT_USERS

    last = until or yesterday(Product().zone)
    simulated = SimulatedProduct(seed=seed, users=users or DEFAULT_USERS)
    chosen = list(day_range(last - timedelta(days=days - 1), last))
    with progress() as bar:
        task = bar.add_task("simulating", total=len(chosen))
        for path in write_csv(simulated, chosen, out_dir):
            bar.update(task, advance=1)
            OUT.print(str(path), highlight=False, soft_wrap=True)
    ERR.print(
        f"Next: user-intel import {out_dir}/*.csv && user-intel run --from {chosen[0]} --to {last}", highlight=False
    )
