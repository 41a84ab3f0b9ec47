"""The check that sessions account for every event notices what is missing and what is doubled."""

from datetime import date, datetime
from pathlib import Path

import pytest

from user_intel.journeys.build import build_journeys
from user_intel.journeys.check import Accounting, account_for_every_event
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel_tests.journeys.lakes import add_day, lake_of
from user_intel_tests.journeys.told_slowly import Event

MONDAY, PRODUCT = date(2026, 3, 2), Product()


def event(number: int, user: str, clock: str) -> Event:
    return Event(f"e{number}", user, datetime.fromisoformat(f"2026-03-02 {clock}"), "/a")


EVENTS = [event(1, "u", "10:00"), event(2, "u", "10:01"), event(3, "v", "11:00"), event(4, "w", "23:45")]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = lake_of(tmp_path, PRODUCT, EVENTS)
    build_journeys(made, PRODUCT, MONDAY)
    return made


def test_every_event_is_in_a_session_or_still_running(lake: Lake) -> None:
    found = account_for_every_event(lake, PRODUCT, MONDAY)
    assert found == Accounting(events=4, in_sessions=3, still_running=1, missing=0, doubled=0)
    assert found.sound


def test_an_event_that_came_after_the_build_is_missing(lake: Lake) -> None:
    add_day(lake, MONDAY, [*EVENTS, event(5, "v", "12:00")])
    found = account_for_every_event(lake, PRODUCT, MONDAY)
    assert (found.missing, found.doubled, found.sound) == (1, 0, False)


def test_an_event_that_went_away_after_the_build_is_doubled(lake: Lake) -> None:
    add_day(lake, MONDAY, EVENTS[1:])
    found = account_for_every_event(lake, PRODUCT, MONDAY)
    assert (found.missing, found.doubled, found.sound) == (0, 1, False)
