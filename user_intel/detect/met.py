"""Who met the pain points of a day: the sessions behind each, for those who show, link or watch them.

Who met a problem is detect's to say (`evidence`): it is asked here again for the days wanted, in the segment and by the
expectation that detect found. A feature that is not used and an anomaly are met by nobody in particular.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from math import exp

from user_intel import files
from user_intel.detect import summary
from user_intel.detect.evidence import gather
from user_intel.detect.found_again import Sought, sought
from user_intel.detect.history import History, Key
from user_intel.detect.loops import find_loops
from user_intel.detect.scene import Scene
from user_intel.detect.window import open_window, window_days
from user_intel.detect.wording import PainPoint
from user_intel.lake import Connection, Lake
from user_intel.product import Product

MET_BY_NOBODY = ("anomaly", "underused_feature")


def meet_pain_points(
    connection: Connection, lake: Lake, product: Product, day: date, days: Sequence[date] | None = None
) -> list[PainPoint]:
    """Makes the table pain_point_sessions: one row per pain point of `day` and session that met it on `days`.

    `days` are within the window of `day`, that day alone when None. Returns the pain points asked about, the most
    severe first. Where there are any, what detect makes of such a window is there too: window_sessions, window_steps,
    window_signals, wanted_problems, problem_units and problem_hits, in which a problem's number is its place here.
    """
    connection.execute(files.sql("detect/no_pain_point_sessions"))
    found = [each for each in summary.ranked_pain_points(lake, day) if each.kind not in MET_BY_NOBODY]
    if not found:
        return []
    looked_at = list(days or [day])
    window = open_window(connection, lake, product, looked_at, counts_all=True)
    find_loops(window)
    lake.read(connection, "frustration_signals", looked_at).create_view("window_signals", replace=True)
    counted = lake.frame("tallies", window_days(product, day)).collect()
    history = History(counted)
    scene = Scene(lake, product, day, window, history, [], {})
    told = [each for each in found if each.segment in window.segments.names]
    gather(scene, [_sought(each, window_days(product, day), history) for each in told])
    ids = [each.pain_point_id for each in told]
    connection.execute(files.sql("detect/pain_point_sessions"), {"ids": ids})
    return told


def _sought(found: PainPoint, days: Sequence[date], history: History) -> Sought:
    plain = sought(found, days)
    return replace(plain, expected=_expected(found, plain.key, (plain.first, plain.last), history))


def _expected(found: PainPoint, key: Key, days: tuple[date, date], history: History) -> float:
    """What was expected, in detect's own measure: of a slow step the geometric mean, where people are told a median."""
    series = history.series("dwell")
    row = series.index().get(key)
    if found.kind != "slow_step" or row is None or not found.value:
        return found.expected
    there = [place for place, day in enumerate(series.days) if days[0] <= day <= days[1]]
    units, total = (float(array[row, there].sum()) for array in (series.units, series.total))
    return found.expected * exp(total / units) / found.value if units else found.expected
