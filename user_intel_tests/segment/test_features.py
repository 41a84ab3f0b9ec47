"""What user_features says of people: by hand, and beside a slow plain-Python telling of the same definitions."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from user_intel.lake import Lake
from user_intel.product import Clusters, Product, Thresholds
from user_intel.segment import features
from user_intel.segment.features import OTHER_STEPS, write_features
from user_intel.tables import USER_FEATURES, catalogue
from user_intel_tests.detect.hand_made import DAY, Session, before, new_lake, rows, write, write_rows
from user_intel_tests.segment.features_told_slowly import SIGNALS, told_slowly

SHOP = Product(flows={"buy": ["/shop", "/cart", "paid"]}, features=["search"], clusters=Clusters(window_days=7))
STEPS = ["/", "/shop", "/cart", "paid", "search", "/help", "/a", "/b", "/c"]


def told(lake: Lake, product: Product, day: date = DAY) -> dict[str, dict[str, Any]]:
    write_features(lake, product, day)
    return {row["user_id"]: row for row in rows(lake, "user_features", day)}


def test_a_users_habits_by_hand(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, SHOP)
    signals = [("rage_click", "/shop", "x"), ("rage_click", "/shop", "y")]
    # A Sunday is DAY; begun at 13:00 on Thursday and at 7:00 on Sunday. Dwells are 10 s but for the 40 s.
    write(lake, before(3), [Session("/shop /cart:40 paid", hour=13)])
    write(lake, DAY, [Session("/shop search /shop", hour=7, signals=signals)])
    row = told(lake, SHOP)["anna"]
    expected = {
        "sessions": 2, "active_days": 2, "visits": 6, "new_user": False,
        "tenure_days": 3 + 11 / 24, "sessions_per_week": 2.0, "recency_days": (17 * 3600 - 20) / 86400,
        "median_gap_days": 2.75, "gap_variation": None,
        "night_share": 0, "morning_share": 0.5, "afternoon_share": 0.5, "evening_share": 0,
        "thursday_share": 0.5, "sunday_share": 0.5, "monday_share": 0, "weekend_share": 0.5,
        "median_duration_s": 35, "typical_duration_s": (50 * 20) ** 0.5, "median_depth": 3, "mean_depth": 3,
        "events_per_session": 3, "one_step_share": 0, "typical_dwell_s": (10 * 40 * 10 * 10) ** 0.25,
        "distinct_steps": 4, "revisit_share": 1 / 6, "step_entropy_bits": 1 / 2 + 3 * 0.430827,
        "goal_share": 0.5, "loop_share": 0, "rage_click_share": 0.5, "dead_click_share": 0,
        "step_shares": {"/cart": 1 / 6, "/shop": 1 / 2, "paid": 1 / 6, "search": 1 / 6},
        "entry_shares": {"/shop": 1.0}, "exit_shares": {"/shop": 0.5, "paid": 0.5}, "feature_shares": {"search": 0.5},
        "flow_entry_shares": {"buy": 1.0}, "flow_progress": {"buy": (1 + 1 / 3) / 2}, "flow_completion": {"buy": 0.5},
        "property_means": {}, "property_ignored": 0,
    }  # fmt: skip
    for name, value in expected.items():
        assert row[name] == (pytest.approx(value, abs=1e-6) if value is not None else None), name


def random_day(luck: random.Random, users: int, machine: bool) -> list[Session]:
    sessions = []
    for number in range(users):
        for hour in sorted(luck.sample(range(22), luck.choice([0, 0, 1, 1, 2]))):
            # Few different steps make loops, flows in order make goals.
            pool = luck.choice([STEPS, ["/a", "/b"], ["/a", "/b", "/c"], ["/shop", "/cart", "paid", "/help"]])
            walk = [f"{luck.choice(pool)}:{luck.choice([0, 2, 30, 400])}" for _ in range(luck.randint(1, 9))]
            kinds = luck.sample(SIGNALS, luck.choice([0, 0, 1, 2]))
            sessions.append(Session(
                " ".join(_merged(walk)), user=f"user {number}", hour=hour + luck.random(),
                signals=[(kind, "/", None) for kind in kinds],
            ))  # fmt: skip
    if machine:
        sessions.append(Session(" ".join(f"{step}:0.2" for step in STEPS * 3), user="user 1", hour=23))
    return sessions


def _merged(walk: Sequence[str]) -> list[str]:
    """No step twice in a row: the journeys merge those."""
    kept = [place for number, place in enumerate(walk) if not number or _name(place) != _name(walk[number - 1])]
    return kept or list(walk[:1])


def _name(place: str) -> str:
    return place.rpartition(":")[0]


@pytest.mark.parametrize(("seed", "zone"), [(1, "UTC"), (2, "Europe/Berlin"), (3, "Asia/Tokyo")])
def test_the_slow_telling_says_the_same(seed: int, zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "USERS_AT_ONCE", 5)
    product = Product(
        timezone=zone,
        flows={"buy": ["/shop", "/cart", "paid"], "look": ["/a", "/b"]},
        features=["search", "/help", "never used"],
        thresholds=Thresholds(robot_visits=20),
        clusters=Clusters(window_days=6, max_steps=6),
    )
    lake, luck = new_lake(tmp_path, product), random.Random(seed)
    for back in range(8):
        write(lake, before(back), random_day(luck, 14, machine=back == 2))
    expected = told_slowly(lake, product, DAY)
    found = told(lake, product)
    assert found.keys() == expected.keys()
    assert any(OTHER_STEPS in row["step_shares"] for row in found.values())
    assert any(row["loop_share"] for row in found.values())
    assert any(row["goal_share"] for row in found.values())
    for user, row in expected.items():
        for name, value in row.items():
            same = value is None or isinstance(value, bool)
            assert found[user][name] == (value if same else pytest.approx(value, rel=1e-7, abs=1e-9)), (user, name)
    untold = set(USER_FEATURES.column_names) - {"day", "user_id"} - set(next(iter(expected.values())))
    assert {name for name in untold if not name.startswith("property_")} == set()


def test_ranges_threads_and_reruns_change_no_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, luck = new_lake(tmp_path, SHOP), random.Random(4)
    for back in range(7):
        write(lake, before(back), random_day(luck, 30, machine=False))
    once = told(lake, SHOP)
    assert told(lake, SHOP) == once
    monkeypatch.setattr(features, "USERS_AT_ONCE", 7)
    assert told(Lake(lake.home, lake.tables, threads=4), SHOP) == once


def test_machines_are_nobody_on_their_days(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, SHOP)
    machine = Session(" ".join(f"{step}:0.1" for step in STEPS * 3), user="bot", signals=[("u_turn", "/", None)])
    write(lake, before(1), [Session("/shop /cart", user=f"user {n}") for n in range(12)] + [machine])
    write(lake, DAY, [Session("/shop /cart", user="bot")])
    found = told(lake, SHOP)
    assert len(found) == 13
    assert (found["bot"]["sessions"], found["bot"]["visits"], found["bot"]["u_turn_share"]) == (1, 2, 0)


def numbers_told(tmp_path: Path, values: Sequence[str]) -> dict[str, Any]:
    """The features of a user with an event for each JSON text of the property `worth`."""
    product = Product(clusters=Clusters(window_days=2, numeric_properties=["worth", "a.b", "absent"]))
    lake = new_lake(tmp_path, product)
    write(lake, DAY, [Session("/shop paid")])
    event = {"day": DAY, "user_id": "anna", "at": datetime(2026, 3, 29, 12), "event": "paid", "is_bot": False}  # noqa: DTZ001
    texts = [f'{{"worth": {value}, "worthless": 7}}' for value in values]
    write_rows(lake, "events", DAY, [
        *({**event, "event_id": f"{n}", "properties": text} for n, text in enumerate(texts)),
        {**event, "event_id": "none", "properties": None},
        {**event, "event_id": "broken", "properties": "{worth"},
        {**event, "event_id": "bot", "properties": '{"worth": 1e6}', "is_bot": True},
        {**event, "event_id": "dotted", "properties": json.dumps({"a.b": 5})},
    ])  # fmt: skip
    return told(lake, product)["anna"]


def test_numeric_properties_are_added_up(tmp_path: Path) -> None:
    row = numbers_told(tmp_path, ["10", "2.5", '"7.5"', "-2"])
    assert row["property_means"] == {"worth": 4.5, "a.b": 5.0}
    assert row["property_totals"] == {"worth": 18.0, "a.b": 5.0}
    assert row["property_counts"] == {"worth": 4.0, "a.b": 1.0}
    assert row["property_ignored"] == 0


def test_values_that_are_no_numbers_are_counted_and_not_fatal(tmp_path: Path) -> None:
    row = numbers_told(tmp_path, ['"NaN"', '"Infinity"', '"-inf"', "1e400", "1e101", '"dear"', "[1]", "true", "null"])
    assert "worth" not in row["property_means"] | row["property_totals"]
    assert row["property_counts"]["worth"] == 0
    assert row["property_ignored"] == 8


def test_a_product_without_flows_has_unknown_goals_and_no_flows(tmp_path: Path) -> None:
    product = Product(clusters=Clusters(window_days=3))
    lake = new_lake(tmp_path, product)
    write(lake, DAY, [Session("/a /b")])
    row = told(lake, product)["anna"]
    assert row["goal_share"] is None
    assert (row["flow_entry_shares"], row["flow_progress"], row["flow_completion"]) == ({}, {}, {})


def test_a_session_without_steps_is_a_session(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, SHOP)
    write(lake, DAY, [Session("")])
    row = told(lake, SHOP)["anna"]
    assert (row["sessions"], row["visits"], row["distinct_steps"], row["one_step_share"]) == (1, 0, 0, 1)
    assert (row["revisit_share"], row["step_entropy_bits"], row["typical_dwell_s"]) == (None, None, None)
    assert row["step_shares"] == row["entry_shares"] == {}


def test_nobody_in_the_window_is_a_table_without_rows(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, SHOP)
    write(lake, before(7), [Session("/shop")])
    assert write_features(lake, SHOP, DAY) == 0
    assert lake.frame("user_features", [DAY]).collect().columns == list(USER_FEATURES.column_names)
    assert write_features(lake, SHOP, before(1)) == 1


def test_people_new_in_the_window_are_told(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, SHOP)
    write(lake, before(2), [Session("/shop", user="anna"), Session("/shop", user="bert")])
    write(lake, DAY, [Session("/shop", user="anna")])
    made = rows(lake, "sessions", before(2))
    write_rows(lake, "sessions", before(2), [{**row, "new_user": row["user_id"] == "anna"} for row in made])
    found = told(lake, SHOP)
    assert (found["anna"]["new_user"], found["bert"]["new_user"]) == (True, False)


def test_the_hour_is_the_products_where_clocks_change(tmp_path: Path) -> None:
    product = Product(timezone="Europe/Berlin", clusters=Clusters(window_days=2))
    lake = new_lake(tmp_path, product)
    # 5:30 UTC is 6:30 the day before the clocks go forward, 7:30 from then on; 4:30 UTC is 5:30, then 6:30.
    write(lake, before(1), [Session("/a", hour=4.5)])
    write(lake, DAY, [Session("/a", hour=4.5)])
    row = told(lake, product)["anna"]
    assert (row["night_share"], row["morning_share"]) == (0.5, 0.5)
    # The window ends at midnight in Berlin, 22:00 UTC by then.
    assert row["recency_days"] == pytest.approx(17.5 / 24)


def test_sql_clients_and_polars_read_the_maps(tmp_path: Path) -> None:
    lake = Lake(tmp_path, catalogue(SHOP), threads=1)
    write(lake, DAY, [Session("/shop /cart paid")])
    write_features(lake, SHOP, DAY)
    with lake.query() as analyst:
        asked = "from user_features select flow_completion['buy'], step_shares['/cart'], step_shares['/none']"
        assert analyst.execute(asked).fetchall() == [(1.0, pytest.approx(1 / 3), None)]
    assert lake.frame("user_features", [DAY - timedelta(days=1), DAY]).collect()["flow_progress"][0] == {"buy": 1.0}
