"""FrictionBench counts what it says it counts: scores worked by hand, rules on hand-made days."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from user_intel.bench import friction, friction_worlds
from user_intel.bench.friction_reports import OURS, Also, Judged, Report, read_reports
from user_intel.bench.friction_rules import RULES, by_rules, find_signals
from user_intel.bench.friction_score import Line, line, lines, score
from user_intel.bench.friction_worlds import Task, judge_world, run_detectors
from user_intel.lake import Lake
from user_intel.product import Product
from user_intel.simulate.friction import Truth
from user_intel.tables import catalogue

DAYS = tuple(date(2026, 3, 2) + timedelta(days=number) for number in range(14))


def truth(kind: str, **told: Any) -> Truth:
    plain = {"size": "practical", "steps": ("/pay",), "element": None, "feature": None, "metric": None, "flow": None}
    plain |= {"segment": "all", "first_day": DAYS[4], "from_the_start": False, "amount": 0.15}
    return Truth(**{**plain, "sessions_per_week": 300.0, **told, "kind": kind})


def report(kind: str, subject: str, day: int, **told: Any) -> Report:
    subjects = told.pop("subjects", tuple(subject.split(" <-> ")))
    segment = told.pop("segment", "all")
    return Report(f"{kind}/{subject}/{segment}", kind, subject, subjects, segment, DAYS[day], **told)


def judged(*reports: Report, truths: tuple[Truth, ...] = (), clean: bool = False, **told: Any) -> Judged:
    return Judged(1, clean, DAYS, told.get("outage"), truths, {OURS: list(reports)})


def test_scores_are_as_worked_by_hand() -> None:
    truths = (
        truth("drop_off", segment="device_type=mobile", flow="buy"),
        truth("rage_click", steps=("/cart",), element='button.btn#go "Go"', first_day=DAYS[0], from_the_start=True),
        truth("loop", steps=("/b", "/a"), size="small"),
    )
    planted = judged(
        report("drop_off", "/pay", 2),  # before it began: it alone would be false
        report("drop_off", "/pay", 6),
        report("drop_off", "/pay", 7, segment="device_type=mobile"),
        report("rage_click", 'button.btn#go "Go"', 3, subjects=('button.btn#go "Go"', "/cart")),
        report("slow_step", "/blog", 9),
        report("slow_step", "/blog", 10),
        truths=truths,
    )
    clean = judged(report("u_turn", "/help", 8), report("u_turn", "/help", 9), clean=True)
    found = score([planted, clean], OURS)
    assert [(v.truth.kind, v.days, v.localised) for v in found.verdicts] == [
        ("drop_off", 2, True),
        ("rage_click", 3, True),
        ("loop", None, False),
    ]
    # Four problems told of in the planted world, three of them true; one in two clean weeks.
    assert found.precision == 0.75
    assert found.precision_of("slow_step") == 0.0
    assert found.false_per_clean_week == 0.5
    assert found.false_of("u_turn") == 0.5
    assert [v.nearest and (v.nearest.segment, v.nearest.day) for v in found.verdicts] == [
        ("device_type=mobile", DAYS[7]),
        ("all", DAYS[3]),
        None,
    ]
    assert [(alarm.report.subject, alarm.clean, alarm.reported_on) for alarm in found.false] == [
        ("/blog", False, 2),
        ("/help", True, 2),
    ]


def test_what_was_there_from_the_start_is_told_of_apart() -> None:
    truths = (truth("drop_off"), truth("slow_step", steps=("/a",), from_the_start=True, first_day=DAYS[0]))
    world = judged(report("drop_off", "/pay", 5), report("drop_off", "/pay", 6), truths=truths)
    rows = {(kind, size): figures for kind, size, figures in lines(score([world], OURS).verdicts)}
    assert rows["drop_off", "practical"] == Line(planted=1, recall=1.0, localised=1.0, days=1.0)
    assert rows["slow_step", "from the start, any size"] == Line(planted=1, recall=0.0, localised=None, days=None)
    assert ("slow_step", "practical") not in rows
    assert rows["all", "any size"].planted == 1
    assert rows["all", "practical, >= 200 sessions a week"].planted == 1


@pytest.mark.parametrize(
    ("reported", "found", "localised"),
    [
        (report("loop", "/a <-> /b", 5), True, True),
        (report("loop", "/b -> /a", 5, subjects=("/b", "/a")), True, True),
        (report("loop", "/a <-> /c", 5), True, False),
        (report("loop", "/a <-> /b", 5, segment="plan=pro"), True, False),
        (report("u_turn", "/a", 5, also=(Also("loop", "/a <-> /b"),)), True, False),
        (report("u_turn", "/a", 5), False, False),
        (report("loop", "/a <-> /b", 3), False, False),
        (report("loop", "/x <-> /y", 5), False, False),
    ],
)
def test_a_loop_is_found_by_kind_and_steps_from_its_first_day_on(
    reported: Report, found: bool, localised: bool
) -> None:
    (verdict,) = score([judged(reported, truths=(truth("loop", steps=("/b", "/a")),))], OURS).verdicts
    assert (verdict.days is not None, verdict.localised) == (found, localised)


def test_an_element_of_the_same_name_on_another_step_is_not_localised() -> None:
    planted = truth("dead_click", element="a.x")
    there = report("dead_click", "a.x", 5, subjects=("a.x", "/elsewhere"))
    here = report("dead_click", "a.x", 5, subjects=("a.x", "/pay"))
    assert [score([judged(r, truths=(planted,))], OURS).verdicts[0].localised for r in (there, here)] == [False, True]


def test_metrics_are_known_with_and_without_their_sort() -> None:
    planted = truth("anomaly", steps=(), metric="event:video_played")
    for name in ("event:video_played", "video_played"):
        (verdict,) = score([judged(report("anomaly", name, 5), truths=(planted,))], OURS).verdicts
        assert verdict.localised


def test_consequences_and_outages_are_no_false_alarms() -> None:
    world = judged(
        report("anomaly", "conversion:buy", 6),
        report("anomaly", "sessions", 9),
        report("anomaly", "users", 11),
        truths=(truth("drop_off", flow="buy"),),
        outage=DAYS[9],
    )
    found = score([world], OURS)
    assert [each.subject for each in found.true] == ["conversion:buy"]
    assert [alarm.report.subject for alarm in found.false] == ["users"]


def test_nothing_planted_and_nothing_reported_gives_no_figures() -> None:
    assert line([]) == Line(planted=0, recall=None, localised=None, days=None)
    empty = score([], OURS)
    assert (empty.precision, empty.false_per_clean_week) == (None, None)


NOON = datetime(2026, 3, 2, 12)  # noqa: DTZ001
EVENT = {"event": "$autocapture", "page": "/cart", "element": "button#go", "properties": '{"$event_type":"click"}'}


def event(session: str, after_ms: int, day: int = 0, **told: Any) -> dict[str, Any]:
    at = NOON + timedelta(days=day, milliseconds=after_ms)
    fixed = {"event_id": f"{session} {day} {after_ms} {told}", "user_id": session, "is_bot": False, "source": "csv"}
    return {**EVENT, **fixed, "session_id": session, "day": DAYS[day], "at": at, "step": None, **told}


def visit(session: str, position: int, step: str, dwell_s: float | None, following: str | None) -> dict[str, Any]:
    entered_at = NOON + timedelta(minutes=position)
    return {"day": DAYS[0], "session_id": session, "user_id": session, "position": position, "step": step} | {
        "entered_at": entered_at, "dwell_s": dwell_s, "repeats": 1, "next_step": following}  # fmt: skip


def frame(lake: Lake, table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    schema = lake.frame(table, []).collect_schema()
    full = [{name: row.get(name) for name in schema} for row in rows]
    return pl.DataFrame(full, schema=schema)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path, catalogue(Product()))


def test_rules_count_clicks_as_their_publishers_do(lake: Lake) -> None:
    events = [event("fast", ms) for ms in (0, 200, 400)]  # raging for all
    events += [event("slow", ms) for ms in (0, 450, 900)]  # within a second, but with long gaps
    events += [event("calm", ms) for ms in (0, 700, 1400)]
    events += [event("dead", 0, event="$dead_click"), event("torn", 0), event("torn", 900, event="$exception")]
    events += [event("late", 0), event("late", 1500, event="$exception")]
    steps = [visit("back", 1, "/list", 60.0, "/item"), visit("back", 2, "/item", 9.0, "/list")]
    steps += [visit("back", 3, "/list", None, None)]
    steps += [visit("reads", 1, "/list", 60.0, "/item"), visit("reads", 2, "/item", 11.0, "/list")]
    signals = find_signals(frame(lake, "events", events), frame(lake, "steps", steps))
    assert set(signals.rage["session_id"]) == {"fast", "slow"}
    assert set(signals.fast["session_id"]) == {"fast"}
    assert set(signals.dead["session_id"]) == {"dead"}
    assert set(signals.error_clicks["session_id"]) == {"torn"}
    assert set(signals.errors["session_id"]) == {"torn", "late"}
    assert signals.quick_backs.select("session_id", "page").rows() == [("back", "/item")]


def test_rules_speak_only_above_their_thresholds(lake: Lake) -> None:
    """Ten of a hundred sessions of the first day rage on /cart: enough for all; nine dead clicks are too few."""
    with lake.connect() as connection:
        events = [event(f"s{n}", ms) for n in range(10) for ms in (0, 200, 400)]
        events += [event(f"s{n}", 0, event="$dead_click") for n in range(9)]
        steps = [visit(f"s{n}", 1, "/cart", None, None) for n in range(100)]
        for table, rows in (("events", frame(lake, "events", events)), ("steps", frame(lake, "steps", steps))):
            connection.register("made", rows)
            lake.write_day(table, DAYS[0], connection.table("made"))
    found = by_rules(lake, Product(), DAYS[:3])
    first = {name: [(r.kind, r.subject) for r in reports if r.day == DAYS[0]] for name, reports in found.items()}
    assert first == {name: [("rage_click", "button#go")] for name in RULES}


def test_a_trend_is_unusual_when_far_from_the_days_before(lake: Lake) -> None:
    """Ten to fourteen video_played a day, then one: PostHog's detector says so on that day, once."""
    with lake.connect() as connection:
        for number, count in enumerate([10, 14, 12, 11, 13, 12, 12, 1, 12]):
            rows = [event(f"s{n}", n, number, event="video_played", step="video_played") for n in range(count)]
            connection.register("made", frame(lake, "events", rows))
            lake.write_day("events", DAYS[number], connection.table("made"))
    reports = by_rules(lake, Product(), DAYS[:9])["PostHog's"]
    assert [(r.kind, r.subject, r.day, r.value, r.expected) for r in reports] == [
        ("anomaly", "video_played", DAYS[7], 1.0, 12.0)
    ]


def a_pain_point(lake: Lake, day: date) -> pl.DataFrame:
    also = [{"kind": "drop_off", "subject": "/pay", "segment": "all"}]
    row = {"day": day, "pain_point_id": "p1", "kind": "rapid_exit", "subject": "/pay", "subjects": ["/pay"]}
    return frame(lake, "pain_points", [{**row, "segment": "all", "value": 0.2, "facts": json.dumps({"also": also})}])


def test_detectors_start_from_nothing_and_are_read_day_by_day(lake: Lake) -> None:
    def detect_day(lake: Lake, product: Product, day: date) -> None:
        assert day not in lake.days("pain_points"), "what an earlier run wrote is gone"
        with lake.connect() as connection:
            connection.register("made", a_pain_point(lake, day))
            lake.write_day("pain_points", day, connection.table("made"))

    for _ in range(2):
        reports = run_detectors(lake, Product(), DAYS[:2], detect_day)
        assert [each.day for each in reports] == [DAYS[0], DAYS[1]]
    assert reports[0].also == (Also("drop_off", "/pay", "all"),)
    assert read_reports(lake, DAYS[5]) == []


def test_a_kept_world_is_made_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(friction_worlds, "_detect", lambda lake, product, days: [])
    task = Task(5, clean=False, users=60, days=8, keep=tmp_path)
    first = judge_world(task)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    second = judge_world(task)
    assert first.truths == second.truths
    assert first.reports == second.reports
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")} == written
    assert len(first.days) == 8


def test_the_tables_can_be_pasted_into_a_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = truth("loop", steps=("/y", "/x"))
    reports = report("slow_step", "/a|b", 5), report("loop", "/x <-> /z", 6)
    planted = judged(*reports, truths=(truth("drop_off"), loop))
    monkeypatch.setattr(friction, "judge", lambda tasks: [planted, judged(clean=True)])
    show = friction.Show(false=True, missed=True, markdown=True)
    friction.run(seeds=1, json_path=tmp_path / "figures.json", show=show)
    printed = capsys.readouterr().out
    assert "| drop_off | practical | 1 | 0.00 | - | - |" in printed
    assert "| 1 | planted | slow_step | /a\\|b | all |" in printed
    assert "| 1 | drop_off | practical | /pay | /pay | all | 300 |" in printed
    assert "| 1 | loop | practical | /x <-> /y | all | loop | /x <-> /z | all | 2026-03-08 |" in printed
    told = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert told["detectors"][OURS]["verdicts"][0]["days"] is None
    assert told["worlds"] == [
        {"seed": 1, "clean": False, "seconds": 0.0},
        {"seed": 1, "clean": True, "seconds": 0.0},
    ]
