"""Personas keep their keys: small products whose groups move by hand, and any groups whatever."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel.segment.personas import NOISE, PALETTE, Before, Centre, Followed, follow

DAY = date(2026, 3, 1)
Groups = Mapping[str, Sequence[int]]
# Three places far apart, by the label that tests give to whoever stands there.
PLACES: dict[int, Centre] = {0: {"a": 0.0, "b": 0.0}, 1: {"a": 4.0, "b": 0.0}, 2: {"a": 0.0, "b": 4.0}}


def seen(groups: Groups, before: Before | None = None, places: Mapping[int, Centre] = PLACES) -> Followed:
    """A day whose groups hold users by number: `{"0": range(100)}`; "-1" is noise."""
    rows = [(int(label), f"user {number}") for label, numbers in groups.items() for number in numbers]
    labels, users = [label for label, _ in rows], [user for _, user in rows]
    day = before.day + timedelta(days=1) if before else DAY
    return follow(before, day, labels, users, {label: places[label] for label in set(labels) - {NOISE}})


def known(groups: Groups, followed: Followed, vanished: Before | None = None) -> Before:
    """What the day after knows: this day, and the personas of `vanished` that are gone."""
    members = {followed.keys[int(label)]: frozenset(f"user {n}" for n in numbers)
               for label, numbers in groups.items() if int(label) != NOISE}  # fmt: skip
    users = frozenset(f"user {n}" for numbers in groups.values() for n in numbers)
    gone = [p for p in vanished.personas if p.key not in members] if vanished else []
    gone_members = {p.key: vanished.members[p.key] for p in gone} if vanished else {}
    day = followed.before.day + timedelta(days=1) if followed.before else DAY
    return Before(day, followed.personas, gone, gone_members | members, users, followed.highest, "")


def on_from(groups: Groups, places: Mapping[int, Centre] = PLACES) -> Before:
    return known(groups, seen(groups, places=places))


def test_the_first_personas_are_numbered_by_size_and_coloured_apart() -> None:
    first = seen({"0": range(20), "1": range(100, 200), "-1": range(300, 310)})
    assert first.keys == {1: "persona-1", 0: "persona-2"}
    assert [(each.key, each.users, each.colour) for each in first.personas] == [
        ("persona-1", 100, PALETTE[0]), ("persona-2", 20, PALETTE[1]),
    ]  # fmt: skip


def test_a_persona_keeps_key_and_colour_whatever_number_its_group_has() -> None:
    before = on_from({"0": range(100), "1": range(100, 160)})
    after = seen({"1": range(5, 100), "0": range(100, 165)}, before, {1: PLACES[0], 0: PLACES[1]})
    assert after.keys == {1: "persona-1", 0: "persona-2"}
    assert [each.colour for each in after.personas] == [each.colour for each in before.personas]
    assert {each.first_day for each in after.personas} == {DAY}


def test_the_larger_part_of_a_split_keeps_the_key_and_the_other_is_born() -> None:
    before = on_from({"0": range(100)})
    after = seen({"1": range(60), "0": range(60, 100)}, before, {1: {"a": 0.4, "b": 0.0}, 0: {"a": 0.0, "b": 0.6}})
    assert after.keys == {1: "persona-1", 0: "persona-2"}


def test_of_two_that_merge_the_larger_ones_key_stays_and_the_other_is_not_given_again() -> None:
    before = on_from({"0": range(40), "1": range(100, 160)})
    # persona-1 has 60 users, persona-2 has 40; together they lie between.
    merged = seen({"0": [*range(40), *range(100, 160)]}, before, {0: {"a": 2.4, "b": 0.0}})
    assert merged.keys == {0: "persona-1"}
    later = seen({"0": [*range(40), *range(100, 160)], "2": range(200, 230)},
                 known({"0": [*range(40), *range(100, 160)]}, merged))  # fmt: skip
    assert later.keys == {0: "persona-1", 2: "persona-3"}


def test_what_had_dissolved_into_noise_comes_back_under_its_key_and_colour() -> None:
    days: list[Groups] = [
        {"0": range(100), "1": range(100, 150)},
        {"0": range(100), "-1": range(100, 150)},
        {"0": range(100), "1": range(100, 150), "2": range(200, 230)},
    ]
    first = seen(days[0])
    second = seen(days[1], known(days[0], first))
    third = seen(days[2], known(days[1], second, vanished=known(days[0], first)))
    assert second.keys == {0: "persona-1"}
    assert third.keys == {0: "persona-1", 1: "persona-2", 2: "persona-3"}
    assert [each.colour for each in third.personas] == list(PALETTE[:3])


def test_without_common_users_the_place_decides() -> None:
    before = on_from({"0": range(100), "1": range(100, 150)})
    after = seen({"0": range(1000, 1020), "1": range(2000, 2100)}, before)
    assert after.keys == {0: "persona-1", 1: "persona-2"}
    elsewhere = seen({"2": range(1000, 1020)}, before)
    assert elsewhere.keys == {2: "persona-3"}


def test_a_handful_of_common_users_does_not_make_another_group_the_same() -> None:
    before = on_from({"0": range(100)})
    after = seen({"2": [*range(3), *range(500, 600)], "-1": range(3, 100)}, before)
    assert after.keys == {2: "persona-2"}


def test_other_features_than_the_day_before_leave_the_members_to_decide() -> None:
    before = on_from({"0": range(100), "1": range(100, 150)})
    after = seen({"0": range(100), "1": range(100, 150)}, before, {0: {"x": 9.0}, 1: {"x": 1.0}})
    assert after.keys == {0: "persona-1", 1: "persona-2"}


def test_a_day_without_groups_keeps_the_number_for_the_next() -> None:
    before = on_from({"0": range(100), "1": range(100, 150)})
    nothing = seen({"-1": range(150)}, before)
    assert (nothing.keys, nothing.personas, nothing.highest) == ({}, [], 2)


def test_more_personas_than_the_palette_has_colours_are_all_told_apart() -> None:
    places = {label: {"a": 3.0 * label} for label in range(40)}
    found = seen({str(label): range(100 * label, 100 * label + 10) for label in range(40)}, places=places)
    assert len({each.colour for each in found.personas}) == 40


def test_over_fourteen_days_of_coming_and_going_everybody_stays_in_the_same_persona() -> None:
    dice = Random(5)
    mine = {number: number // 100 for number in range(400)}
    before, kept, seen_twice, yesterday = None, 0, 0, {}
    for day in range(14):
        # Each day twelve go, twelve come, some are like nobody, and groups have other numbers and shifted centres.
        for number in dice.sample(sorted(mine), 12):
            mine[1000 * (day + 1) + number] = mine.pop(number)
        numbers = dice.sample(range(4), 4)
        # On the eighth day the last two are found as one.
        found = {n: NOISE if dice.random() < 0.03 else numbers[2 if day == 7 else g] if g == 3 else numbers[g]
                 for n, g in mine.items()}  # fmt: skip
        places = {numbers[g]: {"a": 3.0 * g + dice.gauss(0, 0.2), "b": dice.gauss(0, 0.2)} for g in range(4)}
        groups = {str(label): [n for n in found if found[n] == label] for label in set(found.values())}
        followed = seen(groups, before, places)
        today = {n: followed.keys[label] for n, label in found.items() if label != NOISE}
        both = [n for n in today if n in yesterday]
        kept, seen_twice = kept + sum(today[n] == yesterday[n] for n in both), seen_twice + len(both)
        before, yesterday = known(groups, followed, vanished=before), today
    assert seen_twice > 4_500
    # Only those of the last group change over, on the eighth day, and come back on the ninth.
    assert kept / seen_twice >= 0.95
    assert set(yesterday.values()) == {"persona-1", "persona-2", "persona-3", "persona-4"}


DAYS = st.lists(st.lists(st.integers(-1, 4), min_size=1, max_size=40), min_size=1, max_size=2)


@settings(max_examples=60, deadline=None)
@given(DAYS, st.permutations(range(5)), st.randoms(use_true_random=False))
def test_keys_are_one_each_and_blind_to_the_order_of_rows_the_names_of_users_and_the_numbers_of_groups(
    days: list[list[int]],
    renamed: list[int],
    dice: "st.random.Random",  # type: ignore[name-defined]
) -> None:
    places = {label: {"a": float(label) ** 1.5, "b": label % 2.0} for label in range(5)}

    def told(labels: list[int], name: str, numbers: Sequence[int], order: Sequence[int]) -> dict[str, str]:
        before = None
        keys: dict[str, str] = {}
        for each in (days[0], labels):
            rows = [(numbers[label] if label >= 0 else NOISE, f"{name}{n}") for n, label in enumerate(each)]
            rows = [rows[n] for n in order if n < len(rows)]
            centroids = {numbers[label]: places[label] for label in set(each) - {NOISE}}
            found = follow(before, DAY, [label for label, _ in rows], [user for _, user in rows], centroids)
            keys = {user.removeprefix(name): found.keys[label] for label, user in rows if label != NOISE}
            members = {key: frozenset(name + u for u, k in keys.items() if k == key) for key in found.keys.values()}
            before = Before(DAY, found.personas, [], members, frozenset(u for _, u in rows), found.highest, "")
            assert len(set(found.keys.values())) == len(centroids)
            assert sum(persona.users for persona in found.personas) == len(keys)
        return keys

    order = list(range(40))
    shuffled = order.copy()
    dice.shuffle(shuffled)
    assert told(days[-1], "u", range(5), order) == told(days[-1], "other ", renamed, shuffled)
