"""`user-intel personas` as a product manager meets it, and as a program does; and what Dagster shows of them."""

import json
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from user_intel.lake import Lake
from user_intel.segment.changes import miscounted, write_changes
from user_intel.segment.profiles import write_profiles
from user_intel_tests.detect.hand_made import DAY, before, new_lake, rows, write_rows
from user_intel_tests.segment.grouped_shop import (
    KEYS,
    OTHERS,
    PRODUCT,
    PRODUCT_YAML,
    write_groups,
    write_journeys,
    write_pain_point,
)
from user_intel_tests.test_cli import user_intel

TROUBLED = (
    "troubled: At /cart 40 % of sessions leave, 1.0 % expected (flow purchase): met by 42 % of its users (19 % to "
    "68 %), the rest 0 %"
)
OUTCOME = (
    "100 % reach a goal (76 % to 100 %), the rest 0 %; 100 % come back in the last week (76 % to 100 %), the rest 100 %"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop grouped by hand on its last two days, and a day before without groups."""
    home = tmp_path_factory.mktemp("home")
    (home / "product.yaml").write_text(PRODUCT_YAML, encoding="utf-8")
    lake = new_lake(home, PRODUCT)
    write_journeys(lake)
    write_pain_point(lake)
    write_groups(lake, before(2), dict.fromkeys(KEYS), words="All users are much alike.")
    write_groups(lake, before(1), {**KEYS, **dict.fromkeys(OTHERS, "persona-3")}, before_day=before(2))
    write_groups(lake, DAY, before_day=before(1))
    for day in (before(2), before(1), DAY):
        write_changes(lake, day)
        write_profiles(lake, PRODUCT, day)
    return home


def asked(home: Path, *arguments: str) -> "CompletedProcess[str]":
    return user_intel("personas", *arguments, home=home, COLUMNS="160")


def told(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_the_personas_of_the_last_day_are_told_in_words(home: Path) -> None:
    answer = asked(home)
    lines = told(answer.stdout)
    assert lines[0] == "2026-03-29 and the 13 days before: 2 groups of 30 users, 20 % of them in none"
    assert lines[1] == (
        "agreement between seeds 0.90 (1: the same groups whatever the seed); density-based validity 0.40 (-1 to 1)"
    )
    assert lines[3].startswith("● ")
    assert lines[3].endswith("(persona-1)")
    for expected in (
        "12 users, 40 % of all; still: 40 % on 2026-03-28; first seen on 2026-03-16",
        "apart by sessions in the evening: 100 %, the rest 0 %",
        TROUBLED,
        OUTCOME,
        "found again whenever users are drawn anew (0.80)",
        "gone: 20 % of users on 2026-03-28",
    ):
        assert expected in lines
    assert "since 2026-03-28: gone: " in answer.stderr
    assert "now no group (6 users)" in answer.stderr


def test_a_day_without_groups_says_why(home: Path) -> None:
    answer = asked(home, "--day", str(before(2)))
    assert told(answer.stdout)[0] == (
        "2026-03-27 and the 13 days before: no groups of users. All users are much alike."
    )


def test_a_day_that_was_not_run_says_what_to_do(home: Path, tmp_path: Path) -> None:
    answer = asked(home, "--day", str(before(5)))
    assert answer.returncode == 2
    assert answer.stderr == (
        "user-intel: Users of 2026-03-24 were not grouped (grouped are 2026-03-27 to 2026-03-29). "
        "Next: user-intel run --from 2026-03-24 --to 2026-03-24 --select segment\n"
    )
    nothing = asked(tmp_path)
    assert (nothing.returncode, "Users were not grouped yet. Next: user-intel run" in nothing.stderr) == (2, True)


def test_programs_get_every_column(home: Path) -> None:
    rows = [json.loads(line) for line in asked(home, "--json").stdout.splitlines()]
    assert [row["cluster_key"] for row in rows] == ["persona-1", "persona-2", "persona-3"]
    assert rows[0]["traits"][0]["low"] > 0
    assert (rows[0]["day"], rows[2]["status"]) == ("2026-03-29", "gone")
    assert set(rows[0]) == set(Lake(home, new_lake(home, PRODUCT).tables).table("cluster_profiles").column_names)


def test_a_picture_is_drawn_where_asked_for(home: Path, tmp_path: Path) -> None:
    assert asked(home, "--picture", str(tmp_path / "personas.png")).returncode == 0
    assert (tmp_path / "personas.png").read_bytes()[:4] == b"\x89PNG"
    refused = asked(home, "--picture", str(tmp_path / "nowhere" / "personas.png"))
    assert refused.returncode == 2
    assert "There is no folder" in refused.stderr


def test_dagster_shows_the_personas_and_their_picture_and_nobody_by_name(home: Path) -> None:
    from assets.segment import _about_personas

    shown = _about_personas(new_lake(home, PRODUCT), DAY)
    assert shown["personas"] == 2
    assert shown["picture"].value.startswith(
        "![users by behaviour, their groups and sizes](data:image/png;base64,iVBOR"
    )
    assert len(shown["picture"].value) < 130_000
    assert "0.80 (stable)" in shown["who"].value
    assert not [user for user in KEYS if user in shown["who"].value]


def test_changes_that_do_not_add_up_are_told(home: Path) -> None:
    lake = new_lake(home, PRODUCT)
    assert miscounted(lake, DAY) is None
    changes = rows(lake, "cluster_changes")
    write_rows(lake, "cluster_changes", DAY, [row for row in changes if row["to_key"] != "noise"])
    assert miscounted(lake, DAY) == "of 30 users before and 30 now, 24 and 24 are told of"
    write_rows(lake, "cluster_changes", DAY, changes)
