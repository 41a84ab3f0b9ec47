"""How often friction signals are met: rage, dead and error clicks, u-turns, abandoned forms, rapid exits.

A row of `frustration_signals` is what one person met once. A signal is friction where more sessions meet it than
expected: than before, than elsewhere in the product, or, where it has always been so, than at comparable steps. Clicks
are judged for each element, of the sessions that came to its step; forms of the sessions that began them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from user_intel.detect.history import Key, Series
from user_intel.detect.judging import Judged, judge
from user_intel.detect.segments import ALL

if TYPE_CHECKING:
    from user_intel.detect.scene import Scene

CLICKS = ("rage_click", "dead_click", "error_click")


def judged_clicks(signal: str, scene: Scene) -> Judged:
    """The share of sessions at a step that met the click signal on an element of it, judged."""
    series = scene.history.against_arrivals(signal)
    return judge(series, scene.product.thresholds.window_days, peers=_by_step(scene, series))


def judged_u_turns(scene: Scene) -> Judged:
    """The share of sessions at a step that turned back from it at once, judged."""
    series = scene.history.against_arrivals("u_turn")
    return judge(series, scene.product.thresholds.window_days, peers=_by_step(scene, series), silent=scene.ends)


def judged_rapid_exits(scene: Scene) -> Judged:
    """The share of sessions at a step that left the product within seconds of coming there, judged.

    Not by other steps: what is read at a glance and what takes a minute differ too much.
    """
    series = scene.history.against_arrivals("rapid_exit")
    return judge(series, scene.product.thresholds.window_days, silent=scene.ends)


def judged_forms(scene: Scene) -> Judged:
    """The share of sessions that began a form and did not send it, judged."""
    import numpy as np

    series = scene.history.series("form_abandonment")
    everybody = np.array([key.segment == ALL for key in series.keys], dtype=bool)
    return judge(series, scene.product.thresholds.window_days, peers=series.only(everybody))


def _by_step(scene: Scene, series: Series) -> Series:
    """Everybody's arrivals at each step, and how often the signal was met there; steps without any teach too."""
    import numpy as np

    exits = scene.history.series("exit")
    everybody = np.array([key.segment == ALL and key.step not in scene.ends for key in exits.keys], dtype=bool)
    steps = exits.only(everybody)
    hits = np.zeros(steps.units.shape)
    places = {key.step: row for row, key in enumerate(steps.keys)}
    met = scene.history.series(series.metric)
    for row, key in enumerate(met.keys):
        if key.segment == ALL and key.step in places:
            hits[places[key.step]] += met.hits[row]
    keys = [Key(key.step, key.step, ALL) for key in steps.keys]
    return replace(steps, metric=series.metric, keys=keys, hits=np.minimum(hits, steps.units))
