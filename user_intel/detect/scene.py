"""Everything a detector may look at for one day: the window's sessions, the history of counts, the product's flows.

Opened once for a day and handed to every detector, so that nothing is read or judged twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from user_intel import files
from user_intel.detect.anomalies import Anomaly, found_anomalies
from user_intel.detect.flows import Flow, flows_of
from user_intel.detect.history import History
from user_intel.detect.judging import Judged
from user_intel.detect.loops import find_loops
from user_intel.detect.window import Window, history_days, open_window, window_days
from user_intel.lake import Connection, Lake
from user_intel.product import Product

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Scene:
    """One day, seen from everywhere. `judged_by` says how each metric is judged, by name."""

    lake: Lake
    product: Product
    day: date
    window: Window
    history: History
    flows: Sequence[Flow]
    judged_by: dict[str, Callable[[Scene], Judged]]

    @property
    def connection(self) -> Connection:
        """Where the window's tables are."""
        return self.window.connection

    @property
    def goals(self) -> list[str]:
        """The last steps of all flows."""
        return sorted({flow.steps[-1] for flow in self.flows})

    @property
    def ends(self) -> dict[str, str]:
        """Steps at which leaving is right, with the reason."""
        return dict.fromkeys(self.product.final_steps, "final_step") | dict.fromkeys(self.goals, "goal")

    @property
    def inner_steps(self) -> set[str]:
        """Steps on the way from the first step of a flow to its goal: whoever leaves there wanted something."""
        return {step for flow in self.flows for step in flow.steps[1:-1]}

    @cached_property
    def active_users(self) -> int:
        """People who had a session in the window."""
        found = self.connection.table("session_people").aggregate("count(distinct user_no)").fetchall()
        return int(found[0][0])

    @cached_property
    def anomalies(self) -> list[Anomaly]:
        """Every metric of the day."""
        return found_anomalies(self)

    @cached_property
    def judged(self) -> dict[str, Judged]:
        """Every metric, judged."""
        return {metric: judge(self) for metric, judge in self.judged_by.items()}

    def given(self, name: str, frame: pl.DataFrame) -> None:
        """Lends a frame to the connection as the view `name`."""
        self.connection.register(name, frame)

    def frame(self, name: str, parameters: dict[str, object] | None = None) -> pl.DataFrame:
        """The rows of `sql/detect/<name>.sql`."""
        found: pl.DataFrame = self.connection.query(files.sql(f"detect/{name}"), params=parameters or None).pl()
        return found


def open_scene(
    connection: Connection, lake: Lake, product: Product, day: date, judged_by: dict[str, Callable[[Scene], Judged]]
) -> Scene:
    """Opens the window that ends at `day` and its history. Reads sessions, steps, tallies and frustration_signals."""
    window = open_window(connection, lake, product, window_days(product, day))
    find_loops(window)
    signals = lake.read(connection, "frustration_signals", window.days)
    signals.create_view("window_signals", replace=True)
    window.run("people_visits")
    flows = flows_of(connection, product, connection.view("window_sessions"), connection.view("people_steps"))
    window.run("goal_sessions", {"goals": sorted({flow.steps[-1] for flow in flows})})
    return Scene(lake, product, day, window, _history(lake, product, day, window), flows, judged_by)


def _history(lake: Lake, product: Product, day: date, window: Window) -> History:
    import polars as pl

    counted = lake.frame("tallies", history_days(product, day)).collect()
    speaking = counted.filter(pl.col("segment").is_in(window.segments.names))
    return History(speaking, product.thresholds.min_sessions)
