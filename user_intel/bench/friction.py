"""How good the detectors are: `user-intel bench friction`, held against planted friction and beside fixed rules.

Each world is made and judged in a process of its own. Tables go to stdout, progress to stderr. Belongs here: which
worlds are asked for, and how the answer is shown. Making and judging one is `friction_worlds.py`, scoring is
`friction_score.py`, the fixed rules are `friction_rules.py`.
"""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from user_intel.bench.friction_reports import OURS, Judged
from user_intel.bench.friction_rules import RULES
from user_intel.bench.friction_score import Line, Score, Verdict, line, lines, practical, score
from user_intel.bench.friction_worlds import Task, judge_world
from user_intel.simulate.friction.planting import KINDS

if TYPE_CHECKING:
    from rich.console import Console

_WORKERS = 2
# A file has no width of its own; names of elements are long.
_FILE_WIDTH = 200


@dataclass(frozen=True)
class Show:
    """What is printed besides the main tables, and how."""

    false: bool = False
    missed: bool = False
    markdown: bool = False


def run(
    *,
    seeds: int = 20,
    clean: int | None = None,
    first_seed: int = 1,
    users: int = 5000,
    days: int = 14,
    keep: Path | None = None,
    json_path: Path | None = None,
    show: Show | None = None,
) -> None:
    """Judges `seeds` planted worlds and `clean` clean ones (half as many when None), and prints how it went."""
    from rich.console import Console

    calm = max(1, seeds // 2) if clean is None else clean
    numbers = [(first_seed + number, False) for number in range(seeds)]
    numbers += [(first_seed + number, True) for number in range(calm)]
    worlds = judge([Task(seed, is_clean, users, days, keep) for seed, is_clean in numbers])
    scores = {name: score(worlds, name) for name in (OURS, *RULES)}
    if json_path:
        json_path.write_text(json.dumps(_as_json(worlds, scores), indent=1, default=str), encoding="utf-8")
    chosen = show or Show()
    console = Console()
    if not console.is_terminal:
        console = Console(width=_FILE_WIDTH)
    for table in _tables(worlds, scores, chosen):
        _print(console, table, markdown=chosen.markdown)


def judge(tasks: Sequence[Task]) -> list[Judged]:
    """All worlds, two at a time, in the order asked for."""
    from rich.console import Console
    from rich.progress import Progress

    done: dict[Task, Judged] = {}
    # What is already running in this process must not be copied into the children.
    context = multiprocessing.get_context("spawn")
    with (
        Progress(console=Console(stderr=True), transient=True) as progress,
        ProcessPoolExecutor(min(_WORKERS, len(tasks)), mp_context=context) as pool,
    ):
        bar = progress.add_task("worlds", total=len(tasks))
        pending = {pool.submit(judge_world, task): task for task in tasks}
        for future in as_completed(pending):
            try:
                done[pending[future]] = future.result()
            except Exception as error:
                pool.shutdown(wait=False, cancel_futures=True)
                raise RuntimeError(f"{pending[future].name}: {type(error).__name__}: {error}") from error
            progress.advance(bar)
    return [done[task] for task in tasks]


@dataclass(frozen=True)
class _Shown:
    """A table before it is drawn."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def _tables(worlds: Sequence[Judged], scores: dict[str, Score], show: Show) -> Iterator[_Shown]:
    ours = scores[OURS]
    yield _by_kind_and_size(ours)
    yield _beside_rules(scores)
    yield _false_by_kind(scores)
    yield _overall(worlds, scores)
    if show.false:
        yield _false_alarms(ours)
    if show.missed:
        yield _missed(ours)
        yield _inexact(ours)


def _by_kind_and_size(ours: Score) -> _Shown:
    columns = ("kind", "size", "planted", "recall", "localised", "days to detect")
    rows = [(kind, size, str(found.planted), *_figures(found)) for kind, size, found in lines(ours.verdicts)]
    return _Shown("Planted friction found", columns, rows)


def _figures(found: Line) -> tuple[str, str, str]:
    return _number(found.recall), _number(found.localised), _number(found.days, ".1f")


def _beside_rules(scores: dict[str, Score]) -> _Shown:
    """Ours and each rule's, by kind: recall at practical size with traffic, precision, and F1 of the two."""
    rows = [(kind, *(_recall_and_precision(each, kind) for each in scores.values())) for kind in ("all", *KINDS)]
    return _Shown("Recall (practical size, busy step) / precision / F1", ("kind", *scores), rows)


def _recall_and_precision(score: Score, kind: str) -> str:
    found = line(v for v in score.verdicts if practical(v) and kind in ("all", v.truth.kind)).recall
    right = score.precision if kind == "all" else score.precision_of(kind)
    balance = None
    if found is not None:
        balance = 2 * found * (right or 0) / (found + (right or 0)) if found else 0.0
    return f"{_number(found)} / {_number(right)} / {_number(balance)}"


def _false_by_kind(scores: dict[str, Score]) -> _Shown:
    rows = [
        (kind, *(_number(s.false_per_clean_week if kind == "all" else s.false_of(kind)) for s in scores.values()))
        for kind in ("all", *KINDS)
    ]
    return _Shown("False alarms per clean week", ("kind", *scores), rows)


def _overall(worlds: Sequence[Judged], scores: dict[str, Score]) -> _Shown:
    ours = scores[OURS]
    goal = line(v for v in ours.verdicts if practical(v))
    seconds = sum(world.seconds for world in worlds) / max(1, sum(len(world.days) for world in worlds))
    rows = [
        ("recall, practical size, busy step", _number(goal.recall), ">= 0.90"),
        ("precision", _number(ours.precision), ">= 0.85"),
        ("localised, practical size, busy step", _number(goal.localised), ">= 0.90"),
        ("false alarms per clean week", _number(ours.false_per_clean_week), "<= 0.10"),
        ("worlds", f"{len(worlds)} ({sum(world.clean for world in worlds)} clean)", ""),
        ("seconds to detect a day", f"{seconds:.2f}", ""),
    ]
    return _Shown("Overall", ("figure", "found", "goal"), rows)


def _false_alarms(ours: Score) -> _Shown:
    columns = ("seed", "world", "kind", "subject", "segment", "value", "expected", "q", "first day", "days")
    rows = [
        (
            str(alarm.seed),
            "clean" if alarm.clean else "planted",
            alarm.report.kind,
            alarm.report.subject,
            alarm.report.segment,
            _number(alarm.report.value, ".3g"),
            _number(alarm.report.expected, ".3g"),
            _number(alarm.report.q_value, ".1e"),
            alarm.report.day.isoformat(),
            str(alarm.reported_on),
        )
        for alarm in ours.false
    ]
    return _Shown("False alarms", columns, rows)


def _missed(ours: Score) -> _Shown:
    columns = ("seed", "kind", "size", "subject", "steps", "segment", "sessions/week", "hits", "first day")
    rows = [_missed_row(verdict) for verdict in ours.verdicts if verdict.days is None]
    return _Shown("Missed", columns, rows)


def _missed_row(verdict: Verdict) -> tuple[str, ...]:
    truth = verdict.truth
    start = "from the start" if truth.from_the_start else truth.first_day.isoformat()
    return (
        str(verdict.seed),
        truth.kind,
        truth.size,
        truth.subject,
        " ".join(truth.steps),
        truth.segment,
        f"{truth.sessions_per_week:.0f}",
        f"{truth.hits} of {truth.chances}",
        start,
    )


def _inexact(ours: Score) -> _Shown:
    columns = ("seed", "kind", "size", "subject", "segment", "reported as", "subject", "segment", "first so on")
    rows = [
        (
            str(verdict.seed),
            *(verdict.truth.kind, verdict.truth.size, verdict.truth.subject, verdict.truth.segment),
            *(verdict.nearest.kind, verdict.nearest.subject, verdict.nearest.segment, str(verdict.nearest.day)),
        )
        for verdict in ours.verdicts
        if verdict.nearest and not verdict.localised
    ]
    return _Shown("Found, but not exactly", columns, rows)


def _number(value: float | None, form: str = ".2f") -> str:
    return "-" if value is None else format(value, form)


def _print(console: Console, shown: _Shown, *, markdown: bool) -> None:
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


def _as_json(worlds: Sequence[Judged], scores: dict[str, Score]) -> dict[str, object]:
    """Everything that was found, for whoever wants to compare runs."""
    return {
        "detectors": {
            name: {
                "precision": each.precision,
                "false_alarms_per_clean_week": each.false_per_clean_week,
                "lines": [{"kind": kind, "size": size} | asdict(found) for kind, size, found in lines(each.verdicts)],
                "verdicts": [asdict(verdict) for verdict in each.verdicts],
                "false_alarms": [asdict(alarm) for alarm in each.false],
            }
            for name, each in scores.items()
        },
        "worlds": [{"seed": world.seed, "clean": world.clean, "seconds": world.seconds} for world in worlds],
    }
