"""Pain points: what of all that was tested is a problem, told once, priced and ranked.

1. `problems.raised`: false discoveries are controlled over everything tested that day.
2. Evidence: enough sessions and users, nobody most of it; users who repeat a hit count less (design effect).
3. `merging`: what another problem explains, or what only broken tracking hides, becomes a fact of that one.
4. What was always so (it stands out only from comparable steps) and keeps nobody from a goal is how people use it.
5. `pricing`, identity, trend.

Everything is worked out from the days' tables; nothing is remembered from an earlier run. So any day can be made anew,
in any order, and `first_day` is the day from which the data show the problem.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from user_intel.detect import evidence as asked
from user_intel.detect.anomalies import Anomaly
from user_intel.detect.evidence import Evidence, Outcome, steps_of
from user_intel.detect.facts import Also, Facts, Number
from user_intel.detect.merging import hidden_by_tracking, merged
from user_intel.detect.mix import Mix, mixes
from user_intel.detect.pricing import Price, excess_part, price, priority, severity, within_real_losses
from user_intel.detect.problems import Problem, raised
from user_intel.detect.scene import Scene
from user_intel.detect.segments import ALL

if TYPE_CHECKING:
    import polars as pl

Trend = Literal["new", "worse", "same", "better"]
# One row of the table by column; what is not named is null.
Row = dict[str, object]

# Kinds that go by another name than the metric they were found in.
KINDS = {"exit": "drop_off", "dwell": "slow_step", "feature": "underused_feature"}
_METRICS = {
    "exit": "exit_rate", "dwell": "p50_s", "feature": "adoption", "loop": "loop_rate", "rapid_exit": "rapid_exit_rate",
    "u_turn": "u_turn_rate", "rage_click": "rage_click_rate", "dead_click": "dead_click_rate",
    "error_click": "error_click_rate", "form_abandonment": "abandonment_rate",
}  # fmt: skip
_SOURCES = {"exit": "drop_offs", "dwell": "slow_steps", "feature": "underused_features", "loop": "loops"}
# Where going back and forth may be how a product is used.
_MAY_BE_USE = ("loop", "u_turn")
_SURE = 2.0
# Of all the ways people go back and forth some do worse by chance; only what surely does is friction.
_VERY_SURE = 3.0
# Sessions with a signal that surely reach their goal no less often than this below others are not kept from it.
_HARMLESS = 0.02
# A design effect is estimated; by so much it exceeds 1 by chance.
_EFFECT_NOISE = 0.15
_CHANGED = 0.1


@dataclass(frozen=True)
class _Case:
    """A problem with all that was asked about it."""

    problem: Problem
    evidence: Evidence
    outcomes: list[Outcome]


def pain_points(scene: Scene) -> pl.DataFrame:
    """One row per problem of the day, with the columns of `tables.PAIN_POINTS`, most severe first."""
    import polars as pl

    limits = scene.product.thresholds
    broken = [each for each in scene.anomalies if each.p_value is not None and _is_raised(each)]
    problems, q_values = raised(list(scene.judged.values()), limits, [float(each.p_value or 0) for each in broken])
    cases = _supported(scene, problems)
    lost_sight = [(each, q) for each, q in zip(broken, q_values, strict=True) if q <= limits.q_value]
    hidden = _hidden(scene, cases, [each for each, _ in lost_sight])
    rows = [*_told_problems(scene, cases, hidden), *_told_anomalies(scene, lost_sight, cases, hidden)]
    table = scene.lake.table("pain_points")
    types: dict[str, pl.DataType | type[pl.DataType]] = {
        "DOUBLE": pl.Float64,
        "BIGINT": pl.Int64,
        "DATE": pl.Date,
        "VARCHAR[]": pl.List(pl.String),
    }
    schema = pl.Schema({column.name: types.get(column.type, pl.String) for column in table.columns})
    return pl.DataFrame(rows, schema=schema).sort("severity", "pain_point_id", descending=[True, False])


def pain_point_id(kind: str, subject: str, step: str, segment: str) -> str:
    """The same for the same problem on every day: 16 hex digits."""
    return hashlib.sha256("\x1f".join((kind, subject, step, segment)).encode()).hexdigest()[:16]


def _supported(scene: Scene, problems: Sequence[Problem]) -> list[_Case]:
    """The problems with enough evidence, their significance corrected for users who repeat a hit."""
    limits = scene.product.thresholds
    if not problems:
        return []
    weighed = [
        _weighed(problem, evidence)
        for problem, evidence in zip(problems, asked.gather(scene, problems), strict=True)
        if evidence.is_enough(limits)
    ]
    cases = _cases(scene, [problem for problem in weighed if problem.q_value <= limits.q_value])
    kept = [
        case.problem for case in cases if not _is_use(case) and not any(m.is_all for m in _mixes(scene, case.problem))
    ]
    # What is asked of all problems together goes by their number: numbers have to be those of the ones that are left.
    return _cases(scene, kept) if len(kept) < len(cases) else cases


def _mixes(scene: Scene, problem: Problem) -> list[Mix]:
    return list(mixes(scene.judged[problem.metric], problem, scene.window.segments))


def _cases(scene: Scene, problems: Sequence[Problem]) -> list[_Case]:
    if not problems:
        return []
    found, told = asked.gather(scene, problems), asked.outcomes(scene, problems)
    return [_Case(*each) for each in zip(problems, found, told, strict=True)]


def _weighed(problem: Problem, evidence: Evidence) -> Problem:
    """The problem, less significant by as much as its hits are repeated by the same users."""
    from scipy.special import ndtr, ndtri

    if problem.p_value <= 0:
        return problem
    effect = max(1.0, evidence.design_effect - _EFFECT_NOISE)
    if problem.reference == "own_baseline":
        # The same people came before; half of what they repeat was as much theirs then.
        effect = 1 + (effect - 1) / 2
    p_value = float(ndtr(ndtri(problem.p_value) / effect**0.5))
    return replace(problem, p_value=p_value, q_value=min(1.0, problem.q_value * p_value / problem.p_value))


def _is_use(case: _Case) -> bool:
    """Whether what was always so is how the product is used: sessions with it reach goals no less often."""
    if case.problem.reference != "comparable_steps":
        return False
    harms = [outcome.harm() for outcome in case.outcomes]
    if case.problem.metric in _MAY_BE_USE:
        return not any(difference > _VERY_SURE * error for difference, error in harms)
    return bool(harms) and all(difference + _SURE * error < _HARMLESS for difference, error in harms)


def _hidden(scene: Scene, cases: Sequence[_Case], lost_sight: Sequence[Anomaly]) -> dict[int, str]:
    """The cases that only tell of an event or page that cannot be seen any more, by number, with its name."""
    vanished = {each.metric.partition(":")[2] for each in lost_sight if each.kind == "vanished"}
    return hidden_by_tracking(scene, [case.problem for case in cases], vanished)


def _told_problems(scene: Scene, cases: Sequence[_Case], hidden: Mapping[int, str]) -> Iterator[Row]:
    if len(cases) == len(hidden):
        return
    problems = [case.problem for case in cases]
    groups = merged(scene, problems, hidden)
    losses = asked.flow_losses(scene)
    made = {flow: reached for flow, (_, reached) in losses.items()}
    prices = [price(cases[head].problem, cases[head].evidence, cases[head].outcomes, made) for head in groups]
    dwells = asked.dwell_quantiles(scene)
    for (head, others), cost in zip(groups.items(), within_real_losses(prices, losses), strict=True):
        yield _row(scene, cases[head], cost, [problems[number] for number in others], dwells.get(head))


def _row(scene: Scene, case: _Case, cost: Price, also: Sequence[Problem], dwell: tuple[float, float] | None) -> Row:
    problem, found = case.problem, case.evidence
    active = scene.active_users
    kind, subject, names = naming(problem)
    shown = _shown(problem, dwell, found)
    return {
        "day": scene.day,
        "pain_point_id": pain_point_id(kind, problem.key.subject, _place(problem), problem.key.segment),
        "kind": kind,
        "subject": subject,
        "subjects": names,
        "segment": problem.key.segment,
        "flow": cost.flow,
        "metric": _METRICS[problem.metric],
        "value": shown.value,
        "expected": shown.expected,
        "low": shown.low,
        "high": shown.high,
        "sessions": found.sessions,
        "users": found.users,
        "p_value": problem.p_value,
        "q_value": problem.q_value,
        "lost_conversions": cost.lost_conversions,
        "lost_usd": _worth(scene, cost),
        "severity": severity(excess_part(problem), found.users, active, cost.lost_share),
        "priority": priority(found.users, active),
        "first_day": problem.began,
        "last_day": max(problem.days_hit, default=problem.last),
        "days_seen": len(problem.days_hit),
        "trend": trend(scene, problem),
        "facts": _facts(scene, case, cost, also, shown, active).text(),
        "source_table": _SOURCES.get(problem.metric, "frustration_signals"),
    }


def naming(problem: Problem) -> tuple[str, str, list[str]]:
    """kind, subject and subjects of a pain point."""
    kind = KINDS.get(problem.metric, problem.metric)
    if problem.metric == "loop":
        cycle = list(json.loads(problem.key.subject))
        return kind, " <-> ".join(sorted(cycle)) if len(cycle) == 2 else " -> ".join(cycle), cycle
    step = _place(problem)
    names = [problem.key.subject] if step in ("", problem.key.subject) else [problem.key.subject, step]
    return kind, problem.key.subject, names


def _place(problem: Problem) -> str:
    """The step that tells its subject from others of the same name; a feature is the same wherever it is used from."""
    return "" if problem.metric == "feature" else problem.key.step


@dataclass(frozen=True)
class _Shown:
    value: float
    expected: float
    low: float
    high: float
    unit: str


def _shown(problem: Problem, dwell: tuple[float, float] | None, found: Evidence | None = None) -> _Shown:
    """The measures as people know them: a median for a geometric mean, adoption for its opposite."""
    if problem.metric == "dwell" and dwell:
        scale = dwell[0] / problem.value
        return _Shown(dwell[0], problem.expected * scale, problem.low * scale, problem.high * scale, "s")
    if problem.metric == "feature":
        # Judged by arrivals, of which a session may have several; told by sessions.
        adoption = 1 - found.sessions / found.units if found and found.units else 1 - problem.value
        # Where nobody uses it any more there is no ratio: what is expected stays as it was judged.
        scale = adoption / (1 - problem.value) if problem.value < 1 else 1.0
        expected, low, high = (min(1.0, (1 - each) * scale) for each in (problem.expected, problem.high, problem.low))
        return _Shown(adoption, expected, low, high, "share")
    return _Shown(problem.value, problem.expected, problem.low, problem.high, "share")


def trend(scene: Scene, problem: Problem) -> Trend:
    """new when it began within the window; else how the window's value differs from the window's before."""
    window = timedelta(days=scene.product.thresholds.window_days)
    if problem.began_known and problem.began > scene.day - window:
        return "new"
    before, now = problem.earlier_value, problem.value
    if before is None or before <= 0:
        return "same"
    if problem.metric == "dwell":
        error = abs(problem.high - problem.low) / 2 / 1.96 * 2**0.5
    else:
        error = (before * (1 - before) / problem.earlier_units + now * (1 - now) / max(problem.units, 1)) ** 0.5
    if abs(now - before) < _CHANGED * before or abs(now - before) < _SURE * error:
        return "same"
    return "worse" if now > before else "better"


def _worth(scene: Scene, cost: Price) -> float | None:
    goal = next((flow.steps[-1] for flow in scene.flows if flow.name == cost.flow), None)
    value = scene.product.goals.value_usd.get(goal or "")
    return None if value is None or cost.lost_conversions is None else cost.lost_conversions * value


def _also(problems: Sequence[Problem]) -> list[Also]:
    named = ((naming(problem), problem, _shown(problem, None)) for problem in problems)
    return [
        Also(kind, subject, problem.key.segment, shown.value, shown.expected, problem.q_value)
        for (kind, subject, _), problem, shown in named
    ]


def _facts(scene: Scene, case: _Case, cost: Price, also: Sequence[Problem], shown: _Shown, active: int) -> Facts:
    problem = case.problem
    return Facts(
        list(_numbers(scene, case, cost, shown, active)),
        problem.reference,
        steps_of(problem),
        _also(also),
        reversals=[mix.along for mix in _mixes(scene, problem) if mix.is_reversal],
        notes=() if problem.began_known else ("since when is not known: it is as old as the data",),
    )


def _numbers(scene: Scene, case: _Case, cost: Price, shown: _Shown, active: int) -> Iterator[Number]:
    problem, found = case.problem, case.evidence
    units = "visits" if problem.metric == "dwell" else "sessions"

    def number(name: str, what: str, value: float, unit: str, of: str) -> Number:
        return Number(name, what, value, unit, problem.first, problem.last, of, problem.key.segment)

    def of_everybody(told: Number) -> Number:
        return replace(told, segment=ALL, first_day=scene.window.days[0], last_day=scene.day)

    of = f"{units} at {problem.key.step or problem.key.subject}"
    yield number("value", _METRICS[problem.metric], shown.value, shown.unit, of)
    yield number(
        "expected", f"expected {_METRICS[problem.metric]} ({problem.reference})", shown.expected, shown.unit, of
    )
    yield number("low", "lower end of the 95 % interval", shown.low, shown.unit, of)
    yield number("high", "upper end of the 95 % interval", shown.high, shown.unit, of)
    yield number("units", units, int(problem.units), units, of)
    yield number("sessions_hit", "sessions hit", found.sessions, "sessions", of)
    yield number("users_hit", "users hit", found.users, "users", of)
    yield of_everybody(number("active_users", "active users", active, "users", "all users"))
    yield number(
        "users_hit_share", "users hit of active users", found.users / active if active else 0.0, "share", "active users"
    )
    yield number("top_user_share", "share of the user hit most often", found.top_user_share, "share", "hits")
    for outcome in case.outcomes:
        if outcome.goal_rate is not None:
            yield number(
                f"goal_rate:{outcome.flow}", "goal rate of sessions hit", outcome.goal_rate, "share", "sessions hit"
            )
        if outcome.goal_rate_without is not None:
            name = f"goal_rate_without:{outcome.flow}"
            yield number(name, "goal rate of sessions not hit", outcome.goal_rate_without, "share", of)
    if cost.lost_conversions is not None:
        yield number(
            "lost_conversions", f"conversions of {cost.flow} lost", cost.lost_conversions, "conversions", "flow"
        )
        made = number("conversions", f"conversions of {cost.flow}", cost.conversions, "conversions", "flow")
        yield of_everybody(made)
    worth = _worth(scene, cost)
    if worth is not None:
        yield number("lost_usd", f"worth of the conversions of {cost.flow} lost", worth, "usd", "flow")
    if problem.earlier_value is not None:
        # In the same measure as the value: adoption for its opposite, a median for a geometric mean.
        scale = shown.value / problem.value if problem.metric == "dwell" else 1.0
        earlier = 1 - problem.earlier_value if problem.metric == "feature" else problem.earlier_value * scale
        told = number("value_before", f"{_METRICS[problem.metric]} in the window before", earlier, shown.unit, of)
        first = problem.first - timedelta(days=scene.product.thresholds.window_days)
        if problem.began_known and problem.began < problem.first:
            first = max(first, problem.began)
        yield replace(told, first_day=first, last_day=problem.first - timedelta(days=1))


def _is_raised(anomaly: Anomaly) -> bool:
    """Which anomalies are problems: tracking that broke, and people who stay away. More traffic is none."""
    if anomaly.kind in ("vanished", "tracking"):
        return True
    fell = anomaly.expected is not None and anomaly.value <= 0.5 * anomaly.expected
    return anomaly.kind == "volume" and anomaly.direction == "down" and fell


def _told_anomalies(
    scene: Scene, found: Sequence[tuple[Anomaly, float]], cases: Sequence[_Case], hidden: Mapping[int, str]
) -> Iterator[Row]:
    for anomaly, q_value in found:
        expected = anomaly.expected or 0.0
        part = max(0.0, 1 - anomaly.value / expected) if expected else 0.0
        name = anomaly.metric.partition(":")[2] or anomaly.metric
        also = [cases[number].problem for number, of in hidden.items() if of == name]
        yield {
            "day": scene.day,
            "pain_point_id": pain_point_id("anomaly", anomaly.metric, "", ALL),
            "kind": "anomaly",
            "subject": anomaly.metric,
            "subjects": list(dict.fromkeys((anomaly.metric, name))),
            "segment": ALL,
            "metric": anomaly.metric,
            "value": anomaly.value,
            "expected": expected,
            "low": anomaly.low,
            "high": anomaly.high,
            "sessions": 0,
            "users": 0,
            "p_value": anomaly.p_value,
            "q_value": q_value,
            # Nobody is hurt by what cannot be seen, but everything told of it is blind: half of a friction as large.
            "severity": round(50 * part, 1),
            "priority": "P1",
            "first_day": anomaly.first_day,
            "last_day": scene.day,
            "days_seen": _days(anomaly.first_day, scene.day),
            "trend": _anomaly_trend(scene, anomaly),
            "facts": _anomaly_facts(scene, anomaly, expected, also).text(),
            "source_table": "anomalies",
        }


def _anomaly_facts(scene: Scene, anomaly: Anomaly, expected: float, also: Sequence[Problem]) -> Facts:
    unit = "share" if anomaly.kind == "tracking" else "events"
    seen = Number("value", anomaly.metric, anomaly.value, unit, scene.day, scene.day, "the day", ALL)
    expectation = replace(seen, id="expected", what=f"expected {anomaly.metric}", value=expected)
    return Facts([seen, expectation], "own_baseline", [], _also(also), notes=(anomaly.kind,))


def _days(first: date, last: date) -> int:
    return (last - first).days + 1


def _anomaly_trend(scene: Scene, anomaly: Anomaly) -> Trend:
    window = timedelta(days=scene.product.thresholds.window_days)
    return "new" if anomaly.first_day > scene.day - window else "same"
