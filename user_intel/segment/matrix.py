"""The features of a day as a matrix: who is near whom in behaviour.

Belongs here: which columns of `user_features` are used, how they are scaled and weighed, which are left out and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.segment import scaling

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

Trials = Literal["sessions", "visits"]

# Each block of habits weighs the same however many columns it has; the number is its weight.
BLOCKS = {
    "rhythm": 1.0,
    "clock": 1.0,
    "size": 1.0,
    "places": 2.0,
    "features": 1.0,
    "flows": 1.0,
    "friction": 0.5,
    "properties": 1.0,
}

# Columns with heavy tails, by block.
_LOGGED = {
    "sessions_per_week": "rhythm",
    "median_gap_days": "rhythm",
    "recency_days": "rhythm",
    "typical_duration_s": "size",
    "mean_depth": "size",
    "events_per_session": "size",
    "typical_dwell_s": "size",
    "distinct_steps": "places",
}
_PLAIN = {"gap_variation": "rhythm", "step_entropy_bits": "places"}
# Shares: of what, and the block.
_SHARES: Mapping[str, tuple[Trials, str]] = {
    "night_share": ("sessions", "clock"),
    "morning_share": ("sessions", "clock"),
    "afternoon_share": ("sessions", "clock"),
    "evening_share": ("sessions", "clock"),
    "monday_share": ("sessions", "clock"),
    "tuesday_share": ("sessions", "clock"),
    "wednesday_share": ("sessions", "clock"),
    "thursday_share": ("sessions", "clock"),
    "friday_share": ("sessions", "clock"),
    "saturday_share": ("sessions", "clock"),
    "sunday_share": ("sessions", "clock"),
    "one_step_share": ("sessions", "size"),
    "revisit_share": ("visits", "size"),
    "goal_share": ("sessions", "flows"),
    "loop_share": ("sessions", "friction"),
    "rage_click_share": ("sessions", "friction"),
    "dead_click_share": ("sessions", "friction"),
    "slow_click_share": ("sessions", "friction"),
    "error_click_share": ("sessions", "friction"),
    "u_turn_share": ("sessions", "friction"),
    "form_abandonment_share": ("sessions", "friction"),
    "rapid_exit_share": ("sessions", "friction"),
}
_SHARE_MAPS: Mapping[str, tuple[Trials, str]] = {
    "step_shares": ("visits", "places"),
    "feature_shares": ("sessions", "features"),
    "flow_entry_shares": ("sessions", "flows"),
}
# Shares of the sessions that entered the flow.
_FLOW_MAPS = ("flow_progress", "flow_completion")
_NUMBER_MAPS = ("property_means", "property_totals")
NOT_USED = {
    "sessions": "told by sessions_per_week",
    "active_days": "told by sessions_per_week",
    "visits": "told by sessions_per_week and mean_depth",
    "median_duration_s": "told by typical_duration_s",
    "median_depth": "told by mean_depth",
    "weekend_share": "told by saturday_share and sunday_share",
    "tenure_days": "tells when somebody came, not how they behave",
    "new_user": "tells when somebody came, not how they behave",
    "entry_shares": "told by step_shares",
    "exit_shares": "told by step_shares",
    "property_counts": "told by property_totals and property_means",
    "property_ignored": "tells of the data, not of people",
}
# A step (or flow, ...) becomes a column when so many users have it.
LEAST_SHARE = 0.01
LEAST_USERS = 5
MOST_STEPS = 60
# Nearly constant: all but so few users have the same value.
_DIFFERENT = 0.005
# Two columns that rank users alike say the same.
_SAME_RANKS = 0.98


@dataclass(frozen=True)
class Matrix:
    """One row a user, in order of user_id; one column a habit, scaled and weighed. `left_out`: column -> why.

    `sparse` marks users with fewer than `clusters.min_sessions` sessions; `imputed` is the share of users whose value
    was unknown and became the median, by column.
    """

    user_ids: list[str]
    names: tuple[str, ...]
    values: NDArray[np.float32]
    left_out: dict[str, str]
    sparse: Flags
    imputed: dict[str, float]


@dataclass(frozen=True)
class _Column:
    name: str
    block: str
    values: Floats


def scale_of(name: str) -> Literal["share", "logged", "plain"]:
    """How a column of the matrix is scaled before it is centred."""
    column = name.partition(": ")[0]
    if column in _SHARES or column in _SHARE_MAPS or column in _FLOW_MAPS:
        return "share"
    return "logged" if column in _LOGGED or column in _NUMBER_MAPS else "plain"


def load_matrix(lake: Lake, product: Product, day: date) -> Matrix:
    """The matrix of `user_features` of `day`; without rows where the day has none."""
    return to_matrix(lake.frame("user_features", [day]).collect(), product)


def to_matrix(frame: pl.DataFrame, product: Product) -> Matrix:
    """The matrix of rows of `user_features`, whatever their order."""
    import numpy as np

    frame = frame.sort("user_id")
    left_out = dict(NOT_USED)
    imputed: dict[str, float] = {}
    kept: list[_Column] = []
    for column in _columns(frame, left_out):
        unknown = ~np.isfinite(column.values)
        if why := _too_little(column.values[~unknown], len(frame)):
            left_out[column.name] = why
            continue
        values = np.where(unknown, np.median(column.values[~unknown]), column.values)
        if unknown.any():
            imputed[column.name] = float(unknown.mean())
        kept.append(_Column(column.name, column.block, scaling.standardised(values)))
    kept = _without_duplicates(kept, left_out)
    sparse = frame["sessions"].to_numpy() < product.clusters.min_sessions
    names = tuple(column.name for column in kept)
    return Matrix(frame["user_id"].to_list(), names, _weighed(kept, len(frame)), left_out, sparse, imputed)


def _too_little(known: Floats, users: int) -> str | None:
    import numpy as np

    if len(known) == 0:
        return "no user has it"
    if known.min() == known.max():
        return "the same for all users"
    usual = np.median(known)
    if (known != usual).sum() < max(2, _DIFFERENT * users):
        return "nearly the same for all users"
    return None


def _columns(frame: pl.DataFrame, left_out: dict[str, str]) -> Iterator[_Column]:
    yield from (_Column(name, block, scaling.signed_log(_floats(frame, name))) for name, block in _LOGGED.items())
    yield from (_Column(name, block, _floats(frame, name)) for name, block in _PLAIN.items())
    for name, (trials, block) in _SHARES.items():
        yield _share(name, block, _floats(frame, name), _floats(frame, trials))
    yield from _named_columns(frame, left_out)


def _named_columns(frame: pl.DataFrame, left_out: dict[str, str]) -> Iterator[_Column]:
    for name, (trials, block) in _SHARE_MAPS.items():
        for key, values in _opened(frame, name, left_out):
            yield _share(f"{name}: {key}", block, values, _floats(frame, trials))
    entered = dict(_opened(frame, "flow_entry_shares", {}))
    for name in _FLOW_MAPS:
        for key, values in _opened(frame, name, left_out):
            if key in entered:
                yield _share(f"{name}: {key}", "flows", values, entered[key] * _floats(frame, "sessions"))
    for name in _NUMBER_MAPS:
        for key, values in _opened(frame, name, left_out, missing=float("nan") if name == "property_means" else 0.0):
            yield _Column(f"{name}: {key}", "properties", scaling.signed_log(values))


def _share(name: str, block: str, share: Floats, trials: Floats) -> _Column:
    return _Column(name, block, scaling.stretched(scaling.shrunk(share, trials)))


def _floats(frame: pl.DataFrame, name: str) -> Floats:
    import numpy as np
    import polars as pl

    return np.asarray(frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy())


def _opened(
    frame: pl.DataFrame, name: str, left_out: dict[str, str], missing: float = 0.0
) -> Iterator[tuple[str, Floats]]:
    """Each name of a map that enough users have, most first, with everybody's value."""
    import numpy as np
    import polars as pl

    entries = (
        frame.select(pl.int_range(pl.len()).alias("row"), pl.col(name).cast(pl.List(_ENTRY())).alias("entry"))
        .explode("entry")
        .drop_nulls("entry")
        .unnest("entry")
    )
    counted = entries.group_by("key").len().sort(["len", "key"], descending=[True, False])
    least = max(LEAST_USERS, LEAST_SHARE * len(frame)) if len(frame) >= LEAST_USERS else 1
    rare = counted.filter(pl.col("len") < least)["key"].to_list()
    often = counted.filter(pl.col("len") >= least)["key"].to_list()
    if rare:
        left_out[f"{name}: {len(rare)} names"] = f"of fewer than {least:.0f} users each"
    for key in often[MOST_STEPS:]:
        left_out[f"{name}: {key}"] = f"not among the {MOST_STEPS} of most users"
    by_key = entries.filter(pl.col("key").is_in(often[:MOST_STEPS])).partition_by("key", as_dict=True)
    for key in often[:MOST_STEPS]:
        values = np.full(len(frame), missing)
        part = by_key[(key,)]
        values[part["row"].to_numpy()] = part["value"].to_numpy()
        yield key, values


def _ENTRY() -> pl.Struct:  # noqa: N802
    import polars as pl

    return pl.Struct({"key": pl.String, "value": pl.Float64})


def _without_duplicates(columns: Sequence[_Column], left_out: dict[str, str]) -> list[_Column]:
    import numpy as np

    kept: list[_Column] = []
    ranks: list[Floats] = []
    for column in columns:
        rank = _ranks(column.values)
        twin = next((k for k, r in zip(kept, ranks, strict=True) if abs(float(np.dot(rank, r))) > _SAME_RANKS), None)
        if twin is not None:
            left_out[column.name] = f"orders users as {twin.name} does"
        else:
            kept.append(column)
            ranks.append(rank)
    return kept


def _ranks(values: Floats) -> Floats:
    """Ranks of length one about their mean: their product is Spearman's correlation."""
    import numpy as np
    from scipy.stats import rankdata

    ranks = rankdata(values)
    ranks = ranks - ranks.mean()
    length = float(np.sqrt((ranks**2).sum()))
    return np.asarray(ranks / length if length else ranks)


def _weighed(columns: Sequence[_Column], users: int) -> NDArray[np.float32]:
    import numpy as np

    members = {block: sum(column.block == block for column in columns) for block in BLOCKS}
    values = np.empty((users, len(columns)), dtype=np.float32)
    for place, column in enumerate(columns):
        values[:, place] = column.values * BLOCKS[column.block] / np.sqrt(members[column.block])
    return values
