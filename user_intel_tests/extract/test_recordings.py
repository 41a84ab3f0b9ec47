"""A day's list of recordings out of PostHog, against the stand-in."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from user_intel.errors import DayBusy, SourceError
from user_intel.extract import recordings
from user_intel.extract.posthog import extract_day
from user_intel.extract.posthog_api import parsed
from user_intel.extract.recordings import extract_recordings
from user_intel.lake import Lake
from user_intel.privacy import pseudonym
from user_intel.simulate.stand_in import StandIn
from user_intel_tests.extract.posthog_lake import (
    DAY,
    PRODUCT,
    SALT,
    SIMULATED,
    Hands,
    client,
    lake_in,
    normaliser,
)

TRUE = {row["session_id"]: row for row in SIMULATED.recordings([DAY]).iter_rows(named=True)}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return lake_in(tmp_path / "home")


def rows_of(lake: Lake) -> list[dict[str, object]]:
    with lake.connect() as connection:
        found = lake.read(connection, "recordings", [DAY])
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def test_every_recording_of_the_day_is_listed_once(running: StandIn, lake: Lake) -> None:
    with client(running) as posthog:
        assert extract_recordings(posthog, lake, PRODUCT, normaliser(), DAY) == len(TRUE)

    rows = rows_of(lake)
    assert sorted(str(row["session_id"]) for row in rows) == sorted(TRUE)
    assert {row["day"] for row in rows} == {DAY}


def test_measures_are_those_of_posthog_and_users_those_of_the_events(running: StandIn, lake: Lake) -> None:
    persons = dict(SIMULATED.events([DAY]).select("distinct_id", "person_id").unique().iter_rows())
    with client(running) as posthog:
        extract_recordings(posthog, lake, PRODUCT, normaliser(), DAY)

    for row in rows_of(lake):
        true = TRUE[str(row["session_id"])]
        assert row["user_id"] == pseudonym(persons[true["distinct_id"]], SALT)
        assert row["started_at"] == true["start_time"]
        assert row["duration_s"] == pytest.approx((true["end_time"] - true["start_time"]) / timedelta(seconds=1))
        assert row["active_s"] == pytest.approx(true["active_milliseconds"] / 1000)
        assert (row["clicks"], row["keypresses"]) == (true["click_count"], true["keypress_count"])
        assert row["console_errors"] == true["console_error_count"]


def test_first_pages_are_steps_as_in_events(running: StandIn, lake: Lake) -> None:
    with client(running) as posthog:
        extract_recordings(posthog, lake, PRODUCT, normaliser(), DAY)
        extract_day(posthog, lake, PRODUCT, normaliser(), DAY)
    with lake.connect() as connection:
        pages = {row[0] for row in lake.read(connection, "events", [DAY]).project("page").distinct().fetchall()}

    assert {row["first_page"] for row in rows_of(lake)} <= pages


def test_short_pages_make_the_same_list(running: StandIn, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "PAGE_ROWS", 17)
    with client(running) as posthog:
        assert extract_recordings(posthog, lake, PRODUCT, normaliser(), DAY) == len(TRUE)


def test_a_day_without_recordings_is_written_as_an_empty_one(running: StandIn, lake: Lake) -> None:
    with client(running) as posthog:
        assert extract_recordings(posthog, lake, PRODUCT, normaliser(), DAY - timedelta(days=99)) == 0

    assert lake.days("recordings") == [DAY - timedelta(days=99)]


def test_passing_faults_change_nothing_and_lasting_ones_leave_the_old_day(running: StandIn, lake: Lake) -> None:
    hands = Hands()
    with client(running, hands) as posthog:
        running.play("503", match="recordings_page")
        extract_recordings(posthog, lake, PRODUCT, normaliser(), DAY)
        before = rows_of(lake)
        running.play("403", match="recordings_page")
        with pytest.raises(SourceError, match="missing required scope"):
            extract_recordings(posthog, lake, PRODUCT, normaliser(), DAY)

    assert len(hands.sleeps) == 1
    assert rows_of(lake) == before


def test_a_second_process_is_told_to_wait(running: StandIn, lake: Lake) -> None:
    with client(running) as posthog, lake.writing("recordings", DAY), pytest.raises(DayBusy):
        extract_recordings(posthog, lake, PRODUCT, normaliser(), DAY)


def test_an_instant_of_any_form_is_read_as_utc() -> None:
    forms = ("2026-11-02T12:00:00.000001Z", "2026-11-02T04:00:00.000001-08:00", "2026-11-02 12:00:00.000001")
    assert {parsed(text) for text in forms} == {datetime.fromisoformat("2026-11-02T12:00:00.000001")}
