"""Features that fewer people use than expected.

A feature is an event named in `features`. Whoever came to a step from which it is used (the steps from which four of
five uses are made) could have used it: adoption counts users among those. Tested is the share of sessions that did not
use it among sessions that could, against the feature's own past and against the rest of the product: features are not
compared with each other, since not every feature is for everybody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from user_intel.detect.history import home_steps
from user_intel.detect.judging import Judged, judge
from user_intel.detect.rows import table_of

if TYPE_CHECKING:
    import polars as pl

    from user_intel.detect.scene import Scene

HOME_SHARE = 0.8


def judged(scene: Scene) -> Judged:
    """The share of sessions that could use a feature and did not, of every feature and segment, judged."""
    used = scene.history.features(HOME_SHARE)
    return judge(replace(used, hits=used.units - used.hits), scene.product.thresholds.window_days)


def underused_features(scene: Scene) -> pl.DataFrame:
    """One row per feature and segment of the window, with the columns of `tables.UNDERUSED_FEATURES`."""
    import polars as pl

    homes = home_steps(scene.history.series("feature"), HOME_SHARE)
    pairs = [{"feature": feature, "step": step} for feature, steps in homes.items() for step in steps]
    scene.given("feature_homes", pl.DataFrame(pairs, schema={"feature": pl.String, "step": pl.String}))
    tested = table_of(scene, scene.judged["feature"], units="sessions", hits="without").rename({"subject": "feature"})
    found = tested.join(scene.frame("adoption"), on=["feature", "segment"], how="left")
    adoption = pl.col("users") / pl.col("eligible_users")
    # Tested in sessions, told in users: the ratio to what is expected is the same.
    expected = (adoption * (1 - pl.col("expected")) / (1 - pl.col("value"))).clip(0, 1)
    told = found.with_columns(
        pl.col("eligible_users", "users").fill_null(0),
        adoption=adoption,
        repeat_rate=pl.col("repeating_users") / pl.col("users"),
        expected_adoption=pl.when(pl.col("value") < 1).then(expected).otherwise(1 - pl.col("expected")),
    ).with_columns(pl.col("adoption", "repeat_rate", "expected_adoption").fill_nan(None))
    return pl.concat([told, _never_used(scene, set(homes))], how="diagonal_relaxed")


def _never_used(scene: Scene, used: set[str]) -> pl.DataFrame:
    """Configured features that nobody used in all of the history: there is nothing to compare with, and it is said."""
    import polars as pl

    anybody = scene.connection.table("session_people").limit(1).fetchall()
    unused = [feature for feature in scene.product.features if anybody and feature not in used]
    told = {"day": scene.day, "segment": "all", "eligible_users": 0, "users": 0, "reason": "never_used"}
    schema = {"feature": pl.String, "day": pl.Date, "segment": pl.String, "eligible_users": pl.Int64,
              "users": pl.Int64, "reason": pl.String}  # fmt: skip
    return pl.DataFrame([{"feature": feature, **told} for feature in unused], schema=schema)
