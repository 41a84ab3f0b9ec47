"""The bench of groups counts what it says it counts: scores worked by hand, and one small world from end to end."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from user_intel.bench import segments, segments_worlds
from user_intel.bench.ours_segments import made_up
from user_intel.bench.segments import Asked, tables
from user_intel.bench.segments_peers import ceiling
from user_intel.bench.segments_score import Ceiling, Found, Judged, Kept, Member, found, kept, members_on, planted
from user_intel.bench.segments_worlds import judge_world

DAY = date(2026, 3, 30)
A, B = Member(0, changing=False), Member(1, changing=False)


def judged(seed: int, ari: float, groups: int, **told: object) -> Judged:
    plain = {"overlap": "overlapping", "control": False, "users": 900, "scored": 400, "planted": 3, "words": ""}
    plain |= {"verdict": "clusters", "lowest_jaccard": 0.8, "ceiling": Ceiling(0.97, 0.92, 0.6, 0.4)}
    plain |= {"ours": Found(ari, groups, 0.1)}
    return Judged(seed=seed, **{**plain, **told})  # type: ignore[arg-type]


def test_an_archetype_is_that_of_most_sessions_in_the_window() -> None:
    rows = [
        ("ann", DAY, 0, 3),
        ("ann", DAY - timedelta(days=6), 1, 4),
        ("ann", DAY - timedelta(days=7), 0, 9),  # before the window
        ("ben", DAY, 1, 4),  # too few to be scored
        ("cid", DAY, 1, 5),
        ("dan", DAY + timedelta(days=1), 1, 50),  # after it
    ]
    members = pl.DataFrame(rows, schema=["user_id", "day", "archetype", "sessions"], orient="row")
    assert members_on(members, DAY, 7) == {"ann": Member(1, changing=True), "cid": Member(1, changing=False)}


def test_who_is_in_no_group_counts_as_a_group() -> None:
    archetypes = np.array([0, 0, 0, 1, 1, 1])
    assert found(archetypes, np.array([0, 0, 0, 1, 1, 1])) == Found(1.0, 2, 0.0)
    # Pairs together in both 3; in archetypes 6, in groups 4 of 15: (3 - 1.6) / (5 - 1.6).
    some = found(archetypes, np.array([0, 0, 0, 1, -1, -1]))
    assert some.ari == pytest.approx((4 - 6 * 4 / 15) / ((6 + 4) / 2 - 6 * 4 / 15))
    assert (some.groups, some.noise_share) == (2, pytest.approx(1 / 3))


def test_an_archetype_of_a_handful_need_not_be_found() -> None:
    assert planted(np.repeat([0, 1, 2], [50, 46, 4])) == 2


def test_user_days_that_kept_their_persona_are_counted_by_hand() -> None:
    changed = Member(1, changing=True)
    first = ({"ann": A, "ben": A, "cid": B, "dan": B}, {"ann": "p1", "ben": "p1", "cid": "p2", "dan": None})
    second = ({"ann": A, "ben": A, "cid": changed, "dan": B}, {"ann": "p1", "ben": "p2", "cid": "p1", "dan": "p2"})
    third = ({"ann": A, "ben": A, "dan": B, "eve": B}, {"ann": "p1", "ben": "p2", "dan": None, "eve": "p2"})
    # Second day: ann kept, ben not; cid is changing, dan had none. Third: ann and ben kept, dan lost; eve is new.
    # In the first persona of their archetype, of those in any: ann, dan; ann, eve; not ben, twice.
    assert kept([first, second, third]) == Kept(user_days=5, kept=3, of_first=6, in_first=4)
    assert kept([first]) == Kept()
    assert kept([]) == Kept()


def test_the_ceiling_is_near_one_where_features_tell_and_near_chance_where_they_do_not() -> None:
    dice = np.random.default_rng(1)
    archetypes = np.repeat([0, 1, 2], 60)
    corners = np.array([[0, 0], [0, 4], [4, 0]])
    telling = corners[archetypes] + dice.normal(0, 0.5, (180, 2))
    high = ceiling(telling, archetypes)
    assert high.ari > 0.95
    assert 0.6 < high.best_single_feature < 0.75
    assert high.largest_archetype == pytest.approx(1 / 3)
    assert ceiling(dice.normal(0, 1, (180, 2)), archetypes).accuracy < 0.5


def test_twenty_shuffles_are_shared_out_and_only_some_worlds_followed() -> None:
    for seeds in (1, 3, 7, 20, 30):
        tasks = Asked(seeds=seeds, controls=2, first_seed=100, days=14, followed=2).tasks()
        assert sum(task.shuffles for task in tasks) == 20
        assert [task.days for task in tasks[:3]] == [14, 14, 1][: len(tasks)] or seeds == 1
        assert [task.seed for task in tasks if task.control] == [100, 101]


def test_the_tables_tell_goals_beside_what_was_found() -> None:
    worlds = [
        judged(1, 0.9, 4, kept=Kept(1000, 970, 900, 880), shuffled=("no_structure", "one_blob")),
        judged(2, 0.8, 2, peers={"k-means": Found(0.5, 3, 0.0)}, shuffled=("clusters",)),
        judged(1, 0.0, 0, control=True, verdict="no_structure", ours=None),
    ]
    told = {row[0]: row[1] for table in tables(worlds) for row in table.rows if table.title == "Overall"}
    assert told["ARI, mean over worlds"] == "0.85"
    assert told["three groups or more where as many are planted"] == "1 of 2"
    assert told["user-days that kept their persona"] == "97.0% of 1,000"
    assert told["shuffled features: no groups"] == "2 of 3"
    assert told["products without archetypes: no groups"] == "1 of 1"
    beside = next(table for table in tables(worlds) if table.title == "Beside other ways")
    assert ("k-means", "0.50", "0.50", "3", "0.00") in beside.rows


def test_made_up_users_overlap_in_every_feature() -> None:
    values, archetypes = made_up(3000)
    assert values.shape == (3000, 40)
    within = np.array([values[archetypes == n].std(axis=0) for n in range(12)])
    assert within.min() > 0.4


def test_a_small_world_is_judged_from_end_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(segments_worlds, "RUNS_AT_MOST", 1)
    monkeypatch.setattr(
        segments, "judge", lambda tasks, _: [judge_world(replace(task, window_days=12)) for task in tasks]
    )
    told = tmp_path / "figures.json"
    asked = Asked(seeds=1, controls=0, first_seed=6, users=450, days=1, followed=1)
    monkeypatch.setattr(segments, "SHUFFLES", 1)
    segments.run(asked, json_path=told, markdown=True)
    assert "| seed | users |" in capsys.readouterr().out
    (world,) = json.loads(told.read_text(encoding="utf-8"))
    assert world["scored"] > 20
    assert world["ceiling"]["accuracy"] > world["ceiling"]["largest_archetype"]
    assert 0 <= world["ours"]["ari"] <= 1
    assert len(world["peers"]) == 6
    assert len(world["shuffled"]) == 1
    assert world["shuffled"][0] != "clusters"
