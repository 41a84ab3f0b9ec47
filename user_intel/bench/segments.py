"""How well users are grouped: `user-intel bench segments`, held against planted archetypes and beside other ways.

Each world is made and judged in a process of its own. Tables go to stdout, progress to stderr. Belongs here: which
worlds are asked for, and how the answer is shown. One world is `segments_worlds.py`, scoring is `segments_score.py`,
the other ways are `segments_peers.py`, speed is `segments_speed.py`.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from math import ceil
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

from user_intel.bench.segments_score import Ceiling, Found, Judged, Kept
from user_intel.bench.segments_worlds import Task, judge_world
from user_intel.simulate.friction import SPREAD, Overlap

if TYPE_CHECKING:
    from rich.console import Console

SHUFFLES = 20
_FILE_WIDTH = 200
_GOAL_ARI, _GOAL_KEPT, _GOAL_GROUPS = 0.85, 0.95, 3


@dataclass(frozen=True)
class Asked:
    """Which worlds: `seeds` with archetypes, of which `followed` over `days`, and `controls` without any."""

    seeds: int = 10
    first_seed: int = 1
    controls: int = 5
    users: int = 3000
    days: int = 14
    followed: int = 3
    overlap: Overlap = "overlapping"
    workers: int = 2

    def tasks(self) -> list[Task]:
        """Each world's, those with archetypes first. Twenty shuffles are shared out among them."""
        shuffles = [ceil((SHUFFLES - number) / self.seeds) for number in range(self.seeds)]
        planted = [
            Task(
                seed=self.first_seed + number,
                users=self.users,
                days=self.days if number < self.followed else 1,
                overlap=self.overlap,
                shuffles=max(0, shuffles[number]),
            )
            for number in range(self.seeds)
        ]
        controls = [Task(self.first_seed + n, self.users, 1, self.overlap, control=True) for n in range(self.controls)]
        return planted + controls


@dataclass(frozen=True)
class Shown:
    """A table before it is drawn."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def run(asked: Asked, *, json_path: Path | None = None, markdown: bool = False) -> None:
    """Judges the worlds and prints how it went."""
    worlds = judge(asked.tasks(), asked.workers)
    if json_path:
        json_path.write_text(json.dumps([asdict(world) for world in worlds], indent=1), encoding="utf-8")
    show(tables(worlds), markdown=markdown)


def run_speed() -> None:
    """Prints how long grouping takes and how much memory, for each number of users as soon as it is measured."""
    from rich.console import Console

    from user_intel.bench.measuring import figures
    from user_intel.bench.segments_speed import rows

    console = Console()
    shown: list[tuple[str, ...]] = []
    with console.status("measuring"):
        for row in rows():
            shown.append((row.what, row.who, *figures(row), row.target))
            Console(stderr=True).print(f"{row.what}: {shown[-1][2]} s")
    columns = ("what", "who", "seconds", "rows/s", "peak MB", "slower than ours", "target")
    show(iter([Shown("Grouping", columns, shown)]), markdown=not console.is_terminal)


def judge(tasks: Sequence[Task], workers: int, judged: Callable[[Task], Judged] = judge_world) -> list[Judged]:
    """All worlds, in the order asked for."""
    from rich.console import Console
    from rich.progress import Progress

    done: dict[Task, Judged] = {}
    # What is already running in this process must not be copied into the children.
    context = multiprocessing.get_context("spawn")
    with (
        Progress(console=Console(stderr=True), transient=True) as progress,
        ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as pool,
    ):
        bar = progress.add_task("worlds", total=len(tasks))
        pending = {pool.submit(judged, task): task for task in tasks}
        for future in as_completed(pending):
            try:
                done[pending[future]] = future.result()
            except Exception as error:
                pool.shutdown(wait=False, cancel_futures=True)
                raise RuntimeError(f"{pending[future].name}: {type(error).__name__}: {error}") from error
            progress.advance(bar)
    return [done[task] for task in tasks]


def tables(worlds: Sequence[Judged]) -> Iterator[Shown]:
    """What is printed of judged worlds."""
    planted = [world for world in worlds if not world.control]
    yield _by_world(planted)
    yield _beside_others(planted)
    yield _overall(planted, [world for world in worlds if world.control])


def _by_world(planted: Sequence[Judged]) -> Shown:
    columns = (
        *("seed", "users", "scored", "planted", "groups", "ARI", "in none", "lowest Jaccard", "ceiling: ARI"),
        *("accuracy", "one feature", "largest", "persona kept", "in first persona", "s a day"),
    )
    return Shown("Planted archetypes, users with at least 5 sessions", columns, [_row(world) for world in planted])


def _row(world: Judged) -> tuple[str, ...]:
    ours, top = world.ours or Found(0.0, 0, 1.0), world.ceiling
    return (
        *(str(world.seed), f"{world.users:,}", f"{world.scored:,}", str(world.planted)),
        str(ours.groups) if world.verdict == "clusters" else world.verdict,
        *(f"{ours.ari:.2f}", f"{ours.noise_share:.2f}", _number(world.lowest_jaccard)),
        *_ceiling_figures(top),
        *_kept_figures(world.kept),
        f"{world.seconds:.0f}",
    )


def _ceiling_figures(top: Ceiling | None) -> tuple[str, ...]:
    figures = (top.ari, top.accuracy, top.best_single_feature, top.largest_archetype) if top else (None,) * 4
    return tuple(_number(figure) for figure in figures)


def _kept_figures(kept: Kept | None) -> tuple[str, str]:
    if not kept or not kept.user_days:
        return "-", "-"
    in_first = kept.in_first / kept.of_first if kept.of_first else None
    return f"{kept.kept / kept.user_days:.1%} of {kept.user_days:,}", _number(in_first)


def _beside_others(planted: Sequence[Judged]) -> Shown:
    """Ours and each other way, over worlds."""
    ways: dict[str, list[Found]] = {"user_intel": [world.ours for world in planted if world.ours]}
    for world in planted:
        for name, found in world.peers.items():
            ways.setdefault(name, []).append(found)
    rows = [
        (
            name,
            f"{mean(each.ari for each in found):.2f}",
            f"{min(each.ari for each in found):.2f}",
            f"{median(each.groups for each in found):g}",
            f"{mean(each.noise_share for each in found):.2f}",
        )
        for name, found in ways.items()
        if found
    ]
    return Shown("Beside other ways", ("way", "ARI (mean)", "lowest", "groups (median)", "in none"), rows)


def _overall(planted: Sequence[Judged], controls: Sequence[Judged]) -> Shown:
    ours = [world.ours.ari for world in planted if world.ours]
    lasted = [world.kept for world in planted if world.kept and world.kept.user_days]
    user_days = sum(kept.user_days for kept in lasted)
    shuffled = [verdict for world in planted for verdict in world.shuffled]
    some = [world for world in planted if world.planted >= _GOAL_GROUPS and world.ours]
    enough = sum(bool(world.ours and world.ours.groups >= _GOAL_GROUPS) for world in some)
    calm = sum(world.verdict != "clusters" for world in controls)
    spread = f"{SPREAD[planted[0].overlap]:g} ({planted[0].overlap})" if planted else "-"
    rows = [
        ("spread of users in a habit, of archetypes' 1", spread, ""),
        ("ARI, mean over worlds", _number(mean(ours) if ours else None), f">= {_GOAL_ARI}"),
        ("ARI, lowest", _number(min(ours, default=None)), ""),
        ("three groups or more where as many are planted", f"{enough} of {len(some)}", "all"),
        (
            "user-days that kept their persona",
            f"{sum(kept.kept for kept in lasted) / user_days:.1%} of {user_days:,}" if user_days else "-",
            f">= {_GOAL_KEPT:.0%}",
        ),
        ("shuffled features: no groups", f"{sum(v != 'clusters' for v in shuffled)} of {len(shuffled)}", "all"),
        ("products without archetypes: no groups", f"{calm} of {len(controls)}", "all"),
    ]
    return Shown("Overall", ("figure", "found", "goal"), rows)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def show(shown: Iterator[Shown], *, markdown: bool) -> None:
    """Prints tables, as Markdown where asked."""
    from rich.console import Console

    console = Console()
    if not console.is_terminal:
        console = Console(width=_FILE_WIDTH)
    for table in shown:
        _print(console, table, markdown=markdown)


def _print(console: Console, shown: Shown, *, markdown: bool) -> None:
    if markdown:
        head = ["| " + " | ".join(shown.columns) + " |", "|" + "---|" * len(shown.columns)]
        body = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in shown.rows]
        console.out("\n".join([f"\n**{shown.title}**\n", *head, *body]), highlight=False)
        return
    from rich.table import Table

    table = Table(*shown.columns, title=shown.title, title_justify="left")
    for row in shown.rows:
        table.add_row(*row)
    console.print(table, markup=False)
