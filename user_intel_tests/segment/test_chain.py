"""Keys are handed on from day to day through the lake, and it is told when they no longer follow."""

from datetime import date
from pathlib import Path

import pytest

from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.segment.chain import broken_chain, load_before
from user_intel.segment.personas import Centre, Followed, follow
from user_intel_tests.detect.hand_made import DAY, before, new_lake, write_rows

PRODUCT = Product()
PLACES: dict[int, Centre] = {0: {"a": 0.0}, 1: {"a": 5.0}, 2: {"a": 9.0}}
# A is 0 to 19, B 20 to 29.
BOTH = {0: range(20), 1: range(20, 30)}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return new_lake(tmp_path, PRODUCT)


def cluster(lake: Lake, day: date, groups: dict[int, range], users: int = 40) -> Followed:
    """Groups of users by number, keyed after the days before and stored, as the asset would."""
    label = {number: group for group, numbers in groups.items() for number in numbers}
    labels, ids = [label.get(number, -1) for number in range(users)], [f"u{number:02}" for number in range(users)]
    found = follow(load_before(lake, PRODUCT, day), day, labels, ids, {group: PLACES[group] for group in groups})
    rows = [
        {"day": day, "user_id": user, "cluster_key": found.keys.get(group)}
        for user, group in zip(ids, labels, strict=True)
    ]
    write_rows(lake, "user_clusters", day, rows)
    write_rows(lake, "clusterings", day, [{"day": day, "users": users, **found.columns()}])
    return found


def test_a_day_follows_the_nearest_earlier_one_across_a_gap(lake: Lake) -> None:
    cluster(lake, before(9), BOTH)
    found = cluster(lake, DAY, {2: range(20), 0: range(20, 30)})
    assert found.keys == {2: "persona-1", 0: "persona-2"}
    assert found.columns()["before_day"] == before(9)


def test_a_weekend_persona_comes_back_under_its_key_within_the_window_and_not_after_it(lake: Lake) -> None:
    cluster(lake, before(40), BOTH)
    for back in (39, 38, 37):
        cluster(lake, before(back), {0: range(20)})
    assert cluster(lake, before(36), BOTH).keys == {0: "persona-1", 1: "persona-2"}
    for back in (35, 20, 5):
        cluster(lake, before(back), {0: range(20)})
    # Last seen 36 days ago, the window is of 28.
    assert cluster(lake, DAY, BOTH).keys == {0: "persona-1", 1: "persona-3"}


def test_a_day_without_groups_is_remembered_beyond(lake: Lake) -> None:
    cluster(lake, before(2), BOTH)
    cluster(lake, before(1), {})
    assert cluster(lake, DAY, BOTH).keys == {0: "persona-1", 1: "persona-2"}


def test_a_rerun_gives_the_same_keys_and_digest(lake: Lake) -> None:
    cluster(lake, before(1), BOTH)
    first = cluster(lake, DAY, BOTH).columns()
    assert cluster(lake, DAY, BOTH).columns() == first
    assert broken_chain(lake, PRODUCT, DAY) is None


def test_a_day_made_again_so_that_keys_would_be_others_is_told_with_what_to_rerun(lake: Lake) -> None:
    cluster(lake, before(1), {0: range(20)})
    assert cluster(lake, DAY, BOTH).keys[1] == "persona-2"
    # The day before comes out with a second group of other people: the number that was given today is taken.
    cluster(lake, before(1), {0: range(20), 2: range(30, 40)})
    assert broken_chain(lake, PRODUCT, DAY) == (
        "keys were taken over from another version of the days before; from 2026-03-28 as it is now, "
        "persona-2 would be persona-3. Next: user-intel run --from 2026-03-29 --to 2026-03-29 --select segment"
    )
    assert cluster(lake, DAY, BOTH).keys[1] == "persona-3"
    assert broken_chain(lake, PRODUCT, DAY) is None


def test_a_day_that_comes_in_between_matters_only_where_keys_would_be_others(lake: Lake) -> None:
    cluster(lake, before(2), BOTH)
    cluster(lake, DAY, BOTH)
    cluster(lake, before(1), BOTH)
    assert broken_chain(lake, PRODUCT, DAY) is None
    cluster(lake, before(3), {1: range(20, 30), 0: range(5)})
    cluster(lake, before(2), BOTH)
    told = broken_chain(lake, PRODUCT, before(1)) or ""
    assert "persona-1 would be persona-2, persona-2 would be persona-1" in told
    assert "Next: user-intel run --from 2026-03-28 --to 2026-03-29 --select segment" in told


def test_days_in_reverse_are_told_to_be_rerun(lake: Lake) -> None:
    assert cluster(lake, DAY, {0: range(19)}).keys == {0: "persona-1"}
    cluster(lake, before(1), {1: range(20, 40), 0: range(19)})
    assert "persona-1 would be persona-2" in (broken_chain(lake, PRODUCT, DAY) or "")


def test_a_day_that_was_never_clustered_has_no_chain(lake: Lake) -> None:
    assert broken_chain(lake, PRODUCT, DAY) is None
    assert load_before(lake, PRODUCT, DAY) is None
