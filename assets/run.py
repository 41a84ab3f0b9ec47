"""Materialises a range of days in this process: what `user-intel run` starts as a child.

    python -m assets.run --from 2026-11-01 --to 2026-11-14 [--select extract --select transitions]

Progress goes to stdout as one JSON object a line: {"table", "day", "rows"} for each table-day written, {"warning"} for
what is worth knowing meanwhile, {"done", ...} at the end. Logs go to stderr. Exit code 0: all materialised and every
blocking check passed; 1: not; 2: asked for what cannot be meant.
"""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from datetime import date
from typing import TextIO

import dagster as dg

from assets.daily import DAILY, cause_of
from assets.extract import range_tags
from user_intel.errors import InputError, UserIntelError


class _Progress(logging.Handler):
    """Writes one JSON line for each table-day that the lake reports as written, and for each warning."""

    def __init__(self, out: TextIO) -> None:
        super().__init__(logging.INFO)
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        if hasattr(record, "table") and hasattr(record, "day"):
            line = {"table": record.table, "day": record.day.isoformat(), "rows": record.rows}
            print(json.dumps(line), file=self._out, flush=True)  # the protocol with the caller
        elif record.levelno >= logging.WARNING:
            print(json.dumps({"warning": record.getMessage()}), file=self._out, flush=True)


def selected_keys(definitions: dg.Definitions, select: Sequence[str]) -> list[dg.AssetKey]:
    """The assets that `select` names (stages or assets; all when empty). Raises InputError naming those there are."""
    specs = {spec.key.path[-1]: spec for spec in definitions.resolve_all_asset_specs()}
    stages = {spec.group_name for spec in specs.values()}
    if unknown := [name for name in select if name not in specs and name not in stages]:
        raise InputError(
            f"There is no stage or asset {unknown[0]!r}; stages are {', '.join(sorted(filter(None, stages)))}; "
            f"assets are {', '.join(sorted(specs))}."
        )
    return [spec.key for name, spec in specs.items() if not select or name in select or spec.group_name in select]


def refuse_unknown_days(first: date, last: date) -> None:
    """Raises InputError when the range is reversed or reaches beyond the partitions there are."""
    known = DAILY.get_first_partition_key(), DAILY.get_last_partition_key()
    if first > last:
        raise InputError(f"--from {first} is after --to {last}; give the earlier day first.")
    if not (str(known[0]) <= first.isoformat() and last.isoformat() <= str(known[1])):
        raise InputError(
            f"Days from {known[0]} to {known[1]} can be run, asked for {first} to {last}. "
            "A day can be run when it is over; set USER_INTEL_FIRST_DAY for an earlier first one."
        )


def run(first: date, last: date, select: Sequence[str], out: TextIO) -> bool:
    """Materialises the days through the selected assets, with their checks; whether all of it succeeded."""
    from assets.definitions import defs

    refuse_unknown_days(first, last)
    keys = selected_keys(defs, select)
    logging.getLogger("user_intel").addHandler(_Progress(out))
    logging.getLogger("user_intel").setLevel(logging.INFO)
    job = defs.resolve_job_def("pipeline")
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            instance=instance,
            asset_selection=keys,
            tags=range_tags(first, last),
            # Somebody is waiting for the answer: what the client's own retries did not mend is told at once.
            run_config={"execution": {"config": {"retries": {"disabled": {}}}}},
            raise_on_error=False,
        )
        checks = result.get_asset_check_evaluations()
    faults = [cause_of(event) for event in result.get_step_failure_events()]
    failed = [f"{c.asset_key.path[-1]}.{c.check_name}: {c.description}" for c in checks if not c.passed]
    print(
        json.dumps({"done": result.success, "run_id": result.run_id, "failed_checks": failed, "faults": faults}),
        file=out,
        flush=True,
    )
    return result.success


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line of this module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True)
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True)
    parser.add_argument("--select", action="append", default=[])
    asked = parser.parse_args(arguments)
    try:
        return 0 if run(asked.first, asked.last, asked.select, sys.stdout) else 1
    except UserIntelError as error:
        print(json.dumps({"error": str(error), "meant": error.exit_code != InputError.exit_code}), flush=True)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
