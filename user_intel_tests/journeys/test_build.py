"""Sessions and steps of hand-worked days."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

from user_intel.journeys.build import JourneyCounts, build_journeys
from user_intel.product import Product
from user_intel_tests.journeys.lakes import add_day, lake_of, rows
from user_intel_tests.journeys.told_slowly import Event

MONDAY, TUESDAY, WEDNESDAY = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)
PRODUCT = Product()


def at(clock: str, day: date = MONDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock))


def test_a_day_without_events_gets_tables_without_rows(tmp_path: Path) -> None:
    lake = lake_of(tmp_path, PRODUCT, [])
    assert build_journeys(lake, PRODUCT, MONDAY) == JourneyCounts(0, 0)
    assert rows(lake, "sessions", MONDAY) == rows(lake, "steps", MONDAY) == []
    assert lake.days("sessions") == lake.days("steps") == [MONDAY]


def test_a_pause_of_exactly_half_an_hour_goes_on_and_a_longer_one_ends_the_session(tmp_path: Path) -> None:
    moments = [at("09:00:00"), at("09:30:00"), at("10:00:00") + timedelta(microseconds=1)]
    lake = lake_of(tmp_path, PRODUCT, [Event(f"e{n}", "u", moment, "/a") for n, moment in enumerate(moments)])
    build_journeys(lake, PRODUCT, MONDAY)
    assert sorted(row["event_count"] for row in rows(lake, "sessions", MONDAY)) == [1, 2]


def test_a_session_that_crosses_midnight_is_counted_once_on_the_day_it_closes(tmp_path: Path) -> None:
    events = [
        Event("e1", "u", at("23:40:00"), "/a"),
        Event("e2", "u", at("23:50:00"), "/b"),
        Event("e3", "u", at("00:10:00", TUESDAY), "/c"),
    ]
    lake = lake_of(tmp_path, PRODUCT, events)
    assert build_journeys(lake, PRODUCT, MONDAY) == JourneyCounts(0, 0)
    assert build_journeys(lake, PRODUCT, TUESDAY) == JourneyCounts(1, 3)
    (session,) = rows(lake, "sessions", TUESDAY)
    assert session["started_at"] == events[0].at
    assert session["ended_at"] == events[2].at
    assert (session["event_count"], session["events_before_day"], session["duration_s"]) == (3, 2, 1800.0)
    # Its first event was the day before, yet this is the first session the user ever had.
    assert session["new_user"] is True


def test_what_happens_after_the_day_changes_nothing_in_it(tmp_path: Path) -> None:
    events = [Event("e1", "u", at("22:00:00"), "/a", "s1"), Event("e2", "v", at("23:00:00"), "/b", "s2")]
    lake = lake_of(tmp_path, PRODUCT, events)
    build_journeys(lake, PRODUCT, MONDAY)
    before = rows(lake, "sessions", MONDAY), rows(lake, "steps", MONDAY)
    add_day(lake, TUESDAY, [Event("e3", "u", at("00:05:00", TUESDAY), "/c", "s1")])
    build_journeys(lake, PRODUCT, MONDAY)
    assert (rows(lake, "sessions", MONDAY), rows(lake, "steps", MONDAY)) == before


def test_an_id_that_returns_after_its_session_closed_names_a_session_of_its_own(tmp_path: Path) -> None:
    events = [
        Event("e1", "u", at("10:00:00"), "/a", "s1"),
        Event("e2", "u", at("15:00:00"), "/b", "s1"),
        Event("e3", "u", at("08:00:00", WEDNESDAY), "/c", "s1"),
    ]
    lake = lake_of(tmp_path, PRODUCT, events)
    for day in (WEDNESDAY, MONDAY):
        build_journeys(lake, PRODUCT, day)
    (first,), (second,) = rows(lake, "sessions", MONDAY), rows(lake, "sessions", WEDNESDAY)
    assert (first["session_id"], first["event_count"]) == ("s1", 2)
    assert second["session_id"].startswith("s1~2026-03-04~")


def test_ids_shared_by_users_stay_apart(tmp_path: Path) -> None:
    events = [Event("e1", "u", at("10:00:00"), "/a", "1"), Event("e2", "v", at("09:00:00"), "/b", "1")]
    lake = lake_of(tmp_path, PRODUCT, events)
    build_journeys(lake, PRODUCT, MONDAY)
    found = {row["user_id"]: row["session_id"] for row in rows(lake, "sessions", MONDAY)}
    assert found["v"] == "1"
    assert found["u"].startswith("1~2026-03-02~")


def test_interleaved_ids_stay_two_sessions(tmp_path: Path) -> None:
    events = [Event(f"e{n}", "u", at(f"10:0{n}:00"), f"/{n}", f"s{n % 2}") for n in range(6)]
    lake = lake_of(tmp_path, PRODUCT, events)
    assert build_journeys(lake, PRODUCT, MONDAY) == JourneyCounts(2, 6)
    walked = {(row["session_id"], row["position"]): row["step"] for row in rows(lake, "steps", MONDAY)}
    assert [walked["s0", n] for n in (1, 2, 3)] == ["/0", "/2", "/4"]


def test_a_servers_event_joins_the_session_it_happened_in(tmp_path: Path) -> None:
    events = [
        Event("e1", "u", at("10:00:00"), "/pay", "s1"),
        Event("e2", "u", at("10:30:00"), "paid"),
        Event("e3", "u", at("10:30:01"), "shipped"),
    ]
    lake = lake_of(tmp_path, PRODUCT, events)
    build_journeys(lake, PRODUCT, MONDAY)
    counts = {row["session_id"]: row["event_count"] for row in rows(lake, "sessions", MONDAY)}
    assert counts.pop("s1") == 2
    assert list(counts.values()) == [1]


def test_the_cap_starts_another_session_and_is_anchored_days_back(tmp_path: Path) -> None:
    # An event every 20 minutes for two and a half days, from Monday 06:00.
    moments = [at("06:00:00") + timedelta(minutes=20 * n) for n in range(180)]
    lake = lake_of(tmp_path, PRODUCT, [Event(f"e{n:03}", "u", moment, "/a") for n, moment in enumerate(moments)])
    for day in (WEDNESDAY, MONDAY, TUESDAY):
        build_journeys(lake, PRODUCT, day)
    starts = {
        day: sorted(row["started_at"] for row in rows(lake, "sessions", day)) for day in (MONDAY, TUESDAY, WEDNESDAY)
    }
    # Each session's last event is at 05:40, so they close at 06:10; the events end on Wednesday at 17:40.
    assert starts == {
        MONDAY: [],
        TUESDAY: [at("06:00:00")],
        WEDNESDAY: [at("06:00:00", TUESDAY), at("06:00:00", WEDNESDAY)],
    }
    assert [row["repeats"] for row in rows(lake, "steps", TUESDAY)] == [72]


def test_identical_steps_merge_across_events_that_are_no_steps(tmp_path: Path) -> None:
    events = [
        Event("e1", "u", at("10:00:00"), None),
        Event("e2", "u", at("10:00:10"), "/a"),
        Event("e3", "u", at("10:00:20"), None),
        Event("e4", "u", at("10:00:30"), "/a"),
        Event("e5", "u", at("10:01:10"), "/b"),
        Event("e6", "u", at("10:01:20"), None),
    ]
    lake = lake_of(tmp_path, PRODUCT, events)
    build_journeys(lake, PRODUCT, MONDAY)
    seen = [(r["position"], r["step"], r["repeats"], r["dwell_s"], r["next_step"]) for r in rows(lake, "steps", MONDAY)]
    assert seen == [(1, "/a", 2, 60.0, "/b"), (2, "/b", 1, None, None)]
    (session,) = rows(lake, "sessions", MONDAY)
    assert (session["entry_step"], session["exit_step"], session["step_count"], session["event_count"]) == (
        "/a",
        "/b",
        2,
        6,
    )


def test_the_time_a_page_reports_wins(tmp_path: Path) -> None:
    leaves = '{"$prev_pageview_duration": 42.5}'
    events = [
        Event("e1", "u", at("10:00:00"), "/a", event="$pageview"),
        Event("e2", "u", at("10:10:00"), "/b", event="$pageview", properties=leaves),
        Event("e3", "u", at("10:12:00"), None, event="$pageleave", page="/b"),
        Event("e4", "u", at("10:15:00"), "paid", event="paid"),
    ]
    lake = lake_of(tmp_path, PRODUCT, events)
    build_journeys(lake, PRODUCT, MONDAY)
    assert [row["dwell_s"] for row in rows(lake, "steps", MONDAY)] == [42.5, 120.0, None]


def test_bots_leave_no_trace(tmp_path: Path) -> None:
    events = [Event("e1", "u", at("10:00:00"), "/a", is_bot=True), Event("e2", "v", at("10:00:00"), "/a")]
    lake = lake_of(tmp_path, PRODUCT, events)
    assert build_journeys(lake, PRODUCT, MONDAY) == JourneyCounts(1, 1)


def test_a_segment_takes_the_first_known_value_of_the_session(tmp_path: Path) -> None:
    product = Product(segments=["plan", "$browser", "seat count"])
    events = [
        Event("e1", "u", at("10:00:00"), "/a", columns={"browser": "Firefox"}),
        Event("e2", "u", at("10:01:00"), "/b", properties='{"plan": "pro", "seat count": 7}'),
        Event("e3", "u", at("10:02:00"), "/c", properties='{"plan": "free"}', columns={"browser": "Chrome"}),
        Event("e4", "v", at("10:02:00"), "/c"),
    ]
    lake = lake_of(tmp_path, product, events)
    build_journeys(lake, product, MONDAY)
    found = {
        row["user_id"]: (row["plan"], row["$browser"], row["seat count"]) for row in rows(lake, "sessions", MONDAY)
    }
    assert found == {"u": ("pro", "Firefox", "7"), "v": (None, None, None)}


def test_goals_are_the_flows_whose_last_step_was_visited(tmp_path: Path) -> None:
    product = Product(flows={"upgrade": ["/plans", "paid"], "buy": ["/cart", "paid"], "ask": ["/help", "asked"]})
    events = [Event("e1", "u", at("10:00:00"), "paid"), Event("e2", "v", at("10:00:00"), "/cart")]
    lake = lake_of(tmp_path, product, events)
    build_journeys(lake, product, MONDAY)
    assert {row["user_id"]: row["goals"] for row in rows(lake, "sessions", MONDAY)} == {
        "u": ["buy", "upgrade"],
        "v": [],
    }


def test_a_user_is_new_only_on_the_first_day(tmp_path: Path) -> None:
    events = [Event("e1", "u", at("10:00:00"), "/a"), Event("e2", "u", at("10:00:00", WEDNESDAY), "/a")]
    lake = lake_of(tmp_path, PRODUCT, events)
    for day in (WEDNESDAY, MONDAY):
        build_journeys(lake, PRODUCT, day)
    assert [rows(lake, "sessions", day)[0]["new_user"] for day in (MONDAY, WEDNESDAY)] == [True, False]
