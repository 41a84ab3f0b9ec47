"""Several programs write at once: one gets the ticket, none loses what it wrote, no killed one is in the way.

Programs are processes of their own: they start together, with a database that is not made yet.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from queue import Queue
from threading import Barrier

import pytest

from user_intel.errors import StateError
from user_intel.settings import Settings
from user_intel.state import insights, open_state
from user_intel.state.store import State
from user_intel_tests.postgres import Postgres
from user_intel_tests.state.conftest import DAY, empty_database, seen, server_address

_SPAWN = multiprocessing.get_context("spawn")
PROGRAMS = 4
ROUNDS = 12
TICKETS = [f"p{number}" for number in range(ROUNDS)]


@dataclass
class Told:
    """What a program says it got: the tickets it claimed, those whose stale claim it made, and those it took over."""

    claimed: list[str]
    left: list[str]
    taken_over: list[str]


def _program(settings: Settings, number: int, start: Barrier, told: "Queue[Told]") -> None:
    name = f"program {number}"
    start.wait(180)
    with open_state(settings) as state:
        claimed = [ticket for ticket in TICKETS if state.claim_ticket(ticket, f"insight-{ticket}", by=name, day=DAY)]
        left = _claim_an_hour_ago(state, name)
        start.wait(180)
        taken = [ticket for ticket in TICKETS if _claim_anew(state, ticket, name)]
        for n in range(ROUNDS):
            state.register([seen("shared", DAY + timedelta(days=n)), seen(f"{number}-{n}")])
            state.give_feedback("insight-shared", "useful", by=name, day=DAY + timedelta(days=n))
            state.decide(f"insight-{number}-{n}", "approved", by=name)
    told.put(Told(claimed, left, taken))


def _claim_an_hour_ago(state: State, name: str) -> list[str]:
    now = state._now
    state._now = lambda: now() - timedelta(hours=1)  # type: ignore[method-assign]
    left = [t for t in TICKETS if state.claim_ticket(f"stale-{t}", f"stale-insight-{t}", by=name, day=DAY)]
    state._now = now  # type: ignore[method-assign]
    return left


def _claim_anew(state: State, ticket: str, name: str) -> bool:
    claim = state.claim_ticket(f"stale-{ticket}", f"stale-insight-{ticket}", by=name, day=DAY, stale_after_s=1_800)
    return claim is not None and claim.taken_over_from is not None


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A database nobody has opened yet."""
    home: Path = tmp_path_factory.mktemp("writers")
    if request.param == "sqlite":
        return Settings(USER_INTEL_HOME=home, _env_file=None)
    server: Postgres = request.getfixturevalue("postgres")
    name: str = request.getfixturevalue("state_database")
    empty_database(server, name)
    return Settings(USER_INTEL_HOME=home, USER_INTEL_STATE_URL=server_address(server, name), _env_file=None)


@pytest.fixture(scope="module")
def programs(shared: Settings) -> list[Told]:
    """What `PROGRAMS` processes said that opened the database and wrote to it at the same time."""
    start, told = _SPAWN.Barrier(PROGRAMS), _SPAWN.Queue()
    made = [_SPAWN.Process(target=_program, args=(shared, number, start, told)) for number in range(PROGRAMS)]
    for program in made:
        program.start()
    answers = [told.get(timeout=240) for _ in made]
    for program in made:
        program.join(60)
    assert [program.exitcode for program in made] == [0] * PROGRAMS
    return answers


@pytest.fixture
def state(shared: Settings, programs: list[Told]) -> Iterator[State]:
    """The database after they have ended."""
    with open_state(shared) as opened:
        yield opened


def test_of_several_programs_that_claim_a_ticket_exactly_one_gets_it(state: State, programs: list[Told]) -> None:
    assert sorted(ticket for each in programs for ticket in each.claimed) == sorted(TICKETS)
    assert sorted(ticket for each in programs for ticket in each.left) == sorted(TICKETS)
    assert len(state.tickets()) == 2 * ROUNDS


def test_of_several_programs_that_take_a_stale_claim_over_exactly_one_gets_it(programs: list[Told]) -> None:
    assert sorted(ticket for each in programs for ticket in each.taken_over) == sorted(TICKETS)


def test_many_writers_lose_nothing(state: State) -> None:
    statuses = state.statuses()
    assert len(statuses) == 1 + PROGRAMS * ROUNDS
    assert sum(found.status == "approved" for found in statuses.values()) == PROGRAMS * ROUNDS
    assert statuses["insight-shared"].last_day == DAY + timedelta(days=ROUNDS - 1)
    assert len(state.feedback()) == PROGRAMS * ROUNDS
    actions = [entry.action for entry in state.audit_trail()]
    assert actions.count("gave feedback on") == PROGRAMS * ROUNDS
    assert actions.count("claimed the ticket of") == 3 * ROUNDS
    shared = [entry for entry in state.audit_trail("insight-shared") if entry.action == "decided about"]
    assert len(shared) == 1, "it became useful once"


def _be_killed_in_the_middle(settings: Settings, told: "Queue[str]") -> None:
    with open_state(settings) as state, state.alone("jira-a", wait_s=5), state._write() as session:
        insights.decide(session, "insight-0-0", "shipped", by="x", reason=None, until=None, day=None, at=state._now())
        session.flush()
        told.put("held, written, not kept")
        time.sleep(60)


def test_a_program_killed_in_the_middle_leaves_nothing_and_blocks_nobody(shared: Settings, state: State) -> None:
    told = _SPAWN.Queue()
    program = _SPAWN.Process(target=_be_killed_in_the_middle, args=(shared, told))
    program.start()
    told.get(timeout=60)
    assert state.known("insight-0-0").status == "approved", "readers do not wait for a writer"
    with pytest.raises(StateError, match="kept from it by another program"), state.alone("jira-a", wait_s=0.2):
        pass
    os.kill(program.pid or 0, signal.SIGKILL)
    program.join(60)
    began = time.monotonic()
    with state.alone("jira-a", wait_s=10), state.alone("jira-b", wait_s=0.2):
        assert state.decide("insight-0-0", "seen", by="maria").status == "seen"
    with state.alone("jira-a", wait_s=0.2):
        pass
    assert time.monotonic() - began < 10
    assert next(entry.by for entry in state.audit_trail("insight-0-0")) == "maria"
