"""Which model is asked, what is never bought twice, and what a day may cost, also among threads and processes."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from user_intel.errors import BudgetError, ConfigError, LLMError, ModelAway, ModelRefused, ModelUnusable
from user_intel.llm.asks import Answer, Ask
from user_intel.llm.choice import Choice, choices
from user_intel.llm.models import open_models
from user_intel_tests.llm import stand_ins
from user_intel_tests.llm.asking import DAY, GOOD, SOON, STORY, an_ask, models, settings
from user_intel_tests.llm.stand_ins import MODEL, Fails, Hangs, Says, StandIn

HAIKU = "anthropic:claude-haiku-4-5"
BOTH = f"anthropic:{MODEL},openai:{MODEL}"


def test_the_order_is_read_and_a_model_may_hold_colons() -> None:
    assert choices("offline") == choices("") == ()
    assert choices(" anthropic:claude-sonnet-5-5 , openai:llama3.1:8b, offline") == (
        Choice("anthropic", "claude-sonnet-5-5"),
        Choice("openai", "llama3.1:8b"),
    )


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("mistral:large", "no provider 'mistral'"),
        ("anthropic", "'anthropic' names no model"),
        ("openai:,gemini:x", "'openai:' names no model"),
        ("offline,openai:x", "no provider 'offline'"),
        ("openai:x,openai:x", "names a model twice"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(said: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        choices(said)


def test_offline_asks_nobody(apis: StandIn, tmp_path: Path) -> None:
    with models(tmp_path, apis, "offline") as opened:
        assert opened.offline
        with pytest.raises(ModelAway, match="USER_INTEL_LLM is 'offline'"):
            opened.ask(an_ask())
    assert not apis.requests
    assert not list(tmp_path.iterdir())


def test_the_same_is_never_bought_twice(apis: StandIn, tmp_path: Path) -> None:
    with models(tmp_path, apis) as opened:
        first = opened.ask(an_ask())
    with models(tmp_path, apis) as opened:
        again = opened.ask(an_ask())
        assert (opened.spent.calls, opened.spent.cache_hits) == (0, 1)
    assert len(apis.asked) == 1
    assert again == Answer(**{**vars(first), "from_cache": True})


def test_another_word_another_schema_or_another_limit_is_another_question(apis: StandIn, tmp_path: Path) -> None:
    ask = an_ask()
    others = [
        Ask(ask.name, ask.system, ask.text + " ", ask.schema, ask.max_output_tokens),
        Ask(ask.name, ask.system + " ", ask.text, ask.schema, ask.max_output_tokens),
        Ask(ask.name, ask.system, ask.text, ask.schema, ask.max_output_tokens + 1),
        Ask(ask.name, ask.system, ask.text, type("Tale", (ask.schema,), {"__doc__": "Other."}), ask.max_output_tokens),
    ]
    with models(tmp_path, apis) as opened:
        for one in [ask, *others]:
            opened.ask(one)
        opened.ask(Ask("another name", ask.system, ask.text, ask.schema, ask.max_output_tokens))
    assert len(apis.asked) == 5


def test_two_who_ask_the_same_at_once_buy_it_once(apis: StandIn, tmp_path: Path) -> None:
    apis.play(Says(GOOD, seconds=0.3))
    found: list[Answer] = []

    def ask() -> None:
        with models(tmp_path, apis) as opened:
            found.append(opened.ask(an_ask()))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(apis.asked) == 1
    assert sorted(answer.from_cache for answer in found) == [False, True, True]


def test_nothing_of_the_question_is_kept(apis: StandIn, tmp_path: Path) -> None:
    with models(tmp_path, apis) as opened:
        opened.ask(an_ask("Facts about Alexander."))
    kept = [path.read_text() for path in (tmp_path / "llm").rglob("*.json")]
    assert len(kept) == 2
    assert not any("Alexander" in text or "You write" in text for text in kept)


def test_a_kept_answer_that_cannot_be_read_is_bought_anew(apis: StandIn, tmp_path: Path) -> None:
    with models(tmp_path, apis) as opened:
        opened.ask(an_ask())
    (path,) = (tmp_path / "llm" / "answers").rglob("*.json")
    path.write_text(path.read_text()[:20])
    with models(tmp_path, apis) as opened:
        assert opened.ask(an_ask()).value == STORY
    assert len(apis.asked) == 2


def test_the_second_model_answers_where_the_first_is_away_and_is_not_asked_again(apis: StandIn, tmp_path: Path) -> None:
    apis.play(Fails(503), Fails(503), Fails(503))
    with models(tmp_path, apis, BOTH) as opened:
        assert opened.ask(an_ask()).provider == "openai"
    # The first is back, and a rerun must give what the first run gave.
    with models(tmp_path, apis, BOTH) as opened:
        again = opened.ask(an_ask())
    assert (again.provider, again.from_cache) == ("openai", True)
    assert len(apis.asked) == 4


def test_the_second_model_answers_where_the_first_refuses_or_has_no_key(apis: StandIn, tmp_path: Path) -> None:
    apis.play(Says(GOOD, end="refused"))
    with models(tmp_path, apis, BOTH) as opened:
        assert opened.ask(an_ask()).provider == "openai"
    with models(tmp_path, apis, BOTH, ANTHROPIC_API_KEY=None) as opened:
        assert opened.ask(an_ask("other")).provider == "openai"


def test_an_unusable_answer_is_shown_to_the_caller_and_not_to_the_second_model(apis: StandIn, tmp_path: Path) -> None:
    apis.play(Says("Well,"))
    with models(tmp_path, apis, BOTH) as opened, pytest.raises(ModelUnusable):
        opened.ask(an_ask())
    assert len(apis.asked) == 1


def test_what_all_of_them_said_is_told_when_none_answers(apis: StandIn, tmp_path: Path) -> None:
    apis.play(Says("", end="refused"), Says("", end="refused"))
    with models(tmp_path, apis, BOTH) as opened:
        with pytest.raises(ModelRefused, match=r"anthropic:stand-in-1 refused.* openai:stand-in-1 refused"):
            opened.ask(an_ask())
        apis.play(Says("", end="refused"), *[Fails(500)] * 3)
        with pytest.raises(ModelAway, match=r"anthropic:stand-in-1 refused.* openai at 127.* answered 500"):
            opened.ask(an_ask("two"))
    with (
        models(tmp_path, apis, BOTH, ANTHROPIC_API_KEY=None, OPENAI_API_KEY="sk-wrong") as opened,
        pytest.raises(LLMError, match=r"ANTHROPIC_API_KEY is not set.* does not accept OPENAI_API_KEY"),
    ):
        opened.ask(an_ask("three"))


def test_a_model_that_is_away_twice_in_a_row_is_left_alone(apis: StandIn, tmp_path: Path) -> None:
    apis.play(*[Fails(500)] * 30)
    with models(tmp_path, apis) as opened:
        outcomes = [type(outcome) for outcome in opened.ask_many([an_ask(str(number)) for number in range(30)])]
    assert outcomes == [ModelAway] * 30
    # Two asks of three tries each; those of the four that were under way together may add theirs.
    assert 6 <= len(apis.asked) <= 5 * 3


def test_one_that_fails_takes_nothing_from_the_others(apis: StandIn, tmp_path: Path) -> None:
    asks = [an_ask(f"question {number}") for number in range(6)]
    apis.answers = lambda request: Says("prose" if "question 2" in request.raw.decode() else GOOD)
    with models(tmp_path, apis) as opened:
        outcomes = opened.ask_many(asks)
    assert [isinstance(outcome, Answer) for outcome in outcomes] == [True, True, False, True, True, True]
    assert isinstance(outcomes[2], ModelUnusable)
    assert opened.ask_many([]) == []


def test_several_are_asked_together_but_not_all(apis: StandIn, tmp_path: Path) -> None:
    apis.answers = lambda _: Says(GOOD, seconds=0.1)
    with models(tmp_path, apis) as opened:
        opened.ask_many([an_ask(str(number)) for number in range(12)])
    assert 2 <= apis.busiest <= 4


def test_different_asks_that_share_a_lock_do_not_wait_for_each_other_in_a_circle(apis: StandIn, tmp_path: Path) -> None:
    # There are 256 locks for all asks: among 800 some three have the same one.
    asks = [an_ask(f"question {number}") for number in range(800)]
    lock, _ = Counter(ask.digest[:2] for ask in asks).most_common(1)[0]
    same = [ask for ask in asks if ask.digest.startswith(lock)]
    assert len(same) >= 4
    patience = replace(SOON, ask_s=60)
    began = time.monotonic()
    with models(tmp_path, apis, patience=patience) as opened:
        outcomes = opened.ask_many([an_ask("first"), *same])
    assert all(isinstance(outcome, Answer) for outcome in outcomes)
    # Whoever waited in a circle would have given up after a minute.
    assert time.monotonic() - began < 50


def test_a_call_costs_what_its_tokens_cost(tmp_path: Path) -> None:
    # Haiku 4.5: 1 $ in, 5 $ out, 0.10 $ read from the cache, 1.25 $ written to it, for a million each.
    move = Says(GOOD, input_tokens=10_000, cached_tokens=6_000, written_tokens=1_000, output_tokens=400)
    with (
        stand_ins.running(lambda _: move, models={"claude-haiku-4-5"}) as apis,
        models(tmp_path, apis, HAIKU) as opened,
    ):
        answer = opened.ask(an_ask())
        opened.ask(an_ask())
    assert answer.cost_usd == pytest.approx((3_000 * 1 + 6_000 * 0.1 + 1_000 * 1.25 + 400 * 5) / 1e6)
    assert opened.spent.cost_usd == answer.cost_usd
    assert opened.spent.by_model == {HAIKU: 1}


def test_a_day_costs_no_more_than_its_budget_and_the_first_ones_have_the_first_right(tmp_path: Path) -> None:
    # Each costs 10,000 * 1 $ + 2,000 * 5 $ a million = 2 cents.
    move = Says(GOOD, input_tokens=10_000, output_tokens=2_000)
    asks = [an_ask(f"question {number}") for number in range(12)]
    with stand_ins.running(lambda _: move, models={"claude-haiku-4-5"}) as apis:
        for _ in range(2):
            with models(tmp_path, apis, HAIKU, USER_INTEL_LLM_BUDGET_USD=0.1) as opened:
                outcomes = opened.ask_many(asks)
            answered = [isinstance(outcome, Answer) for outcome in outcomes]
            # 8 cents spent and up to 2.4 reserved is too much; a rerun is refused the same.
            assert answered == [True] * 4 + [False] * 8
        assert len(apis.asked) == 4
        assert isinstance(outcomes[-1], BudgetError)
        assert "budget of 2026-11-20 does not allow" in str(outcomes[-1])
        assert "USER_INTEL_LLM_BUDGET_USD" in str(outcomes[-1])
        # Another day has a budget of its own.
        chosen = settings(tmp_path, apis, HAIKU, USER_INTEL_LLM_BUDGET_USD=0.1)
        with open_models(chosen, day=DAY + timedelta(days=1), patience=SOON) as opened:
            assert opened.ask(asks[-1]).value == STORY


def test_models_of_unknown_price_are_bounded_by_calls(apis: StandIn, tmp_path: Path) -> None:
    asks = [an_ask(f"question {number}") for number in range(6)]
    with models(tmp_path, apis, USER_INTEL_LLM_CALLS=4) as opened:
        outcomes = opened.ask_many(asks)
    assert sum(isinstance(outcome, Answer) for outcome in outcomes) == 4
    assert len(apis.asked) == 4
    assert opened.spent.calls_of_unknown_cost == 4
    assert any("calls of 2026-11-20 are used up: 4 of 4 (USER_INTEL_LLM_CALLS)" in str(outcome) for outcome in outcomes)


def test_a_call_that_was_sent_and_not_answered_counts_as_the_dearest_it_can_be(tmp_path: Path) -> None:
    patience = type(SOON)(read_s=0.2, tries=2, first_wait_s=0.01)
    with (
        stand_ins.running(lambda _: Hangs(0.5), models={"claude-haiku-4-5"}) as apis,
        models(tmp_path, apis, HAIKU, patience) as opened,
        pytest.raises(ModelAway),
    ):
        opened.ask(an_ask())
    spent = json.loads((tmp_path / "llm" / "spent" / "explain" / "2026-11-20.json").read_text())
    assert (spent["calls"], spent["reserved_usd"]) == (2, {})
    # Two times 4,300 tokens out, and a few for what was sent.
    assert 2 * 4_300 * 5e-6 < spent["cost_usd"] == opened.spent.cost_usd < 0.06


_CHILD = """
import sys, json
from user_intel_tests.llm.asking import *
home, url, first = sys.argv[1:]
with models(Path(home), url, "openai:gpt-4.1-mini", USER_INTEL_LLM_BUDGET_USD=0.072) as opened:
    outcomes = opened.ask_many([an_ask(f"question {number}") for number in range(int(first), int(first) + 10)])
print(sum(isinstance(outcome, Exception) for outcome in outcomes))
"""


@contextmanager
def child(home: Path, url: str, first: int) -> Iterator[subprocess.Popen[str]]:
    """Ten questions from `first` on, asked by a process of its own; what it prints is how many were refused."""
    command = [sys.executable, "-c", _CHILD, str(home), url, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_processes_share_a_day_s_budget(tmp_path: Path) -> None:
    # 20 questions of 0.72 cents each for two processes with 7.2 cents together; up to 0.77 is reserved for each.
    move = Says(GOOD, input_tokens=10_000, output_tokens=2_000)
    with stand_ins.running(lambda _: move, models={"gpt-4.1-mini"}) as apis:
        with child(tmp_path, apis.url, 0) as one, child(tmp_path, apis.url, 10) as other:
            refused = sum(int(process.communicate(timeout=60)[0]) for process in (one, other))
        assert len(apis.asked) + refused == 20
        assert 5 <= len(apis.asked) <= 10
    spent = json.loads((tmp_path / "llm" / "spent" / "explain" / "2026-11-20.json").read_text())
    assert spent["cost_usd"] == pytest.approx(0.0072 * len(apis.asked))
    assert spent["reserved_usd"] == {}


def test_a_killed_process_leaves_whole_answers_and_what_it_reserved(tmp_path: Path) -> None:
    answered = threading.Event()

    def answers(request: stand_ins.Request) -> stand_ins.Move:
        if b"question 3" in request.raw:
            answered.set()
            return Hangs(5)
        return Says(GOOD, input_tokens=10_000, output_tokens=2_000)

    with stand_ins.running(answers, models={"gpt-4.1-mini"}) as apis:
        with child(tmp_path, apis.url, 3) as victim:
            assert answered.wait(30)
            victim.kill()
        spent = json.loads((tmp_path / "llm" / "spent" / "explain" / "2026-11-20.json").read_text())
        assert len(spent["reserved_usd"]) == 1
        apis.answers = lambda _: Says(GOOD, input_tokens=10_000, output_tokens=2_000)
        with models(tmp_path, apis, "openai:gpt-4.1-mini", USER_INTEL_LLM_BUDGET_USD=0.072) as opened:
            assert opened.ask(an_ask("question 3")).value == STORY
    assert not list((tmp_path / "llm").rglob("*.tmp"))


def test_a_ledger_that_cannot_be_read_stops_spending(apis: StandIn, tmp_path: Path) -> None:
    path = tmp_path / "llm" / "spent" / "explain" / "2026-11-20.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    with models(tmp_path, apis) as opened, pytest.raises(LLMError, match=r"2026-11-20\.json cannot be read"):
        opened.ask(an_ask())
    assert not apis.asked
