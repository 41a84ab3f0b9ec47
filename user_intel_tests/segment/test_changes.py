"""What became of personas: a day by hand, and any two days beside a count in plain Python."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.segment.changes import write_changes
from user_intel_tests.detect.hand_made import DAY, Row, new_lake, rows, write_rows

YESTERDAY = DAY - timedelta(days=1)
Keys = dict[str, str | None]


def written(lake: Lake, before: Keys | None, today: Keys) -> list[Row]:
    for day, keys in ((YESTERDAY, before), (DAY, today)):
        if keys is not None:
            clusters = [{"day": day, "user_id": user, "cluster_key": key} for user, key in keys.items()]
            write_rows(lake, "user_clusters", day, clusters)
            write_rows(lake, "clusterings", day, [{"day": day}])
    write_changes(lake, DAY)
    return rows(lake, "cluster_changes")


def people(**sizes: int) -> list[str]:
    return [f"{name}{number}" for name, size in sizes.items() for number in range(size)]


def test_a_day_of_births_deaths_mergers_and_splits(tmp_path: Path) -> None:
    # Persona 1 splits: 6 stay, 4 become persona 5. Persona 2 goes over into persona 3, but for one. Persona 4 dissolves
    # into noise. Persona 6 is born of new users and one from the noise.
    before = {
        **dict.fromkeys(people(a=10), "persona-1"), **dict.fromkeys(people(b=5), "persona-2"),
        **dict.fromkeys(people(c=4), "persona-3"), **dict.fromkeys(people(d=3), "persona-4"),
        **dict.fromkeys(people(n=2), None),
    }  # fmt: skip
    today: Keys = {
        **dict.fromkeys(people(a=10)[:6], "persona-1"), **dict.fromkeys(people(a=10)[6:], "persona-5"),
        **dict.fromkeys(people(b=5)[:4], "persona-3"), "b4": "persona-1", **dict.fromkeys(people(c=4)[:3], "persona-3"),
        "d0": None, "d1": None, "n0": "persona-6", "n1": None, **dict.fromkeys(people(new=3), "persona-6"),
    }  # fmt: skip
    found = written(new_lake(tmp_path, Product()), dict(before), today)
    assert {(row["from_key"], row["to_key"]): (row["kind"], row["users"]) for row in found} == {
        ("persona-1", "persona-1"): ("kept", 6),
        ("persona-1", "persona-5"): ("split", 4),
        ("persona-2", "persona-3"): ("merged", 4),
        ("persona-2", "persona-1"): ("died", 1),
        ("persona-3", "persona-3"): ("kept", 3),
        ("persona-3", "absent"): ("moved", 1),
        ("persona-4", "noise"): ("died", 2),
        ("persona-4", "absent"): ("died", 1),
        ("noise", "persona-6"): ("born", 1),
        ("absent", "persona-6"): ("born", 3),
        ("noise", "noise"): ("kept", 1),
    }
    merged = next(row for row in found if row["kind"] == "merged")
    assert (merged["from_share"], merged["to_share"], merged["from_day"]) == (4 / 5, 4 / 7, YESTERDAY)


def test_on_the_first_day_everybody_comes_from_nowhere(tmp_path: Path) -> None:
    found = written(new_lake(tmp_path, Product()), None, {"a": "persona-1", "b": "persona-1", "c": None})
    assert [(row["from_key"], row["to_key"], row["kind"], row["users"], row["from_day"]) for row in found] == [
        ("absent", "noise", "moved", 1, None), ("absent", "persona-1", "born", 2, None),
    ]  # fmt: skip


def test_a_persona_of_other_people_is_kept_and_says_so(tmp_path: Path) -> None:
    found = written(new_lake(tmp_path, Product()), {"a": "persona-1"}, {"b": "persona-1"})
    kept = next(row for row in found if row["kind"] == "kept")
    assert (kept["from_key"], kept["to_key"], kept["users"], kept["from_share"]) == ("persona-1", "persona-1", 0, 0.0)
    assert sorted(row["users"] for row in found) == [0, 1, 1]


_KEYS = st.dictionaries(
    st.sampled_from([f"u{n}" for n in range(12)]), st.sampled_from([None, "persona-1", "persona-2", "persona-3"])
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_KEYS, _KEYS)
def test_the_rows_of_a_day_add_up_to_the_users_of_both(tmp_path: Path, before: Keys, today: Keys) -> None:
    found = written(new_lake(tmp_path, Product()), before, today)
    went = Counter(
        (_end(before, user), _end(today, user)) for user in {**before, **today}
    )  # every user once, by where it was and is
    assert {(row["from_key"], row["to_key"]): row["users"] for row in found if row["users"]} == dict(went)
    assert sum(row["users"] for row in found if row["from_key"] != "absent") == len(before)
    assert sum(row["users"] for row in found if row["to_key"] != "absent") == len(today)
    for end, share in (("from_key", "from_share"), ("to_key", "to_share")):
        totals: Counter[str] = Counter()
        for row in found:
            totals[row[end]] += row[share]
        assert all(abs(total - 1) < 1e-9 for total in totals.values())


def _end(keys: Keys, user: str) -> str:
    return (keys[user] or "noise") if user in keys else "absent"
