"""What a day's sessions did, counted: a day small enough to hold in the head, and what must hold of any day."""

from __future__ import annotations

from collections import Counter
from datetime import date
from math import log
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel.detect.tallies import tallies
from user_intel.lake import Lake
from user_intel.product import Product, Thresholds
from user_intel_tests.detect.hand_made import DAY, Session, new_lake, write

DEVICES = Product(segments=["device"], features=["export"], thresholds=Thresholds(min_users=2))
MOBILE, DESKTOP = {"device": "mobile"}, {"device": "desktop"}
Counted = dict[tuple[str, str, str, str], tuple[Any, ...]]


def counted(lake: Lake, product: Product, day: date = DAY) -> Counted:
    """(units, hits, total, total_squares) by metric, subject, step and segment."""
    with lake.connect() as connection:
        found = tallies(connection, lake, product, day).pl()
    assert set(found["day"].to_list()) == {day}
    return {row[1:5]: row[5:] for row in found.rows()}


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """Eight sessions of five people and one of a machine."""
    lake = new_lake(tmp_path_factory.mktemp("lake"), DEVICES)
    rage, dead = ("rage_click", "/cart", "button#pay"), ("dead_click", "/cart", None)
    write(lake, DAY, [
        Session("/home:10 /cart:20 /paid", "anna", MOBILE, [rage, rage, dead], recorded=True),
        Session("/home:1000 /cart", "anna", MOBILE, [rage, ("u_turn", "/home", None)]),
        Session("/home:10 /cart:40 /home:10 /cart:10 /home:20 /paid", "ben", MOBILE, recorded=True),
        Session("/cart:5 export:1 /cart:5 export", "cleo", DESKTOP, [("error_click", None, "a.save")]),
        Session("export", "cleo", DESKTOP),
        Session("/home:0 /cart", "dan", DESKTOP, [("rapid_exit", "/cart", None), ("form_abandonment", "/cart", "x")]),
        Session("", "dan", DESKTOP),
        Session("/home", "eve", {"device": None}),
        Session(" ".join(["/home:0.5 /cart:0.5"] * 10), "robot", MOBILE, [rage]),
    ])  # fmt: skip
    return counted(lake, DEVICES)


def of(day: Counted, metric: str, segment: str = "all") -> dict[str, tuple[Any, ...]]:
    """Units and hits by subject, which is the step as well."""
    return {key[1]: row[:2] for key, row in day.items() if key[0] == metric and key[3] == segment}


def test_sessions_and_their_users_are_counted_in_every_segment(day: Counted) -> None:
    found = {key[3]: row[:2] for key, row in day.items() if key[0] == "session"}
    assert found == {"all": (8, 5), "device=mobile": (3, 2), "device=desktop": (4, 2)}


def test_a_session_arrives_at_a_step_once_and_leaves_from_one(day: Counted) -> None:
    assert of(day, "exit") == {"/home": (5, 1), "/cart": (5, 2), "/paid": (2, 2), "export": (2, 2)}
    assert of(day, "exit", "device=mobile") == {"/home": (3, 0), "/cart": (3, 1), "/paid": (2, 2)}
    assert of(day, "exit", "device=desktop") == {"/home": (1, 0), "/cart": (2, 1), "export": (2, 2)}


def test_a_session_tells_one_dwell_of_a_step_the_mean_of_its_logarithms(day: Counted) -> None:
    # ben: at home 10, 10 and 20 s. The visit of no length counts as a tenth of a second.
    bens = (2 * log(10) + log(20)) / 3
    at_home = [log(10), log(1000), bens, log(0.1)]
    assert day["dwell", "/home", "/home", "all"] == (
        4, 0, pytest.approx(sum(at_home)), pytest.approx(sum(each**2 for each in at_home)),
    )  # fmt: skip
    # ben: in the cart 40 and 10 s, which is 20 by the mean of logarithms; cleo 5 and 5, anna 20 and unknown.
    assert day["dwell", "/cart", "/cart", "all"][:3] == (3, 0, pytest.approx(2 * log(20) + log(5)))
    # cleo: one second at export, and then a last visit of a length that nobody knows.
    assert day["dwell", "export", "export", "all"][:3] == (1, 0, pytest.approx(log(1)))


def test_whoever_goes_round_and_round_is_counted_once_per_cycle(day: Counted) -> None:
    # ben goes home -> cart -> home -> cart -> home; cleo's two visits of the cart are no second round.
    assert of(day, "loop") == {'["/cart","/home"]': (0, 1)}
    assert of(day, "loop", "device=desktop") == {}


def test_signals_count_sessions_by_element_and_step(day: Counted) -> None:
    found = {key[:3]: row[1] for key, row in day.items() if key[3] == "all"}
    assert found["rage_click", "button#pay", "/cart"] == 2
    assert found["dead_click", "/cart", "/cart"] == 1
    assert found["error_click", "a.save", ""] == 1
    assert found["u_turn", "/home", "/home"] == 1
    assert found["rapid_exit", "/cart", "/cart"] == 1
    # Forms are counted by those who began one, not by those who gave up.
    assert not [key for key in found if key[0] == "form_abandonment"]


def test_a_feature_is_counted_where_it_was_used_from(day: Counted) -> None:
    found = {key[2]: row[:2] for key, row in day.items() if key[0] == "feature" and key[3] == "device=desktop"}
    assert found == {"/cart": (0, 1), "": (0, 1)}


def test_the_day_itself_counts_people_and_recordings_of_theirs(day: Counted) -> None:
    # 8 sessions of 5 people, 2 of them recorded.
    whole = {key[1]: row[:3] for key, row in day.items() if key[0] == "day"}
    assert whole["sessions"] == (8, 5, 8)
    assert whole["recorded"] == (8, 5, 2)
    assert whole["recordings"] == (8, 5, 2)
    export = day["event", "export", "", "all"]
    assert export[:3] == (8, 1, 3)


def test_a_day_without_sessions_counts_nothing_but_itself(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, DEVICES)
    write(lake, DAY, [])
    found = counted(lake, DEVICES)
    assert {key[0] for key in found} == {"day"}
    assert found["day", "sessions", "", "all"] == (0, 0, 0, None)


def test_a_clock_without_seconds_makes_nobody_a_machine(tmp_path: Path) -> None:
    product = Product()
    lake = new_lake(tmp_path, product)
    walk = " ".join(["/a:0 /b:0"] * 15)
    write(lake, DAY, [Session(walk, f"user {n}") for n in range(6)])
    assert counted(lake, product)["session", "", "", "all"][:2] == (6, 6)


_walks = st.lists(st.sampled_from(["/a", "/b", "/c", "export"]), max_size=9).map(
    lambda steps: [step for n, step in enumerate(steps) if n == 0 or steps[n - 1] != step]
)
_sessions = st.lists(
    st.builds(
        lambda walk, user, device: Session(" ".join(walk), f"{user} of {device}", {"device": device}),
        _walks,
        st.sampled_from("xyz"),
        st.sampled_from(["mobile", "desktop", "tablet"]),
    ),
    min_size=12,
    max_size=40,
)


@settings(max_examples=3, deadline=None)
@given(sessions=_sessions, luck=st.randoms(use_true_random=False))
def test_segments_add_up_to_everybody_whatever_the_order_of_rows(
    sessions: list[Session], luck: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    product = DEVICES.model_copy(update={"thresholds": Thresholds(min_users=1, min_segment_share=0)})
    lake = new_lake(tmp_path_factory.mktemp("lake"), product)
    write(lake, DAY, sessions)
    found = counted(lake, product)
    if len({session.values["device"] for session in sessions}) > 1:
        whole, parts = Counter(), Counter()
        for (metric, *names, segment), row in found.items():
            if metric not in ("day", "event"):
                (whole if segment == "all" else parts)[metric, *names] += row[0] + 1000 * row[1]
        assert whole == parts
    shuffled = luck.sample(sessions, len(sessions))
    write(lake, DAY, shuffled)
    again = counted(lake, product)
    assert again.keys() == found.keys()
    assert all(again[key] == pytest.approx(row, nan_ok=True) for key, row in found.items() if row[2] is None)
