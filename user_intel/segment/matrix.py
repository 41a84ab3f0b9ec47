"""The features of a day as a matrix of standardised habits: one row a user, one column a habit.

Belongs here: which columns of `user_features` are used, how they are scaled, which are left out and why. The matrix is
what personas are told apart by in words (`traits`); what users are grouped by are its `components`, in which the luck
of few sessions is taken out.

- Shares are pulled towards the product's mean the more the fewer trials they are of, then stretched (`scaling`).
- What has a heavy tail goes through the logarithm.
- What is not known of a user (the gap between sessions of one who came once) is the median of all others.
- Of steps, features, flows and properties those become columns that at least `LEAST_SHARE` of the users have, at most
  `MOST_NAMES` of each, those of most users first; `left_out` names the others.
- Left out by its name and with the reason is also what says the same of all users, or nearly, and what says again what
  another column says.
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
    Singles = NDArray[np.float32]
    Flags = NDArray[np.bool_]

Trials = Literal["sessions", "visits"]

_LOGGED = (
    "sessions_per_week", "median_gap_days", "recency_days", "typical_duration_s", "mean_depth", "events_per_session",
    "typical_dwell_s", "distinct_steps",
)  # fmt: skip
_PLAIN = ("gap_variation", "step_entropy_bits")
# What only many sessions of a user can tell.
_CLOCK = (
    "night_share", "morning_share", "afternoon_share", "evening_share", "monday_share", "tuesday_share",
    "wednesday_share", "thursday_share", "friday_share", "saturday_share", "sunday_share", "recency_days",
)  # fmt: skip
_FEW_SESSIONS = 2
# Shares, and what they are shares of.
_SHARES: Mapping[str, Trials] = {
    "night_share": "sessions",
    "morning_share": "sessions",
    "afternoon_share": "sessions",
    "evening_share": "sessions",
    "monday_share": "sessions",
    "tuesday_share": "sessions",
    "wednesday_share": "sessions",
    "thursday_share": "sessions",
    "friday_share": "sessions",
    "saturday_share": "sessions",
    "sunday_share": "sessions",
    "one_step_share": "sessions",
    "revisit_share": "visits",
    "goal_share": "sessions",
    "loop_share": "sessions",
    "rage_click_share": "sessions",
    "dead_click_share": "sessions",
    "slow_click_share": "sessions",
    "error_click_share": "sessions",
    "u_turn_share": "sessions",
    "form_abandonment_share": "sessions",
    "rapid_exit_share": "sessions",
}
_SHARE_MAPS: Mapping[str, Trials] = {
    "step_shares": "visits",
    "feature_shares": "sessions",
    "flow_entry_shares": "sessions",
}
# Shares of the sessions that entered the flow: unknown of those who never did.
_FLOW_MAPS = ("flow_progress", "flow_completion")
_NUMBER_MAPS: Mapping[str, float] = {"property_means": float("nan"), "property_totals": 0.0}
# Why a column is left out that is a twin of another: it may be told of all the same.
SAME_AS = "says the same as"
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
# A step (or flow, ...) becomes a column when so many users have it, ...
LEAST_SHARE = 0.01
LEAST_USERS = 5
# ... and it is among so many that most users have.
MOST_NAMES = 60
# Nearly the same of all: no more users than this have another value than most.
_DIFFERENT = 0.005
# Two columns that correlate so say the same, or one the opposite of the other.
_SAME = 0.98
# Where fewer users than this have `clusters.min_sessions` sessions, fewer sessions are asked for.
_SHAPING_SHARE = 0.2
_ROWS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Matrix:
    """One row a user, in order of user_id; one column a habit, in spreads from the median. `left_out`: column -> why.

    `sparse` marks users with fewer than `least_sessions` sessions, which is `clusters.min_sessions` unless hardly
    anybody has so many: then it is the most that a fifth of the users have. `imputed` is the share of users whose value
    was unknown and became the median, by column.
    """

    user_ids: list[str]
    names: tuple[str, ...]
    values: Singles
    left_out: dict[str, str]
    sparse: Flags
    least_sessions: int
    imputed: dict[str, float]


def habits_of(matrix: Matrix) -> Singles:
    """The columns that tell habits at all: of users who came once or twice, when they came is none."""
    import numpy as np

    if matrix.least_sessions > _FEW_SESSIONS:
        return matrix.values
    return matrix.values[:, np.array([name not in _CLOCK for name in matrix.names], dtype=bool)]


def scale_of(name: str) -> Literal["share", "logged", "plain"]:
    """How a column of the matrix is scaled before it is centred."""
    column = name.partition(": ")[0]
    if column in _SHARES or column in _SHARE_MAPS or column in _FLOW_MAPS:
        return "share"
    return "logged" if column in _LOGGED or column in _NUMBER_MAPS else "plain"


def load_matrix(lake: Lake, product: Product, day: date) -> Matrix:
    """The matrix of `user_features` of `day`; without rows where the day has none."""
    return to_matrix(lake.frame("user_features", [day]), product)


def to_matrix(features: pl.DataFrame | pl.LazyFrame, product: Product) -> Matrix:
    """The matrix of rows of `user_features`, whatever their order."""
    import numpy as np

    read = _Reading.of(features)
    left_out = dict(NOT_USED)
    imputed: dict[str, float] = {}
    kept: dict[str, Singles] = {}
    for name, told, values in _columns(read, left_out):
        unknown = ~np.isfinite(values)
        if why := _too_little(told[np.isfinite(told)], read.users):
            left_out[name] = why
            continue
        if unknown.any():
            imputed[name] = float(unknown.mean())
            values = np.where(unknown, np.median(values[~unknown]), values)
        kept[name] = scaling.standardised(values).astype(np.float32)
    _drop_repetitions(kept, left_out)
    least = _least_sessions(read.column("sessions"), product.clusters.min_sessions)
    stacked = np.column_stack(list(kept.values())) if kept else np.zeros((read.users, 0), np.float32)
    return Matrix(
        user_ids=read.scalars["user_id"].to_list(),
        names=tuple(kept),
        values=stacked,
        left_out=left_out,
        sparse=read.column("sessions") < least,
        least_sessions=least,
        imputed={name: share for name, share in imputed.items() if name in kept},
    )


@dataclass(frozen=True)
class _Reading:
    """Rows of `user_features` being read: simple columns in order of user_id, maps one at a time, for memory's sake."""

    features: pl.LazyFrame
    scalars: pl.DataFrame
    rank: NDArray[np.int64]

    @classmethod
    def of(cls, features: pl.DataFrame | pl.LazyFrame) -> _Reading:
        import numpy as np

        found = features.lazy().select("user_id", "sessions", "visits", *_LOGGED, *_PLAIN, *_SHARES)
        scalars = found.collect()
        order = scalars["user_id"].arg_sort().to_numpy()
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        return cls(features.lazy(), scalars[order], rank)

    @property
    def users(self) -> int:
        return len(self.scalars)

    def column(self, name: str) -> Floats:
        """A column; NaN where it is null."""
        import numpy as np
        import polars as pl

        return np.asarray(self.scalars[name].cast(pl.Float64).fill_null(float("nan")).to_numpy())

    def named(self, name: str, left_out: dict[str, str], missing: float = 0.0) -> Iterator[tuple[str, Floats]]:
        """Each name of a map that enough users have, most first, with everybody's value."""
        import numpy as np
        import polars as pl

        entry = pl.List(pl.Struct({"key": pl.String, "value": pl.Float64}))
        entries = (
            self.features.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), pl.col(name).cast(entry))
            .explode(name)
            .drop_nulls(name)
            .select("row", pl.col(name).struct.unnest())
        )
        names = _often(entries.group_by("key").len().collect(), name, self.users, left_out)
        numbers = pl.col("key").replace_strict(names, range(len(names)), default=None, return_dtype=pl.Int16)
        values = np.full((len(names), self.users), missing)
        for part in entries.with_columns(numbers).drop_nulls("key").collect().iter_slices(10 * _ROWS_AT_ONCE):
            values[part["key"].to_numpy(), self.rank[part["row"].to_numpy()]] = part["value"].to_numpy()
        yield from zip(names, values, strict=True)


def _often(counted: pl.DataFrame, column: str, users: int, left_out: dict[str, str]) -> list[str]:
    """The names that become columns, those of most users first."""
    import polars as pl

    least = max(LEAST_USERS, LEAST_SHARE * users) if users >= LEAST_USERS else 1
    ranked = counted.sort(["len", "key"], descending=[True, False])
    often = ranked.filter(pl.col("len") >= least)["key"].to_list()
    if rare := len(ranked) - len(often):
        left_out[f"{column}: {rare:,} names"] = f"fewer than {least:,.0f} users have any one of them"
    left_out.update({f"{column}: {key}": f"not among the {MOST_NAMES} of most users" for key in often[MOST_NAMES:]})
    return often[:MOST_NAMES]


def _columns(read: _Reading, left_out: dict[str, str]) -> Iterator[tuple[str, Floats, Floats]]:
    """Every habit: its name, as it was told, and scaled but not yet centred; NaN where it is not known."""
    for name in _LOGGED:
        yield name, read.column(name), scaling.signed_log(read.column(name))
    for name in _PLAIN:
        yield name, read.column(name), read.column(name)
    for name, trials in _SHARES.items():
        yield name, read.column(name), _share(read.column(name), read.column(trials))
    for column, trials in _SHARE_MAPS.items():
        for key, values in read.named(column, left_out):
            yield f"{column}: {key}", values, _share(values, read.column(trials))
    yield from _flows(read, left_out)
    for column, missing in _NUMBER_MAPS.items():
        for key, values in read.named(column, left_out, missing):
            yield f"{column}: {key}", values, scaling.signed_log(values)


def _flows(read: _Reading, left_out: dict[str, str]) -> Iterator[tuple[str, Floats, Floats]]:
    entered = {key: share * read.column("sessions") for key, share in read.named("flow_entry_shares", {})}
    for column in _FLOW_MAPS:
        for key, values in read.named(column, left_out, float("nan")):
            yield f"{column}: {key}", values, _share(values, entered[key])


def _share(share: Floats, trials: Floats) -> Floats:
    import numpy as np

    known = np.isfinite(share)
    # A share of nothing at all, such as of goals in a product without flows, is not known of anybody.
    return np.asarray(scaling.stretched(scaling.shrunk(share, np.where(known, trials, 0.0))) if known.any() else share)


def _too_little(known: Floats, users: int) -> str | None:
    import numpy as np

    if len(known) == 0:
        return "known of no user"
    if known.min() == known.max():
        return "the same of all users"
    if (known != np.median(known)).sum() <= _DIFFERENT * users:
        return "nearly the same of all users"
    return None


def _drop_repetitions(columns: dict[str, Singles], left_out: dict[str, str]) -> None:
    """Of columns that say the same only the first stays."""
    import numpy as np

    names = list(columns)
    if len(names) < 2:
        return
    alike = np.abs(_correlations([columns[name] for name in names])) > _SAME
    for place, name in enumerate(names):
        if twin := next(
            (first for first in names[:place] if first in columns and alike[names.index(first), place]), ""
        ):
            left_out[name] = f"{SAME_AS} {twin}"
            del columns[name]


def _correlations(columns: Sequence[Singles]) -> Floats:
    """Pearson's, of values already scaled and cut off: no single user makes two columns alike."""
    import numpy as np

    count, users = len(columns), len(columns[0])
    products, sums = np.zeros((count, count)), np.zeros(count)
    for start in range(0, users, _ROWS_AT_ONCE):
        part = np.stack([column[start : start + _ROWS_AT_ONCE] for column in columns]).astype(np.float64)
        products += part @ part.T
        sums += part.sum(axis=1)
    covariance = products / users - np.outer(sums, sums) / users**2
    spread = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(spread, spread))


def _least_sessions(sessions: Floats, wanted: int) -> int:
    """`wanted` sessions, or as many as a fifth of the users have where that is fewer; 1 at least."""
    import numpy as np

    if not len(sessions):
        return wanted
    most = np.sort(sessions)[::-1][int(np.ceil(_SHAPING_SHARE * len(sessions))) - 1]
    return int(max(1, min(wanted, most)))
