"""What a picture of a pain point needs besides its row, read from the lake: the funnel it lies in, or the ways between
the steps of its circle. How it is drawn is `picture`.
"""

from __future__ import annotations

from datetime import timedelta

import duckdb

from user_intel import files
from user_intel.days import day_range
from user_intel.detect.picture import Arrow, Place, picture
from user_intel.detect.segments import ALL
from user_intel.detect.wording import PainPoint
from user_intel.lake import Connection, Lake, Relation
from user_intel.product import Product


def illustrated(lake: Lake, product: Product, found: PainPoint) -> bytes:
    """A PNG of the pain point. Without the funnels or journeys of its days it shows less, and no less truly."""
    with lake.connect() as connection:
        funnel = _funnel(lake, connection, found) if found.flow else []
        arrows = _arrows(lake, connection, product, found) if found.kind == "loop" else []
    return picture(found, funnel, arrows)


def _funnel(lake: Lake, connection: Connection, found: PainPoint) -> list[Place]:
    """The flow's funnel in the pain point's segment."""
    rows = lake.read(connection, "funnels", [found.day]).filter(_is("flow", found.flow) & _is("segment", found.segment))
    cells = rows.order("position").project("step, entered, unit").fetchall()
    return [Place(step, entered, unit) for step, entered, unit in cells]


def _arrows(lake: Lake, connection: Connection, product: Product, found: PainPoint) -> list[Arrow]:
    """Sessions of the window, in the pain point's segment, that went from a step of the circle to the next one."""
    window = list(day_range(found.day - timedelta(days=product.thresholds.window_days - 1), found.day))
    _of_segment(lake.read(connection, "sessions", window), found.segment).create_view("circle_sessions")
    lake.read(connection, "steps", window).create_view("circle_steps")
    given: dict[str, object] = {"steps": list(found.subjects)}
    return [Arrow(*row) for row in connection.execute(files.sql("detect/circle_arrows"), given).fetchall()]


def _of_segment(sessions: Relation, segment: str) -> Relation:
    if segment == ALL:
        return sessions
    name, _, value = segment.partition("=")
    return sessions.filter(_is(name, value))


def _is(column: str, value: object) -> duckdb.Expression:
    return duckdb.ColumnExpression(column) == duckdb.ConstantExpression(value)
