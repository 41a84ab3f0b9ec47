"""A day of events out of PostHog, against the stand-in over real sockets. Waiting is counted, not done."""

import errno
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest import mock

import duckdb
import pytest

from user_intel.days import day_bounds
from user_intel.errors import BudgetError, ConfigError, CountMismatch, DayBusy, LakeError, SourceError
from user_intel.extract import pages, windows
from user_intel.extract.pages import landing_folder
from user_intel.extract.posthog import PostHog, differing_days, extract_day
from user_intel.extract.posthog_api import ALWAYS, Counts
from user_intel.http import Patience, StatusError
from user_intel.lake import Lake
from user_intel.privacy import pseudonym
from user_intel.product import Product
from user_intel.settings import Settings
from user_intel.simulate.stand_in import StandIn
from user_intel_tests.extract.posthog_lake import (
    DAY,
    NEXT_DAY,
    NOON,
    PRODUCT,
    SALT,
    SIMULATED,
    Hands,
    client,
    ids_of,
    lake_in,
    normaliser,
    plain,
    rows_of,
)

TRUE_IDS = sorted(SIMULATED.events([DAY])["uuid"].to_list())


@pytest.fixture
def stand_in(running: StandIn) -> Iterator[StandIn]:
    """The stand-in, with nothing left of earlier tests but the events they added (on other days than theirs)."""
    running.clear()
    yield running
    running.turn(heavy_rows=None, heavy_status=504, latency_s=0.0, scopes=["*"])


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return lake_in(tmp_path / "home")


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of some 800 events, read in pages of some 450."""
    monkeypatch.setattr(windows, "PAGE_BYTES", 600_000)
    monkeypatch.setattr(windows, "FIRST_PAGE_ROWS", 450)
    monkeypatch.setattr(windows, "FEWEST_PAGE_ROWS", 25)
    monkeypatch.setattr(windows.plan, "__defaults__", (800,))


def test_a_day_holds_every_event_once(stand_in: StandIn, lake: Lake) -> None:
    with client(stand_in) as posthog:
        done = extract_day(posthog, lake, PRODUCT, normaliser(), DAY)

    assert ids_of(lake) == TRUE_IDS
    assert (done.fetched, done.unique, done.landed) == (len(TRUE_IDS),) * 3
    assert (done.rejected, done.duplicates, done.pages, done.windows) == (0, 0, 1, 1)
    assert not landing_folder(lake.home, DAY).exists()


@pytest.mark.usefixtures("small_pages")
def test_many_small_pages_make_the_same_day(stand_in: StandIn, lake: Lake, tmp_path: Path) -> None:
    whole = lake_in(tmp_path / "whole")
    with client(stand_in) as posthog:
        done = extract_day(posthog, lake, PRODUCT, normaliser(), DAY)
        with mock.patch.object(windows, "PAGE_BYTES", 10**9), mock.patch.object(windows, "FIRST_PAGE_ROWS", 50_000):
            extract_day(posthog, whole, PRODUCT, normaliser(), DAY)

    assert done.pages >= 4
    assert done.windows >= 2
    assert rows_of(lake) == rows_of(whole)


def test_every_question_is_bounded_named_and_fresh(stand_in: StandIn, lake: Lake) -> None:
    with client(stand_in) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY)

    asked = [entry for entry in stand_in.requests() if entry.path.endswith("/query/")]
    assert {entry.refresh for entry in asked} == {"force_blocking"}
    assert all(entry.name.startswith("user_intel ") for entry in asked)
    assert all("limit " in entry.query and "offset" not in entry.query.lower() for entry in asked)


@pytest.mark.usefixtures("small_pages")
def test_at_most_two_questions_are_asked_at_once(stand_in: StandIn, lake: Lake) -> None:
    stand_in.turn(latency_s=0.02)
    with client(stand_in) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY)

    assert max(entry.in_flight for entry in stand_in.requests()) == 2


def test_identities_are_pseudonyms_and_person_properties_come_along(stand_in: StandIn, lake: Lake) -> None:
    with client(stand_in) as posthog:
        extract_day(posthog, lake, PRODUCT, normaliser(), DAY)

    truth = {row["uuid"]: row for row in SIMULATED.events([DAY]).iter_rows(named=True)}
    names = lake.table("events").column_names
    for row in (dict(zip(names, row, strict=True)) for row in rows_of(lake)):
        event = truth[str(row["event_id"])]
        plan = json.loads(event["person_properties"] or "{}").get("plan")
        assert row["user_id"] == pseudonym(event["person_id"], SALT)
        assert row["at"] == event["timestamp"]
        assert json.loads(str(row["properties"])).get("plan") == (json.loads(event["properties"]).get("plan") or plan)


def test_without_segments_no_person_is_asked_for(stand_in: StandIn, lake: Lake) -> None:
    with client(stand_in) as posthog:
        extract_day(posthog, lake, Product(), normaliser(Product()), DAY)

    assert not [entry for entry in stand_in.requests() if "person.properties" in entry.query]
    assert ids_of(lake) == TRUE_IDS


def test_a_day_without_events_is_written_as_an_empty_one(stand_in: StandIn, lake: Lake) -> None:
    empty = DAY - timedelta(days=30)
    with client(stand_in) as posthog:
        done = extract_day(posthog, lake, PRODUCT, plain(), empty)

        assert differing_days(posthog, lake, PRODUCT, [empty]) == []
    assert (done.fetched, done.landed) == (0, 0)
    assert lake.days("events") == [empty]


def event(at: datetime, **columns: object) -> dict[str, object]:
    return {"event": "noted", "distinct_id": "someone", "timestamp": at, **columns}


@pytest.mark.usefixtures("small_pages")
def test_events_of_the_same_microsecond_are_lost_at_no_page_border(stand_in: StandIn, lake: Lake) -> None:
    day, at = DAY + timedelta(days=10), NOON + timedelta(days=10)
    stand_in.add_events([event(at) for _ in range(5000)])
    with client(stand_in) as posthog:
        done = extract_day(posthog, lake, PRODUCT, plain(), day)

    assert (done.fetched, done.unique, done.landed) == (5000, 5000, 5000)
    assert done.pages >= 2


@pytest.mark.usefixtures("small_pages")
def test_an_event_that_is_there_twice_is_kept_once(stand_in: StandIn, lake: Lake) -> None:
    day, at = DAY + timedelta(days=11), NOON + timedelta(days=11)
    once = [event(at + timedelta(seconds=n), uuid=f"00000000-0000-4000-8000-{n:012}") for n in range(120)]
    again = [event(at + timedelta(hours=1, seconds=n), uuid=f"00000000-0000-4000-8000-{n:012}") for n in range(7)]
    stand_in.add_events([*once, *once[:5], *again])
    with client(stand_in) as posthog:
        done = extract_day(posthog, lake, PRODUCT, plain(), day)

        assert differing_days(posthog, lake, PRODUCT, [day]) == []
    assert (done.fetched, done.unique, done.duplicates, done.landed) == (132, 120, 12, 120)


def test_days_are_those_of_the_products_zone_whatever_the_projects(tmp_path: Path) -> None:
    product = Product(timezone="Asia/Tokyo")
    lake = lake_in(tmp_path, product)
    # 15:00 UTC is midnight in Tokyo; the project itself counts in New York's time.
    midnight = NOON + timedelta(hours=3)
    moments = [midnight - timedelta(microseconds=1), midnight, midnight + timedelta(days=1, microseconds=-1)]
    with StandIn(timezone="America/New_York") as stand_in, client(stand_in) as posthog:
        stand_in.add_events([event(at) for at in [*moments, midnight + timedelta(days=1)]])
        extract_day(posthog, lake, product, normaliser(product), NEXT_DAY)

    place = lake.table("events").column_names.index("at")
    assert sorted(row[place] for row in rows_of(lake, NEXT_DAY)) == moments[1:]  # type: ignore[type-var]


def test_late_events_are_noticed_and_repaired(stand_in: StandIn, lake: Lake) -> None:
    day, at = DAY + timedelta(days=12), NOON + timedelta(days=12)
    stand_in.add_events([event(at)])
    with client(stand_in) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), day)
        stand_in.add_events([event(at, created_at=at + timedelta(hours=20))])

        late = differing_days(posthog, lake, PRODUCT, [DAY - timedelta(days=30), day])
        assert [(found.day, found.source_rows, found.lake_rows) for found in late] == [(day, 2, 1)]
        assert late[0].summary == "2 events in PostHog, 1 extracted"

        extract_day(posthog, lake, PRODUCT, plain(), day)
        assert differing_days(posthog, lake, PRODUCT, [day]) == []
    assert len(rows_of(lake, day)) == 2


def test_forgotten_people_are_left_out_and_make_no_day_differ(stand_in: StandIn, lake: Lake) -> None:
    someone = SIMULATED.events([DAY])["person_id"][0]
    theirs = sum(SIMULATED.events([DAY])["person_id"] == someone)
    forgetful = replace(normaliser(), forgotten=frozenset({pseudonym(someone, SALT)}))
    with client(stand_in) as posthog:
        done = extract_day(posthog, lake, PRODUCT, forgetful, DAY)

        assert differing_days(posthog, lake, PRODUCT, [DAY]) == []
    assert done.landed == done.unique - theirs


def test_events_from_the_future_are_rejected_counted_and_kept_apart(stand_in: StandIn, lake: Lake) -> None:
    day, at = DAY + timedelta(days=13), NOON + timedelta(days=13)
    ahead = event(at, created_at=at - timedelta(days=1, seconds=1), properties={"email": "anna@example.com"})
    stand_in.add_events([event(at), event(at, created_at=at - timedelta(hours=23)), ahead])
    with client(stand_in) as posthog:
        with pytest.raises(BudgetError, match=r"1 of the 3 rows of .* are bad, more than the share of 20\.00% allowed"):
            extract_day(posthog, lake, PRODUCT, normaliser(), day, max_rejected_share=0.2)
        assert lake.days("events") == []
        for _ in range(2):
            done = extract_day(posthog, lake, PRODUCT, normaliser(), day, max_rejected_share=0.4)

            assert (done.fetched, done.unique, done.rejected, done.landed) == (3, 3, 1, 2)
        assert differing_days(posthog, lake, PRODUCT, [day]) == []
    [path] = (lake.home / "rejected" / "posthog" / day.isoformat()).iterdir()
    with duckdb.connect() as connection:
        found = connection.read_parquet(str(path))
        assert found.columns == ["file", "row", "reason", "expected", "content"]
        [(file, row, reason, expected, content)] = found.fetchall()
    assert (file, row) == ("PostHog", 1)
    assert "more than a day after it was received" in reason
    assert "1 day after created_at" in expected
    assert json.loads(content)["event"] == "noted"
    assert "anna" not in content
    assert "someone" not in content


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("fault", ["429", "500", "502", "503", "html_502", "broken", "truncated"])
def test_a_passing_fault_changes_nothing(stand_in: StandIn, lake: Lake, fault: str) -> None:
    hands = Hands()
    stand_in.play(fault, times=2, match="events_page", after=1)  # type: ignore[arg-type]
    stand_in.play(fault, match="counts")  # type: ignore[arg-type]
    with client(stand_in, hands) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY)

    assert ids_of(lake) == TRUE_IDS
    assert len(hands.sleeps) == 3


def test_retry_after_is_obeyed(stand_in: StandIn, lake: Lake) -> None:
    hands = Hands()
    stand_in.play("429", retry_after=77)
    with client(stand_in, hands) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY)

    assert [77 <= wait < 78 for wait in hands.sleeps] == [True]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("fault", ["504", "512", "html_504"])
def test_what_takes_too_long_is_asked_in_halves(stand_in: StandIn, lake: Lake, fault: str) -> None:
    hands = Hands()
    stand_in.play(fault, times=3, match="events_page", after=1)  # type: ignore[arg-type]
    stand_in.play(fault, times=2, match="counts")  # type: ignore[arg-type]
    with client(stand_in, hands) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY)

    assert ids_of(lake) == TRUE_IDS
    assert hands.sleeps == []


def test_a_source_that_gives_little_at_a_time_still_gives_all(stand_in: StandIn, lake: Lake) -> None:
    stand_in.turn(heavy_rows=300, heavy_status=512)
    with client(stand_in) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY)

    assert ids_of(lake) == TRUE_IDS


def test_a_source_that_never_answers_in_time_is_refused_with_a_remedy(stand_in: StandIn, lake: Lake) -> None:
    stand_in.play("504", times=10_000, match="events_page")
    with client(stand_in) as posthog, pytest.raises(SourceError, match=r"cannot give even 250 events .* batch export"):
        extract_day(posthog, lake, PRODUCT, plain(), DAY)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("401", "Personal API key found in request Authorization header is invalid"),
        ("402", "exceeded your free tier limit"),
        ("403", "missing required scope 'query:read'.*Give the key the scope"),
        ("404", "POSTHOG_PROJECT_ID"),
        ("html_200", "HTML titled 'PostHog' where JSON was expected"),
    ],
)
def test_a_refusal_is_shown_as_posthog_said_it_and_costs_nothing(
    stand_in: StandIn, lake: Lake, fault: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hands = Hands()
    with client(stand_in, hands) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY)
        before = rows_of(lake)
        stand_in.play(fault, times=2, match="events_page")  # type: ignore[arg-type]
        with pytest.raises(SourceError, match=words) as caught:
            extract_day(posthog, lake, PRODUCT, plain(), DAY)

        assert hands.sleeps == []
        assert rows_of(lake) == before
        assert stand_in.api_key not in caplog.text + str(caught.value) + repr(posthog)

        stand_in.clear()
        extract_day(posthog, lake, PRODUCT, plain(), DAY)
    assert rows_of(lake) == before


@pytest.mark.usefixtures("small_pages")
def test_after_a_refusal_reading_goes_on_where_it_stopped(stand_in: StandIn, lake: Lake) -> None:
    stand_in.play("402", times=2, match="events_page", after=2)
    with client(stand_in) as posthog:
        with pytest.raises(StatusError):
            extract_day(posthog, lake, PRODUCT, plain(), DAY)
        read = sum(entry.rows for entry in stand_in.requests() if "events_page" in entry.name)
        stand_in.clear()
        extract_day(posthog, lake, PRODUCT, plain(), DAY)

    rest = sum(entry.rows for entry in stand_in.requests() if "events_page" in entry.name)
    assert read >= 450
    assert read + rest == len(TRUE_IDS)
    assert ids_of(lake) == TRUE_IDS


def test_a_source_that_stays_down_is_given_up(stand_in: StandIn, lake: Lake) -> None:
    stand_in.play("503", times=1000)
    with client(stand_in) as posthog, pytest.raises(StatusError, match=r"too busy right now.*Gave up after 8 tries"):
        extract_day(posthog, lake, PRODUCT, plain(), DAY)


def test_an_hour_of_throttling_is_beyond_a_small_patience(stand_in: StandIn, lake: Lake) -> None:
    stand_in.play("429", times=1000, retry_after=3000)
    impatient = replace(client(stand_in), patience=Patience(request_s=60))
    with impatient as posthog, pytest.raises(BudgetError, match="rerun later"):
        extract_day(posthog, lake, PRODUCT, plain(), DAY)


class Miscounting(PostHog):
    """Counts one event more than there is."""

    def counts(self, start: datetime, end: datetime, received_to: datetime = ALWAYS[1]) -> Counts:
        found = super().counts(start, end, received_to)
        return Counts(found.rows + 1, found.unique + 1)


def test_a_day_that_does_not_add_up_is_refused_and_read_afresh_the_next_time(stand_in: StandIn, lake: Lake) -> None:
    with client(stand_in) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY)
        before = rows_of(lake)
    count = len(TRUE_IDS)
    words = f"counts {count + 1:,} different .* gave {count:,} in {count:,}"
    posthog = Miscounting(stand_in.url, stand_in.project_id, stand_in.api_key)
    with posthog, pytest.raises(CountMismatch, match=words):
        extract_day(posthog, lake, PRODUCT, plain(), DAY)
    assert rows_of(lake) == before
    assert not landing_folder(lake.home, DAY).exists()


@pytest.mark.usefixtures("small_pages")
def test_what_arrives_while_a_day_is_read_is_read_too(stand_in: StandIn, lake: Lake) -> None:
    day, at = DAY + timedelta(days=14), NOON + timedelta(days=14)
    stand_in.add_events([event(at + timedelta(seconds=n)) for n in range(700)])
    meanwhile = [[event(at - timedelta(hours=2)), event(at, created_at=at + timedelta(hours=3))]]

    def as_it_is_read(rows: int, counted: int | None) -> None:
        # Received before the extraction began, as events on their way through PostHog's queue are.
        if rows >= 100 and meanwhile:
            stand_in.add_events(meanwhile.pop())

    with client(stand_in) as posthog:
        done = extract_day(posthog, lake, PRODUCT, plain(), day, on_progress=as_it_is_read)
    assert (done.unique, done.landed) == (702, 702)


def test_what_is_received_after_the_extraction_began_is_left_for_the_next(stand_in: StandIn, lake: Lake) -> None:
    day, at = DAY + timedelta(days=15), NOON + timedelta(days=15)
    later = NOON + timedelta(days=20_000)
    stand_in.add_events([event(at), event(at, created_at=later)])
    with client(stand_in) as posthog:
        done = extract_day(posthog, lake, PRODUCT, plain(), day)
    assert done.landed == 1


def test_a_second_extraction_of_the_same_day_is_told_to_wait(stand_in: StandIn, lake: Lake) -> None:
    refused = []

    def second(rows: int, counted: int | None) -> None:
        with client(stand_in) as other, pytest.raises(DayBusy) as caught:
            extract_day(other, lake, PRODUCT, plain(), DAY)
        refused.append(caught.value)

    with client(stand_in) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY, on_progress=second)
    assert refused
    assert ids_of(lake) == TRUE_IDS


@pytest.mark.usefixtures("small_pages")
def test_a_full_disk_is_named_and_loses_nothing(stand_in: StandIn, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    written, write = [0], pages._write

    def until_full(rows: duckdb.DuckDBPyRelation, path: Path) -> None:
        written[0] += 1
        if written[0] == 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(rows, path)

    monkeypatch.setattr(pages, "_write", until_full)
    with client(stand_in) as posthog:
        with pytest.raises(LakeError, match=r"No space left on device.*free disk space"):
            extract_day(posthog, lake, PRODUCT, plain(), DAY)
        read = sum(entry.rows for entry in stand_in.requests() if "events_page" in entry.name)
        extract_day(posthog, lake, PRODUCT, plain(), DAY)

    asked = sum(entry.rows for entry in stand_in.requests() if "events_page" in entry.name)
    assert ids_of(lake) == TRUE_IDS
    assert asked - read < len(TRUE_IDS)


def test_progress_is_told(stand_in: StandIn, lake: Lake) -> None:
    told: list[tuple[int, int | None]] = []
    with client(stand_in) as posthog:
        extract_day(posthog, lake, PRODUCT, plain(), DAY, on_progress=lambda *now: told.append(now))
    assert told == [(len(TRUE_IDS), len(TRUE_IDS))]


def test_the_check_says_in_one_line_what_works(stand_in: StandIn) -> None:
    with client(stand_in) as posthog:
        assert posthog.check() == f"{stand_in.url}, project 4242: 0 events in the last 24 hours"


def test_the_check_says_what_does_not_work(stand_in: StandIn) -> None:
    stranger = replace(client(stand_in), api_key="phx_of_another_region")
    with stranger, pytest.raises(SourceError, match=r"key found .* is invalid.*Check POSTHOG_API_KEY") as caught:
        stranger.check()
    assert "phx_of" not in str(caught.value)

    lost = replace(client(stand_in), project_id="99")
    with lost, pytest.raises(SourceError, match=r"Check POSTHOG_PROJECT_ID \(99\)|access to this project"):
        lost.check()

    nowhere = PostHog("http://127.0.0.1:9", "1", "phx_k", clock=Hands().clock())
    with nowhere, pytest.raises(SourceError, match=r"127\.0\.0\.1:9 could not be reached"):
        nowhere.check()

    stand_in.play("html_200")
    with client(stand_in) as posthog, pytest.raises(SourceError, match="HTML"):
        posthog.check()


def test_the_persons_of_a_distinct_id_are_found(stand_in: StandIn) -> None:
    row = SIMULATED.events([DAY]).row(0, named=True)
    with client(stand_in) as posthog:
        assert posthog.person_ids(row["distinct_id"]) == [row["person_id"]]
        assert posthog.person_ids("nobody' or 1 = 1") == []


def test_the_host_where_events_are_sent_to_is_refused() -> None:
    chosen = Settings(
        _env_file=None,  # type: ignore[call-arg]
        POSTHOG_HOST="https://eu.i.posthog.com",
        POSTHOG_PROJECT_ID="1",
        POSTHOG_API_KEY="phx_k",
    )
    with pytest.raises(ConfigError, match=r"read from https://eu\.posthog\.com"):
        PostHog.from_settings(chosen)


def test_a_day_of_25_hours_is_read_whole(tmp_path: Path) -> None:
    product = Product(timezone="Europe/Berlin")
    day = date(2026, 10, 25)
    start, end = day_bounds(day, product.zone)
    moments = [start + (end - start) * n / 50 for n in range(50)]
    lake = lake_in(tmp_path, product)
    with StandIn() as stand_in, client(stand_in) as posthog:
        stand_in.add_events([event(at) for at in [*moments, end, start - timedelta(microseconds=1)]])
        done = extract_day(posthog, lake, product, normaliser(product), day)

    assert end - start == timedelta(hours=25)
    assert done.landed == 50
