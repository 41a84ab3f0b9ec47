"""What is told of personas, on a shop whose numbers can be counted by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from user_intel.lake import Lake
from user_intel.segment.profiles import profiles, standing, write_profiles
from user_intel.tables import CLUSTER_PROFILES
from user_intel_tests.detect.hand_made import DAY, before, new_lake, rows
from user_intel_tests.segment.grouped_shop import (
    AT_THE_CART,
    BUYERS,
    KEYS,
    OTHERS,
    PRODUCT,
    READERS,
    write_groups,
    write_journeys,
    write_pain_point,
)  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The shop, profiled on its last day and on the day before, on which there was a third persona."""
    lake = new_lake(tmp_path_factory.mktemp("shop"), PRODUCT)
    write_journeys(lake)
    write_groups(lake, before(1), {**KEYS, **dict.fromkeys(OTHERS, "persona-3")})
    write_groups(lake, DAY, before_day=before(1))
    write_pain_point(lake)
    assert write_profiles(lake, PRODUCT, before(1)) == 3
    assert write_profiles(lake, PRODUCT, DAY) == 3
    return lake


@pytest.fixture(scope="module")
def told(lake: Lake) -> dict[str, dict[str, Any]]:
    """The rows of the last day by key."""
    return {row["cluster_key"]: row for row in rows(lake, "cluster_profiles")}


def parsed(row: dict[str, Any], column: str) -> Any:
    return json.loads(row[column])


def test_each_persona_has_its_size_and_standing(told: dict[str, dict[str, Any]]) -> None:
    sizes = {key: (row["users"], row["share"], row["status"], row["standing"]) for key, row in told.items()}
    assert sizes == {
        "persona-1": (12, 0.4, "stable", "stable"),
        "persona-2": (12, 0.4, "stable", "stable"),
        "persona-3": (0, 0.0, "gone", "unknown"),
    }
    assert (told["persona-1"]["stability"], told["persona-1"]["dbcv"]) == (0.8, 0.5)
    assert (told["persona-3"]["compared_with"], told["persona-3"]["share_before"]) == (before(1), 0.2)


def test_traits_say_what_only_they_do_in_plain_units(told: dict[str, dict[str, Any]]) -> None:
    traits = {trait["feature"]: trait for trait in parsed(told["persona-1"], "traits")}
    evening = traits["evening_share"]
    assert (evening["mean"], evening["rest"], evening["effect"], evening["direction"]) == (1.0, 0.0, 1.0, "more")
    # Nothing overlaps: (12 - 1.96 ** 2) / (12 + 1.96 ** 2), by Feng and Cliff.
    assert evening["low"] == pytest.approx((12 - 3.8415) / (12 + 3.8415), abs=1e-4)
    assert all(abs(trait["effect"]) >= 0.33 and trait["q_value"] <= 0.05 for trait in traits.values())


def test_names_come_from_traits_and_one_that_is_gone_keeps_its_own(lake: Lake, told: dict[str, dict[str, Any]]) -> None:
    assert "Evening users" in told["persona-1"]["name"] or "/shop" in told["persona-1"]["name"]
    yesterday = {row["cluster_key"]: row["name"] for row in rows(lake, "cluster_profiles", before(1))}
    assert {key: row["name"] for key, row in told.items()} == yesterday


def test_the_way_of_buyers_is_told_with_how_much_more_they_walk_it(told: dict[str, dict[str, Any]]) -> None:
    first = parsed(told["persona-1"], "paths")[0]
    # Every third day for 14 days: 56 sessions of buyers, all by /shop to the cart; nobody else does.
    assert first["steps"][-2:] in (["/shop", "/cart"], ["/cart", "paid"])
    assert (first["rest"], first["sessions"]) == (0.0, 56)
    readers = parsed(told["persona-2"], "paths")[0]
    assert set(readers["steps"]) == {"/news", "/article"}
    assert readers["share"] == 1.0


def test_journeys_for_example_are_real_and_name_nobody(told: dict[str, dict[str, Any]]) -> None:
    journeys = parsed(told["persona-2"], "exemplars")
    assert len(journeys) == 3
    assert journeys[0]["steps"] == ["/news", "/article", "/news", "/article"]
    assert journeys[0]["dwells_s"] == [60.0, 120.0, 30.0, None]
    assert journeys[0]["hour"] == 8
    everything = json.dumps(list(told.values()), default=str)
    assert not [user for user in (*BUYERS, *READERS, *OTHERS) if f'"{user}"' in everything]
    assert "session_id" not in everything


def test_the_pain_point_of_buyers_is_theirs_by_its_own_rate(told: dict[str, dict[str, Any]]) -> None:
    assert told["persona-1"]["pain_point_ids"] == [AT_THE_CART]
    assert told["persona-2"]["pain_point_ids"] == []
    hit = parsed(told["persona-1"], "pain_points")[0]
    # Of b00 to b04, each third day: within the last three days each of them came once.
    assert (hit["users"], hit["rate"], hit["rest"]) == (5, pytest.approx(5 / 12, abs=1e-6), 0.0)
    # All five hits among the twelve of thirty: C(12, 5) / C(30, 5); twice that of two personas.
    assert hit["p_value"] == pytest.approx(792 / 142_506, rel=1e-4)
    assert hit["q_value"] == pytest.approx(2 * 792 / 142_506, rel=1e-4)


def test_outcomes_are_shares_of_users_beside_the_rest(told: dict[str, dict[str, Any]]) -> None:
    buyers, readers = told["persona-1"], told["persona-2"]
    assert (buyers["goal_rate"], buyers["goal_rest"]) == (1.0, 0.0)
    assert (readers["goal_rate"], readers["goal_rest"]) == (0.0, 12 / 18)
    # Wilson of 12 of 12: 12 / (12 + 1.96 ** 2).
    assert buyers["goal_low"] == pytest.approx(12 / (12 + 3.8415), abs=1e-4)
    assert (buyers["return_rate"], buyers["return_rest"]) == (1.0, 1.0)


def test_the_mix_of_devices_is_told_for_information(told: dict[str, dict[str, Any]]) -> None:
    assert parsed(told["persona-1"], "mix") == [{"segment": "device=mobile", "share": 1.0, "rest": 0.0}]


def test_a_rerun_gives_the_same_rows(lake: Lake) -> None:
    first = rows(lake, "cluster_profiles")
    write_profiles(lake, PRODUCT, DAY)
    assert rows(lake, "cluster_profiles") == first


def test_a_day_without_groups_has_no_profiles_but_of_those_who_are_gone(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    write_journeys(lake)
    nobody = dict.fromkeys(KEYS)
    write_groups(lake, before(1), nobody)
    assert write_profiles(lake, PRODUCT, before(1)) == 0
    assert write_profiles(lake, PRODUCT, before(2)) == 0  # not clustered at all


def test_a_mean_jaccard_in_words() -> None:
    assert [standing(value) for value in (0.75, 0.6, 0.599, None)] == ["stable", "doubtful", "unstable", "unknown"]
    assert "unstable below 0.60" in next(c.comment for c in CLUSTER_PROFILES.columns if c.name == "stability")


def test_steps_that_few_know_are_not_named(lake: Lake) -> None:
    # Only the twelve readers know /article.
    careful = PRODUCT.model_copy(update={"thresholds": PRODUCT.thresholds.model_copy(update={"min_users": 13})})
    readers = next(row for row in profiles(lake, careful, DAY) if row["cluster_key"] == "persona-2")
    assert parsed(readers, "exemplars")[0]["steps"] == ["/news", "(a rare step)", "/news", "(a rare step)"]
    assert parsed(readers, "paths") == []
