"""Tampering: one thing changed in a true text is caught, and true texts of many styles are let through."""

import random
from collections import Counter
from pathlib import Path

import pytest

from user_intel.bench.tampering import KINDS, Text, sample, tampered
from user_intel.explain.claims import Grounded
from user_intel.explain.facts import FactTable
from user_intel.explain.grounding import check, recheck
from user_intel.explain.narrator import narrate
from user_intel.lake import Lake
from user_intel.tables import catalogue
from user_intel_tests.explain.made_findings import KEYS, PRODUCT, found, table
from user_intel_tests.explain.written_texts import Written, written_texts

NOWHERE = Lake(Path("nowhere"), catalogue(PRODUCT))
WRITTEN = written_texts(NOWHERE)
# What a writer might name instead: other places, segments and priorities of the product, and what is nowhere.
OTHERS = (
    "/cart", "/catalog", "/signup", "/item/:id", "/home", "/payment", "/pricing", "device_type=desktop", "plan=pro",
    "country=US", "P2", "P0", "P3", "search_performed", "plan_upgraded", '"Apply coupon"', '"Buy now"', "reporting",
    "upgrade", "desktop", "tablet", "Evening users",
)  # fmt: skip
MUTATIONS = 1_000


@pytest.fixture(scope="module")
def texts() -> list[tuple[Text, FactTable]]:
    """All true texts with their facts: those written by hand, and the narrator's of every kind."""
    drafts = [(each.draft, each.table) for each in WRITTEN]
    for key in KEYS:
        facts = table(key, NOWHERE)
        drafts.append((narrate(found(key), facts), facts))
    told = ((check(draft, facts), facts) for draft, facts in drafts)
    return [(_text(grounded, facts), facts) for grounded, facts in told if isinstance(grounded, Grounded)]


def _text(grounded: Grounded, facts: FactTable) -> Text:
    named = [each for each in facts.entities if each.kind not in ("metric", "word", "event")]
    names = dict.fromkeys(form for each in named for form in (each.name, *each.said) if len(form) > 1)
    return Text(grounded.texts, grounded.claims, tuple(names), OTHERS)


def test_true_texts_are_let_through(texts: list[tuple[Text, FactTable]]) -> None:
    refused = {each.key for each in WRITTEN if not isinstance(check(each.draft, each.table), Grounded)}
    assert len(WRITTEN) >= 40
    assert len(texts) == len(WRITTEN) + len(KEYS), refused


def test_of_a_thousand_changes_ninety_nine_in_a_hundred_are_caught(texts: list[tuple[Text, FactTable]]) -> None:
    facts_of = {id(text): facts for text, facts in texts}
    made, caught = Counter[str](), Counter[str]()
    for text, change in sample([text for text, _ in texts], MUTATIONS, seed=1):
        made[change.what] += 1
        caught[change.what] += bool(recheck(change.texts, change.claims, facts_of[id(text)]))
    assert made.total() == MUTATIONS
    assert min(made[kind] for kind in KINDS) > 50
    assert caught.total() >= 0.99 * MUTATIONS, {kind: (made[kind], caught[kind]) for kind in KINDS}
    assert all(caught[kind] >= 0.98 * made[kind] for kind in KINDS), {
        kind: (made[kind], caught[kind]) for kind in KINDS
    }


def test_a_change_changes_one_place_and_leaves_the_claims_on_their_words(texts: list[tuple[Text, FactTable]]) -> None:
    text, _ = texts[0]
    for change in tampered(text, random.Random(3)):
        others = {field for field in text.texts if change.texts[field] != text.texts[field]}
        assert others == {change.field}
        assert change.before != change.after
        assert all(change.texts[each.field][each.start : each.end] == each.text for each in change.claims)


@pytest.mark.parametrize("written", WRITTEN[:3], ids=lambda each: str(each.key))
def test_a_text_says_the_same_whatever_order_its_claims_are_in(written: Written) -> None:
    turned = written.draft.model_copy(update={"claims": list(reversed(written.draft.claims))})
    assert isinstance(check(turned, written.table), Grounded)
