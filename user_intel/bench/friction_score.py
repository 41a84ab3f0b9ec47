"""How reports are held against what was planted. Pure: takes judged worlds, returns numbers.

Found: on some day since the friction began, a report of the planted kind (or one that names the kind under `also`)
shares its step, element, feature or metric. Localised: of all such reports one has exactly the planted kind, subject
and segment. True: a report that shares the step of what is planted, whatever its kind, or tells of its consequence:
fewer conversions or events of the same flow. Neither true nor false: an anomaly on the day of a tracking outage or
the day after.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from user_intel.bench.friction_reports import Judged, Report
from user_intel.simulate.friction.planting import KINDS, SIZES, Truth

PRACTICAL_SESSIONS = 200


@dataclass(frozen=True)
class Verdict:
    """What became of one planted friction; `days` until it was first reported, None when it was missed.

    `nearest` is the report that comes closest to it: the first that is exact, else the first that finds it.
    """

    seed: int
    truth: Truth
    days: int | None
    localised: bool
    nearest: Report | None = None


@dataclass(frozen=True)
class FalseAlarm:
    """A problem reported that nobody planted, by its first report."""

    seed: int
    clean: bool
    report: Report
    reported_on: int


@dataclass(frozen=True)
class Score:
    """All that one detector did: verdicts, reported problems that are true, those that are not, and clean weeks."""

    verdicts: list[Verdict]
    true: list[Report]
    false: list[FalseAlarm]
    clean_weeks: float

    @property
    def precision(self) -> float | None:
        """The share of problems reported in planted worlds that are true; None where nothing was reported."""
        wrong = sum(not alarm.clean for alarm in self.false)
        return _share(len(self.true), len(self.true) + wrong)

    def precision_of(self, kind: str) -> float | None:
        """The same for one kind of report."""
        right = sum(report.kind == kind for report in self.true)
        wrong = sum(alarm.report.kind == kind and not alarm.clean for alarm in self.false)
        return _share(right, right + wrong)

    @property
    def false_per_clean_week(self) -> float | None:
        """Problems reported in clean worlds, a week; None where no clean world was watched."""
        return sum(alarm.clean for alarm in self.false) / self.clean_weeks if self.clean_weeks else None

    def false_of(self, kind: str) -> float | None:
        """The same for one kind of report."""
        alarms = sum(alarm.clean and alarm.report.kind == kind for alarm in self.false)
        return alarms / self.clean_weeks if self.clean_weeks else None


@dataclass(frozen=True)
class Line:
    """Frictions of a sort: how many there were, the share found, the share of those localised, median days until."""

    planted: int
    recall: float | None
    localised: float | None
    days: float | None


def score(worlds: Iterable[Judged], detector: str) -> Score:
    """What `detector` did in these worlds."""
    total = Score([], [], [], 0.0)
    weeks = 0.0
    for world in worlds:
        reports = world.reports.get(detector, [])
        total.verdicts.extend(_verdicts(world, reports))
        weeks += world.weeks if world.clean else 0.0
        for same in _by_id(reports).values():
            if any(_is_true(report, world.truths) for report in same):
                total.true.append(same[0])
            elif not all(_excused(report, world) for report in same):
                total.false.append(FalseAlarm(world.seed, world.clean, same[0], len(same)))
    return Score(total.verdicts, total.true, total.false, weeks)


def line(verdicts: Iterable[Verdict]) -> Line:
    """The figures of some frictions."""
    listed = list(verdicts)
    found = [verdict for verdict in listed if verdict.days is not None]
    waits = [float(verdict.days) for verdict in found if verdict.days is not None]
    return Line(
        planted=len(listed),
        recall=_share(len(found), len(listed)),
        localised=_share(sum(verdict.localised for verdict in found), len(found)),
        days=median(waits) if waits else None,
    )


def lines(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str, Line]]:
    """Kind, size and figures: of every kind and size planted, of practical ones with traffic, from the start, overall.

    What was there from the first day has no before; it is told of in rows of its own and in no other.
    """
    later = [verdict for verdict in verdicts if not verdict.truth.from_the_start]
    for kind in KINDS:
        for size in SIZES:
            if some := [v for v in later if v.truth.kind == kind and v.truth.size == size]:
                yield kind, size, line(some)
    for kind in ("all", *KINDS):
        if some := [v for v in later if practical(v) and kind in ("all", v.truth.kind)]:
            yield kind, f"practical, >= {PRACTICAL_SESSIONS} sessions a week", line(some)
    for kind in ("all", *KINDS):
        if some := [v for v in verdicts if v.truth.from_the_start and kind in ("all", v.truth.kind)]:
            yield kind, "from the start, any size", line(some)
    for size in SIZES:
        if some := [v for v in later if v.truth.size == size]:
            yield "all", size, line(some)
    yield "all", "any size", line(later)


def practical(verdict: Verdict) -> bool:
    """Whether the friction is of the size, and the step as busy, that the goals are set for."""
    truth = verdict.truth
    return truth.size == "practical" and truth.sessions_per_week >= PRACTICAL_SESSIONS and not truth.from_the_start


def names_of(truth: Truth) -> set[str]:
    """Whatever a report may call the place of a planted friction."""
    named = {*truth.steps, truth.element, truth.feature, truth.metric}
    return {_plain(name) for name in named if name}


def _verdicts(world: Judged, reports: Sequence[Report]) -> Iterator[Verdict]:
    for truth in world.truths:
        found = [report for report in reports if report.day >= truth.first_day and _finds(report, truth)]
        found.sort(key=lambda report: report.day)
        days = (found[0].day - truth.first_day).days if found else None
        exact = [report for report in found if _localises(report, truth)]
        nearest = next(iter([*exact, *found]), None)
        yield Verdict(world.seed, truth, days, bool(exact), nearest)


def _finds(report: Report, truth: Truth) -> bool:
    if report.kind == truth.kind and _named(report) & names_of(truth):
        return True
    return any(also.kind == truth.kind and _parts(also.subject) & names_of(truth) for also in report.also)


def _localises(report: Report, truth: Truth) -> bool:
    if (report.kind, report.segment) != (truth.kind, truth.segment):
        return False
    if truth.kind == "loop":
        return set(report.subjects or report.subject.split(" <-> ")) == set(truth.steps)
    if truth.element:
        on_other_step = report.subjects and not {truth.steps[0]} & set(report.subjects)
        return report.subject == truth.element and not on_other_step
    return _plain(report.subject) == _plain(truth.subject)


def _is_true(report: Report, truths: Iterable[Truth]) -> bool:
    return any(report.day >= truth.first_day and _tells_of(report, truth) for truth in truths)


def _tells_of(report: Report, truth: Truth) -> bool:
    if _named(report) & names_of(truth) or any(_parts(also.subject) & names_of(truth) for also in report.also):
        return True
    return report.kind == "anomaly" and truth.flow is not None and _plain(report.subject) == truth.flow


def _excused(report: Report, world: Judged) -> bool:
    days = {world.outage, world.outage + timedelta(days=1)} if world.outage else set()
    return report.kind == "anomaly" and report.day in days


def _named(report: Report) -> set[str]:
    return _parts(report.subject) | {_plain(name) for name in report.subjects}


def _parts(subject: str) -> set[str]:
    return {_plain(part) for part in subject.split(" <-> ")} | {_plain(subject)}


def _plain(name: str) -> str:
    """Without what says of which sort a metric is: event:video_played, conversion:checkout."""
    return name.removeprefix("event:").removeprefix("conversion:")


def _by_id(reports: Iterable[Report]) -> dict[str, list[Report]]:
    by_id: dict[str, list[Report]] = {}
    for report in sorted(reports, key=lambda each: each.day):
        by_id.setdefault(report.id, []).append(report)
    return by_id


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
