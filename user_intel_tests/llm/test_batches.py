"""Batches: half the price, submitted once whatever is killed, left in time; with the real SDKs over a real socket."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from user_intel.errors import BudgetError, ModelAway, ModelUnusable
from user_intel.llm.asks import Answer
from user_intel.llm.patience import Patience
from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import GOOD, STORY, an_ask, models
from user_intel_tests.llm.stand_ins import Fails, Says, StandIn

HAIKU, GPT = "anthropic:claude-haiku-4-5", "openai:gpt-4.1-mini"
SOON = Patience(read_s=5, tries=3, first_wait_s=0.02, longest_wait_s=0.05, batch_look_s=0.05, batch_end_s=10)
ASKS = [an_ask(f"question {number}") for number in range(6)]
# 10,000 tokens in and 2,000 out: of Haiku 2 cents, of GPT-4.1 mini 0.72; in a batch half.
MOVE = Says(GOOD, input_tokens=10_000, output_tokens=2_000)
each_maker = pytest.mark.parametrize(("llm", "each_usd"), [(HAIKU, 0.01), (GPT, 0.0036)])


@pytest.fixture
def makers() -> Iterator[StandIn]:
    with stand_ins.running(lambda _: MOVE, models={"claude-haiku-4-5", "gpt-4.1-mini"}) as stand_in:
        yield stand_in


def spent(home: Path) -> dict[str, object]:
    return dict(json.loads((home / "llm" / "spent" / "explain" / "2026-11-20.json").read_text()))


@each_maker
def test_a_batch_costs_half_and_asks_nothing_directly(
    makers: StandIn, tmp_path: Path, llm: str, each_usd: float
) -> None:
    with models(tmp_path, makers, llm, SOON, USER_INTEL_LLM_BATCH_MINUTES=1) as opened:
        outcomes = opened.ask_many(ASKS)
        again = opened.ask_many(ASKS)
    for outcome in [*outcomes, *again]:
        assert isinstance(outcome, Answer)
        assert outcome.value == STORY
        assert outcome.cost_usd == pytest.approx(each_usd)
    assert not any(outcome.from_cache for outcome in outcomes)  # type: ignore[union-attr]
    assert not makers.asked
    assert opened.spent.calls == 6
    assert opened.spent.cost_usd == pytest.approx(6 * each_usd)
    assert spent(tmp_path)["cost_usd"] == pytest.approx(6 * each_usd)
    assert spent(tmp_path)["reserved_usd"] == {}
    # What was asked and answered is left neither there nor, as a note, here.
    assert makers.desk.files == {}
    assert not list((tmp_path / "llm" / "batches").iterdir())


def test_few_asks_are_not_worth_a_batch(makers: StandIn, tmp_path: Path) -> None:
    with models(tmp_path, makers, HAIKU, SOON, USER_INTEL_LLM_BATCH_MINUTES=1) as opened:
        opened.ask_many(ASKS[:4])
        # Two of these are there already.
        opened.ask_many([*ASKS[2:4], *[an_ask(f"other {number}") for number in range(4)]])
    assert len(makers.asked) == 8
    assert not makers.desk.batches


@each_maker
def test_a_batch_that_takes_too_long_is_cancelled_and_the_rest_asked_directly(
    makers: StandIn, tmp_path: Path, llm: str, each_usd: float
) -> None:
    makers.desk.stuck = True
    with models(tmp_path, makers, llm, SOON, USER_INTEL_LLM_BATCH_MINUTES=0.005) as opened:
        outcomes = opened.ask_many(ASKS)
    assert [outcome.value for outcome in outcomes] == [STORY] * 6  # type: ignore[union-attr]
    # The first half was done when it was cancelled.
    costs = [outcome.cost_usd for outcome in outcomes]  # type: ignore[union-attr]
    assert costs == pytest.approx([each_usd] * 3 + [2 * each_usd] * 3)
    assert len(makers.asked) == 3
    assert spent(tmp_path)["cost_usd"] == pytest.approx(9 * each_usd)


@each_maker
def test_one_that_fails_in_a_batch_is_asked_directly_and_prose_is_not(
    makers: StandIn, tmp_path: Path, llm: str, each_usd: float
) -> None:
    makers.play(Fails(500), Says("prose"))
    with models(tmp_path, makers, llm, SOON, USER_INTEL_LLM_BATCH_MINUTES=1) as opened:
        outcomes = opened.ask_many(ASKS)
    assert isinstance(outcomes[1], ModelUnusable)
    assert [isinstance(outcome, Answer) for outcome in outcomes] == [True, False, True, True, True, True]
    assert len(makers.asked) == 1
    assert outcomes[0].cost_usd == pytest.approx(2 * each_usd)  # type: ignore[union-attr]


def test_a_batch_holds_what_the_budget_allows(makers: StandIn, tmp_path: Path) -> None:
    # In a batch an ask can cost up to 1.2 cents; outside 2.4.
    more = {"USER_INTEL_LLM_BATCH_MINUTES": 1, "USER_INTEL_LLM_BUDGET_USD": 0.05}
    with models(tmp_path, makers, HAIKU, SOON, **more) as opened:
        outcomes = opened.ask_many(ASKS)
    assert [isinstance(outcome, Answer) for outcome in outcomes] == [True] * 4 + [False] * 2
    assert isinstance(outcomes[-1], BudgetError)
    assert spent(tmp_path)["cost_usd"] == pytest.approx(0.04)


_CHILD = """
import sys
from user_intel_tests.llm.test_batches import *
home, url, llm = sys.argv[1:]
with models(Path(home), url, llm, SOON, USER_INTEL_LLM_BATCH_MINUTES=1) as opened:
    opened.ask_many(ASKS)
"""


@pytest.mark.parametrize(
    ("llm", "each_usd", "where"),
    [
        (HAIKU, 0.01, "before its name came back"),
        (GPT, 0.0036, "before its name came back"),
        (GPT, 0.0036, "while it was waited for"),
    ],
)
def test_a_killed_run_s_batch_is_fetched_by_the_next_one(
    makers: StandIn, tmp_path: Path, llm: str, each_usd: float, where: str
) -> None:
    makers.desk.stuck = True
    makers.desk.hangs_after_submit_s = 30 if where.startswith("before") else 0
    with subprocess.Popen([sys.executable, "-c", _CHILD, str(tmp_path), makers.url, llm]) as victim:
        until = time.monotonic() + 30
        while not (makers.desk.batches and (where.startswith("before") or named(tmp_path))):
            assert time.monotonic() < until
            assert victim.poll() is None
            time.sleep(0.01)
        victim.kill()
    makers.desk.stuck, makers.desk.hangs_after_submit_s = False, 0
    with models(tmp_path, makers, llm, SOON, USER_INTEL_LLM_BATCH_MINUTES=1) as opened:
        outcomes = opened.ask_many(ASKS)
    assert [outcome.value for outcome in outcomes] == [STORY] * 6  # type: ignore[union-attr]
    submitted = [
        request for request in makers.requests if request.method == "POST" and request.path.endswith("batches")
    ]
    assert len(submitted) == 1
    assert not makers.asked
    assert spent(tmp_path)["cost_usd"] == pytest.approx(6 * each_usd)
    assert spent(tmp_path)["reserved_usd"] == {}


def named(home: Path) -> bool:
    notes = (home / "llm" / "batches").glob("*.json")
    return any(json.loads(note.read_text())["batch"] for note in notes)


def test_a_batch_that_does_not_end_even_when_cancelled_is_left_to_the_next_run(makers: StandIn, tmp_path: Path) -> None:
    makers.desk.stuck = True
    cancelled = makers.desk.answer

    def deaf(request: stand_ins.Request, answered: object) -> object:
        return {} if request.path.endswith("/cancel") else cancelled(request, answered)  # type: ignore[arg-type]

    makers.desk.answer = deaf  # type: ignore[method-assign]
    with models(tmp_path, makers, HAIKU, replace(SOON, batch_end_s=0.2), USER_INTEL_LLM_BATCH_MINUTES=0.005) as opened:
        outcomes = opened.ask_many(ASKS)
    assert {type(outcome) for outcome in outcomes} == {ModelAway}
    assert "the next run fetches it" in str(outcomes[0])
    assert not makers.asked
    makers.desk.stuck = False
    with models(tmp_path, makers, HAIKU, SOON, USER_INTEL_LLM_BATCH_MINUTES=0.005) as opened:
        assert all(isinstance(outcome, Answer) for outcome in opened.ask_many(ASKS))
    assert not makers.asked


@each_maker
def test_a_maker_whose_batches_are_away_is_asked_directly(
    makers: StandIn, tmp_path: Path, llm: str, each_usd: float
) -> None:
    def closed(request: stand_ins.Request, _: object) -> object:
        raise stand_ins.Refusal(400, "Batches are not available to your organization")

    makers.desk.answer = closed  # type: ignore[method-assign, assignment]
    with models(tmp_path, makers, llm, SOON, USER_INTEL_LLM_BATCH_MINUTES=1) as opened:
        outcomes = opened.ask_many(ASKS)
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    assert spent(tmp_path)["cost_usd"] == pytest.approx(12 * each_usd)
    assert not list((tmp_path / "llm" / "batches").iterdir())
