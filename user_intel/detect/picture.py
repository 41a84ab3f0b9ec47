"""One pain point, drawn: the funnel it lies in, the circle people walk, or what was seen beside what was expected.

Belongs here: drawing alone, from numbers that are given. No pyplot: nothing is kept between two pictures, and a server
may draw in any thread. Colours are Okabe and Ito's (2008), told apart by the colour-blind; hatching and words say the
same again. PNG, under 60 kB.
"""

from __future__ import annotations

import io
import re
import textwrap
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from user_intel.detect.wording import PainPoint, counted, happened, heading, measures, number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

SEEN, USUAL, WAY, INK = "#D55E00", "#9A9A9A", "#0072B2", "#222222"
_WIDTH, _HEIGHT, _DPI = 8.4, 3.9, 100
# Where the steps of a circle stand, clockwise.
_AROUND = {
    1: [(0.0, 0.0)],
    2: [(-1.4, 0.0), (1.4, 0.0)],
    3: [(0.0, 0.85), (1.1, -0.55), (-1.1, -0.55)],
    4: [(-1.1, 0.7), (1.1, 0.7), (1.1, -0.7), (-1.1, -0.7)],
}
# How far an arrow's arc stands off, as a part of its length.
_BULGE = 0.15


@dataclass(frozen=True)
class Place:
    """A step of a funnel, in order, and how many units came so far."""

    step: str
    entered: int
    unit: str = "session"


@dataclass(frozen=True)
class Arrow:
    """From one step of a circle to another, and the sessions that went there."""

    from_step: str
    to_step: str
    sessions: int


def picture(found: PainPoint, funnel: Sequence[Place] = (), arrows: Sequence[Arrow] = ()) -> bytes:
    """A PNG of the pain point. `funnel` is that of its flow, `arrows` those among the steps of its circle."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawn = io.BytesIO()
    figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        _write_title(figure, heading(found))
        _draw(figure, found, funnel, arrows)
        canvas.print_png(drawn)  # type: ignore[no-untyped-call]  # matplotlib's
    return drawn.getvalue()


def _write_title(figure: Figure, words: str) -> None:
    unbroken = re.sub(r" (?=%)|(?<=under) ", "\N{NO-BREAK SPACE}", words)
    title = "\n".join(textwrap.wrap(unbroken, 84, max_lines=2, placeholder=" ..."))
    figure.text(0.02, 0.97, title, va="top", fontsize=11, weight="bold", color=INK, parse_math=False, linespacing=1.35)


def _draw(figure: Figure, found: PainPoint, funnel: Sequence[Place], arrows: Sequence[Arrow]) -> None:
    if found.kind == "loop":
        _draw_circle(figure.add_axes((0.02, 0.03, 0.55, 0.76)), found, arrows)
        _draw_comparison(figure.add_axes((0.68, 0.26, 0.28, 0.40)), found)
    elif any(place.step in found.subjects for place in funnel):
        _draw_funnel(figure.add_axes((0.235, 0.06, 0.335, 0.72)), found, funnel)
        _draw_comparison(figure.add_axes((0.72, 0.26, 0.24, 0.40)), found)
    else:
        _draw_comparison(figure.add_axes((0.16, 0.22, 0.74, 0.50)), found)


def _draw_comparison(axes: Axes, found: PainPoint) -> None:
    """Seen above expected, with the 95 % interval of what was seen; of an anomaly with the range of ordinary days."""
    value, expected = measures(found)
    is_anomaly = found.kind == "anomaly"
    axes.barh([1], [found.value], color=SEEN, height=0.55)
    axes.barh([0], [found.expected], color="white", edgecolor=USUAL, hatch="////", height=0.55, linewidth=1.2)
    middle, row = (found.expected, 0) if is_anomaly else (found.value, 1)
    ends = [middle]
    if found.low is not None and found.high is not None:
        spread = [[max(0.0, middle - found.low)], [max(0.0, found.high - middle)]]
        axes.errorbar([middle], [row], xerr=spread, color=INK, capsize=4, linewidth=1.4)
        ends.append(found.high)
    widest = max(found.value, found.expected, *ends) or 1.0
    for place, length, words in ((1, found.value, value), (0, found.expected, expected)):
        at = max(length, max(ends)) if place == row else length
        axes.text(at + 0.03 * widest, place, words, va="center", fontsize=11, weight="bold", color=INK)
    axes.set_yticks([1, 0], ["seen", "expected"], fontsize=11)
    axes.set_xlim(0, widest * (1.06 + 0.075 * max(len(value), len(expected))))
    axes.set_ylim(-0.6, 1.6)
    axes.set_xticks([])
    axes.tick_params(length=0)
    _without_frame(axes, keep="left")
    axes.set_xlabel(_under(found), fontsize=9, color=INK, loc="left")


def _under(found: PainPoint) -> str:
    if found.kind == "anomaly":
        return "line: the range of ordinary days"
    hit = f"{counted(found.users, 'user')} {happened(found)},\n{counted(found.sessions, 'session')}"
    return f"line: 95 % interval\n{hit}"


def _draw_funnel(axes: Axes, found: PainPoint, funnel: Sequence[Place]) -> None:
    """One bar a step, the problem's own marked; at the goal, hatched, what came through but for the problem."""
    widest = max(place.entered for place in funnel) or 1
    lost = found.lost_conversions or 0.0
    rows = range(len(funnel) - 1, -1, -1)
    for row, place in zip(rows, funnel, strict=True):
        is_here = place.step in found.subjects
        axes.barh([row], [place.entered], color=SEEN if is_here else WAY, height=0.62)
        at, words = float(place.entered), f"{place.entered:,}"
        if row == 0 and lost >= 1:
            axes.barh([row], [lost], left=place.entered, color="white", edgecolor=SEEN, hatch="////", height=0.62)
            at, words = place.entered + lost, f"{place.entered:,}  ({number(round(lost))} lost)"
        elif row != rows[0]:
            words += f"  ({percent(place.entered / widest)})"
        axes.text(at + 0.02 * widest, row, words, va="center", fontsize=9.5, color=INK)
    axes.set_yticks(list(rows), [shortened(place.step) for place in funnel], fontsize=9.5)
    for label, place in zip(axes.get_yticklabels(), funnel, strict=True):
        label.set_parse_math(False)
        if place.step in found.subjects:
            label.set_color(SEEN)
            label.set_fontweight("bold")
    axes.set_xlim(0, widest * 1.3)
    axes.set_xticks([])
    axes.tick_params(length=0)
    _without_frame(axes, keep="left")
    hatched = "; hatched: lost to this, at the least" if lost >= 1 else ""
    axes.set_title(f"{funnel[0].unit}s that came so far{hatched}", fontsize=9, color=INK, loc="left")


def _draw_circle(axes: Axes, found: PainPoint, arrows: Sequence[Arrow]) -> None:
    """The steps of the circle and the sessions on the way from each to the next."""
    axes.set_xlim(-2.1, 2.1)
    axes.set_ylim(-1.35, 1.35)
    axes.set_axis_off()
    steps = list(found.subjects)
    places = dict(zip(steps, _AROUND[len(steps)], strict=True))
    names = {step: _named(axes, step, place) for step, place in places.items()}
    onward = set(zip(steps, [*steps[1:], steps[0]], strict=True))
    for arrow in (each for each in arrows if (each.from_step, each.to_step) in onward):
        _draw_arrow(axes, arrow, names)
    went_round = f"{counted(found.sessions, 'session')}\nwent round\nagain and again"
    axes.text(0, -0.12 if len(steps) == 3 else 0, went_round, ha="center", va="center", fontsize=10, color=INK)
    axes.text(-2.05, -1.3, "on the arrows: all sessions that went there", fontsize=9, color=INK)


def _named(axes: Axes, step: str, place: tuple[float, float]) -> Text:
    """The name of a step in its box, which knows its own size: arrows end at its border."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    box: dict[str, object] = {"boxstyle": "round,pad=0.5", "fc": WAY, "ec": "none"}
    name = axes.text(
        *place, shortened(step, 20), ha="center", va="center", fontsize=10.5, color="white", weight="bold",
        parse_math=False, bbox=box,
    )  # fmt: skip
    canvas = axes.figure.canvas
    if isinstance(canvas, FigureCanvasAgg):
        name.update_bbox_position_size(canvas.get_renderer())  # type: ignore[no-untyped-call]  # matplotlib's
    return name


def _draw_arrow(axes: Axes, arrow: Arrow, names: dict[str, Text]) -> None:
    from matplotlib.patches import FancyArrowPatch

    begin, finish = names[arrow.from_step], names[arrow.to_step]
    start, end = begin.get_position(), finish.get_position()
    axes.add_patch(
        FancyArrowPatch(
            start, end, patchA=begin.get_bbox_patch(), patchB=finish.get_bbox_patch(), shrinkA=3, shrinkB=3,
            connectionstyle=f"arc3,rad={-2 * _BULGE}", arrowstyle="-|>", mutation_scale=17, color=SEEN, linewidth=2.2,
        )
    )  # fmt: skip
    axes.text(*_beside(start, end), f"{arrow.sessions:,}", ha="center", va="center", fontsize=11, weight="bold",
              color=INK, bbox={"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none"})  # fmt: skip


def _beside(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
    """The top of the arc of an arrow, where its number stands."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    return (start[0] + end[0]) / 2 - _BULGE * along_y, (start[1] + end[1]) / 2 + _BULGE * along_x


def shortened(name: str, letters: int = 26) -> str:
    """A name on one line, a long one without its middle."""
    line = " ".join(name.split())
    return line if len(line) <= letters else f"{line[: letters - 12]}…{line[-10:]}"


def _without_frame(axes: Axes, keep: str) -> None:
    for side, spine in axes.spines.items():
        spine.set_visible(side == keep)
        spine.set_color(USUAL)
