"""How fast days go into the graph: `python -m user_intel.bench.graph_load [VISITS]`.

A made-up day of so many visits (a million), then a year of days of 3,000 transitions each, into the embedded server of
a home of its own; or into the Neo4j that NEO4J_URI names, which must be empty and is emptied again. Every measurement
is a child process, so that the memory is the client's own. Reading the lake is counted, imports are not.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb

from user_intel import files
from user_intel.bench.made_events import DAY, make_lake
from user_intel.bench.measuring import Measurement, Row, folder, measured, peak_mb, table
from user_intel.days import day_range
from user_intel.errors import InputError
from user_intel.files import ROOT
from user_intel.graph.claims import writing
from user_intel.graph.connection import Graph, open_graph
from user_intel.graph.days import held_days
from user_intel.graph.loading import Loaded, load_days
from user_intel.graph.pruning import clear_day
from user_intel.journeys.build import build_journeys
from user_intel.journeys.transitions import transitions
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import Product
from user_intel.tables import catalogue

PAIRS = 3_000
YEAR = 365
_TABLES = ("sessions", "steps", "transitions")
_PRODUCT = Product()


def run(visits: int) -> None:
    """Measures and prints one table."""
    from rich.console import Console

    rows = []
    with folder() as home:
        module = ["env", f"USER_INTEL_HOME={home}", sys.executable, "-m", "user_intel.bench.graph_load"]
        subprocess.run([*module, "prepare_day", str(visits)], check=True, cwd=ROOT)
        rows.append(
            Row(
                f"a day of {visits:,} visits",
                "user_intel",
                measured([*module, "day"]),
                target="12,000/s embedded, 20,000/s Neo4j; < 500 MB",
            )
        )
    with folder() as home:
        module = ["env", f"USER_INTEL_HOME={home}", sys.executable, "-m", "user_intel.bench.graph_load"]
        subprocess.run([*module, "prepare_year", str(YEAR)], check=True, cwd=ROOT)
        found = measured([*module, "week"])
        rows.append(Row("counts of a day, of a week", "user_intel", found, target="< 1 s"))
        first = found.seconds if isinstance(found, Measurement) else None
        rows.append(Row("counts of a day, of a year", "user_intel", measured([*module, "year"]), first, "< 1 s, 1.0x"))
    Console().print(table("Graph", rows))


def prepare_day(lake: Lake, visits: int) -> None:
    """Writes a day of about so many visits, as the stage before the graph would."""
    make_lake(lake.home, visits)
    _build(lake, DAY)


def prepare_year(lake: Lake, days: int) -> None:
    """Writes days of 3,000 transitions each, alike but for their sessions."""
    first = DAY - timedelta(days=days - 1)
    parameters = {"pairs": PAIRS, "day": first}
    with duckdb.connect() as connection:

        def write(path: Path) -> None:
            connection.execute(files.sql("bench/made_pairs"), {**parameters, "path": str(path)})

        lake.write_day_with("events", first, write)
    _build(lake, first)
    with lake.connect() as connection:
        for day in list(day_range(first, DAY))[1:]:
            for name in _TABLES:
                lake.write_day(name, day, _moved(lake, connection, name, first, day))


def day(lake: Lake, graph: Graph) -> list[float]:
    """Loads the day of visits: its seconds, of the chains alone, and how many visits."""
    loaded = load_days(lake, _PRODUCT, graph, [DAY])[0]
    return [loaded.chain_seconds, loaded.visits]


def week(lake: Lake, graph: Graph) -> list[float]:
    """Loads the counts of seven days: mean seconds of a day, and its transitions."""
    return _mean(_counts(lake, graph, lake.days("steps")[:7]))


def year(lake: Lake, graph: Graph) -> list[float]:
    """Loads the counts of all days: mean seconds of the last seven, and their transitions."""
    return _mean(_counts(lake, graph, lake.days("steps"))[-7:])


def _counts(lake: Lake, graph: Graph, days: list[date]) -> list[Loaded]:
    """Loads days without their chains: a window that ends later leaves them outside."""
    return load_days(lake, _PRODUCT, graph, days, until=days[-1] + timedelta(days=_PRODUCT.graph.window_days))


def _mean(loaded: list[Loaded]) -> list[float]:
    return [sum(each.seconds for each in loaded) / len(loaded), sum(each.transitions for each in loaded) / len(loaded)]


def _build(lake: Lake, day: date) -> None:
    build_journeys(lake, _PRODUCT, day)
    with lake.connect() as connection:
        lake.write_day("transitions", day, transitions(lake.read(connection, "steps", [day])))


def _moved(lake: Lake, connection: Connection, name: str, first: date, day: date) -> Relation:
    """A table of the first day as if it were of another; every session is another one."""
    changed = {
        "day": duckdb.ConstantExpression(day),
        "session_id": duckdb.FunctionExpression(
            "concat", duckdb.ColumnExpression("session_id"), duckdb.ConstantExpression(day.isoformat())
        ),
    }
    rows = lake.read(connection, name, [first])
    return rows.project(*(changed.get(c, duckdb.ColumnExpression(c)).alias(c) for c in rows.columns))


_PREPARED: dict[str, Callable[[Lake, int], object]] = {"prepare_day": prepare_day, "prepare_year": prepare_year}
_MEASURED: dict[str, Callable[[Lake, Graph], list[float]]] = {"day": day, "week": week, "year": year}


def _measure(task: str, lake: Lake) -> None:
    with open_graph() as graph:
        if held_days(graph):
            raise InputError(f"The graph at {graph.address} is not empty; measure on one that holds nothing.")
        try:
            seconds, rows = _MEASURED[task](lake, graph)
        finally:
            _empty(lake, graph)
    print(json.dumps({"seconds": seconds, "peak_mb": peak_mb(), "rows": int(rows)}))


def _empty(lake: Lake, graph: Graph) -> None:
    with writing(lake.home, graph) as claim:
        for held in held_days(graph):
            clear_day(claim, held.day)
        claim.write("prune/steps")
    graph.write(files.cypher("prune/days"))


def _main(words: list[str]) -> None:
    from user_intel.settings import settings

    if not words or words[0].isdigit():
        run(int(words[0]) if words else 1_000_000)
        return
    lake = Lake(settings().home, catalogue(_PRODUCT))
    if words[0] in _PREPARED:
        _PREPARED[words[0]](lake, int(words[1]))
    else:
        _measure(words[0], lake)


if __name__ == "__main__":
    _main(sys.argv[1:])
