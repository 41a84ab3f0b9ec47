"""A day through the whole stage, table by table: what the assets do, without an orchestrator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from user_intel.detect import drop_offs, loops, signals, slow_steps, underused_features
from user_intel.detect.anomalies import anomalies
from user_intel.detect.frustration_signals import frustration_signals
from user_intel.detect.funnels import days_needed, funnels
from user_intel.detect.judging import Judged
from user_intel.detect.pain_points import pain_points
from user_intel.detect.scene import Scene, open_scene
from user_intel.detect.tallies import tallies
from user_intel.lake import Lake, Relation
from user_intel.product import Product

if TYPE_CHECKING:
    import polars as pl

# Every metric a detector judges; all of them are tested together.
JUDGED: dict[str, Callable[[Scene], Judged]] = {
    "exit": drop_offs.judged,
    "dwell": slow_steps.judged,
    "loop": loops.judged,
    "feature": underused_features.judged,
    "u_turn": signals.judged_u_turns,
    "rapid_exit": signals.judged_rapid_exits,
    "form_abandonment": signals.judged_forms,
    "rage_click": lambda scene: signals.judged_clicks("rage_click", scene),
    "dead_click": lambda scene: signals.judged_clicks("dead_click", scene),
    "error_click": lambda scene: signals.judged_clicks("error_click", scene),
}

# Tables over the window ending at a day, in the order of their columns in the stage.
DETECTORS: dict[str, Callable[[Scene], pl.DataFrame]] = {
    "drop_offs": drop_offs.drop_offs,
    "funnels": lambda scene: _funnels(scene),
    "loops": loops.loops,
    "slow_steps": slow_steps.slow_steps,
    "underused_features": underused_features.underused_features,
    "anomalies": anomalies,
    "pain_points": pain_points,
}


def count_day(lake: Lake, product: Product, day: date) -> None:
    """Writes frustration_signals and tallies of `day` from its sessions, steps and events."""
    with lake.connect() as connection:
        found = frustration_signals(lake, product, day, connection)
        lake.write_day("frustration_signals", day, found)
        lake.write_day("tallies", day, tallies(connection, lake, product, day))


def write_signals(lake: Lake, product: Product, day: date) -> None:
    """Writes frustration_signals of `day`. Reads events, and sessions and steps of the window that ends there."""
    with lake.connect() as connection:
        lake.write_day("frustration_signals", day, frustration_signals(lake, product, day, connection))


def write_tallies(lake: Lake, product: Product, day: date) -> None:
    """Writes tallies of `day`, whose frustration_signals must be there."""
    with lake.connect() as connection:
        lake.write_day("tallies", day, tallies(connection, lake, product, day))


def detect_window(lake: Lake, product: Product, day: date, tables: Sequence[str] = tuple(DETECTORS)) -> Scene:
    """Writes the given tables of `day` from the tallies, sessions and steps of its window and history."""
    with lake.connect() as connection:
        scene = open_scene(connection, lake, product, day, JUDGED)
        for table in tables:
            rows = DETECTORS[table](scene).select(lake.table(table).column_names)
            lake.write_day(table, day, _relation(scene, rows))
    return scene


def detect_day(lake: Lake, product: Product, day: date) -> None:
    """Writes every table of the stage for `day`. Days before it must have been counted to be a baseline."""
    count_day(lake, product, day)
    detect_window(lake, product, day)


def _relation(scene: Scene, rows: pl.DataFrame) -> Relation:
    scene.given("answer", rows)
    return scene.connection.view("answer")


def _funnels(scene: Scene) -> pl.DataFrame:
    from datetime import timedelta

    needed = days_needed(scene.product)
    earlier = [scene.window.days[0] - timedelta(days=back) for back in range(1, needed - len(scene.window.days) + 1)]
    sessions = scene.lake.read(scene.connection, "sessions", [*scene.window.days, *earlier])
    steps = scene.connection.view("people_steps")
    if earlier:
        # Machines are known for the window only; users' longer windows take the days before as they are.
        steps = steps.union(scene.lake.read(scene.connection, "steps", earlier))
    speaking = scene.window.segments.speaking
    return funnels(scene.connection, scene.product, scene.flows, sessions, steps, scene.day, speaking)
