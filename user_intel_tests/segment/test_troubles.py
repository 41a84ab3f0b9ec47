"""Pain points of personas: detect's own problems, met by whom detect says, compared exactly."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from user_intel.detect import summary
from user_intel.detect.found_again import as_problem
from user_intel.detect.history import Key
from user_intel.detect.pain_points import naming
from user_intel.detect.problems import Problem
from user_intel.detect.run import detect_window, write_tallies
from user_intel.segment.troubles import troubles
from user_intel_tests.detect.hand_made import DAY, before, new_lake, rows, write_rows
from user_intel_tests.detect.made_pain_points import BUTTON, facts, made
from user_intel_tests.detect.troubled_shop import DAYS, PRODUCT, TROUBLED, write_shop

PROBLEMS = [
    ("exit", "/cart", "/cart"), ("dwell", "/cart", "/cart"), ("u_turn", "/cart", "/cart"),
    ("loop", '["/a","/b"]', "/a"), ("loop", '["/a","/ü","paid"]', "/a"),
    ("rage_click", BUTTON, "/cart"), ("dead_click", BUTTON, "/cart"),
    ("error_click", BUTTON, "/cart"), ("form_abandonment", "/cart", "/cart"), ("rapid_exit", "/cart", "/cart"),
    ("feature", "export", ""),
]  # fmt: skip


@pytest.mark.parametrize(("metric", "subject", "step"), PROBLEMS)
def test_a_pain_point_is_the_problem_that_it_was(metric: str, subject: str, step: str) -> None:
    problem = SimpleNamespace(metric=metric, key=Key(subject, step, "plan=pro"))
    kind, said, names = naming(cast("Problem", problem))
    measured = [{"id": "value", "value": 0.4, "from": "2026-03-27", "to": "2026-03-29"}]
    found = made(kind, *names, subject=said, segment="plan=pro", facts=facts(numbers=measured))
    again, key, first, last = as_problem(found, [before(6), DAY])
    assert (again, key.subject, key.segment) == (metric, subject, "plan=pro")
    # Of a feature the step is not asked, of a cycle its steps stand in its subject.
    assert key.step == step or metric in ("feature", "loop")
    assert (first, last) == (before(2), DAY)


def test_whom_detect_saw_meet_a_problem_is_whom_personas_count(tmp_path: Path) -> None:
    lake = new_lake(tmp_path, PRODUCT)
    write_shop(lake)
    # Its days are alike before trouble begins, and after.
    for alike in (DAYS[:-4], TROUBLED):
        write_tallies(lake, PRODUCT, alike[0])
        for day in alike[1:]:
            write_rows(lake, "tallies", day, [{**row, "day": day} for row in rows(lake, "tallies", alike[0])])
    detect_window(lake, PRODUCT, DAY, ["pain_points"])
    users = {row["user_id"] for day in DAYS for row in rows(lake, "sessions", day)}
    keys = {user: "persona-1" if user.startswith("mobile") else "persona-2" for user in users}
    clusters: list[dict[str, Any]] = [
        {"day": DAY, "user_id": user, "cluster_key": key} for user, key in sorted(keys.items())
    ]
    write_rows(lake, "user_clusters", DAY, clusters)
    leaving, circling = summary.ranked_pain_points(lake, DAY)
    found = troubles(lake, PRODUCT, DAY)
    # 20 of 40 sessions on mobile leave on each of four days, by others each day: of 200 people 80.
    assert [(each.pain_point_id, each.users, each.rate, each.rest) for each in found["persona-1"]] == [
        (leaving.pain_point_id, 80, 0.4, 0.0)
    ]
    assert [(each.pain_point_id, each.users, each.rate, each.rest) for each in found["persona-2"]] == [
        (circling.pain_point_id, 48, 0.24, 0.0)
    ]
    assert (leaving.users, circling.users) == (80, 48)


def test_a_day_without_pain_points_troubles_nobody(tmp_path: Path) -> None:
    assert troubles(new_lake(tmp_path, PRODUCT), PRODUCT, DAY) == {}
