"""What is asked of a model, whatever strangers typed, and who has the first right to the day's asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from user_intel.errors import BudgetError, LLMError
from user_intel.explain.facts import Entity, FactTable
from user_intel.explain.insight_facts import facts_of
from user_intel.explain.insights import TEXTS
from user_intel.explain.narrator import narrate
from user_intel.explain.product_knowledge import clean, told
from user_intel.explain.writing import AT_ONCE, Call, Piece, Writer, Written
from user_intel.llm.asks import Answer, Ask
from user_intel.product import Explain
from user_intel.prompts import prompt
from user_intel_tests.detect.hand_made import new_lake
from user_intel_tests.explain.made_days import FENCED, PRODUCT, a_problem
from user_intel_tests.explain.test_ranking import said

PROBLEM = a_problem()
INSIGHT = prompt("insight")


class Listening:
    """Models that note what they are asked and answer as `reply` says; without a key, when it is left out."""

    offline = False

    def __init__(self, reply: Answer | None = None) -> None:
        self.asks: list[Ask] = []
        self.rounds: list[int] = []
        self._reply = reply

    def ask_many(self, asks: Sequence[Ask]) -> list[Answer | LLMError | BudgetError]:
        self.asks.extend(asks)
        self.rounds.append(len(asks))
        return [self._reply or LLMError("OPENAI_API_KEY is not set") for _ in asks]


TABLE = facts_of(PROBLEM, new_lake(Path("no such home"), PRODUCT), PRODUCT, frozenset())


def a_call(key: str = "k", knowledge: str = "", table: FactTable = TABLE) -> Call:
    return Call(INSIGHT, (Piece(key, table, lambda: narrate(PROBLEM, TABLE)),), knowledge)


def asked(call: Call, rules: Explain | None = None) -> Ask:
    models = Listening()
    Writer(models, rules or Explain()).write([call])  # type: ignore[arg-type]  # what it needs of them
    return models.asks[0]


@settings(deadline=None, max_examples=30)
@given(st.text(max_size=200), st.text(max_size=200))
def test_whatever_strangers_or_colleagues_typed_stands_inside_fences_and_nowhere_else(name: str, reason: str) -> None:
    facts = tuple(replace(fact, of=name, what=f"rate {name}") for fact in TABLE.facts[:4])
    table = replace(TABLE, facts=facts, entities=(Entity("step", name), Entity("segment", f"plan={name}")))
    knowledge = told(clean([said(a_problem(name), reason=reason)]))
    ask = asked(a_call(knowledge=knowledge, table=table))
    assert ask.system == asked(a_call()).system
    fences = [whole.group(1) for whole in FENCED.finditer(ask.text)]
    assert fences in (["facts", "knowledge"], ["facts"])
    outside = FENCED.sub("", ask.text)
    for line in outside.splitlines():
        assert line in ("", "Explain this problem.") or line.startswith("What the team said of earlier insights")


@pytest.mark.parametrize("letters", [0, 1, 7, 50, 333, 4_000])
def test_an_ask_never_takes_more_than_its_limit(letters: int) -> None:
    table = replace(TABLE, facts=tuple(replace(fact, what=fact.what + " x" * letters) for fact in TABLE.facts * 20))
    rules = Explain(about="A shop. " * 70, tone="British. " * 20)
    ask = asked(a_call(knowledge=told([said(a_problem(f"/{n}")) for n in range(9)]), table=table), rules)
    sent = -(-(len(ask.system) + len(ask.text) + INSIGHT.schema_letters) // 3)
    assert sent <= INSIGHT.limits.input_tokens


def test_what_the_product_is_and_the_tone_are_told() -> None:
    about = "A shop for bicycle parts. " * 20
    ask = asked(a_call(), Explain(about=about, tone="British spelling"))
    assert f"The product: {about.strip()}\n" in ask.system
    assert "Wish for the tone: British spelling" in ask.system


def test_what_people_call_a_step_is_told_beside_its_name(tmp_path: Path) -> None:
    rules = Explain(vocabulary={"/cart": "the basket", "order_completed": "purchase"})
    product = PRODUCT.model_copy(update={"explain": rules})
    table = facts_of(PROBLEM, new_lake(tmp_path, product), product, frozenset())
    text = asked(a_call(table=table)).text
    assert '"/cart = the basket"' in text
    assert '"order_completed = purchase"' in text


def test_calls_are_asked_in_rounds_in_order_and_no_more_than_are_left() -> None:
    models = Listening()
    writer = Writer(models, Explain(), 13)  # type: ignore[arg-type]
    written = writer.write([a_call(f"k{number}") for number in range(20)])
    assert models.rounds == [AT_ONCE, 3]
    assert list(written) == [f"k{number}" for number in range(20)]
    assert writer.account.narrated_because == {
        "model: OPENAI_API_KEY is not set": 13, "the day's asks are used up": 7,
    }  # fmt: skip


def written_by(answered: Answer) -> Written:
    models = Listening(answered)
    written = Writer(models, Explain()).write([a_call()])["k"]  # type: ignore[arg-type]
    assert models.rounds == [1, 1]
    return written


def answered(**fields: str) -> Answer:
    """The narrator's text with other fields, as a model of no known price would hand it in."""
    draft = narrate(PROBLEM, TABLE).model_copy(update=fields)
    return Answer(draft, "openai", "m", 1_000, 200, 0, None, 1.0, from_cache=False)


LIE = "77 % of users leave"


def test_a_text_that_costs_nobody_knows_what_has_no_cost_and_tokens_of_both_tries_add_up() -> None:
    written = written_by(answered(title=LIE, problem=LIE))
    assert (written.provider, written.cost_usd, written.input_tokens, written.output_tokens) == (
        "offline", None, 2_000, 400,
    )  # fmt: skip
    assert set(written.grounded.texts) >= set(TEXTS)


def test_one_field_that_is_refused_again_is_the_narrators_the_others_stay_the_models() -> None:
    written = written_by(answered(why_it_matters=LIE, recommendation="Ask for less."))
    assert (written.provider, written.model) == ("openai", "m and the narrator (why it matters)")
    told, texts = narrate(PROBLEM, TABLE), written.grounded.texts
    assert (texts["why_it_matters"], texts["recommendation"]) == (told.why_it_matters, "Ask for less.")
    assert {claim.field for claim in written.grounded.claims} == {claim.field for claim in told.claims}
    assert {refusal.field for refusal in written.refusals} == {"why_it_matters"}
    assert (written.input_tokens, written.cost_usd) == (2_000, None)
