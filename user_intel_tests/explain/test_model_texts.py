"""Texts that two writers, who knew nothing of the checker, wrote to real prompts: true ones pass, others do not.

`model_texts.json` holds fact tables of the demo (proofs left out), the answers to them, and which fields rightly fail.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from user_intel.bench.tampering import Text, sample
from user_intel.explain.claims import Claim, Grounded, InsightDraft
from user_intel.explain.facts import FactTable, read
from user_intel.explain.grounding import check, recheck

KEPT: dict[str, Any] = json.loads(Path(__file__).with_name("model_texts.json").read_text(encoding="utf-8"))
NAMES = frozenset(KEPT["names"])
TABLES = {key: read(json.dumps(told), NAMES) for key, told in KEPT["tables"].items()}
COUPON = 'button.btn.btn-1 "Apply coupon"'


def refused(text: dict[str, Any]) -> set[str]:
    """The fields of a kept text that are refused."""
    told = check(InsightDraft.model_validate(text["draft"]), TABLES[text["table"]])
    return set() if isinstance(told, Grounded) else {each.field for each in told}


def test_the_true_fields_pass_at_first_sight_and_the_others_do_not() -> None:
    assert len(KEPT["texts"]) == 20
    for text in KEPT["texts"]:
        assert refused(text) == set(text["refused"]), text["draft"]


def test_a_change_of_one_thing_in_them_is_caught() -> None:
    texts: list[tuple[Text, FactTable]] = []
    for each in KEPT["texts"]:
        table = TABLES[each["table"]]
        told = check(InsightDraft.model_validate(each["draft"]), table)
        if isinstance(told, Grounded):
            named = [entity for entity in table.entities if entity.kind not in ("metric", "word", "event")]
            names = dict.fromkeys(form for entity in named for form in (entity.name, *entity.said))
            texts.append((Text(told.texts, told.claims, tuple(names), tuple(sorted(NAMES - set(names)))), table))
    facts_of = {id(text): table for text, table in texts}
    changed = list(sample([text for text, _ in texts], 400, seed=1))
    caught = sum(bool(recheck(change.texts, change.claims, facts_of[id(text)])) for text, change in changed)
    assert len(changed) == 400
    assert caught >= 0.99 * len(changed)


def rules(key: str, text: str, claims: list[tuple[str, str]], field: str = "problem") -> set[str]:
    """Why a field of its own is refused."""
    fields = {"title": "It happens", "problem": "It happens.", "why_it_matters": "It matters.",
              "hypothesis": "It may be so.", "recommendation": "Change it.", "verification": "Watch it."}  # fmt: skip
    bound = [Claim(field=field, quote=quote, fact_id=fact) for quote, fact in claims]
    told = check(InsightDraft(**{**fields, field: text}, claims=bound), TABLES[key])
    return set() if isinstance(told, Grounded) else {each.rule for each in told}


VALUE, BEFORE, EXPECTED = ("6.3 %", "value"), ("10 %", "value_before"), ("0.5 %", "expected")
NOW, EARLIER = "from 2026-11-10 to 2026-11-16", "from 2026-11-03 to 2026-11-09"


@pytest.mark.parametrize(
    ("rule", "text", "claims"),
    [
        (None, f"6.3 % of sessions at /cart {NOW}, lower than the 10 % {EARLIER}.", [VALUE, BEFORE]),
        (None, f"Between 10 and 16 November 2026, 6.3 % of sessions at /cart click {COUPON} in vain.", [VALUE]),
        ("unbound", f"6.3 % of sessions at /cart {EARLIER}.", [VALUE]),
        ("window", f"6.3 % of sessions at /cart {EARLIER}.",
         [VALUE, ("2026-11-03", "value_before"), ("2026-11-09", "value_before")]),
        ("unbound", "6.3 % of sessions at /cart from 2026-11-11 to 2026-11-16.", [VALUE]),
        ("unbound", "It was seen at /cart on 2026-11-10 and 2026-11-16.", []),
        ("direction", "6.3 % of sessions at /cart, up from 10 % in the window before.", [VALUE, BEFORE]),
        ("direction", "6.3 % of sessions at /cart, worse than the 10 % before.", [VALUE, BEFORE]),
        ("direction", "6.3 % of sessions at /cart, not more than the expected 0.5 %.", [VALUE, EXPECTED]),
        (None, "At /cart 6.3 % of sessions are hit.", [("6.3", "value")]),
        ("number", "At /cart 6.3 % of sessions are hit.", [("6.3", "value_before")]),
        ("cause", "The page frustrated users at /cart.", []),
        (None, "Frustrated users click again at /cart.", []),
        ("cause", "Slow checks lead to rage clicks at /cart.", []),
        ("entity", 'There is a "Saving" label at /cart.', []),
    ],
)  # fmt: skip
def test_windows_comparisons_with_before_and_words_that_only_look_causal(
    rule: str | None, text: str, claims: list[tuple[str, str]]
) -> None:
    assert rules("35", text, claims) == set() if rule is None else rule in rules("35", text, claims)


def test_a_number_that_a_shorter_quote_binds_is_not_meant_by_a_longer_one() -> None:
    text = "181 of 1,816 sessions at /projects/:id were hit."
    whole, part = ("181 of 1,816 sessions", "sessions_hit"), ("1,816 sessions", "units")
    assert rules("34", text, [whole, part]) == set()
    assert "quote" in rules("34", text, [whole])
    assert "number" in rules("34", text, [("181 of 1,816 sessions", "users_hit"), part])


@pytest.mark.parametrize(
    ("text", "claims", "is_true"),
    [
        ("Baseline: 6.3 % of sessions at /cart. Target: the expected 0.5 %.", [VALUE, EXPECTED], True),
        ("Baseline: the 0.5 % of sessions at /cart.", [EXPECTED], False),
        ("Now 6.3 % of sessions at /cart, it should also rise.", [VALUE], False),
    ],
)
def test_in_a_plan_the_baseline_is_what_is_now(text: str, claims: list[tuple[str, str]], is_true: bool) -> None:
    assert (rules("35", text, claims, "verification") == set()) is is_true


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ('Add a "Saving" label at /cart.', True),
        ('Show a message such as "Try another code" at /cart.', True),
        ('Add a "Pay 50 % less" label at /cart.', False),
        ('Rename "Apply coupon" at /cart to "Buy now".', False),
        ('Add an "Attach file" button at /cart.', False),
    ],
)
def test_advice_may_propose_words_that_are_not_there_yet(text: str, is_true: bool) -> None:
    assert (rules("35", text, [], "recommendation") == set()) is is_true
    assert rules("35", text, [], "problem")
