"""A day's groups in the lake: a row for everybody, keys that stay, and the same bytes whenever it is done again."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

import pytest

from user_intel.lake import Lake
from user_intel.product import Clusters, Product
from user_intel.segment.features import write_features
from user_intel.segment.user_clusters import cluster_day
from user_intel_tests.detect.hand_made import DAY, Session, before, new_lake, rows, write

PRODUCT = Product(clusters=Clusters(window_days=12, min_sessions=4, trials=3, trial_users=100, epochs=50))
DAYS = [before(back) for back in range(11, -1, -1)]
KINDS = {
    "buyer": (["/shop", "/item", "/cart", "/shop"], 20),
    "reader": (["/news", "/article", "/author", "/news"], 8),
    "admin": (["/users", "/billing", "/export", "/users"], 13),
}
TABLES = ("user_clusters", "clusterings")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Ninety people of three kinds, now and then doing something else, and ten who came once; two days grouped."""
    lake, dice = new_lake(tmp_path_factory.mktemp("kinds"), PRODUCT), random.Random(4)
    for number, day in enumerate(DAYS):
        here = [(kind, f"{kind}{each}") for each in range(30) for kind in KINDS if (number + each) % 2]
        sessions = [_session(dice, kind, user) for kind, user in here]
        once = [Session("/news:5", user=f"once{each}") for each in range(10) if number == 3]
        write(lake, day, [*sessions, *once])
    for day in (before(1), DAY):
        write_features(lake, PRODUCT, day)
        cluster_day(lake, PRODUCT, day)
    return lake


def _session(dice: random.Random, kind: str, user: str) -> Session:
    usual, hour = KINDS[kind]
    walk = [dice.choice(usual if dice.random() < 0.85 else KINDS[dice.choice(list(KINDS))][0]) for _ in range(6)]
    return Session(" ".join(f"{step}:{dice.randint(5, 90)}" for step in walk), user=user, hour=hour + dice.random())


def _kinds_by_key(lake: Lake, day: date) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows(lake, "user_clusters", day):
        if not row["user_id"].startswith("once"):
            found.setdefault(row["cluster_key"], set()).add(row["user_id"].rstrip("0123456789"))
    return found


def test_each_kind_is_a_persona_and_keeps_its_key(lake: Lake) -> None:
    today = _kinds_by_key(lake, DAY)
    assert sorted(map(sorted, today.values())) == [["admin"], ["buyer"], ["reader"]]
    assert today == _kinds_by_key(lake, before(1))
    clustering = rows(lake, "clusterings")[0]
    assert (clustering["verdict"], clustering["clusters"], clustering["before_day"]) == ("clusters", 3, before(1))
    assert json.loads(clustering["parameters"])["carried"] is True
    assert set(json.loads(clustering["stabilities"])) == set(today)


def test_everybody_with_features_has_a_row_and_who_came_once_is_placed(lake: Lake) -> None:
    told = rows(lake, "user_clusters")
    assert len(told) == len(rows(lake, "user_features")) == 100
    assert {row["user_id"][:4] for row in told if not row["fitted"]} == {"once"}
    assert rows(lake, "clusterings")[0]["fitted_users"] == 90


def test_a_day_done_again_is_the_same_to_the_byte(lake: Lake) -> None:
    first = [lake.day_path(table, DAY).read_bytes() for table in TABLES]
    cluster_day(lake, PRODUCT, DAY)
    assert [lake.day_path(table, DAY).read_bytes() for table in TABLES] == first


def test_a_day_without_users_says_so(tmp_path: Path) -> None:
    empty = new_lake(tmp_path, PRODUCT)
    write(empty, DAY, [])
    write_features(empty, PRODUCT, DAY)
    cluster_day(empty, PRODUCT, DAY)
    assert rows(empty, "user_clusters") == []
    clustering = rows(empty, "clusterings")[0]
    assert (clustering["verdict"], clustering["users"], clustering["clusters"]) == ("too_few_users", 0, 0)
