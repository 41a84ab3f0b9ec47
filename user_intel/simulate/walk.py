"""Who comes on a day, when, and which steps they visit one after the other.

One row of `Walk.sessions` is one session, one row of `Walk.visits` one visit of a step in it, in order. People choose
the next step at random by the shares of `site.Step.next`; frictions then overrule that. Every position of every session
has random numbers of its own, so that a friction changes the sessions it meets and no other.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import polars as pl

from user_intel.simulate.dice import Floats, Integers, dice, pick, uuids
from user_intel.simulate.people import newcomers, residents
from user_intel.simulate.site import NEWCOMERS_ENTER, Archetype, Friction, Habits, Step

# Share of sessions that begin in each local hour.
_HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 19, 18, 14, 16, 18, 17, 15, 13, 11, 10, 9, 7, 4, 2)
_REFERRERS = ("$direct", "www.google.com", "news.example.org", "github.com", "t.co")
_REFERRER_SHARES = (0.55, 0.28, 0.07, 0.06, 0.04)
_CAMPAIGNS = ("", "newsletter", "google_ads", "partner")
_CAMPAIGN_SHARES = (0.82, 0.08, 0.06, 0.04)
_NEWCOMERS_STAY_DAYS = 10
_SPREAD = 0.7
_LONG_PAUSE = 0.015

_MICROSECONDS = 1_000_000
_NOBODY_SPECIAL = Archetype("anybody", 1.0, {})


@dataclass(frozen=True)
class Walk:
    """One day's sessions and their visits. Times are microseconds since 1970, UTC, whole milliseconds."""

    people: pl.DataFrame
    sessions: pl.DataFrame
    visits: pl.DataFrame

    def people_of(self, sessions: pl.Series, *columns: str) -> pl.DataFrame:
        """Who came in each of these sessions (given by row). Long texts are dear to repeat: name the columns needed."""
        return self.people.select(columns)[self.sessions["person"][sessions]]


@dataclass(frozen=True)
class Plan:
    """What a day is drawn from: the seed, the day with its bounds in microseconds, the site and its users' habits."""

    seed: int
    day: date
    start: int
    end: int
    users: int
    steps: tuple[Step, ...]
    habits: Habits

    def dice(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose on this day."""
        return dice(self.seed, self.day, purpose)


def walk(plan: Plan) -> Walk:
    """Every session that begins on the plan's day, with all its visits (the last may be on the next day)."""
    people = _people_around(plan.seed, plan.day, plan.users, plan.habits)
    sessions = _arrivals(plan, people)
    traits = {"age_days", "archetype"} | {friction.segment[0] for friction in plan.habits.frictions if friction.segment}
    step, dwell = _choose(plan, people.select(sorted(traits))[sessions["person"]])
    return Walk(people, sessions, _visits(sessions, step, dwell, plan.habits.longest_session_s))


@lru_cache(maxsize=8)
def _residents(seed: int, users: int, exponent: float) -> pl.DataFrame:
    return residents(seed, users, exponent).with_columns(age_days=pl.lit(-1))


@lru_cache(maxsize=64)
def _newcomers(seed: int, day: date, count: int) -> pl.DataFrame:
    return newcomers(seed, day, count)


def _people_around(seed: int, day: date, users: int, habits: Habits) -> pl.DataFrame:
    """Everybody who may come on `day`: the residents, and who signed up lately (`age_days`, 0 on the day itself)."""
    count = round(users * habits.new_users_per_day)
    fresh = [
        _newcomers(seed, day - timedelta(days=age), count).with_columns(
            age_days=pl.lit(age), activity=pl.col("activity") * float(np.exp(-age / 4)) * (age > 0)
        )
        for age in range(_NEWCOMERS_STAY_DAYS)
    ]
    people = pl.concat([_residents(seed, users, habits.zipf_exponent), *fresh])
    return people.with_columns(archetype=_archetypes(people["person_id"], habits))


def _archetypes(person_ids: pl.Series, habits: Habits) -> pl.Series:
    """The number of each person's archetype: theirs for life, and drawn without shifting any other draw."""
    if not habits.archetypes:
        return pl.zeros(len(person_ids), dtype=pl.Int64, eager=True)
    # A random identifier is as good as dice. Its first digits are not: in version 7 they are a time.
    chance = person_ids.str.tail(8).str.to_integer(base=16).to_numpy() / 16**8
    shares = np.cumsum([archetype.share for archetype in habits.archetypes])
    return pl.Series(np.searchsorted(shares / shares[-1], chance, side="right"), dtype=pl.Int64)


def _arrivals(plan: Plan, people: pl.DataFrame) -> pl.DataFrame:
    generator = plan.dice("arrivals")
    factor = plan.habits.weekday_factors[plan.day.weekday()]
    returning = generator.poisson(plan.users * plan.habits.sessions_per_user_day * factor)
    first_visits = np.flatnonzero((people["age_days"] == 0).to_numpy())
    person = np.concatenate([pick(generator, people["activity"].to_numpy(), returning), first_visits])
    count = len(person)
    started = _starts(generator, plan, people["utc_offset_h"].to_numpy()[person], count)
    return pl.DataFrame(
        {
            "person": person,
            "started": started,
            "signs_up": np.arange(count) >= returning,
            "session_id": uuids(generator, count, started // 1000),
            "window_id": uuids(generator, count, started // 1000),
            "referrer": np.array(_REFERRERS)[pick(generator, _REFERRER_SHARES, count)],
            "campaign": np.array(_CAMPAIGNS)[pick(generator, _CAMPAIGN_SHARES, count)],
            "recorded": generator.random(count) < plan.habits.recorded,
            "delay": _delays(generator, plan.habits.late, count),
        }
    )


def _starts(generator: np.random.Generator, plan: Plan, utc_offset_h: Integers, count: int) -> Integers:
    seconds = (pick(generator, _HOURS, count) + generator.random(count) - utc_offset_h) * 3600
    within = (seconds * _MICROSECONDS).astype(np.int64) % (plan.end - plan.start)
    return _whole_ms(plan.start + within)


def _delays(generator: np.random.Generator, late: float, count: int) -> Integers:
    """Microseconds from a session's events to their ingestion; a small share of phones was offline for a day or two."""
    seconds = np.exp(generator.normal(1.1, 0.5, count))
    offline = generator.random(count) < late
    seconds[offline] += generator.uniform(26 * 3600, 50 * 3600, int(offline.sum()))
    return (seconds * _MICROSECONDS).astype(np.int64)


def _choose(plan: Plan, visitors: pl.DataFrame) -> tuple[Integers, Integers]:
    """Steps and dwell (microseconds) of each session by position; -1 after its last visit."""
    count, places = len(visitors), len(plan.steps)
    archetypes = plan.habits.archetypes or (_NOBODY_SPECIAL,)
    shares = np.concatenate([_shares(plan.steps, archetype) for archetype in archetypes])
    cumulative = _cumulative(shares)
    # The first row of each visitor's archetype.
    rows = visitors["archetype"].to_numpy() * places
    here = _entries(plan, visitors)
    frictions = [f for f in plan.habits.frictions if f.active_on(plan.day)]
    meets = [_meets(friction, visitors) for friction in frictions]
    generator = plan.dice("choices")
    steps, dwells = [], []
    for position in range(plan.habits.most_steps):
        chance, spread, pause = generator.random(count), generator.normal(0, _SPREAD, count), generator.random(count)
        if not (here >= 0).any():
            break
        steps.append(here)
        dwells.append(_dwell(plan.steps, frictions, meets, here, spread, pause))
        row = rows + here
        ahead = np.searchsorted(cumulative.ravel(), row + chance, side="right") - row * (places + 1)
        ahead = np.where((here < 0) | (ahead >= places), -1, ahead)
        for number, friction in enumerate(frictions):
            luck = dice(plan.seed, plan.day, f"friction {number} at {position}").random(count)
            ahead = _obstruct(plan.steps, friction, meets[number], here, ahead, luck)
        here = ahead
    return np.stack(steps, axis=1), np.stack(dwells, axis=1)


def _shares(steps: tuple[Step, ...], archetype: Archetype) -> Floats:
    """Row r: the shares of going from step r to each step, as such users lean; they leave as often as others."""
    names = [step.name for step in steps]
    plain = np.array([[step.next.get(name, 0.0) for name in names] for step in steps])
    return _leaned(plain, names, archetype)


def _leaned(plain: Floats, names: list[str], archetype: Archetype) -> Floats:
    if not archetype.leanings:
        return plain
    leaned = plain * np.array([archetype.leanings.get(name, 1.0) for name in names])
    before, after = plain.sum(axis=-1, keepdims=True), leaned.sum(axis=-1, keepdims=True)
    return np.asarray(leaned * np.divide(before, after, out=np.ones_like(after), where=after > 0), dtype=np.float64)


def _cumulative(shares: Floats) -> Floats:
    """Row r: r plus the cumulative shares of going from there to each step, then 1 for leaving."""
    ended = np.column_stack([shares, np.ones(len(shares))])
    return np.asarray(np.minimum(np.cumsum(ended, axis=1), 1.0) + np.arange(len(shares))[:, None], dtype=np.float64)


def _entries(plan: Plan, visitors: pl.DataFrame) -> Integers:
    names = [step.name for step in plan.steps]
    plain = np.array([step.enters for step in plan.steps])
    archetypes = plan.habits.archetypes or (_NOBODY_SPECIAL,)
    chance = plan.dice("entries").random(len(visitors))
    entries = np.zeros(len(visitors), dtype=np.int64)
    for number, archetype in enumerate(archetypes):
        totals = np.cumsum(_leaned(plain, names, archetype))
        such = (visitors["archetype"] == number).to_numpy()
        entries[such] = np.searchsorted(totals, chance[such] * totals[-1], side="right")
    if NEWCOMERS_ENTER in names:
        entries[(visitors["age_days"] == 0).to_numpy()] = names.index(NEWCOMERS_ENTER)
    return entries


def _meets(friction: Friction, visitors: pl.DataFrame) -> np.ndarray:
    if friction.segment is None:
        return np.ones(len(visitors), dtype=bool)
    name, value = friction.segment
    return (visitors[name] == value).to_numpy()


def _dwell(
    steps: tuple[Step, ...],
    frictions: list[Friction],
    meets: list[np.ndarray],
    here: Integers,
    spread: Floats,
    pause: Floats,
) -> Integers:
    seconds = np.array([step.median_s for step in steps])[here] * np.exp(spread)
    for friction, met in zip(frictions, meets, strict=True):
        if friction.slower != 1:
            seconds = np.where(met & (here == _index(steps, friction.step)), seconds * friction.slower, seconds)
    # Now and then somebody goes for a coffee, for less than the half hour that would end the session.
    seconds = np.where(pause < _LONG_PAUSE, 240 + pause / _LONG_PAUSE * 1200, seconds)
    return _whole_ms((np.clip(seconds, 0.4, 1500) * _MICROSECONDS).astype(np.int64))


def _obstruct(
    steps: tuple[Step, ...], friction: Friction, met: np.ndarray, here: Integers, ahead: Integers, luck: Floats
) -> Integers:
    held = met & (here == _index(steps, friction.step))
    ahead = np.where(held & (luck < friction.leave), -1, ahead)
    if friction.back:
        returns = held & (luck >= friction.leave) & (luck < friction.leave + friction.back)
        ahead = np.where(returns, _index(steps, friction.back_to), ahead)
    return ahead


def _index(steps: tuple[Step, ...], name: str) -> int:
    return next(index for index, step in enumerate(steps) if step.name == name)


def _visits(sessions: pl.DataFrame, step: Integers, dwell: Integers, longest_s: float) -> pl.DataFrame:
    entered = np.cumsum(dwell, axis=1) - dwell
    there = (step >= 0) & (entered < longest_s * _MICROSECONDS)
    session, position = np.nonzero(there)
    started = sessions["started"].to_numpy()
    last = np.ones(len(session), dtype=bool)
    last[:-1] = session[1:] != session[:-1]
    return pl.DataFrame(
        {
            "session": session,
            "position": position + 1,
            "step": step[there],
            "at": started[session] + entered[there],
            "dwell": dwell[there],
            "last": last,
        }
    )


def _whole_ms(microseconds: Integers) -> Integers:
    return microseconds // 1000 * 1000
