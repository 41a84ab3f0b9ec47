"""The builder against plain Python that looks at the whole history at once."""

import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from user_intel.days import day_range
from user_intel.journeys.build import build_journeys
from user_intel.journeys.check import account_for_every_event
from user_intel.product import Product
from user_intel_tests.journeys.lakes import lake_of, rows
from user_intel_tests.journeys.told_slowly import Event, by_day, told_slowly

FIRST, LAST = date(2026, 3, 28), date(2026, 3, 30)
# Berlin loses an hour on the 29th, so one of the days is 23 hours long.
PRODUCTS = [
    Product(timezone="Europe/Berlin", flows={"buy": ["a", "c"], "alpha": ["b", "a"]}),
    Product(timezone="UTC", thresholds={"session_cap_hours": 2}),
    Product(timezone="America/New_York"),
]

pauses = st.sampled_from([0, 0, 1, 40, 1799, 1800, 1801, 1800.000001, 5000, 3 * 3600, 9 * 3600, 24 * 3600])
walks = st.lists(
    st.tuples(
        pauses,
        st.sampled_from(["a", "a", "b", "c", None]),
        st.sampled_from([None, "s1", "s1", "s2", "s3"]),
        st.booleans() | st.just(False),
    ),
    min_size=1,
    max_size=20,
)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """A few users' events over three days, near midnights more often than not."""
    events = []
    for user in range(draw(st.integers(1, 3))):
        at = datetime.fromisoformat("2026-03-28 20:00") + timedelta(minutes=draw(st.integers(0, 59)))
        ids = draw(st.sampled_from(["all", "none", "mixed"]))
        for number, (pause, step, session, bot) in enumerate(draw(walks)):
            at += timedelta(seconds=pause)
            if at >= datetime.fromisoformat("2026-03-30 18:00"):
                break
            own = None if ids == "none" else session or (None if ids == "mixed" else "s4")
            events.append(Event(f"e{(number * 7) % 20:02}-{user}", f"u{user}", at, step, own, bot and number % 3 == 0))
    return events


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(histories(), st.sampled_from(PRODUCTS), st.randoms(use_true_random=False))
def test_every_day_built_in_any_order_is_what_plain_python_tells(
    events: list[Event], product: Product, random: Random
) -> None:
    sessions, steps = told_slowly(events, product)
    with tempfile.TemporaryDirectory() as home:
        lake = lake_of(Path(home), product, events)
        days = list(day_range(FIRST, LAST))
        random.shuffle(days)
        for day in days:
            build_journeys(lake, product, day)
            assert by_day(rows(lake, "sessions", day), day) == by_day(sessions, day)
            stored = rows(lake, "steps", day)
            assert by_day(stored, day) == by_day(steps, day)
            _stands_together(stored)
            assert account_for_every_event(lake, product, day).sound


def _stands_together(stored: list[dict[str, object]]) -> None:
    for prior, row in zip([None, *stored], stored, strict=False):
        if row["position"] != 1:
            assert prior is not None
            assert (prior["session_id"], prior["position"]) == (row["session_id"], int(str(row["position"])) - 1)
