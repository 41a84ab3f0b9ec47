"""The check: what facts license passes, and every way to say something else is refused with its reason."""

from pathlib import Path

import pytest

from user_intel.explain.claims import Claim, Grounded, InsightDraft, Refusal, read_claims
from user_intel.explain.facts import FactTable, read
from user_intel.explain.grounding import check, recheck
from user_intel.explain.narrator import narrate
from user_intel.lake import Lake
from user_intel.tables import catalogue
from user_intel_tests.explain.made_findings import NAMES, PRODUCT, found, table

NOWHERE = Lake(Path("nowhere"), catalogue(PRODUCT))
FORM = table("form", NOWHERE)
TRUE = "On mobile, 41 % of sessions abandon the form at /shipping, 12 % expected."


def drafted(
    key: str = "form", claims: list[tuple[str, str]] | None = None, **fields: str
) -> tuple[InsightDraft, FactTable]:
    """The narrator's text with other fields; `claims` are (quote, fact) of the first of these."""
    facts = table(key, NOWHERE)
    base = narrate(found(key), facts)
    field = next(iter(fields))
    kept = [claim for claim in base.claims if claim.field not in fields]
    made = [Claim(field=field, quote=quote, fact_id=fact) for quote, fact in claims or []]
    return InsightDraft(**{**base.model_dump(exclude={"claims"}), **fields, "claims": kept + made}), facts


def refused(key: str = "form", claims: list[tuple[str, str]] | None = None, **fields: str) -> list[Refusal]:
    """Why a text was refused; [] where it passed."""
    told = check(*drafted(key, claims, **fields))
    return [] if isinstance(told, Grounded) else told


def test_a_true_text_passes_and_each_number_leads_to_its_fact() -> None:
    told = check(*drafted(claims=[("41 % of sessions", "value"), ("12 %", "expected")], problem=TRUE))
    assert isinstance(told, Grounded)
    mine = [(claim.text, claim.fact_id, claim.said) for claim in told.claims if claim.field == "problem"]
    assert mine == [("41 %", "value", 0.41), ("12 %", "expected", 0.12)]
    assert all(told.texts[claim.field][claim.start : claim.end] == claim.text for claim in told.claims)


VALUE, EXPECTED = ("41 %", "value"), ("12 %", "expected")


@pytest.mark.parametrize(
    ("rule", "text", "claims"),
    [
        ("unbound", "On mobile 41 % leave the form at /shipping; three in four come back.", [VALUE]),
        ("unbound", "On mobile most users leave the form at /shipping.", []),
        ("number", "On mobile 42 % of sessions abandon /shipping.", [("42 %", "value")]),
        ("number", "On mobile ٤٢٪ of sessions abandon /shipping.", [("٤٢٪", "value")]),
        ("number", "On mobile ½ of sessions abandon /shipping.", [("½", "value")]),
        ("unit", "On mobile 41 s pass at /shipping.", [("41 s", "value")]),
        ("unit", "On mobile abandonment at /shipping is up by 41 points.", [("41 points", "value")]),
        ("denominator", "On mobile 41 % of users abandon /shipping.", [VALUE]),
        ("denominator", "On mobile 96 sessions met it.", [("96", "users_hit")]),
        ("window", "At least 61 conversions a day are lost on mobile.", [("61", "lost_conversions")]),
        ("window", "On mobile 41 % of sessions abandoned /shipping last month.", [VALUE]),
        ("segment", "On mobile 1,548 users were active.", [("1,548", "active_users")]),
        ("entity", "On desktop 41 % of sessions abandon /shipping.", [VALUE]),
        ("direction", "On mobile 41 % of sessions abandon /shipping, fewer than the 12 % expected.", [VALUE, EXPECTED]),
        ("direction", "It got better than in the days before.", []),
        ("direction", "At least 61 conversions were gained on mobile.", [("61", "lost_conversions")]),
        ("role", "On mobile 12 % of sessions abandon /shipping.", [EXPECTED]),
        ("role", "On mobile 41 % expected, 12 % of sessions abandon /shipping.", [VALUE, EXPECTED]),
        ("role", "61 conversions were lost on mobile.", [("61", "lost_conversions")]),
        ("entity", "On mobile 41 % of sessions abandon /signup.", [VALUE]),
        ("entity", "On mobile 41 % of sessions leave `Buy now` at /shipping.", [VALUE]),
        ("entity", "On mobile 41 % of sessions at /shipping come from Stripe.", [VALUE]),
        ("entity", "Mobile sessions abandon plan_upgraded.", []),
        ("entity", "Ask for less at /payment.", []),
        ("quote", "On mobile 41 % of sessions abandon /shipping.", [("43 %", "value")]),
        ("fact", "On mobile 41 % of sessions abandon /shipping.", [("41 %", "share_of_all")]),
        ("cause", "Mobile sessions abandon /shipping because it is slow.", []),
        ("cause", "The slow page drives people away from /shipping.", []),
        ("sensitive", "Elderly people may not read the form.", []),
        ("language", "Auf dem Handy brechen die meisten Leute das Formular ab und gehen dann wieder weg.", []),
        ("language", "On mobile tw\u043e of them leave.", []),
        ("language", "On mobile 4\u200b1 % leave.", []),
        ("length", " ", []),
    ],
)
def test_what_the_facts_do_not_say_is_refused(rule: str, text: str, claims: list[tuple[str, str]]) -> None:
    assert rule in {each.rule for each in refused(claims=claims, problem=text)}


def test_a_hypothesis_is_a_guess_and_only_there_a_cause_may_be_named() -> None:
    assert not refused(hypothesis="The form may be slow, which might cause people to leave.")
    assert {each.rule for each in refused(hypothesis="The form is slow.")} == {"guess"}
    assert "cause" in {each.rule for each in refused(hypothesis="It may be slow. People leave because of that.")}


def test_advice_brings_in_no_numbers_but_may_count_its_points() -> None:
    assert not refused(recommendation="Change /shipping:\n1. ask for less\n2. keep what was typed")
    assert {each.rule for each in refused(recommendation="Cut two fields at /shipping.")} == {"unbound"}


def test_a_number_beside_words_of_direction_says_where_it_should_go() -> None:
    text = "The abandonment rate on mobile at /shipping should {} from 41 % towards the 12 % expected."
    assert not refused(claims=[VALUE, EXPECTED], verification=text.format("fall"))
    assert {each.rule for each in refused(claims=[VALUE, EXPECTED], verification=text.format("rise"))} == {"direction"}


@pytest.mark.parametrize(
    ("said", "is_true"),
    [("41 %", True), ("41.2 %", True), ("41.20 %", True), ("40 %", False), ("about 40 %", True), ("about 45 %", False),
     ("more than 40 %", True), ("more than 42 %", False), ("nearly 42 %", True), ("0.41", True), ("four in ten", True),
     ("three in ten", False), ("about four in ten", True), ("nearly half", True), ("over a third", True),
     ("two fifths", True), ("three fifths", False), ("half", False)],
)  # fmt: skip
def test_a_share_may_be_rounded_as_declared(said: str, is_true: bool) -> None:
    text = f"On mobile {said} of sessions abandon the form at /shipping."
    assert bool(refused(claims=[(said, "value")], problem=text)) is not is_true


def test_several_claims_on_the_same_words_bind_their_numbers_in_order() -> None:
    quote = "35 % to 47 %"
    text = f"On mobile the interval at /shipping is {quote}."
    assert not refused(claims=[(quote, "low"), (quote, "high")], problem=text)
    assert refused(claims=[(quote, "high"), (quote, "low")], problem=text)


def test_a_text_of_a_table_is_checked_again_by_what_stands_there() -> None:
    told = check(*drafted(claims=[VALUE, EXPECTED], problem=TRUE))
    assert isinstance(told, Grounded)
    claims, facts = read_claims(told.claims_text()), read(FORM.text(), NAMES)
    assert recheck(told.texts, claims, facts) == []
    changed = {**told.texts, "problem": told.texts["problem"].replace("41 %", "14 %")}
    assert {each.rule for each in recheck(changed, claims, facts)} >= {"quote", "unbound"}
    assert {each.rule for each in recheck(told.texts, (), facts)} == {"unbound"}


def test_a_fact_table_is_the_same_after_it_was_stored() -> None:
    assert read(FORM.text()).text() == FORM.text()
    assert read(FORM.text()).digest == FORM.digest


@pytest.mark.parametrize(
    "lie",
    [
        "It doubled.", "A quarter of sessions come back.", "Quarter of them come back.", "1/3 come back.",
        "XLI users complained.", "Tens of users complained.", "The 99th percentile is bad.",
        "It is the worst ever seen.",
        "It has been so for months.", "It has been so since January.", "Safari is worse.", "PayPal is down.",
        "The cause is the slow server.", "That makes users angry.", "The number is falling.", "Women struggle.",
        "In Germany it is worse.", "L'utente medio lascia il sito in due minuti.",
    ],
)  # fmt: skip
def test_a_lie_beside_a_true_sentence_is_refused(lie: str) -> None:
    assert not refused(claims=[VALUE, EXPECTED], problem=TRUE)
    assert refused(claims=[VALUE, EXPECTED], problem=f"{TRUE} {lie}")


@pytest.mark.parametrize("turned", ["complete", "do not abandon", "never leave"])
def test_a_rate_of_leaving_is_not_said_of_those_who_stay(turned: str) -> None:
    text = f"On mobile 41 % of sessions {turned} the form at /shipping."
    assert {each.rule for each in refused(claims=[VALUE], problem=text)} == {"direction"}
