"""A day's users grouped: tables `user_clusters` and `clusterings`, written from the day's `user_features`.

Belongs here: reading the matrix, giving groups their lasting keys, and writing. How groups are found is `clustering`'s,
which of them is which persona is `personas`' business.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.segment import chain, personas
from user_intel.segment.clustering import Clustering, cluster
from user_intel.segment.components import load_components
from user_intel.segment.matrix import Matrix, habits_of, load_matrix
from user_intel.segment.neighbours import NOISE
from user_intel.segment.quality import ABSENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import polars as pl
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ClusteredDay:
    """What a day came to: the clustering, the persona of each of its labels, and how many users there were."""

    clustering: Clustering
    keys: dict[int, str]
    users: int


def cluster_day(lake: Lake, product: Product, day: date) -> ClusteredDay:
    """Writes `user_clusters` and `clusterings` of `day`; every user with features gets a row, whatever the verdict.

    Keys follow on from the nearest earlier day that was clustered. The same inputs give the same tables.
    """
    matrix = load_matrix(lake, product, day)
    components = load_components(lake, product, day, matrix)
    habits = habits_of(matrix)
    values = habits if components is None else components.values.astype("float32")
    before = chain.load_before(lake, product, day)
    found = cluster(values, product.clusters, matrix.sparse, _groups_before(before, matrix.user_ids), habits)
    centres = personas.centres(matrix.names, matrix.values, found.labels)
    followed = personas.follow(before, day, found.labels, matrix.user_ids, centres)
    keys = dict(followed.keys)
    _write(lake, "user_clusters", day, _user_rows(day, matrix, found, keys))
    _write(lake, "clusterings", day, _day_row(day, matrix, found, keys, followed.columns()))
    return ClusteredDay(found, keys, len(matrix.user_ids))


def _groups_before(before: personas.Before | None, user_ids: Sequence[str]) -> NDArray[np.int64] | None:
    """Each user's group on the nearest earlier day, by number; noise and unknown users as `cluster` wants them."""
    import numpy as np

    if before is None:
        return None
    groups = {user: number for number, each in enumerate(before.personas) for user in before.members[each.key]}
    told = [groups.get(user, NOISE if user in before.users else ABSENT) for user in user_ids]
    return np.array(told, dtype=np.int64)


def _user_rows(day: date, matrix: Matrix, found: Clustering, keys: dict[int, str]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        {
            "user_id": pl.Series(matrix.user_ids, dtype=pl.String),
            "cluster_key": pl.Series([keys.get(label) for label in found.labels.tolist()], dtype=pl.String),
            "probability": found.probabilities,
            "x": found.x,
            "y": found.y,
            "fitted": found.fitted,
        }
    ).with_columns(pl.lit(day).alias("day"))


def _day_row(
    day: date, matrix: Matrix, found: Clustering, keys: dict[int, str], columns: dict[str, object]
) -> pl.DataFrame:
    import polars as pl

    quality = found.quality
    stabilities = {
        keys[label]: {"jaccard": group.jaccard, "dbcv": group.dbcv, "called": group.called}
        for label, group in quality.groups.items()
    }
    row = {
        "day": day,
        "verdict": found.verdict,
        "words": found.words,
        "users": len(matrix.user_ids),
        "fitted_users": int(found.fitted.sum()),
        "features": list(matrix.names),
        "left_out": json.dumps(matrix.left_out, sort_keys=True),
        "clusters": len(keys),
        "noise_share": float((found.labels < 0).mean()) if len(found.labels) else None,
        "dbcv": quality.dbcv,
        "agreement": quality.agreement,
        "seed_agreement": quality.seed_agreement,
        "crowd_agreement": quality.crowd_agreement,
        "togetherness": quality.togetherness,
        "placement_agreement": quality.placement_agreement,
        "parameters": json.dumps(found.parameters, sort_keys=True),
        "stabilities": json.dumps(stabilities, sort_keys=True),
        **columns,
    }
    return pl.DataFrame([row], schema_overrides={"features": pl.List(pl.String)}, infer_schema_length=None)


def _write(lake: Lake, table: str, day: date, rows: pl.DataFrame) -> None:
    with lake.connect() as connection:
        connection.register("answer", rows)
        lake.write_day(table, day, connection.view("answer"))
