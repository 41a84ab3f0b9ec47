"""What was decided in a home's SQLite goes over to PostgreSQL whole, or not at all; and numbering goes on after it."""

from pathlib import Path

import pytest

from user_intel.errors import InputError
from user_intel.settings import Settings
from user_intel.state import open_state
from user_intel.state.copying import copy_from
from user_intel.state.records import Plan
from user_intel.state.store import State
from user_intel_tests.state.conftest import DAY, seen


def everything(state: State) -> list[object]:
    return [
        state.statuses(),
        state.statuses(before=DAY.replace(day=DAY.day + 1)),
        state.feedback(),
        state.tickets(),
        state.comments(),
        state.roadmap(),
        state.audit_trail(),
    ]


@pytest.fixture
def decided(sqlite_settings: Settings) -> list[object]:
    """Something of every kind, in the SQLite of a home."""
    with open_state(sqlite_settings) as state:
        state.register([seen("a"), seen("b"), *(seen(f"{number}") for number in range(1_500))])
        state.decide("insight-a", "approved", by="maria")
        state.give_feedback("insight-b", "wrong", by="tom", reason="we changed the tracking")
        state.claim_ticket("a", "insight-a", by="policy", day=DAY)
        state.record_ticket("a", key="SHOP-7", url="https://x/SHOP-7")
        state.claim_comment("a", kind="recurring", day=DAY, every_days=7, by="policy")
        state.add_roadmap_item(Plan("Short form", "h", "m", insight_id="insight-a"), by="maria")
        return everything(state)


def test_all_that_was_decided_is_copied_and_numbering_goes_on(
    decided: list[object], sqlite_settings: Settings, postgres_settings: Settings
) -> None:
    counts = copy_from(sqlite_settings.home / "state.db", postgres_settings)
    assert (counts["insights"], counts["feedback"], counts["audit"]) == (1_502, 1, 8)
    with open_state(postgres_settings) as state:
        assert everything(state) == decided
        state.decide("insight-b", "useful", by="maria")
        assert state.add_roadmap_item(Plan("Ask users", "h", "m"), by="tom").item_id == 2
        assert len(state.audit_trail()) == 8 + 3


def test_only_an_empty_state_is_copied_into(
    decided: list[object], sqlite_settings: Settings, postgres_settings: Settings
) -> None:
    with open_state(postgres_settings) as state:
        state.add_roadmap_item(Plan("Ask users", "h", "m"), by="tom")
        before = everything(state)
        with pytest.raises(InputError, match="only an empty one is copied into"):
            copy_from(sqlite_settings.home / "state.db", postgres_settings)
        assert everything(state) == before


def test_an_empty_state_is_copied_too(sqlite_settings: Settings, postgres_settings: Settings) -> None:
    with open_state(sqlite_settings):
        pass
    assert set(copy_from(sqlite_settings.home / "state.db", postgres_settings).values()) == {0}
    with open_state(postgres_settings) as state:
        assert state.add_roadmap_item(Plan("Ask users", "h", "m"), by="tom").item_id == 1


def test_a_file_that_is_not_there_is_said(tmp_path: Path, sqlite_settings: Settings) -> None:
    with pytest.raises(InputError, match="There is no file"):
        copy_from(tmp_path / "state.db", sqlite_settings)
