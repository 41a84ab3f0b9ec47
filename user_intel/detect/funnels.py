"""Funnels: how many units come how far along each flow, how fast, and in which segments.

Unit, order, window, exclusions and breakdown are fixed per flow (`product.Funnel`). Here visits are fetched; which of
them match is the business of `funnel_matching`, the figures are that of `funnel_figures`. A unit is a session, or on
request a user:

- Window: a session is its own. A user has `window_days` from the first match on; whoever entered in the last days of
  the window has had less than that, as in every funnel that ends today.
- Exclusion: at and after a unit's first excluded step nothing counts; what came before it stays.
- Breakdown: a unit belongs to the segment of the session it matched the first step in (first_touch), the last step it
  came to (last_touch), or at each position the segment of that position's session (each_step). There `entered` and
  `converted` are of one position, and `overall_conversion` follows those whose first step was in the segment.
- Unordered: position p means p different steps of the flow; the step it names is the configured one.

Intervals are Wilson's at 95 %.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any

import duckdb

from user_intel import files
from user_intel.detect.flows import Flow
from user_intel.detect.funnel_figures import Progress, figures
from user_intel.detect.funnel_matching import EXCLUDED, Visits, deepest_matches
from user_intel.detect.segments import ALL
from user_intel.lake import Connection, Relation
from user_intel.product import Funnel, Product
from user_intel.tables import FUNNELS

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

_US_PER_DAY = 86_400_000_000


def days_needed(product: Product) -> int:
    """How many days up to and with the day in question `funnels` has to be given."""
    return max([product.thresholds.window_days, *(_days_of(funnel, product) for funnel in product.funnels.values())])


def funnels(
    connection: Connection,
    product: Product,
    flows: Sequence[Flow],
    sessions: Relation,
    steps: Relation,
    day: date,
    segments: Mapping[str, Sequence[str]],
) -> pl.DataFrame:
    """One row per flow, position and segment, with exactly the columns of `funnels`, sorted as it is stored.

    `steps` and `sessions` have the lake's columns, their rows in any order; they must hold `days_needed` days up to
    `day` and may hold more. Counted of them are the thresholds' `window_days`, or those of the funnel where they are
    more and its unit the user. `segments` are the values that speak, by property (a column of `sessions`).
    """
    import polars as pl

    given = _Given(connection, product, sessions, steps, day, segments)
    by_source = sorted(flows, key=lambda flow: _source(flow.options, product))
    rows = [
        row
        for _, members in groupby(by_source, key=lambda flow: _source(flow.options, product))
        for row in _rows_of_one_source(given, list(members))
    ]
    types = {"DATE": pl.Date, "VARCHAR": pl.String, "INTEGER": pl.Int32, "BIGINT": pl.Int64}
    types |= {"DOUBLE": pl.Float64, "BOOLEAN": pl.Boolean}
    frame = pl.DataFrame(rows, schema={column.name: types[column.type] for column in FUNNELS.columns})
    return frame.sort(FUNNELS.sorted_by)


@dataclass(frozen=True)
class _Given:
    """What the caller gave."""

    connection: Connection
    product: Product
    sessions: Relation
    steps: Relation
    day: date
    segments: Mapping[str, Sequence[str]]


def _source(funnel: Funnel, product: Product) -> tuple[bool, int]:
    """Funnels of one source are counted from the same visits: whether users', and of how many days."""
    return funnel.unit == "user", _days_of(funnel, product)


def _days_of(funnel: Funnel, product: Product) -> int:
    days = product.thresholds.window_days
    return max(days, funnel.window_days) if funnel.unit == "user" else days


def _rows_of_one_source(given: _Given, flows: Sequence[Flow]) -> Iterator[dict[str, Any]]:
    codes = {name: code for code, name in enumerate(_names(flows), start=1)}
    visits = _visits(given, flows, list(codes))
    values = _values_of_sessions(given, flows)
    for flow in flows:
        progress = _progress(flow, codes, visits)
        for segment, member in _members(progress.touched(flow.options.breakdown), values, given.segments):
            yield from _rows(given.day, flow, segment, figures(progress, member))


def _names(flows: Sequence[Flow]) -> list[str]:
    return sorted({name for flow in flows for name in (*flow.steps, *flow.options.exclude)})


def _first_day(given: _Given, flows: Sequence[Flow]) -> date:
    return given.day - timedelta(days=_days_of(flows[0].options, given.product) - 1)


def _visits(given: _Given, flows: Sequence[Flow], names: list[str]) -> Visits:
    given.steps.create_view("funnel_steps", replace=True)
    parameters = {
        "names": names,
        "by_user": flows[0].options.unit == "user",
        "every_visit": any(flow.options.order == "strict" for flow in flows),
        "first_day": _first_day(given, flows),
        "last_day": given.day,
    }
    found = given.connection.execute(files.sql("detect/funnel_visits"), parameters).fetchnumpy()
    return Visits(found["unit"], found["session"], found["code"], found["at_us"])


def _progress(flow: Flow, codes: Mapping[str, int], visits: Visits) -> Progress:
    import numpy as np

    places = np.zeros(len(codes) + 1, dtype=np.int16)
    places[[codes[step] for step in flow.options.exclude]] = EXCLUDED
    places[[codes[step] for step in flow.steps]] = range(1, len(flow.steps) + 1)
    within_us = flow.options.window_days * _US_PER_DAY if flow.options.unit == "user" else None
    matches = deepest_matches(visits, places[visits.code], len(flow.steps), flow.options.order, within_us)
    return Progress.of(visits, matches)


@dataclass(frozen=True)
class _SessionValues:
    """Sessions (digests, ascending) and by property the number of the value each has, from 1; 0 where none speaks."""

    session: NDArray[np.uint64]
    numbers: Mapping[str, NDArray[np.uint8]]

    def of(self, property_: str, session: NDArray[np.uint64]) -> NDArray[np.uint8]:
        """The number of the value that each of these sessions has."""
        import numpy as np

        if not len(self.session):
            return np.zeros(session.shape, dtype=np.uint8)
        row = np.minimum(np.searchsorted(self.session, session), len(self.session) - 1)
        return np.where(self.session[row] == session, self.numbers[property_][row], np.uint8(0))


def _values_of_sessions(given: _Given, flows: Sequence[Flow]) -> _SessionValues:
    day = duckdb.ColumnExpression("day")
    first, last = (duckdb.ConstantExpression(each) for each in (_first_day(given, flows), given.day))
    digest = duckdb.FunctionExpression("hash", duckdb.ColumnExpression("session_id")).alias("session")
    numbers = {f"value_{n}": _number(*values) for n, values in enumerate(given.segments.items())}
    columns = (digest, *(number.alias(alias) for alias, number in numbers.items()))
    found = given.sessions.filter((day >= first) & (day <= last)).project(*columns).sort("session").fetchnumpy()
    return _SessionValues(
        found["session"], {name: found[alias] for name, alias in zip(given.segments, numbers, strict=True)}
    )


def _number(property_: str, values: Sequence[str]) -> duckdb.Expression:
    among = duckdb.ConstantExpression(list(values)).cast("varchar[]")
    found = duckdb.FunctionExpression("list_position", among, duckdb.ColumnExpression(property_))
    return duckdb.CoalesceOperator(found, duckdb.ConstantExpression(0)).cast("utinyint")


def _members(
    touched: NDArray[np.uint64], values: _SessionValues, segments: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Each segment with whether a unit is in it: one column, or one per position as `touched` has them."""
    import numpy as np

    yield ALL, np.ones((len(touched), 1), dtype=bool)
    for property_, names in segments.items():
        numbers = values.of(property_, touched)
        for number, name in enumerate(names, start=1):
            yield f"{property_}={name}", numbers == number


def _rows(day: date, flow: Flow, segment: str, measured: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    said = {"day": day, "flow": flow.name, "segment": segment, "mined": flow.mined}
    said |= {"mode": flow.options.order, "unit": flow.options.unit}
    for position, (step, measures) in enumerate(zip(flow.steps, measured, strict=True), start=1):
        yield {**said, "position": position, "step": step, **measures}
