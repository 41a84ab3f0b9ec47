"""More and less, worse and better: whether words of direction agree with the facts they stand beside."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from user_intel.explain import lexicon
from user_intel.explain.claims import Refusal
from user_intel.explain.facts import Fact
from user_intel.explain.numbers import Number
from user_intel.explain.reading import Field, Span
from user_intel.explain.rounding import is_tiny

Tied = tuple[Number, Fact]
_OPPOSITE = {"more": "less", "less": "more", "worse": "better", "better": "worse", "same": "same"}
_COMPARED = re.compile(
    r"\bthan\s+(?:what\s+(?:is|was)\s+)?(?:\w+\s+)?(?:expected|usual|normal|typical|before|the\s+rest|others)\b",
    re.IGNORECASE,
)
# Of what is wanted less is bad: a sentence on it may turn the problem's direction round.
_WANTED = re.compile(
    r"\b(?:go(?:es)?\s+on|continu\w+|finish\w*|complet\w*|reach\w*|convert\w*|conversions?|stay\w*|succeed\w*|submit\w*|send\w*|"
    r"use[ds]?|using|adopt\w*|return\w*|come\s+back|buy|goal|order\w*|recorded)\b",
    re.IGNORECASE,
)
_EXPECTED_IS = re.compile(
    r"\s*(?:the\s+)?(?:expected|usual|normal|typical)\s+(?:[a-z]+\s+){0,2}(?:is|was|are|were|would\s+be)\b(?!\s+than)",
    re.IGNORECASE,
)
_OTHER_SUBJECT = re.compile(
    r"\b(?:(?<!which )(?:is|was)|are|were|it|this|that|which(?! (?:is|was)\b)|so|than|expected|puts?|makes?)\b",
    re.IGNORECASE,
)
_THAN = re.compile(r"\s+(?:than|from)\s+(?:the\s+)?(?:rate\s+of\s+)?(?:about\s+)?", re.IGNORECASE)
_NEGATED = re.compile(r"(?:\bnot|\bnever|n['’]t)\s+(?:(?!only\b|just\b|yet\b|all\b)\w+\s+)?$", re.IGNORECASE)
_IS_NOW = re.compile(r"\b(?:is|are|now|currently|stands?|today|has\s+been|sits)\b", re.IGNORECASE)
# Facts of people leaving: beside them staying is the opposite.
_RATES_OF_LEAVING = ("exit rate", "rapid exit rate", "abandonment rate")
_MOVING = re.compile(
    r"\b(?:is|are|keeps?|has\s+been|have\s+been|continues?\s+to)\s+(?:\w+ly\s+|still\s+)?$", re.IGNORECASE
)
_LOST = re.compile(
    r"\b(?:gain(?:s|ed|ing)?|won|wins?|earn(?:s|ed)?|saved|made\s+possible|extra|additional)\b", re.IGNORECASE
)


def wrong_directions(field: Field, ties: Sequence[Tied], *, is_advice: bool, is_guess: bool) -> Iterator[Refusal]:
    """The words of direction in a field that contradict the facts beside them.

    In advice they say where a number should go: the other way, or back to what was expected.
    """
    skipped = [found.span() for found in lexicon.NO_DIRECTION.finditer(field.plain)]
    for found in lexicon.DIRECTION.finditer(field.plain):
        inside = any(start <= found.start() < end for start, end in skipped)
        if inside or _is_hedge(field, found.span(), ties, is_advice=is_advice) or found.lastgroup is None:
            continue
        why = _contradicted(field, found.span(), found.lastgroup, ties, is_advice=is_advice, is_guess=is_guess)
        if why:
            yield Refusal("direction", field.name, found.group(), why)
    for number, fact in ties:
        start, end = field.clause(number.start)
        if turned := _turned_round(field, number, fact):
            yield Refusal("direction", field.name, turned, f"the fact {fact.id} is of those who leave")
        if fact.role == "cost" and (said := _LOST.search(field.plain, start, end)):
            yield Refusal("direction", field.name, said.group(), f"the fact {fact.id} is a loss")


def _is_hedge(field: Field, span: Span, ties: Sequence[Tied], *, is_advice: bool) -> bool:
    """Whether the word only bounds the number behind it: "more than 40 %"; what that means is `rounding`'s.

    In advice it says where the number should go: "below the 40 % of now".
    """
    for number, fact in ties:
        between = field.plain[span[1] : number.start] if span[1] <= number.start else "-"
        near = re.fullmatch(r"(?:\s*than)?\s*(?:an?\s)?\$?\s*", between)
        if is_advice and fact.direction and number.hedge in ("over", "under") and not is_tiny(number, fact.number):
            return False
        is_bound = fact.role not in ("expected", "before", "rest") or is_tiny(number, fact.number)
        if near and number.hedge and is_bound:
            return True
    return False


def _contradicted(
    field: Field, span: Span, sense: str, ties: Sequence[Tied], *, is_advice: bool, is_guess: bool
) -> str | None:
    sentence = field.sentence(span[0])
    words = field.plain[sentence[0] : sentence[1]]
    here = [tie for tie in ties if sentence[0] <= tie[0].start < sentence[1]]
    if sense in ("worse", "better") and _is_of_the_trend(field, span, words, here):
        trend = field.table.get("trend")
        if trend and not is_advice and str(trend.value) != sense:
            return f"the trend is {trend.value}"
        if trend:
            return None
    value = field.table.get("value")
    if value and not is_advice and (earlier := _than_before(field, span, here)):
        return None if sense in _since_then(value, earlier) else f"the fact {earlier.id} is {earlier.say}"
    nearest = _nearest(field, span, here, sense)
    if nearest is None:
        if is_advice or is_guess:
            return None
        return _against_the_trend(field, span, sense) or _against_the_whole(field, words, sense)
    allowed = _allowed(nearest, sense)
    if _is_said_of_the_expected(words, here):
        allowed = {_OPPOSITE[each] for each in allowed}
    if not is_advice and _NEGATED.search(field.plain[sentence[0] : span[0]]):
        return f"the fact {nearest.id} is {nearest.say}: {_told(nearest)}" if sense in allowed else None
    if is_advice:
        allowed = {_OPPOSITE[each] for each in allowed} | (
            allowed if _IS_NOW.search(field.plain, *field.clause(span[0])) else set()
        )
    return None if sense in allowed else f"the fact {nearest.id} is {nearest.say}: {_told(nearest)}"


def _than_before(field: Field, span: Span, here: Sequence[Tied]) -> Fact | None:
    """The earlier value that a word of direction compares with: "better than the 10 % of the window before"."""
    for number, fact in here:
        if fact.role == "before" and span[1] <= number.start and _THAN.fullmatch(field.plain[span[1] : number.start]):
            return fact
    return None


def _since_then(value: Fact, earlier: Fact) -> set[str]:
    """How what is now lies to what was before."""
    if value.number == earlier.number:
        return set()
    way = "more" if value.number > earlier.number else "less"
    if value.worse is None or value.direction == "same":
        return {way}
    is_worse = (way == value.direction) == value.worse
    return {way, "worse" if is_worse else "better"}


def _is_said_of_the_expected(words: str, here: Sequence[Tied]) -> bool:
    """Whether a sentence has what was expected for its subject: "Expected was 0.5 %, 9.3 points less"."""
    subject = _EXPECTED_IS.match(words)
    is_alone = {fact.role for _, fact in here} <= {"expected", "change"}
    return subject is not None and is_alone and not _OTHER_SUBJECT.search(words, subject.end())


def _is_of_the_trend(field: Field, span: Span, words: str, here: Sequence[Tied]) -> bool:
    """Whether "worse" is meant in time: its own clause says so or, where that compares nothing else, its sentence."""
    clause = field.clause(span[0])
    if lexicon.IN_TIME.search(field.plain, *clause):
        return not _directed([tie for tie in here if clause[0] <= tie[0].start < clause[1]], "before")
    is_compared = any(clause[0] <= number.start < clause[1] for number, _ in here)
    return not is_compared and bool(lexicon.IN_TIME.search(words)) and not _directed(here, "before")


def _directed(ties: Sequence[Tied], role: str) -> bool:
    return any(fact.role == role and fact.direction for _, fact in ties)


def _nearest(field: Field, span: Span, ties: Sequence[Tied], sense: str) -> Fact | None:
    """The nearest fact of the sentence that has such a direction; of the same clause before others."""
    clause = field.clause(span[0])
    judged = [
        (number, fact)
        for number, fact in ties
        if (fact.direction is not None if sense in ("more", "less") else fact.worse is not None)
    ]
    if not judged:
        return None

    def distance(tie: Tied) -> tuple[bool, int]:
        number = tie[0]
        outside = not clause[0] <= number.start < clause[1]
        return outside, min(abs(number.start - span[1]), abs(span[0] - number.end))

    return min(judged, key=distance)[1]


def _allowed(fact: Fact, sense: str) -> set[str]:
    if sense in ("more", "less"):
        return {str(fact.direction)}
    return {"worse" if fact.worse else "better"}


def _told(fact: Fact) -> str:
    told = fact.direction or ("worse" if fact.worse else "better")
    return f"{told} than {fact.against}" if fact.against else told


def _turned_round(field: Field, number: Number, fact: Fact) -> str | None:
    """The words that make a rate of leaving one of staying."""
    if fact.role not in ("value", "before") or not fact.what.startswith(_RATES_OF_LEAVING):
        return None
    start, end = field.clause(number.start)
    words = field.plain[start:end]
    if found := lexicon.NOT_LEAVING.search(words):
        return found.group()
    stays = lexicon.STAYING.search(words)
    return stays.group() if stays and not lexicon.LEAVING.search(words) and not lexicon.NOT.search(words) else None


def _against_the_trend(field: Field, span: Span, sense: str) -> str | None:
    """Without a number beside it, what "is falling" goes by the trend of the main value."""
    value, trend = field.table.get("value"), field.table.get("trend")
    if value is None or trend is None or not _MOVING.search(field.plain[max(0, span[0] - 30) : span[0]]):
        return None
    worse = str(value.direction)
    allowed = {"worse": {worse, "worse"}, "better": {_OPPOSITE.get(worse, "same"), "better"}}.get(
        str(trend.value), set()
    )
    return None if sense in allowed else f"the trend is {trend.value}"


def _against_the_whole(field: Field, words: str, sense: str) -> str | None:
    """Without a number beside it, what is "more than expected" goes by the table's main value."""
    value = field.table.get("value")
    if value is None or not _COMPARED.search(words) or _WANTED.search(words):
        return None
    allowed = _allowed(value, sense)
    return None if sense in allowed or (value.direction is None) else f"the fact value is {_told(value)}"
