"""Where people leave the product.

A drop-off is a step that ends more sessions than expected. Its rate is exits / arrivals, both in sessions: a session
arrives at a step once, however often it comes back, and exits where it ends. Leaving at the goal of a flow, or at a
step configured as final, is no drop-off. A step where people have always left is one only on the way to a goal, and
only where other such steps keep more of theirs: a page that simply answers the question is meant to be left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from user_intel.detect.judging import Judged, judge
from user_intel.detect.rows import table_of
from user_intel.detect.scene import Scene
from user_intel.detect.segments import ALL
from user_intel.detect.statistics import wilson

if TYPE_CHECKING:
    import polars as pl


def judged(scene: Scene) -> Judged:
    """Exit rates of every step and segment, judged."""
    import numpy as np

    series = scene.history.series("exit")
    inner = scene.inner_steps
    peers = np.array([key.segment == ALL and key.step in inner for key in series.keys], dtype=bool)
    return judge(series, scene.product.thresholds.window_days, peers=series.only(peers), silent=scene.ends)


def drop_offs(scene: Scene) -> pl.DataFrame:
    """One row per step and segment of the window, with the columns of `tables.DROP_OFFS`."""
    import polars as pl

    found = table_of(scene, scene.judged["exit"], units="arrivals", hits="exits").rename({"subject": "step"})
    low, high = wilson(found["exits"], found["arrivals"])
    bounded = found.with_columns(
        exit_rate=pl.col("value"), exit_low=pl.Series(low), exit_high=pl.Series(high), expected_exit_rate="expected"
    )
    with_users = bounded.join(scene.frame("exit_users"), on=["step", "segment"], how="left")
    return with_users.with_columns(
        pl.col("users").fill_null(0),
        lost_sessions=pl.col("arrivals") * (pl.col("exit_low") - pl.col("expected")).clip(lower_bound=0),
    )
