"""What the product's tracker sends while people walk: the rows of `events`, and of `recordings`.

A *block* is the events of one sort, one row each: `visit` (row of the visits), `at` (microseconds), `event`, `element`
and `own` (the JSON members only this event has, each followed by a comma).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from user_intel.simulate.friction.planting import CLICKS, Planting
from user_intel.simulate.friction.shape import Decoy, Flags, Floats, Integers, Shape
from user_intel.simulate.friction.strays import HUMAN, STORM

_SECOND = 1_000_000
# How often, in visits of a page, clicks go wrong that nobody planted.
_GONE_WRONG = {"rage_click": 0.003, "dead_click": 0.008, "error_click": 0.003, "slow_click": 0.006}


@dataclass(frozen=True)
class Habits:
    """How this product's tracker is set up, and how often clicks go wrong for no planted reason."""

    sends_rageclicks: bool
    rages_at_decoys: bool
    page_leaves: float
    recorded: float
    clicks: float
    touches: float

    @staticmethod
    def draw(rng: np.random.Generator) -> "Habits":
        """Habits of one world."""
        return Habits(
            sends_rageclicks=bool(rng.random() < 0.85),
            rages_at_decoys=bool(rng.random() < 0.5),
            page_leaves=float(rng.uniform(0.8, 0.97)),
            recorded=float(rng.uniform(0.5, 0.95)),
            clicks=float(rng.uniform(0.3, 0.7)),
            touches=float(rng.uniform(0.05, 0.25)),
        )


class Tracker:
    """Makes the blocks of one world. `visits` has who, temper and page-stay beside the columns of the walk."""

    def __init__(
        self,
        rng: np.random.Generator,
        shape: Shape,
        habits: Habits,
        plantings: Sequence[Planting],
        visits: pl.DataFrame,
        storm_node: int,
    ) -> None:
        self.rng, self.shape, self.habits, self.plantings = rng, shape, habits, plantings
        self.storm_node = storm_node
        self.node = visits["node"].to_numpy()
        self.at = visits["at"].to_numpy()
        self.dwell_s = visits["dwell_s"].to_numpy()
        self.hit = visits["hit"].to_numpy()
        self.next = visits["next"].to_numpy()
        self.stay_s = visits["stay_s"].to_numpy()
        self.temper = visits["temper"].to_numpy()
        self.human = visits["who"].to_numpy() == HUMAN
        self.storm = visits["who"].to_numpy() == STORM
        self.page = shape.pages[self.node]
        self.kind = np.array([each.kind for each in plantings] + ["none"])[self.hit]

    def blocks(self) -> Iterator[pl.DataFrame]:
        """Everything that is sent, in no order."""
        yield self._entered()
        yield self._left()
        yield self._clicked()
        yield from self._filled_forms()
        yield from self._planted_clicks()
        yield from self._clicks_gone_wrong()
        yield from self._storm()
        for decoy in self.shape.decoys:
            yield from self._fast_clicks(decoy)
        yield self._errors_of_no_click()

    def _entered(self) -> pl.DataFrame:
        names = pl.Series(self.shape.names)[self.node]
        event = pl.select(pl.when(pl.Series(self.page)).then(pl.lit("$pageview")).otherwise(names)).to_series()
        return _block(np.arange(len(self.node)), self.at, event, None, "")

    def _left(self) -> pl.DataFrame:
        """Most pages say when they are left; a page left within seconds is told of by all."""
        lucky = self.rng.random(len(self.node)) < self.habits.page_leaves
        rows = np.flatnonzero(self.page & (self.human | self.storm) & (lucky | (self.kind == "rapid_exit")))
        early = self.rng.integers(1, 25, len(rows)) * 1000
        at = self.at[rows] + (self.stay_s[rows] * _SECOND).astype(np.int64) - early
        seconds = pl.Series(self.stay_s[rows]).round(3).cast(pl.String)
        own = pl.select(pl.concat_str([pl.lit('"$prev_pageview_duration":'), seconds, pl.lit(",")])).to_series()
        return _block(rows, np.maximum(at, self.at[rows] + 1000), "$pageleave", None, own)

    def _clicked(self) -> pl.DataFrame:
        count = self.rng.poisson(self.habits.clicks * (self.page & (self.human | self.storm)))
        rows = np.repeat(np.arange(len(self.node)), count)
        at = self._within(rows, 0.15, 0.9)
        # Some click twice where once is meant.
        again = self.rng.random(len(rows)) < 0.03
        twice = np.concatenate([rows, rows[again]])
        element = self._some_elements(rows)
        return _block(
            twice,
            np.concatenate([at, at[again] + self.rng.integers(120, 300, int(again.sum())) * 1000]),
            "$autocapture",
            pl.concat([element, element.filter(pl.Series(again))]),
            _CLICK,
        )

    def _filled_forms(self) -> Iterator[pl.DataFrame]:
        for node, fields in self.shape.fields.items():
            here = np.flatnonzero((self.node == node) & self.human)
            onward = self.next[here] == self.shape.following(node)
            kind, some = self.kind[here], self.rng.integers(1, len(fields) + 1, len(here))
            touched = np.where(self.rng.random(len(here)) < self.habits.touches, some, 0)
            touched = np.where(np.isin(kind, ("drop_off", "rapid_exit", "u_turn", "loop")), 0, touched)
            touched = np.where(kind == "form_abandonment", some, touched)
            touched = np.where(onward & (kind != "form_abandonment"), len(fields), touched)
            yield self._touched(here, touched, fields)
            submitted = here[onward & (kind != "form_abandonment")]
            at = self.at[submitted] + (self.dwell_s[submitted] * 0.93 * _SECOND).astype(np.int64)
            yield _block(submitted, at, "$autocapture", f"form.form#{_slug(self.shape.names[node])}", _SUBMIT)

    def _touched(self, here: Integers, touched: Integers, fields: Sequence[str]) -> pl.DataFrame:
        rows = np.repeat(here, touched)
        number = np.arange(len(rows)) - np.repeat(np.cumsum(touched) - touched, touched)
        moment = 0.88 * (number + 1) / (len(fields) + 1)
        at = self.at[rows] + (self.dwell_s[rows] * moment * _SECOND).astype(np.int64)
        names = pl.Series([f"input.field#{field}" for field in fields], dtype=pl.String)[number]
        return _block(rows, at, "$autocapture", names, _CHANGE)

    def _planted_clicks(self) -> Iterator[pl.DataFrame]:
        for place, planting in enumerate(self.plantings):
            if planting.kind in CLICKS and planting.element:
                rows = np.flatnonzero((self.hit == place) & self.human)
                yield from self._gone_wrong(planting.kind, rows, pl.Series([planting.element] * len(rows)))

    def _clicks_gone_wrong(self) -> Iterator[pl.DataFrame]:
        """Every element fails somebody now and then, some more than others."""
        calm = self.page & self.human & (self.hit < 0)
        for kind, often in (
            ("rage_click", 0.003),
            ("dead_click", 0.008),
            ("error_click", 0.003),
            ("slow_click", 0.006),
        ):
            by_node = np.minimum(0.03, self.rng.gamma(1.5, often / 1.5, len(self.shape.names)))
            rows = np.flatnonzero(calm & (self.rng.random(len(self.node)) < by_node[self.node] * self.temper))
            yield from self._gone_wrong(kind, rows, self._some_elements(rows))

    def _storm(self) -> Iterator[pl.DataFrame]:
        rows = np.flatnonzero(self.storm & (self.node == self.storm_node))
        element = self.shape.elements[self.storm_node][0]
        yield from self._gone_wrong("rage_click", rows, pl.Series([element] * len(rows), dtype=pl.String))

    def _gone_wrong(self, kind: str, rows: Integers, element: pl.Series) -> Iterator[pl.DataFrame]:
        at = self._within(rows, 0.2, 0.6)
        if kind == "rage_click":
            yield from self._burst(rows, at, element, (4, 9), 0.95, tells=self.habits.sends_rageclicks)
            return
        yield _block(rows, at, "$autocapture", element, _CLICK)
        if kind == "error_click":
            yield _block(rows, at + self.rng.integers(60, 850, len(rows)) * 1000, "$exception", None, _ERROR)
        else:
            yield _block(rows, at + 1000, "$dead_click", element, self._waited(kind, len(rows)))

    def _waited(self, kind: str, count: int) -> pl.Series:
        """posthog-js waits 2.5 s for the page to change; what changes later answers late, what never does is dead."""
        never = kind == "dead_click"
        answered = self.rng.integers(2510, 3400, count)
        checked = self.rng.integers(2750, 3500, count) if never else answered + self.rng.integers(1, 900, count)
        late = pl.format('"$dead_click_mutation_delay_ms":{},"$dead_click_mutation_timeout":true,', pl.Series(answered))
        return pl.select(
            pl.concat_str(
                [
                    pl.lit('"$event_type":"click",'),
                    pl.lit('"$dead_click_mutation_timeout":false,') if never else late,
                    pl.format(
                        '"$dead_click_absolute_delay_ms":{},"$dead_click_absolute_timeout":{},',
                        pl.Series(checked),
                        pl.Series(checked > 2750),
                    ),
                ]
            )
        ).to_series()

    def _burst(
        self, rows: Integers, at: Integers, element: pl.Series, clicks: tuple[int, int], within_s: float, *, tells: bool
    ) -> Iterator[pl.DataFrame]:
        """Clicks in quick succession; the tracker tells of the third as a rage click where it is set up to."""
        count = self.rng.integers(*clicks, len(rows))
        which = np.repeat(np.arange(len(rows)), count)
        number = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        lasts = self.rng.uniform(0.6, 1.0, len(rows)) * within_s * _SECOND
        moment = at[which] + (lasts[which] * number / np.maximum(1, count[which] - 1)).astype(np.int64)
        yield _block(rows[which], moment, "$autocapture", element[which], _CLICK)
        if tells and len(rows):
            yield _block(rows, moment[number == 2] + 1000, "$rageclick", element, _CLICK)

    def _fast_clicks(self, decoy: Decoy) -> Iterator[pl.DataFrame]:
        lucky = self.rng.random(len(self.node)) < decoy.share
        rows = np.flatnonzero((self.node == decoy.node) & self.human & (self.hit < 0) & lucky)
        element = pl.Series([decoy.element] * len(rows), dtype=pl.String)
        tells = self.habits.rages_at_decoys and self.habits.sends_rageclicks
        yield from self._burst(rows, self._within(rows, 0.2, 0.6), element, (4, 9), 1.2, tells=tells)

    def _errors_of_no_click(self) -> pl.DataFrame:
        rows = np.flatnonzero(self.page & self.human & (self.rng.random(len(self.node)) < 0.004))
        return _block(rows, self._within(rows, 0.0, 1.0), "$exception", None, _ERROR)

    def _within(self, rows: Integers, low: float, high: float) -> Integers:
        """Some moment of the time spent there."""
        moment = self.dwell_s[rows] * self.rng.uniform(low, high, len(rows))
        return np.asarray(self.at[rows] + (moment * 1000).astype(np.int64) * 1000)

    def _some_elements(self, rows: Integers) -> pl.Series:
        """Any of the page's elements, the first more often."""
        flat = [name for node in range(len(self.shape.names)) for name in self.shape.elements.get(node, ())]
        counts = np.array([len(self.shape.elements.get(node, ())) for node in range(len(self.shape.names))])
        starts = np.cumsum(counts) - counts
        luck = self.rng.random(len(rows)) ** 1.5
        which = starts[self.node[rows]] + (luck * counts[self.node[rows]]).astype(np.int64)
        return pl.Series(flat, dtype=pl.String).gather(which)


_CLICK = '"$event_type":"click",'
_CHANGE = '"$event_type":"change",'
_SUBMIT = '"$event_type":"submit",'
_ERROR = '"$exception_types":["TypeError"],"$exception_values":["reply is undefined"],"$exception_level":"error",'


def _slug(page: str) -> str:
    return page.strip("/").replace("/", "-")


def _block(
    rows: Integers, at: Integers, event: str | pl.Series, element: str | pl.Series | None, own: str | pl.Series
) -> pl.DataFrame:
    columns = {"visit": rows, "at": at}
    frame = pl.DataFrame(columns, schema={"visit": pl.Int64, "at": pl.Int64})
    return frame.with_columns(
        event=event if isinstance(event, pl.Series) else pl.lit(event),
        element=element if isinstance(element, pl.Series) else pl.lit(element, dtype=pl.String),
        own=own if isinstance(own, pl.Series) else pl.lit(own),
    )


def page_stays(nodes: Integers, sessions: Integers, at: Integers, dwell_s: Floats, pages: Flags) -> Floats:
    """How long each visit's page was looked at, with all that was done on it; nonsense for what is no page."""
    ends = at + (dwell_s * _SECOND).astype(np.int64)
    last = np.append(sessions[1:] != sessions[:-1], True)
    # Backwards: the next page's start within the session, else the session's end.
    closes = np.where(last, ends, np.where(np.append(pages[nodes[1:]], False), np.append(at[1:], 0), 0))
    place = np.where(closes > 0, np.arange(len(nodes)), len(nodes))
    following = np.minimum.accumulate(place[::-1])[::-1]
    return np.asarray((closes[following] - at) / _SECOND)
