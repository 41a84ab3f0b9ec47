"""Several programs write at once: one gets the ticket, none loses what it wrote, no killed one is in the way.

Programs are processes of their own. They start together at a barrier and say on a queue what came of it.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from queue import Queue

import pytest

from user_intel.errors import StateError
from user_intel.settings import Settings
from user_intel.state import open_state
from user_intel.state.store import State
from user_intel_tests.state.conftest import DAY, seen

_SPAWN = multiprocessing.get_context("spawn")
PROGRAMS = 4
ROUNDS = 15

Work = Callable[[State, int], list[object]]


def _run(settings: Settings, work: Work, number: int, start: object, told: "Queue[list[object]]") -> None:
    with open_state(settings) as state:
        start.wait(60)  # type: ignore[attr-defined]
        told.put(work(state, number))


def all_at_once(settings: Settings, work: Work) -> list[object]:
    """What `PROGRAMS` processes said that did `work` at the same time."""
    start, told = _SPAWN.Barrier(PROGRAMS), _SPAWN.Queue()
    programs = [_SPAWN.Process(target=_run, args=(settings, work, number, start, told)) for number in range(PROGRAMS)]
    for program in programs:
        program.start()
    answers = [told.get(timeout=60) for _ in programs]
    for program in programs:
        program.join(60)
    assert [program.exitcode for program in programs] == [0] * PROGRAMS
    return [answer for each in answers for answer in each]


def _claim_every_ticket(state: State, number: int) -> list[object]:
    won = [
        name
        for name in (f"p{round_}" for round_ in range(ROUNDS))
        if state.claim_ticket(name, f"insight-{name}", by=f"program {number}", day=DAY)
    ]
    return [(name, number) for name in won]


def test_of_several_programs_that_claim_a_ticket_exactly_one_gets_it(settings: Settings) -> None:
    won = all_at_once(settings, _claim_every_ticket)
    assert sorted(name for name, _ in won) == sorted(f"p{round_}" for round_ in range(ROUNDS))  # type: ignore[misc]
    with open_state(settings) as state:
        assert {(t.pain_point_id, t.claimed_by) for t in state.tickets()} == {(n, f"program {k}") for n, k in won}  # type: ignore[misc]


def _take_over_every_stale_ticket(state: State, number: int) -> list[object]:
    found = [state.claim_ticket(f"p{n}", f"insight-p{n}", by="x", day=DAY, stale_after_s=30) for n in range(ROUNDS)]
    return [claim.pain_point_id for claim in found if claim]


def test_of_several_programs_that_take_a_stale_claim_over_exactly_one_gets_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_state(settings) as state:
        now = state._now()
        monkeypatch.setattr(state, "_now", lambda: now - timedelta(hours=1))
        for n in range(ROUNDS):
            state.claim_ticket(f"p{n}", f"insight-p{n}", by="killed", day=DAY)
    taken = all_at_once(settings, _take_over_every_stale_ticket)
    assert sorted(map(str, taken)) == sorted(f"p{n}" for n in range(ROUNDS))


def _write_of_every_kind(state: State, number: int) -> list[object]:
    for n in range(ROUNDS):
        state.register([seen("shared", DAY + timedelta(days=n)), seen(f"{number}-{n}")])
        state.give_feedback("insight-shared", "useful", by=f"program {number}", day=DAY + timedelta(days=n))
        state.decide(f"insight-{number}-{n}", "approved", by=f"program {number}")
    return []


def test_many_writers_lose_nothing(settings: Settings) -> None:
    all_at_once(settings, _write_of_every_kind)
    with open_state(settings) as state:
        statuses = state.statuses()
        assert len(statuses) == 1 + PROGRAMS * ROUNDS
        assert sum(found.status == "approved" for found in statuses.values()) == PROGRAMS * ROUNDS
        assert statuses["insight-shared"].last_day == DAY + timedelta(days=ROUNDS - 1)
        assert len(state.feedback()) == PROGRAMS * ROUNDS
        given = [entry for entry in state.audit_trail() if entry.action == "gave feedback on"]
        assert len(given) == PROGRAMS * ROUNDS
        decided = [entry for entry in state.audit_trail("insight-shared") if entry.action == "decided about"]
        assert len(decided) == 1, "it became useful once"


def _decide_and_be_killed(settings: Settings, told: "Queue[str]") -> None:
    with open_state(settings) as state, state._write() as session:
        from user_intel.state import insights

        insights.decide(session, "insight-a", "approved", by="x", reason=None, until=None, day=None, at=state._now())
        session.flush()
        told.put("written, not kept")
        time.sleep(60)


def test_a_writer_killed_in_the_middle_leaves_nothing_and_blocks_nobody(settings: Settings) -> None:
    with open_state(settings) as state:
        state.register([seen("a")])
        told = _SPAWN.Queue()
        writer = _SPAWN.Process(target=_decide_and_be_killed, args=(settings, told))
        writer.start()
        told.get(timeout=60)
        assert state.known("insight-a").status == "new", "readers do not wait for a writer"
        os.kill(writer.pid or 0, signal.SIGKILL)
        writer.join(60)
        began = time.monotonic()
        assert state.decide("insight-a", "seen", by="maria").status == "seen"
        assert time.monotonic() - began < 10
        assert len(state.audit_trail()) == 1


def _hold(settings: Settings, told: "Queue[str]") -> None:
    with open_state(settings) as state, state.alone("jira-a", wait_s=5):
        told.put("held")
        time.sleep(60)


def test_a_held_name_keeps_others_out_until_its_holder_ends_or_dies(settings: Settings) -> None:
    told = _SPAWN.Queue()
    holder = _SPAWN.Process(target=_hold, args=(settings, told))
    holder.start()
    told.get(timeout=60)
    with open_state(settings) as state:
        with pytest.raises(StateError, match="kept from it by another program"), state.alone("jira-a", wait_s=0.2):
            pass
        with state.alone("jira-b", wait_s=0.2):
            state.register([seen("a")])
        os.kill(holder.pid or 0, signal.SIGKILL)
        holder.join(60)
        with state.alone("jira-a", wait_s=10):
            pass
        with state.alone("jira-a", wait_s=0.2):
            pass
