"""The simulated product: which events happened on which days, the same for the same seed whatever else is asked.

Belongs here: the parameters of a simulation and its results as frames. How they come about: `site.py` (what there is),
`people.py` (who), `walk.py` (where they go), `happenings.py` (what a browser sends), `bystanders.py` (what servers and
crawlers send), `recordings.py`. Frames are heavy: their modules are imported when something is made.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from user_intel.days import day_bounds
from user_intel.simulate.site import STEPS, Habits, Step

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class SimulatedProduct:
    """A product with about `users` users whose days are days of `timezone`.

    By default some 10,000 events a day: 700 sessions of 1,500 users. Another `seed` makes other people do other things.
    """

    seed: int = 7
    users: int = 1500
    timezone: str = "UTC"
    steps: tuple[Step, ...] = STEPS
    habits: Habits = field(default_factory=Habits)

    def __post_init__(self) -> None:
        known = {step.name for step in self.steps}
        named = {name for step in self.steps for name in step.next} | {f.step for f in self.habits.frictions}
        named |= {friction.back_to for friction in self.habits.frictions if friction.back_to}
        if unknown := sorted(named - known):
            raise ValueError(
                f"The simulated product has no step {unknown[0]!r}; its steps are {', '.join(sorted(known))}."
            )

    def events(self, days: Iterable[date]) -> "pl.DataFrame":
        """Every event stamped within `days`, sorted by time: the columns PostHog keeps of an event.

        uuid, event, distinct_id, person_id, timestamp, created_at (naive UTC microseconds), properties (JSON text),
        elements_chain, $session_id, $window_id (empty where there is none), person_created_at, person_properties.
        """
        import polars as pl

        from user_intel.simulate.recorded import no_events

        return pl.concat([no_events(), *(events for _, events in self.events_by_day(days))])

    def events_by_day(self, days: Iterable[date]) -> "Iterator[tuple[date, pl.DataFrame]]":
        """Each day with its events, one at a time. Yesterday's sessions may reach into it, so both days are walked."""
        import polars as pl

        from user_intel.simulate.recorded import events_of

        made: dict[date, pl.DataFrame] = {}
        for day in sorted(set(days)):
            before = day - timedelta(days=1)
            made = {each: made[each] if each in made else events_of(self, each) for each in (before, day)}
            start, end = day_bounds(day, ZoneInfo(self.timezone))
            near = pl.concat([made[before], made[day]])
            stamped = near.filter(pl.col("timestamp").is_between(start, end, closed="left"))
            yield day, stamped.sort("timestamp", maintain_order=True)

    def recordings(self, days: Iterable[date]) -> "pl.DataFrame":
        """Metadata of every session recording that begins within `days`, as in PostHog's session_replay_events."""
        import polars as pl

        from user_intel.simulate.recorded import recordings_of

        return pl.concat([recordings_of(self, day) for day in sorted(set(days))])

    def visits(self, days: Iterable[date]) -> "pl.DataFrame":
        """What really happened, to compare findings with: one row a visit, in sessions that begin within `days`.

        session_id, person_id, position (1..), step, at (naive UTC), dwell_s, last, and the person's device_type, plan,
        country and browser.
        """
        import polars as pl

        from user_intel.simulate.recorded import visits_of

        return pl.concat([visits_of(self, day) for day in sorted(set(days))])


def product_yaml() -> str:
    """The `product.yaml` that describes the simulated product to user_intel: flows, features, segments, rules."""
    return (Path(__file__).parent / "product.yaml").read_text(encoding="utf-8")
