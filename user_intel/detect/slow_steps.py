"""Where people need longer than expected.

Dwells are skewed: they are compared as means of logarithms, which a forgotten tab does not pull, and a session counts
once at a step, however often it comes there. A step is slow when
its visits last at least `min_slow_ratio` times as long as expected: longer than before, or longer for a segment by more
than that segment is slower everywhere. The time itself does not tell whether somebody waits or reads: beside it stands
how many sessions then reached a goal, and how many of those did that were not slow.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from user_intel.detect.judging import Judged, judge
from user_intel.detect.rows import table_of

if TYPE_CHECKING:
    import polars as pl

    from user_intel.detect.scene import Scene


def judged(scene: Scene) -> Judged:
    """Dwells of every step and segment, judged. Steps are not compared with other steps: a form is no landing page."""
    return judge(scene.history.series("dwell"), scene.product.thresholds.window_days)


def slow_steps(scene: Scene) -> pl.DataFrame:
    """One row per step and segment of the window, with the columns of `tables.SLOW_STEPS`."""
    import polars as pl

    found = table_of(scene, scene.judged["dwell"], units="sessions", hits="timed").rename({"subject": "step"})
    slow: dict[str, object] = {"slow_ratio": scene.product.thresholds.min_slow_ratio}
    asked = (scene.frame("dwells"), scene.frame("dwell_users"), scene.frame("completions", slow))
    completed = reduce(lambda left, right: left.join(right, on=["step", "segment"], how="left"), asked, found)
    # The ratio was found between geometric means; the median stands in the same ratio to what is expected of it.
    expected = pl.col("p50_s") * pl.col("expected") / pl.col("value")
    no_goals = pl.lit(None, pl.Float64)
    rates = ("completion_rate", "expected_completion_rate")
    return completed.with_columns(
        pl.col("users", "visits").fill_null(0),
        expected.alias("expected_p50_s"),
        *([] if scene.flows else [no_goals.alias(name) for name in rates]),
    )
