"""What becomes of features: scaled, cut off, and left out where they say nothing, whoever they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from user_intel.product import Clusters, Product
from user_intel.segment import scaling
from user_intel.segment.matrix import MOST_NAMES, NOT_USED, habits_of, scale_of, to_matrix
from user_intel.tables import USER_FEATURES
from user_intel_tests.detect.hand_made import DAY

_TYPES: dict[str, Any] = {
    "DATE": pl.Date, "VARCHAR": pl.String, "BIGINT": pl.Int64, "DOUBLE": pl.Float64, "BOOLEAN": pl.Boolean,
    "MAP(VARCHAR, DOUBLE)": pl.List(pl.Struct({"key": pl.String, "value": pl.Float64})),
}  # fmt: skip
_SCHEMA = {column.name: _TYPES[column.type] for column in USER_FEATURES.columns}
Row = dict[str, Any]


def user(name: str, **habits: Any) -> Row:
    """A user who came ten times and is like nobody else in nothing; `habits` are what they are known for."""
    known: Row = {column: 0 for column, kind in _SCHEMA.items() if kind in (pl.Int64, pl.Float64)}
    maps: Row = {column: [] for column, kind in _SCHEMA.items() if kind == _TYPES["MAP(VARCHAR, DOUBLE)"]}
    named = {key: _entries(value) if isinstance(value, dict) else value for key, value in habits.items()}
    return known | maps | {"day": DAY, "user_id": name, "sessions": 10, "visits": 50, "new_user": False} | named


def _entries(named: dict[str, float]) -> list[Row]:
    return [{"key": key, "value": value} for key, value in named.items()]


def frame(users: Sequence[Row]) -> pl.DataFrame:
    return pl.DataFrame(users, schema=_SCHEMA)


def many(count: int, seed: int = 0) -> list[Row]:
    """People of random habits."""
    luck = np.random.default_rng(seed)
    return [
        user(
            f"u{number:03}",
            sessions=int(luck.integers(1, 40)),
            sessions_per_week=float(luck.lognormal()),
            mean_depth=float(luck.lognormal()),
            night_share=float(luck.random()),
            median_gap_days=float(luck.random()) if luck.random() < 0.8 else None,
            step_shares={"/a": float(luck.random()), "/b": float(luck.random())},
            **_flow(float(luck.random())),
        )
        for number in range(count)
    ]


def _flow(progress: float) -> Row:
    """Three in ten never enter it."""
    return {"flow_entry_shares": {"buy": 0.5}, "flow_progress": {"buy": progress}} if progress > 0.3 else {}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1000), st.integers(2, 60), st.randoms(use_true_random=False))
def test_neither_row_order_nor_names_of_users_matter(seed: int, count: int, luck: Any) -> None:
    users = many(count, seed)
    once = to_matrix(frame(users), Product())
    luck.shuffle(users)
    again = to_matrix(frame(users).lazy(), Product())
    assert again.user_ids == once.user_ids
    assert again.names == once.names
    assert again.values.tobytes() == once.values.tobytes()
    renamed = to_matrix(frame([{**row, "user_id": f"other {place}"} for place, row in enumerate(users)]), Product())
    assert (renamed.names, renamed.left_out) == (once.names, once.left_out)
    assert np.abs(np.sort(renamed.values, axis=0) - np.sort(once.values, axis=0)).max(initial=0) < 1e-5


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 1000), st.integers(0, 30))
def test_values_are_finite_and_cut_off_and_every_column_is_accounted_for(seed: int, count: int) -> None:
    found = to_matrix(frame(many(count, seed)), Product())
    assert found.values.shape == (count, len(found.names))
    assert found.values.dtype == np.float32
    assert np.isfinite(found.values).all()
    assert np.abs(found.values).max(initial=0) <= scaling.CUT
    told = {name.partition(": ")[0] for name in (*found.names, *found.left_out)}
    simple = {name for name, kind in _SCHEMA.items() if kind != _TYPES["MAP(VARCHAR, DOUBLE)"]}
    assert simple - {"day", "user_id"} <= told
    assert not set(found.names) & set(found.left_out)


def test_what_says_nothing_is_left_out_by_name_and_reason() -> None:
    users = many(400)
    for number, row in enumerate(users):
        row["rage_click_share"] = 0.1
        row["loop_share"] = 0.5 if number == 7 else 0.0
        row["typical_duration_s"] = row["mean_depth"]
        row["goal_share"] = None
    found = to_matrix(frame(users), Product())
    assert found.left_out["rage_click_share"] == "the same of all users"
    assert found.left_out["loop_share"] == "nearly the same of all users"
    assert found.left_out["goal_share"] == "known of no user"
    assert found.left_out["mean_depth"] == "says the same as typical_duration_s"
    assert NOT_USED.items() <= found.left_out.items()
    assert {"typical_duration_s", "night_share", "step_shares: /a", "step_shares: /b"} <= set(found.names)


def test_opposites_say_the_same() -> None:
    users = many(50)
    for row in users:
        row["morning_share"] = 1 - row["night_share"]
        row["sessions"] = 20
    assert to_matrix(frame(users), Product()).left_out["morning_share"] == "says the same as night_share"


def test_what_is_not_known_of_a_user_is_the_median() -> None:
    users = [user(f"u{n}", median_gap_days=gap) for n, gap in enumerate([1.0, 2.0, 4.0, None, None])]
    found = to_matrix(frame(users), Product())
    column = found.values[:, found.names.index("median_gap_days")]
    assert column[3] == column[4] == column[1] == 0
    assert found.imputed == {"median_gap_days": 0.4}


@pytest.mark.parametrize(("count", "kept"), [(4, 1), (600, 5)])
def test_rare_and_countless_names_become_no_columns(count: int, kept: int) -> None:
    """One in a hundred users, and five, must have a name; of a handful of users, one."""
    users = many(count)
    for number, row in enumerate(users):
        shares = {"/kept": number / count} | ({"/rare": 0.5} if number < kept else {})
        row["step_shares"] = _entries(shares)
    found = to_matrix(frame(users), Product())
    assert "step_shares: /kept" in found.names
    rare = "step_shares: /rare" in {*found.names, *found.left_out}
    assert rare == (count == 4)
    if count == 600:
        assert found.left_out["step_shares: 1 names"] == "fewer than 6 users have any one of them"


def test_no_more_than_so_many_names_those_of_most_users() -> None:
    names = [f"/{number:03}" for number in range(MOST_NAMES + 3)]
    users = [
        user(f"u{n}", step_shares={name: (n % (place + 2)) / 99 for place, name in enumerate(names)
                                   if place < MOST_NAMES or n % 2})
        for n in range(40)
    ]  # fmt: skip
    found = to_matrix(frame(users), Product())
    beyond = [name for name, why in found.left_out.items() if why.startswith("not among")]
    assert beyond == [f"step_shares: {name}" for name in names[MOST_NAMES:]]


def test_numbers_beyond_reason_are_cut_off_and_not_fatal() -> None:
    worth = [0.0, 1.0, 2.0, 5.0, -3.0, 1e100, float("nan"), float("inf"), -1e100]
    users = [user(f"u{number}", property_totals={"worth": value}) for number, value in enumerate(worth)]
    found = to_matrix(frame(users), Product())
    assert np.isfinite(found.values).all()
    assert "property_totals: worth" in found.names
    assert found.imputed["property_totals: worth"] == pytest.approx(2 / 9)


@pytest.mark.parametrize("users", [[], [user("one")], [user(f"u{n}") for n in range(10)]], ids=["none", "one", "alike"])
def test_nobody_one_user_and_users_all_alike_have_no_columns(users: list[Row]) -> None:
    found = to_matrix(frame(users), Product())
    assert (len(found.user_ids), found.names, found.values.shape) == (len(users), (), (len(users), 0))
    assert len(found.sparse) == len(users)


def test_one_feature_alone_is_one_column() -> None:
    found = to_matrix(frame([user(f"u{n}", mean_depth=n) for n in range(10)]), Product())
    assert found.names == ("mean_depth",)
    assert (np.diff(found.values[:, 0]) > 0).all()


@pytest.mark.parametrize(
    ("sessions", "least"), [([9, 9, 1, 1, 1], 5), ([9, 1, 1, 1, 1, 1], 1), ([4] * 10, 4), ([3, 3, 1, 1, 1, 1, 1], 3)]
)
def test_users_of_few_sessions_shape_nothing_unless_all_are(sessions: list[int], least: int) -> None:
    """A fifth of the users at least have `least_sessions`."""
    users = [user(f"u{n}", sessions=count) for n, count in enumerate(sessions)]
    found = to_matrix(frame(users), Product(clusters=Clusters(min_sessions=5)))
    assert found.least_sessions == least
    assert found.sparse.tolist() == [count < least for count in sessions]


@pytest.mark.parametrize(("sessions", "told"), [(3, 4), (2, 3)])
def test_when_somebody_came_once_or_twice_is_no_habit(sessions: int, told: int) -> None:
    """night_share is a column of the matrix either way; whether users are grouped by it is what differs."""
    found = to_matrix(frame([{**row, "sessions": sessions} for row in many(40)]), Product())
    others = {"sessions_per_week", "mean_depth", "median_gap_days"}
    columns = [place for place, name in enumerate(found.names) if name in others | {"night_share"}]
    assert len(columns) == 4
    habits = habits_of(found)
    kept = [place for place in columns if (habits == found.values[:, [place]]).all(axis=0).any()]
    assert len(kept) == told


def test_a_share_of_few_trials_is_pulled_to_the_mean() -> None:
    share, trials = np.array([1.0, 1.0, 0.0, 0.2, 0.2]), np.array([1.0, 40.0, 40.0, 100.0, 0.0])
    found = scaling.shrunk(share, trials)
    mean = 61 / 181
    assert mean < found[0] < found[1] < 1
    assert 0 < found[2] < found[3] < mean
    assert found[4] == pytest.approx(mean)


def test_where_chance_explains_all_the_prior_is_strong_and_where_users_differ_it_is_weak() -> None:
    luck = np.random.default_rng(1)
    trials = np.full(4000, 10.0)
    alike = luck.binomial(10, 0.3, 4000) / 10
    # A beta of (3, 7) has the worth of ten trials.
    apart = luck.binomial(10, luck.beta(3, 7, 4000)) / 10
    assert scaling.prior_trials(alike, trials, 0.3) == pytest.approx(50, abs=1)
    assert scaling.prior_trials(apart, trials, 0.3) == pytest.approx(10, rel=0.15)


def test_a_habit_of_few_users_is_measured_by_its_deviation() -> None:
    values = np.array([0.0] * 95 + [1.0] * 5)
    assert scaling.standardised(values).max() == scaling.CUT
    spread = scaling.standardised(np.arange(101.0))
    # Spread evenly the deviation is 29.2 and the quartiles tell of 37.1.
    assert spread[100] == pytest.approx(50 / (50 / 1.349))


def test_how_a_column_is_scaled_is_told_by_its_name() -> None:
    assert [scale_of(name) for name in ("step_shares: /a: b", "goal_share", "mean_depth", "gap_variation")] == [
        "share", "share", "logged", "plain",
    ]  # fmt: skip
