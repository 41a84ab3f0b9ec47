"""drop_offs, slow_steps and underused_features in full, over a window of two days held in the head."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy.stats import binomtest

from user_intel.detect.run import count_day, detect_window
from user_intel.product import Product
from user_intel_tests.detect.hand_made import DAY, Row, Session, before, new_lake, rows, write

SHOP = Product(flows={"buy": ["/list", "paid"]}, features=["export", "search"], final_steps=["/bye"])
YESTERDAY = [
    Session("/list:10 /item:100 paid", "anna"),
    Session("/list:20 /item:100 /list:20 export", "ben"),
    Session("/list:40 /bye", "cleo"),
]
TODAY = [
    Session("/list:20 /item:400 /list", "anna"),
    Session("/list:20 export:1 /list:20 export:1 paid", "ben"),
    Session("/item", "dan"),
]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Row]]:
    """Rows of each table by what they are about."""
    lake = new_lake(tmp_path_factory.mktemp("lake"), SHOP)
    for day, sessions in ((before(1), YESTERDAY), (DAY, TODAY)):
        write(lake, day, sessions)
        count_day(lake, SHOP, day)
    about = {"drop_offs": "step", "slow_steps": "step", "underused_features": "feature"}
    detect_window(lake, SHOP, DAY, list(about))
    return {table: {row[name]: row for row in rows(lake, table)} for table, name in about.items()}


def test_arrivals_exits_and_those_who_left(tables: dict[str, dict[str, Row]]) -> None:
    found = {step: (row["arrivals"], row["exits"], row["users"]) for step, row in tables["drop_offs"].items()}
    # anna comes back to the list and leaves from there; to the item she came once.
    assert found == {"/list": (5, 1, 1), "/item": (4, 1, 1), "/bye": (1, 1, 1), "export": (2, 1, 1), "paid": (2, 2, 2)}
    item, interval = tables["drop_offs"]["/item"], binomtest(1, 4).proportion_ci(method="wilson")
    assert (item["exit_rate"], item["exit_low"], item["exit_high"]) == pytest.approx(
        (1 / 4, interval.low, interval.high)
    )


def test_why_nothing_is_said_of_a_step(tables: dict[str, dict[str, Row]]) -> None:
    reasons = {step: row["reason"] for step, row in tables["drop_offs"].items()}
    assert reasons == {"/bye": "final_step", "paid": "goal"} | dict.fromkeys(
        ("/list", "/item", "export"), "too_few_sessions"
    )
    assert all(row["p_value"] is row["expected_from"] is row["expected_exit_rate"] is None
               for row in tables["drop_offs"].values())  # fmt: skip


def test_dwells_of_all_timed_visits(tables: dict[str, dict[str, Row]]) -> None:
    listed = tables["slow_steps"]["/list"]
    # 10, 20, 20, 40 | 20, 20, 20; the visit that ended anna's session has no dwell.
    assert (listed["visits"], listed["users"], listed["p50_s"]) == (7, 3, 20)
    assert listed["p90_s"] == pytest.approx(28)
    item = tables["slow_steps"]["/item"]
    assert (item["visits"], item["p50_s"]) == (3, 100)


def test_completion_of_all_and_of_those_who_were_not_slow(tables: dict[str, dict[str, Row]]) -> None:
    # To the list came five sessions, two of which paid. cleo's 40 s are twice the median: slow. So two of four.
    listed = tables["slow_steps"]["/list"]
    assert (listed["completion_rate"], listed["expected_completion_rate"]) == (2 / 5, 2 / 4)
    # To the item came four and one paid; anna's 400 s were slow, dan's time is not known. One of two.
    item = tables["slow_steps"]["/item"]
    assert (item["completion_rate"], item["expected_completion_rate"]) == (1 / 4, 1 / 2)


def test_adoption_among_those_who_could(tables: dict[str, dict[str, Row]]) -> None:
    # Export is used from the list, where anna, ben and cleo came; ben used it in two sessions.
    export = tables["underused_features"]["export"]
    assert (export["eligible_users"], export["users"], export["repeat_rate"]) == (3, 1, 1)
    assert (export["adoption"], export["reason"]) == (1 / 3, "too_few_sessions")
    # Nobody ever searched.
    assert tables["underused_features"]["search"]["reason"] == "never_used"


def test_nothing_is_written_past_the_window(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, SHOP)
    write(lake, before(7), YESTERDAY)
    count_day(lake, SHOP, before(7))
    write(lake, DAY, [])
    count_day(lake, SHOP, DAY)
    detect_window(lake, SHOP, DAY, ["drop_offs", "slow_steps", "underused_features"])
    assert rows(lake, "drop_offs") == rows(lake, "slow_steps") == rows(lake, "underused_features") == []
