"""Three rule baselines: fixed thresholds as PostHog, OpenReplay and Microsoft Clarity publish them, on the same tables.

Numbers as found in 2026; what a product leaves to its users is not guessed, it takes our own floor of evidence.

- PostHog: a rage click is 3 clicks within 1,000 ms (`RageclickConfig`); a dead click one without a change for 2,500 ms
  (`DeadClicksAutoCaptureConfig`), sent as `$dead_click`. Daily trends are watched by its MAD detector with its
  defaults: the 30 points before, flagged above 0.9 probability (`MADDetectorConfig`), read here as 1.645 robust
  deviations. Watched are the exit rate and the median dwell of each step (up) and the count of each event (down).
- OpenReplay: click rage is 3 clicks on one label, each within 300 ms of the one before (`clickRage.go`); a dead click
  is one unanswered for 1,234 ms (`deadClick.go`), of which `$dead_click` knows those of 2,500 ms; errors are issues of
  their page. Each occurrence is an issue; it has no rule for exits, dwells, loops or use.
- Clarity: rage clicks ("multiple times in a clustered area", 3 in a second here), dead and error clicks, and quick
  backs ("a period of time shorter than a defined threshold", 10 s here) [Semantic metrics], over the three days its
  export gives. Warned of, as a published audit of Clarity's figures does (Vortex IQ, audit profile), at 5 % rage, 8 %
  dead, 25 % quick back, and 25 % fewer recorded sessions than the 7 days before; error clicks as rage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from user_intel.bench.friction_reports import Report

if TYPE_CHECKING:
    from user_intel.lake import Lake
    from user_intel.product import Product

RULES = ("PostHog's", "OpenReplay's", "Clarity's")

# Below this, none of the rules speaks: as many sessions as our own detectors want.
_FEWEST_SESSIONS = 10
_WEEK_DAYS = 7
_RAGE_CLICKS, _RAGE_MS, _RAGE_GAP_MS = 3, 1000, 300
_ERROR_MS = 1000
_MAD_POINTS, _MAD_FEWEST_POINTS, _MAD_DEVIATIONS = 30, 5, 1.645
_CLARITY_DAYS = 3
_CLARITY_SHARES = {"rage_click": 0.05, "dead_click": 0.08, "error_click": 0.05, "u_turn": 0.25}
_QUICK_BACK_S = 10.0
_SESSIONS_DROP = 0.25
_PLACE = ("page", "element")


@dataclass(frozen=True)
class Signals:
    """What happened, one row per occurrence: day, session_id, page, element (null where there is none)."""

    rage: pl.DataFrame
    fast: pl.DataFrame
    dead: pl.DataFrame
    error_clicks: pl.DataFrame
    errors: pl.DataFrame
    quick_backs: pl.DataFrame


def by_rules(lake: Lake, product: Product, days: Sequence[date]) -> dict[str, list[Report]]:
    """What each rule would have reported on each day."""
    events = lake.frame("events", days).filter(~pl.col("is_bot")).collect()
    steps = lake.frame("steps", days).collect()
    recordings = lake.frame("recordings", days).collect()
    signals = find_signals(events, steps)
    return {
        "PostHog's": list(_posthog(signals, events, steps, product, days)),
        "OpenReplay's": list(_openreplay(signals, days)),
        "Clarity's": list(_clarity(signals, steps, recordings, days)),
    }


def find_signals(events: pl.DataFrame, steps: pl.DataFrame) -> Signals:
    """The occurrences that the rules count."""
    clicked = (pl.col("event") == "$autocapture") & pl.col("properties").str.contains(
        '"$event_type":"click"', literal=True
    )
    columns = ("day", "session_id", "page", "element", "at")
    clicks = events.filter(clicked).select(columns).sort("session_id", "element", "at")
    same = ("session_id", "page", "element")
    spans = clicks.with_columns(
        lasts=pl.col("at") - pl.col("at").shift(_RAGE_CLICKS - 1).over(same),
        gap=pl.col("at") - pl.col("at").shift(1).over(same),
    ).with_columns(earlier_gap=pl.col("gap").shift(1).over(same))
    told = events.filter(pl.col("event") == "$rageclick").select(columns)
    quick = pl.duration(milliseconds=_RAGE_GAP_MS)
    errors = events.filter(pl.col("event") == "$exception").select(columns)
    return Signals(
        rage=pl.concat([spans.filter(pl.col("lasts") <= pl.duration(milliseconds=_RAGE_MS)).select(columns), told]),
        fast=spans.filter((pl.col("gap") < quick) & (pl.col("earlier_gap") < quick)).select(columns),
        dead=events.filter(pl.col("event") == "$dead_click").select(columns),
        error_clicks=_followed_by(clicks, errors),
        errors=errors,
        quick_backs=_quick_backs(steps),
    )


def _followed_by(clicks: pl.DataFrame, errors: pl.DataFrame) -> pl.DataFrame:
    """The clicks whose session has an error within a second."""
    following = errors.select("session_id", "at", failed_at="at").sort("at")
    joined = clicks.sort("at").join_asof(
        following,
        on="at",
        by="session_id",
        strategy="forward",
        tolerance=timedelta(milliseconds=_ERROR_MS),
        check_sortedness=False,
    )
    return joined.filter(pl.col("failed_at").is_not_null()).drop("failed_at")


def _quick_backs(steps: pl.DataFrame) -> pl.DataFrame:
    ordered = steps.sort("session_id", "position")
    back = pl.col("step").shift(1).over("session_id") == pl.col("next_step")
    found = ordered.filter(back & (pl.col("dwell_s") < _QUICK_BACK_S))
    return found.select("day", "session_id", page="step", element=pl.lit(None, dtype=pl.String), at="entered_at")


def _posthog(
    signals: Signals, events: pl.DataFrame, steps: pl.DataFrame, product: Product, days: Sequence[date]
) -> Iterator[Report]:
    yield from _with_evidence("rage_click", signals.rage, days)
    yield from _with_evidence("dead_click", signals.dead, days)
    by_step = steps.group_by("day", "step").agg(
        exits=pl.col("next_step").is_null().sum(),
        arrivals=pl.col("session_id").n_unique(),
        dwell=pl.col("dwell_s").median(),
    )
    busy = by_step.filter(pl.col("arrivals") >= _FEWEST_SESSIONS)
    exits = busy.select("day", name="step", value=pl.col("exits") / pl.col("arrivals"))
    dwells = busy.select("day", name="step", value="dwell").drop_nulls()
    counts = events.filter(pl.col("step").is_not_null()).group_by("day", "step").len()
    for kind, series, up in (("drop_off", exits, True), ("slow_step", dwells, True)):
        for name, day, value, usual in _unusual(series, days, up=up, absent=None):
            yield _report(kind, name, None, day, value, usual)
    for name, day, value, usual in _unusual(counts.select("day", name="step", value="len"), days, up=False, absent=0.0):
        yield _report("underused_feature" if name in product.features else "anomaly", name, None, day, value, usual)


def _openreplay(signals: Signals, days: Sequence[date]) -> Iterator[Report]:
    yield from _with_evidence("rage_click", signals.fast, days)
    yield from _with_evidence("dead_click", signals.dead, days)
    yield from _with_evidence("error_click", signals.errors, days)


def _clarity(signals: Signals, steps: pl.DataFrame, recordings: pl.DataFrame, days: Sequence[date]) -> Iterator[Report]:
    found = {
        "rage_click": signals.rage,
        "dead_click": signals.dead,
        "error_click": signals.error_clicks,
        "u_turn": signals.quick_backs,
    }
    for kind, rows in found.items():
        for day in days:
            window = [day - timedelta(days=back) for back in range(_CLARITY_DAYS)]
            arrivals = _sessions(steps.rename({"step": "page"}), window, ("page",)).rename({"sessions": "arrivals"})
            hit = _sessions(rows, window, _PLACE).join(arrivals, on="page")
            share = pl.col("sessions") / pl.col("arrivals")
            enough = (share >= _CLARITY_SHARES[kind]) & (pl.col("sessions") >= _FEWEST_SESSIONS)
            for page, element, value in hit.filter(enough).select(*_PLACE, share.alias("share")).iter_rows():
                yield _report(kind, page, element, day, value, _CLARITY_SHARES[kind])
    per_day = dict(recordings.group_by("day").len().iter_rows())
    for place, day in enumerate(days[_WEEK_DAYS:], start=_WEEK_DAYS):
        usual = float(np.mean([per_day.get(earlier, 0) for earlier in days[place - _WEEK_DAYS : place]]))
        if per_day.get(day, 0) < (1 - _SESSIONS_DROP) * usual:
            yield _report("anomaly", "recorded_share", None, day, float(per_day.get(day, 0)), usual)


def _with_evidence(kind: str, rows: pl.DataFrame, days: Sequence[date]) -> Iterator[Report]:
    """Every place at which enough sessions of the last week had it."""
    for day in days:
        window = [day - timedelta(days=back) for back in range(_WEEK_DAYS)]
        enough = _sessions(rows, window, _PLACE).filter(pl.col("sessions") >= _FEWEST_SESSIONS)
        for page, element, sessions in enough.select(*_PLACE, "sessions").iter_rows():
            yield _report(kind, page, element, day, float(sessions), None)


def _sessions(rows: pl.DataFrame, window: Sequence[date], by: Sequence[str]) -> pl.DataFrame:
    of_window = rows.filter(pl.col("day").is_in(pl.Series(window).implode()))
    return of_window.group_by(by).agg(sessions=pl.col("session_id").n_unique()).sort(by)


def _unusual(
    series: pl.DataFrame, days: Sequence[date], *, up: bool, absent: float | None
) -> Iterator[tuple[str, date, float, float]]:
    """Name, day, value and median before, where a day lies too many robust deviations from the days before it."""
    for (name,), rows in sorted(series.partition_by("name", as_dict=True).items()):
        known = dict(rows.select("day", "value").iter_rows())
        earlier: list[float] = []
        for day in days:
            value = known.get(day, absent)
            if value is None:
                continue
            before = np.array(earlier[-_MAD_POINTS:])
            earlier.append(float(value))
            if len(before) < _MAD_FEWEST_POINTS:
                continue
            usual = float(np.median(before))
            spread = 1.4826 * float(np.median(np.abs(before - usual)))
            apart = value - usual if up else usual - value
            if apart > _MAD_DEVIATIONS * spread and apart > 0:
                yield str(name), day, float(value), usual


def _report(
    kind: str, page: str, element: str | None, day: date, value: float | None, expected: float | None
) -> Report:
    subject = element or page
    subjects = (element, page) if element else (page,)
    return Report(f"{kind}|{page}|{element or ''}", kind, subject, subjects, "all", day, value, expected)
