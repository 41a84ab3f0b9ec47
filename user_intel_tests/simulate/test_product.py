"""The simulated product: the same for the same seed, day by day, and as untidy as real ones."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from user_intel.days import day_bounds
from user_intel.product import Product
from user_intel.simulate.product import SimulatedProduct, product_yaml
from user_intel.simulate.site import STEPS, Archetype, Friction, Habits, Step

MONDAY = date(2026, 3, 2)
WEEK = [MONDAY + timedelta(days=offset) for offset in range(7)]
SMALL = SimulatedProduct(seed=5, users=200)


@pytest.fixture(scope="module")
def week() -> pl.DataFrame:
    return SimulatedProduct(seed=5, users=600).events(WEEK)


def test_a_day_is_the_same_whatever_else_is_asked() -> None:
    alone = SMALL.events([WEEK[3]])
    among = SMALL.events(WEEK).filter(pl.col("timestamp").dt.date() == WEEK[3])

    assert len(alone) > 300
    assert_frame_equal(alone, among)


def test_another_seed_is_another_product() -> None:
    other = replace(SMALL, seed=6).events([MONDAY])

    assert not set(other["uuid"]) & set(SMALL.events([MONDAY])["uuid"])


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_the_events_of_a_day_are_stamped_within_it(zone: str) -> None:
    # Clocks change in New York on this day, which has 23 hours.
    day = date(2026, 3, 8)
    at = replace(SMALL, timezone=zone).events([day])["timestamp"]
    start, end = day_bounds(day, ZoneInfo(zone))

    assert ((at >= start) & (at < end)).all()
    assert len(at) > 200


def test_some_sessions_cross_midnight(week: pl.DataFrame) -> None:
    days = (
        week.filter(pl.col("$session_id") != "").group_by("$session_id").agg(pl.col("timestamp").dt.date().n_unique())
    )

    assert days.filter(pl.col("timestamp") == 2).height >= 1
    assert days["timestamp"].max() == 2


def test_weekends_are_quiet(week: pl.DataFrame) -> None:
    counts = dict(week.group_by(pl.col("timestamp").dt.weekday()).len().iter_rows())

    assert max(counts[6], counts[7]) < 0.75 * min(counts[1], counts[2], counts[3])


def test_few_users_are_much_more_active_than_the_rest(week: pl.DataFrame) -> None:
    sessions = week.group_by("person_id").agg(pl.col("$session_id").n_unique().alias("n")).sort("n", descending=True)
    busiest = int(sessions.head(len(sessions) // 10)["n"].sum())

    assert busiest > 0.25 * int(sessions["n"].sum())


def test_all_properties_are_json(week: pl.DataFrame) -> None:
    for column in ("properties", "person_properties"):
        assert all(isinstance(json.loads(text), dict) for text in week[column].to_list())


def test_every_kind_of_event_is_there(week: pl.DataFrame) -> None:
    names = set(week["event"])
    automatic = {"$pageview", "$pageleave", "$autocapture", "$rageclick", "$dead_click", "$exception", "$identify"}

    assert automatic <= names
    assert {step.name for step in STEPS if not step.is_page} <= names | {"ticket_created", "teammate_invited"}
    assert {"heartbeat", "weekly_report_sent", "invoice_sent"} <= names


def test_there_is_personal_data_to_scrub(week: pl.DataFrame) -> None:
    addresses = week["properties"].str.extract(r'"\$current_url":"([^"]*)"').drop_nulls()

    assert addresses.str.contains(r"email=[a-z.0-9]+%40example\.com&token=[0-9a-f]{32}").sum() > 5
    assert week["properties"].str.contains("4111 1111 1111 1111", literal=True).any()
    assert week["properties"].str.contains("@example.com", literal=True).any()


def test_crawlers_say_who_they_are_and_servers_know_no_session(week: pl.DataFrame) -> None:
    crawlers = week.filter(pl.col("properties").str.contains("Googlebot"))
    servers = week.filter(pl.col("properties").str.contains("posthog-python"))

    assert len(crawlers) > 10
    assert set(servers["$session_id"]) == {""}
    assert len(servers) > 50


def test_a_few_sessions_arrive_days_late_and_the_rest_within_seconds(week: pl.DataFrame) -> None:
    delay = (week["created_at"] - week["timestamp"]).dt.total_seconds()

    assert delay.min() is not None
    assert (delay >= 0).all()
    assert 0.0002 < (delay > 86_400).mean() < 0.02  # type: ignore[operator]
    assert (delay < 60).mean() > 0.98  # type: ignore[operator]


def test_ids_are_unique_and_tell_their_time(week: pl.DataFrame) -> None:
    first = week.row(0, named=True)
    milliseconds = int(first["uuid"].replace("-", "")[:12], 16)

    assert week["uuid"].n_unique() == len(week)
    assert week["uuid"].str.contains(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$").all()
    assert datetime.fromtimestamp(milliseconds / 1000, tz=ZoneInfo("UTC")).replace(tzinfo=None) == first[
        "timestamp"
    ].replace(microsecond=first["timestamp"].microsecond // 1000 * 1000)


def test_visits_tell_what_the_events_show(week: pl.DataFrame) -> None:
    visits = SimulatedProduct(seed=5, users=600).visits(WEEK)
    shown = week.filter(pl.col("event") == "order_completed")

    done = visits.filter((pl.col("step") == "order_completed") & (pl.col("at").dt.date().is_in(WEEK)))
    # A session of the Sunday before may have ended on Monday.
    assert set(done["session_id"]) <= set(shown["$session_id"])
    assert len(shown) - len(done) <= 1


def test_a_friction_changes_only_whom_it_meets_on_its_days() -> None:
    plain = SimulatedProduct(seed=5, users=400, habits=Habits(frictions=()))
    trap = Friction("/catalog", segment=("device_type", "mobile"), leave=1.0, first_day=WEEK[1], last_day=WEEK[1])
    trapped = replace(plain, habits=Habits(frictions=(trap,)))

    def mobile_exits(product: SimulatedProduct, day: date) -> float:
        seen = product.visits([day]).filter((pl.col("step") == "/catalog") & (pl.col("device_type") == "mobile"))
        return float(seen["last"].mean())  # type: ignore[arg-type]

    assert mobile_exits(trapped, WEEK[1]) == 1
    assert mobile_exits(plain, WEEK[1]) < 0.6
    assert_frame_equal(plain.visits([WEEK[2]]), trapped.visits([WEEK[2]]))
    others = pl.col("device_type") != "mobile"
    assert_frame_equal(plain.visits([WEEK[1]]).filter(others), trapped.visits([WEEK[1]]).filter(others))


def test_an_unknown_step_is_refused() -> None:
    with pytest.raises(ValueError, match="no step '/nowhere'"):
        SimulatedProduct(steps=(Step("/", {"/nowhere": 0.5}, enters=1),), habits=Habits(frictions=()))


def test_its_description_names_steps_that_exist() -> None:
    import yaml

    product = Product.model_validate(yaml.safe_load(product_yaml()))
    names = {step.name for step in STEPS}

    assert {step for flow in product.flows.values() for step in flow} <= names
    assert set(product.features) <= names


def test_archetypes_go_elsewhere_but_leave_as_often() -> None:
    drawn = (Archetype("reader", 0.5, {"/reports": 9, "/catalog": 0}), Archetype("shopper", 0.5, {"/reports": 0}))
    plain = replace(SMALL, users=800, habits=Habits(frictions=()))
    made = replace(plain, habits=replace(plain.habits, archetypes=drawn)).visits(WEEK)

    read = pl.col("step").is_in(["/reports", "/reports/:id"])
    people = made.group_by("person_id").agg(read.sum().alias("read"), (pl.col("step") == "/catalog").sum())
    assert people.filter((pl.col("read") > 0) & (pl.col("step") > 0)).is_empty()
    assert people["read"].gt(0).mean() == pytest.approx(0.4, abs=0.12)
    lasts = [visits["last"].mean() for visits in (plain.visits(WEEK), made)]
    assert lasts[0] == pytest.approx(lasts[1], abs=0.06)
