"""Judged series as rows of a detector's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from user_intel.detect.judging import Judged
from user_intel.detect.scene import Scene
from user_intel.detect.statistics import Counts, benjamini_hochberg

if TYPE_CHECKING:
    import polars as pl


def table_of(scene: Scene, judged: Judged, *, units: str, hits: str) -> pl.DataFrame:
    """One row per judged row that the window holds units of.

    day, subject, segment, the two counts by the given names, value, expected, p_value, q_value, expected_from, reason.
    """
    import polars as pl

    keys, seen = judged.series.keys, judged.seen
    frame = pl.DataFrame(
        {
            "subject": [key.subject for key in keys],
            "segment": [key.segment for key in keys],
            units: seen.units,
            hits: seen.hits if isinstance(seen, Counts) else seen.units,
            "value": seen.value,
            "expected": judged.expected,
            "p_value": judged.p_value,
            "q_value": benjamini_hochberg(judged.p_value),
            "expected_from": judged.reference,
            "reason": judged.reason,
        },
        schema_overrides={"subject": pl.String, "segment": pl.String, "expected_from": pl.String, "reason": pl.String},
    )
    found = frame.filter(pl.col(units) > 0).with_columns(
        pl.lit(scene.day).alias("day"), pl.col("expected", "p_value", "q_value").fill_nan(None)
    )
    spoken = pl.col("p_value").is_not_null()
    return found.with_columns(pl.when(spoken).then("expected_from").alias("expected_from"))


def finished(scene: Scene, table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of `table`, in order, and no others."""
    return rows.select(scene.lake.table(table).column_names)
