"""Which values of a property speak, and why others do not."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest

from user_intel.detect.segments import Segments, speaking
from user_intel.detect.window import open_window
from user_intel.product import Product, Thresholds
from user_intel_tests.detect.hand_made import DAY, Session, new_lake, write

FEW = Thresholds(min_users=3, min_segment_share=0.1)


def opened(home: Path, product: Product, sessions: list[Session]) -> tuple[Segments, dict[str, int]]:
    """What speaks on a day, and in how many sessions each segment is."""
    lake = new_lake(home, product)
    write(lake, DAY, sessions)
    with lake.connect() as connection:
        window = open_window(connection, lake, product, [DAY])
        counted = connection.table("session_segments").aggregate("segment_no, count(*)").fetchall()
        return window.segments, {window.segments.names[number]: count for number, count in counted}


def visits(value: str | None, users: int, name: str = "plan", each: int = 1) -> list[Session]:
    return [Session("/a", f"{value} {n}", {name: value}) for n in range(users) for _ in range(each)]


def test_values_speak_where_enough_users_have_them(tmp_path: Path) -> None:
    product = Product(segments=["plan"], thresholds=FEW)
    # Sixty sessions of two users are two users.
    sessions = [*visits("free", 6), *visits("pro", 3), *visits("gold", 2, each=30), *visits(None, 4)]
    segments, counted = opened(tmp_path, product, sessions)
    assert segments.names == ["all", "plan=free", "plan=pro"]
    assert counted == {"all": 73, "plan=free": 6, "plan=pro": 3}
    assert segments.reasons == {"plan": "1 of 3 values are left out: too few users"}


@pytest.mark.parametrize(("sessions", "reason"), [
    (visits("free", 20), "every session has the same value"),
    (visits(None, 20), "no session has a value"),
    (visits("free", 20) + visits("pro", 2), "1 of 2 values have at least 3 users; two are needed to compare"),
])  # fmt: skip
def test_a_property_that_divides_nobody_says_why(sessions: list[Session], reason: str, tmp_path: Path) -> None:
    segments, counted = opened(tmp_path, Product(segments=["plan"], thresholds=FEW), sessions)
    assert (segments.speaking, segments.reasons) == ({}, {"plan": reason})
    assert counted == {"all": len(sessions)}


def test_names_and_values_may_hold_any_character(tmp_path: Path) -> None:
    name, odd = "$the utm.source-", 'it\'s "=" 50%; drop'
    product = Product(segments=[name], thresholds=FEW)
    segments, counted = opened(tmp_path, product, [*visits(odd, 4, name), *visits("日本", 3, name)])
    assert segments.names == ["all", f"{name}={odd}", f"{name}=日本"]
    assert counted == {"all": 7, f"{name}={odd}": 4, f"{name}=日本": 3}


def test_of_a_value_for_every_user_none_speaks_and_it_takes_no_time(tmp_path: Path) -> None:
    product = Product(segments=["id"])
    sessions = [Session("/a", str(n), {"id": f"value {n}"}) for n in range(50_000)]
    begun = perf_counter()
    segments, counted = opened(tmp_path, product, sessions)
    assert segments.reasons == {"id": "0 of 50000 values have at least 1000 users; two are needed to compare"}
    assert counted == {"all": 50_000}
    assert perf_counter() - begun < 20


def test_only_the_most_common_values_speak_and_the_rest_is_named() -> None:
    found = [("plan", f"value {n:03}", 100) for n in range(300)]
    segments = speaking(found, ["plan", "other"], 30_000, Thresholds(min_segment_share=0, max_segment_values=4))
    assert segments.speaking == {"plan": ["value 000", "value 001", "value 002", "value 003"]}
    assert set(segments.reasons) == {"plan", "other"}
