"""The personas of a day, drawn: every user a dot, near where behaviour is alike; beside it their names and sizes.

Belongs here: drawing alone, from what is given, in the manner of `detect.picture` (no pyplot, colours of the personas,
words that say the same again). PNG of 256 colours, under 130 kB.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from user_intel.detect.picture import INK, USUAL, shortened
from user_intel.detect.wording import counted, percent
from user_intel.segment.personas import GREY

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from user_intel.detect.statistics import Floats

_WIDTH, _HEIGHT, _DPI = 11.0, 6.0, 100
MOST_DOTS = 4_000
_MOST_NAMED = 9
_MARGIN = 0.04


@dataclass(frozen=True)
class Dots:
    """Users of one persona (or of none, with key None) in the drawing: their places, x and y by columns."""

    key: str | None
    places: Floats


@dataclass(frozen=True)
class Shown:
    """A persona as the legend tells it."""

    key: str
    name: str
    colour: str
    users: int
    share: float
    standing: str

    @property
    def number(self) -> str:
        """What it goes by among the dots."""
        return self.key.rpartition("-")[2]


def picture(
    day: date,
    shown: Sequence[Shown],
    dots: Sequence[Dots],
    users: int,
    shares: Mapping[date, Mapping[str, float]],
    words: str = "",
) -> bytes:
    """A PNG. `shown` holds the largest first. Of all `users`, `dots` may be a sample.

    `shares`: of each persona by day and key. `words`: why there are no personas, where there are none.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, _HEIGHT), dpi=_DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        _write_title(figure, day, shown, users)
        _draw_dots(figure.add_axes((0.015, 0.075, 0.545, 0.825)), shown, dots, users)
        _draw_legend(figure.add_axes((0.585, 0.40, 0.405, 0.50)), shown, words)
        if shown:
            _draw_sizes(figure.add_axes((0.635, 0.10, 0.33, 0.20)), shown, shares)
        canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib's
    return _encoded(canvas)


def _encoded(canvas: FigureCanvasAgg) -> bytes:
    """As PNG of 256 colours: dots in a few colours need no more, and it is a third of the size."""
    import numpy as np
    from PIL import Image

    drawn = io.BytesIO()
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]  # matplotlib's
    whole = Image.fromarray(pixels).convert("RGB")
    whole.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(drawn, "PNG", optimize=True)
    return drawn.getvalue()


def _write_title(figure: Figure, day: date, shown: Sequence[Shown], users: int) -> None:
    grouped = sum(each.users for each in shown)
    none = f", {percent(1 - grouped / users)} in none" if shown and users else ""
    many = f"{counted(len(shown), 'group')} of" if shown else "no groups among"
    figure.text(0.02, 0.965, f"{day}: {many} {counted(users, 'user')}{none}", va="top", fontsize=13, weight="bold",
                color=INK)  # fmt: skip


def _draw_dots(axes: Axes, shown: Sequence[Shown], dots: Sequence[Dots], users: int) -> None:
    import numpy as np

    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#DDDDDD")
    colours = {each.key: each.colour for each in shown}
    drawn = sum(len(each.places) for each in dots)
    size = float(np.clip(9_000 / max(drawn, 1), 4, 26))
    for each in sorted(dots, key=lambda found: found.key is not None):
        is_noise = each.key not in colours
        axes.scatter(
            each.places[:, 0], each.places[:, 1], s=size * (0.5 if is_noise else 1), linewidths=0,
            color=GREY if is_noise else colours[str(each.key)], alpha=0.45 if is_noise else 0.75,
            zorder=1 if is_noise else 2,
        )  # fmt: skip
    for persona in shown:
        mine = [each.places for each in dots if each.key == persona.key and len(each.places)]
        if mine:
            _number(axes, persona, _middle(np.concatenate(mine)))
    axes.margins(_MARGIN)
    of = f"a sample of {drawn:,} of {users:,} users, a dot each" if drawn < users else "each dot is a user"
    axes.set_xlabel(f"{of}; near each other: alike in behaviour; far apart says little; grey: in no group",
                    fontsize=8.5, color=INK, loc="left")  # fmt: skip


def _middle(places: Floats) -> Floats:
    """The dot nearest to the median: of a group that is bent the median itself may lie outside."""
    import numpy as np

    away = ((places - np.median(places, axis=0)) ** 2).sum(axis=1)
    return np.asarray(places[int(np.argmin(away))])


def _number(axes: Axes, persona: Shown, place: Floats) -> None:
    axes.text(
        place[0], place[1], persona.number, ha="center", va="center", fontsize=10, weight="bold", color=persona.colour,
        zorder=4, bbox={"boxstyle": "circle,pad=0.25", "fc": "white", "ec": persona.colour, "lw": 1.6},
    )  # fmt: skip


def _draw_legend(axes: Axes, shown: Sequence[Shown], words: str) -> None:
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    rows = min(len(shown), _MOST_NAMED)
    axes.set_ylim(-max(rows, 5), 0)
    if not shown:
        from textwrap import fill

        axes.text(0, -0.3, fill(words or "no groups", 56), va="top", fontsize=11, color=INK, parse_math=False)
    for row, each in enumerate(shown[:_MOST_NAMED]):
        middle = -row - 0.5
        axes.text(0.035, middle, each.number, ha="center", va="center", fontsize=9.5, weight="bold", color="white",
                  bbox={"boxstyle": "circle,pad=0.25", "fc": each.colour, "ec": "none"})  # fmt: skip
        axes.text(0.085, middle + 0.04, shortened(each.name, 52), va="bottom", fontsize=9.5, weight="bold", color=INK,
                  parse_math=False)  # fmt: skip
        size = f"{counted(each.users, 'user')}, {percent(each.share)}"
        standing = "" if each.standing == "unknown" else f"; {each.standing}"
        axes.text(0.085, middle - 0.06, f"{size}{standing}", va="top", fontsize=8.5, color="#555555")
    if len(shown) > _MOST_NAMED:
        axes.text(0.085, -rows - 0.1, f"and {len(shown) - _MOST_NAMED} smaller ones", va="top", fontsize=8.5,
                  color="#555555")  # fmt: skip


def _draw_sizes(axes: Axes, shown: Sequence[Shown], shares: Mapping[date, Mapping[str, float]]) -> None:
    """The share of users of each persona over the last days; a day that it was not there breaks its line."""
    days = sorted(shares)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(USUAL)
    axes.set_title("share of users, day by day", fontsize=9, color=INK, loc="left")
    nan = float("nan")
    for each in shown:
        line = [100 * shares[day][each.key] if each.key in shares[day] else nan for day in days]
        axes.plot(range(len(days)), line, color=each.colour, linewidth=2, marker="o", markersize=3.5)
    highest = max((share for by_key in shares.values() for share in by_key.values()), default=0.0)
    axes.set_ylim(0, max(1.0, 115 * highest))
    axes.set_xlim(-0.3, max(len(days) - 0.7, 0.7))
    ticks = sorted({0, (len(days) - 1) // 2, len(days) - 1}) if days else []
    axes.set_xticks(ticks, [f"{days[tick]:%-d %b}" for tick in ticks], fontsize=8)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(colors=INK, labelsize=8, length=2)
