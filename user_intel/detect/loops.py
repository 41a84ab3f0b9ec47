"""Going round in circles.

A loop is a cycle of 2 to 4 different steps, walked at least `loop_rounds` times in a row in one session: A, B, A, B, A
is the shortest. Whoever walks a cycle a second time meets no step for the first time, so no progress in a flow is
possible meanwhile. Reloads are no loops: consecutive identical steps are one visit. Its rate is the share of looping
sessions among those that came to the cycle's least visited step. Going back and forth may be how a product is used
(a list and its items): a loop that was always there is a problem only where it keeps people from their goal.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from user_intel.detect.judging import Judged, judge
from user_intel.detect.segments import ALL
from user_intel.detect.window import Window

if TYPE_CHECKING:
    import polars as pl

    from user_intel.detect.scene import Scene


def find_loops(window: Window) -> None:
    """Makes the table loop_runs: one row per session and cycle it walked in circles, with rounds and time lost."""
    window.run("looping_sessions")
    window.run("loop_runs", {"rounds": window.product.thresholds.loop_rounds})


def judged(scene: Scene) -> Judged:
    """The share of looping sessions of every cycle and segment, judged."""
    import numpy as np

    series = scene.history.loops()
    peers = np.array([key.segment == ALL for key in series.keys], dtype=bool)
    ignored = scene.product.u_turns_ignored
    silent = {key.subject: "ignored" for key in series.keys if set(json.loads(key.subject)) & set(ignored)}
    return judge(series, scene.product.thresholds.window_days, peers=series.only(peers), silent=silent)


def loops(scene: Scene) -> pl.DataFrame:
    """One row per cycle and segment of the window, with the columns of `tables.LOOPS`."""
    import polars as pl

    from user_intel.detect.rows import table_of

    figures = scene.frame("loop_figures")
    least: dict[str, object] = {"least": scene.product.thresholds.min_sessions}
    without = scene.frame("loop_goals_without", least)
    tested = table_of(scene, scene.judged["loop"], units="arrivals", hits="loops").drop("day")
    found = figures.join(tested, on=["subject", "segment"], how="left").join(
        without, on=["subject", "segment"], how="left"
    )
    rate = pl.col("sessions") / pl.max_horizontal("arrivals", "sessions")
    by_goals = (
        [] if scene.flows else [pl.lit(None, pl.Float64).alias(name) for name in ("goal_rate", "goal_rate_without")]
    )
    return found.with_columns(
        pl.lit(scene.day).alias("day"), loop_rate=rate, expected_loop_rate="expected",
        reason=pl.when(pl.col("p_value").is_null()).then(pl.col("reason").fill_null("too_few_sessions")),
    ).with_columns(*by_goals)  # fmt: skip
