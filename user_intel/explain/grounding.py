"""Whether a text says only what its facts do: code, no model. Nothing is repaired; what is wrong is refused, and why.

1. Every number of the text is bound by a claim to a fact, fits its unit, and is its value within the declared rounding.
   Dates may also say the days of a fact (`windows`).
2. What it is counted among, its time, its segment, its place and its role (what is, what was expected) agree.
3. More and less, worse and better agree with the facts they stand beside.
4. Every name is one of the facts' names; quotes are words of the facts.
5. Causes are only guessed at, in `hypothesis`, and said as guesses; nobody's sensitive traits are guessed at.

Only English is read: text in another language, whose number words could not be seen, is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from user_intel.explain import lexicon, numbers
from user_intel.explain.claims import Bound, Claim, Draft, Grounded, Refusal, Rule
from user_intel.explain.denominators import OF_THEM, WHOM, first_noun, last_noun, of_whom
from user_intel.explain.directions import wrong_directions
from user_intel.explain.facts import EVERYBODY, Fact, FactTable
from user_intel.explain.names import Name
from user_intel.explain.number_words import WEEKDAYS
from user_intel.explain.numbers import Number
from user_intel.explain.reading import Field, Span
from user_intel.explain.rounding import fits_unit, fits_value
from user_intel.explain.windows import beside, day_of_window, windows_said

GUESSES = ("hypothesis",)
ADVICE = ("recommendation", "recommendations", "verification")
PROPOSALS = ("recommendation", "recommendations")
_LONGEST = {"title": 160, "name": 90, "text": 8_000, "pain_points": 4_000, "recommendations": 4_000}
_LONGEST_FIELD = 1_500
_MAY_BE_EMPTY = ("pain_points", "recommendations")
_LEAST_ENGLISH, _WORDS_TO_TELL = 0.12, 8
_AT_LEAST = re.compile(
    r"\b(?:at\s+least|or\s+more|minimum|surely|no\s+(?:fewer|less)|more\s+than|over|lower\s+bound|conservativ\w+|upwards)\b",
    re.IGNORECASE,
)
_PLACES = ("step", "feature", "element", "persona")


@dataclass(frozen=True)
class _Tie:
    """A number of a field and the fact it is bound to."""

    field: Field
    number: Number
    fact: Fact

    @property
    def words(self) -> str:
        """The words of the text that say the number."""
        return self.field.text[self.number.start : self.number.end]

    @property
    def is_window(self) -> bool:
        """Whether it says a day of the time its fact is measured over."""
        return self.number.kind == "date" and self.fact.unit not in ("date", "text")

    def refused(self, rule: Rule, why: str) -> Refusal:
        """A refusal of this number."""
        return Refusal(rule, self.field.name, self.words, why)


def check(draft: Draft, table: FactTable) -> Grounded | list[Refusal]:
    """The text with its claims where every check passes; else every reason why not."""
    texts = draft.texts()
    fields = {name: Field(name, text, table) for name, text in texts.items()}
    ties: list[_Tie] = []
    refused: list[Refusal] = []
    for found in _bind(draft.claimed(), fields, table):
        if isinstance(found, Refusal):
            refused.append(found)
        else:
            ties.append(found)
    for field in fields.values():
        bound = [(tie.number, tie.fact) for tie in ties if tie.field is field]
        ties += [_Tie(field, number, fact) for number, fact in windows_said(field, bound)]
    refused += _faults(fields, ties, table)
    return list(dict.fromkeys(refused)) if refused else Grounded(texts, tuple(_bound(ties)))


def recheck(texts: Mapping[str, str], claims: Sequence[Bound], table: FactTable) -> list[Refusal]:
    """What of a stored text its stored facts and claims do not prove; nothing for a text that `check` let pass."""
    fields = {name: Field(name, text, table) for name, text in texts.items()}
    ties, refused = [], []
    for claim in claims:
        field, fact = fields.get(claim.field), table.get(claim.fact_id)
        numbers = [n for n in field.numbers if claim.start <= n.start and n.end <= claim.end] if field else []
        if field is None or fact is None or field.text[claim.start : claim.end] != claim.text:
            refused.append(Refusal("quote", claim.field, claim.text, "the claim fits neither text nor facts"))
            continue
        ties += [_Tie(field, number, fact) for number in numbers]
    return [*refused, *_faults(fields, ties, table)]


def _bound(ties: Iterable[_Tie]) -> Iterator[Bound]:
    for tie in ties:
        number = tie.number
        value: float | str = number.value
        if number.kind == "date":
            value = str(day_of_window(number, tie.field, tie.fact) if tie.is_window else tie.fact.value)
        yield Bound(tie.field.name, number.start, number.end, tie.words, tie.fact.id, value)


def _bind(claims: Sequence[Claim], fields: Mapping[str, Field], table: FactTable) -> Iterator[_Tie | Refusal]:
    groups: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        groups.setdefault((claim.field, claim.quote), []).append(claim)
    taken: dict[str, set[int]] = {}
    # Quotes of one number first: what they bind is not in question in longer ones.
    for (name, quote), same in sorted(groups.items(), key=lambda each: len(numbers.read(each[0][1]))):
        field = fields.get(name)
        spans = list(_occurrences(field.text, quote)) if field and quote.strip() else []
        if field is None or not spans:
            yield Refusal("quote", name, quote, "these words are not in that field")
            continue
        for found in _bind_quote(field, spans, same, table, taken.setdefault(name, set())):
            if isinstance(found, _Tie):
                taken[name].add(found.number.start)
            yield found


def _bind_quote(
    field: Field, spans: Sequence[Span], claims: Sequence[Claim], table: FactTable, taken: set[int]
) -> Iterator[_Tie | Refusal]:
    """One claim binds its only number wherever it is quoted; several bind the quotes' numbers in order.

    Where a quote holds more numbers than claims, those that shorter quotes bound (`taken`) are not meant.
    """
    facts: list[Fact] = []
    for claim in claims:
        fact = table.get(claim.fact_id)
        if fact is None:
            yield Refusal("fact", field.name, claim.quote, f"there is no fact {claim.fact_id!r}")
        elif isinstance(fact.value, str) and claim.quote not in fact.value:
            yield Refusal("quote", field.name, claim.quote, f"these are no words of the fact {fact.id}")
        else:
            facts.append(fact)
    groups = _numbers_in(field, spans)
    if any(len(found) > len(facts) for found in groups):
        groups = [left for found in groups if (left := [n for n in found if n.start not in taken])]
    every = [number for found in groups for number in found]
    if not every or len(facts) < len(claims):
        return
    different = list(dict.fromkeys(fact.id for fact in facts))
    if len(different) == 1 and all(len(found) == 1 for found in groups):
        yield from (_Tie(field, number, facts[0]) for number in every)
    elif len(facts) == len(every):
        yield from (_Tie(field, number, fact) for number, fact in zip(every, facts, strict=True))
    elif all(len(found) == len(facts) for found in groups):
        yield from (_Tie(field, n, fact) for found in groups for n, fact in zip(found, facts, strict=True))
    else:
        why = f"it holds {len(every)} numbers, and {len(facts)} claims quote it; quote each number by itself"
        yield Refusal("quote", field.name, claims[0].quote, why)


def _numbers_in(field: Field, spans: Sequence[Span]) -> list[list[Number]]:
    """The numbers of a quote, by place; where it is but a part of one ("10" of "10 %"), that one, judged whole."""
    inside = [[n for n in field.numbers if start <= n.start and n.end <= end] for start, end in spans]
    around = [[n for n in field.numbers if n.start <= start and end <= n.end] for start, end in spans]
    return [found for found in inside if found] or [found for found in around if found]


def _occurrences(text: str, quote: str) -> Iterator[Span]:
    """Where a quote stands; a number that goes on before or after it is another number."""
    start = text.find(quote)
    while start >= 0:
        end = start + len(quote)
        before, after = text[start - 1 : start], text[end : end + 2]
        goes_on = (quote[0].isdigit() and (before.isalnum() or before in (".", ",")) and before != "") or (
            quote[-1].isdigit() and (after[:1].isdigit() or (after[:1] in (".", ",") and after[1:].isdigit()))
        )
        if not goes_on:
            yield start, end
        start = text.find(quote, start + 1)


def _faults(fields: Mapping[str, Field], ties: Sequence[_Tie], table: FactTable) -> list[Refusal]:
    found: list[Refusal] = []
    for field in fields.values():
        mine = [tie for tie in ties if tie.field is field]
        found += _unreadable(field)
        found += _unbound(field, mine)
        found += _unknown_names(field)
        found += _astray(field)
        found += _causes(field, mine)
        found += _times(field, mine, table)
        bound = [(tie.number, tie.fact) for tie in mine if not tie.is_window]
        found += wrong_directions(field, bound, is_advice=field.name in ADVICE, is_guess=field.name in GUESSES)
    for tie in ties:
        found += _wrong(tie, table, ties)
    found += _unnamed_segment(fields, ties, table)
    return found


def _unreadable(field: Field) -> Iterator[Refusal]:
    longest = _LONGEST.get(field.name, _LONGEST_FIELD)
    is_missing = not field.text.strip() and field.name not in _MAY_BE_EMPTY
    letters = len(field.text) - sum(each.end - each.start for each in field.names if each.entity)
    if is_missing or letters > longest:
        yield Refusal("length", field.name, field.text[:40], f"it must have 1 to {longest} letters, names not counted")
    hidden = [c for c in field.text if unicodedata.category(c) in ("Cf", "Cc", "Co") and c not in "\n\u200d\ufe0f"]
    foreign = [c for c in field.plain if c.isalpha() and not c.isascii() and "LATIN" not in unicodedata.name(c, "")]
    if hidden or foreign:
        yield Refusal("language", field.name, "".join(foreign)[:40], "only English can be checked; no hidden signs")
    for start, end in field.sentences:
        words = [word for word in re.findall(r"[^\W\d_]+", field.plain[start:end].lower()) if set(word) != {"n"}]
        english = sum(word in lexicon.ENGLISH for word in words)
        if len(words) >= _WORDS_TO_TELL and english < _LEAST_ENGLISH * len(words):
            text = field.text[start:end].strip()[:40]
            yield Refusal("language", field.name, text, "it must be in English: only that can be checked")


def _unbound(field: Field, ties: Sequence[_Tie]) -> Iterator[Refusal]:
    bound = {tie.number.start for tie in ties}
    dated = [tie for tie in ties if tie.number.kind == "date"]
    licensed = [n.text.casefold() for n in field.names if n.entity] + [
        str(f.value).casefold() for f in field.table.facts if f.unit == "text"
    ]
    for number in field.numbers:
        words = field.text[number.start : number.end]
        if number.kind == "weekday":
            right = any(
                getattr(tie.fact.value, "weekday", lambda: -1)() == number.value
                and abs(tie.number.start - number.end) < 6
                for tie in dated
            )
            if not right and not any(WEEKDAYS[int(number.value)] in text for text in licensed):
                yield Refusal("window", field.name, words, "no fact is of that day of the week")
        elif _counts_nothing(field, number, ties):
            continue
        elif number.start not in bound:
            rule: Rule = "number" if number.kind == "other" else "unbound"
            why = "it cannot be read as a number" if number.kind == "other" else "no claim binds it to a fact"
            yield Refusal(rule, field.name, words, why)


def _counts_nothing(field: Field, number: Number, ties: Sequence[_Tie]) -> bool:
    """Whether a word that could be a number is none here."""
    is_loose = field.name in (*ADVICE, *GUESSES)
    if number.kind == "other":
        return is_loose and lexicon.ANOTHER.search(field.plain[max(0, number.start - 12) : number.end + 20]) is not None
    if number.kind != "many":
        return False
    start, end = field.sentence(number.start)
    # "A median of 98 s on each visit".
    is_per = lexicon.ON_EACH.search(field.plain[start : number.end]) and any(
        tie.fact.unit == "s" and start <= tie.number.start < end for tie in ties
    )
    return is_loose or bool(is_per) or _is_no_loss(field, number)


def _is_no_loss(field: Field, number: Number) -> bool:
    """Whether it says that no loss is known, and none is: "no conversion loss is measured"."""
    costs = [fact for fact in field.table.facts if fact.role == "cost"]
    return lexicon.NO_LOSS.match(field.plain, number.start) is not None and all(f.number < 0.5 for f in costs)


def _unknown_names(field: Field) -> Iterator[Refusal]:
    for name in field.names:
        if name.entity is None and not _is_new(field, name):
            yield Refusal("entity", field.name, name.text, "the facts name nothing so")
    for found in lexicon.SENSITIVE.finditer(field.plain):
        if not lexicon.NOT_SENSITIVE.match(field.plain, found.start()):
            yield Refusal("sensitive", field.name, found.group(), "who people are is not to be guessed at")


def _is_new(field: Field, name: Name) -> bool:
    """Whether advice only proposes the words: 'add a "Saving" state'; nothing of the product is called so."""
    if field.name not in PROPOSALS or field.text[name.start] not in lexicon.QUOTES:
        return False
    said = name.text.casefold()
    is_known = any(said == known.casefold() or f'"{said}"' in known.casefold() for known in field.table.vocabulary)
    ahead, behind = field.plain[: name.start], field.plain[name.end :]
    is_proposed = lexicon.PROPOSED.search(ahead) and lexicon.WORDS_SHOWN.match(behind)
    return not is_known and bool(is_proposed or lexicon.SAYING.search(ahead))


def _astray(field: Field) -> Iterator[Refusal]:
    """Places that are named alone, though the text is about another; the step of an element that is not its own."""
    named = [each for each in field.names if each.entity and each.entity.kind in _PLACES]
    value = field.table.get("value")
    if field.table.about == "insight" and value and value.about and named:
        bound = {name for fact in field.table.facts if fact.id.startswith("also") for name in fact.about}
        is_ahead = field.name in GUESSES and all(lexicon.WAY_AHEAD.search(field.plain[: n.start]) for n in named)
        if not is_ahead and not any(each.entity and each.entity.name in (*value.about, *bound) for each in named):
            yield Refusal("entity", field.name, named[0].text, f"the facts are about {value.about[0]}")
    for each, following in pairwise(named):
        between = field.text[each.end : following.start]
        if each.entity == following.entity and re.fullmatch(r"\s*(?:and|or|to|,|<->|->)\s*", between):
            yield Refusal("entity", field.name, following.text, "it is named twice")
    for each in named:
        if each.entity and each.entity.kind == "element":
            yield from _wrong_step(field, each, named)


def _wrong_step(field: Field, element: Name, named: Sequence[Name]) -> Iterator[Refusal]:
    start, end = field.sentence(element.start)
    name = element.entity.name if element.entity else ""
    its_own = {place for fact in field.table.facts if name in fact.about for place in fact.about}
    steps = [n for n in named if n.entity and n.entity.kind == "step" and start <= n.start < end]
    if its_own and steps and not any(n.entity and n.entity.name in its_own for n in steps):
        yield Refusal("entity", field.name, steps[0].text, f"{name} is not on it")


def _causes(field: Field, ties: Sequence[_Tie]) -> Iterator[Refusal]:
    patterns = [lexicon.CAUSE] if field.name in (*ADVICE, *GUESSES) else [lexicon.CAUSE, lexicon.CAUSE_IN_STATEMENTS]
    for pattern in patterns:
        for found in pattern.finditer(field.plain):
            if lexicon.WAY_TO.fullmatch(found.group()) and _is_place(field, found.end()):
                continue
            start, end = field.sentence(found.start())
            is_guess = field.name in GUESSES and lexicon.GUESS.search(field.plain[start:end])
            is_known = any(tie.fact.causal and start <= tie.number.start < end for tie in ties)
            # ", so people do it three times as often" only says the number in other words.
            is_known |= found.group().startswith(", so") and any(found.end() < t.number.start < end for t in ties)
            if not is_guess and not is_known:
                why = "say it as a guess: may, might, probably" if field.name in GUESSES else "no fact is causal"
                yield Refusal("cause", field.name, found.group(), why)
    if field.name in GUESSES and not lexicon.GUESS.search(field.plain):
        yield Refusal(
            "guess", field.name, field.text[:40], "a hypothesis must be said as a guess: may, might, probably"
        )


def _is_place(field: Field, place: int) -> bool:
    """Whether a step is named right there."""
    named = (each for each in field.names if each.entity and each.entity.kind == "step")
    return any(re.fullmatch(r"\s*(?:the\s+)?", field.text[place : each.start]) for each in named if each.start >= place)


def _times(field: Field, ties: Sequence[_Tie], table: FactTable) -> Iterator[Refusal]:
    """Times that are said without dates."""
    if field.name in ADVICE:
        return
    for found in () if field.name in GUESSES else lexicon.SUPERLATIVE.finditer(field.plain):
        yield Refusal("unbound", field.name, found.group(), "no fact compares with all there ever was")
    for found in lexicon.WHEN.finditer(field.plain):
        yield Refusal("window", field.name, found.group(), "say the dates or days of the facts")
    windows = {_days(tie.fact) for tie in ties} | {int(f.number) for f in table.facts if f.id == "window_days"}
    for found in lexicon.WEEK.finditer(field.plain):
        if 7 not in windows and not _names_a_rate(field.plain[: found.end()], table):
            yield Refusal("window", field.name, found.group(), "no fact is of a week")


def _names_a_rate(text: str, table: FactTable) -> bool:
    """Whether a text ends in what a fact is called, such as "sessions a week": that is a rate, no window."""
    called = (fact.what[: found.end()] for fact in table.facts for found in lexicon.WEEK.finditer(fact.what))
    return any(text.lower().endswith(" ".join(words.lower().split()[-3:])) for words in called)


def _days(fact: Fact) -> int:
    return (fact.last_day - fact.first_day).days + 1


def _wrong(tie: _Tie, table: FactTable, ties: Sequence[_Tie]) -> Iterator[Refusal]:
    """What is wrong with a bound number."""
    number, fact = tie.number, tie.fact
    if isinstance(fact.value, str):
        return  # an exact quote of a text fact
    if number.kind == "other":
        yield tie.refused("number", "it cannot be read as a number")
        return
    if tie.is_window:
        bound = [(each.number, each.fact) for each in ties if each.field is tie.field]
        times = [(each.first_day, each.last_day) for each in beside(tie.field, number, bound)]
        is_other = times and (fact.first_day, fact.last_day) not in times
        if is_other or day_of_window(number, tie.field, fact) is None:
            yield tie.refused("window", f"the fact {fact.id} is of {fact.first_day} to {fact.last_day}")
        return
    if not fits_unit(number, fact):
        yield tie.refused("unit", f"the fact {fact.id} is {fact.say} ({fact.unit})")
        return
    # "Below 41 %" in advice compares with the 41 % of now.
    compares = tie.field.name in ADVICE and number.hedge in ("over", "under")
    if not fits_value(number, fact) and not (compares and fits_value(replace(number, hedge=""), fact)):
        yield tie.refused("number", f"the fact {fact.id} is {fact.say}")
    yield from _denominator(tie)
    yield from _role(tie)
    yield from _rate(tie)
    yield from _segment(tie, ties)
    yield from _place(tie, table)


def _denominator(tie: _Tie) -> Iterator[Refusal]:
    """Counts say what is counted; a share says another noun only if it is wrong."""
    fact, number, field = tie.fact, tie.number, tie.field
    if not fact.noun or number.kind in ("date", "s", "usd", "times", "points"):
        return
    start, end = field.clause(number.start)
    after = field.plain[number.end : max(end, number.end)]
    if number.kind in ("share", "part") or fact.unit == "share":
        # "One in four users" says of whom right behind, whatever they are.
        said = first_noun(after, 2) if number.kind == "part" else None
        said = said or of_whom(field.plain[start : number.start], after)
        # The fact's own words may be said, too: a rate per session "of visits at /x".
        if said and fact.noun in WHOM and said not in (fact.noun, first_noun(fact.of, 1)):
            yield tie.refused("denominator", f"the fact {fact.id} is of {fact.of or fact.noun}")
        return
    sentence_start, _ = field.sentence(number.start)
    if OF_THEM.match(after):
        return
    said = first_noun(after, 5) or last_noun(field.plain[sentence_start : number.start], 8)
    is_the_metric = (
        said not in (*WHOM, "conversions") and fact.unit == "number" and fact.role in ("value", "expected", "before")
    )
    if said != fact.noun and not (number.kind == "many" and said) and not is_the_metric:
        yield tie.refused("denominator", f"the fact {fact.id} counts {fact.noun}: say so")
    elif number.kind == "many" and said in WHOM and said != fact.noun:
        yield tie.refused("denominator", f"the fact {fact.id} is of {fact.of or fact.noun}")


def _role(tie: _Tie) -> Iterator[Refusal]:
    field, number, fact = tie.field, tie.number, tie.fact
    start, end = field.sentence(number.start)
    sentence = field.plain[start:end]
    behind, ahead = field.plain[number.end : end], field.plain[start : number.start]
    if field.name in ADVICE:
        # In a plan the baseline is what is now, elsewhere what was to be expected.
        is_now = lexicon.BASELINE.search(ahead) or lexicon.AS_BASELINE.match(behind)
        if is_now and fact.role == "expected":
            yield tie.refused("role", f"the fact {fact.id} is {fact.what}, not where it starts")
        sentence, ahead, behind = (lexicon.BASELINE_WORD.sub("", words) for words in (sentence, ahead, behind))
    if (cue := lexicon.ROLES.get(fact.role)) and not cue.search(sentence):
        yield tie.refused("role", f"the fact {fact.id} is {fact.what}: say so")
    for role, after in lexicon.AFTER.items():
        # What is told relative to what was expected stands beside it; so do days.
        if fact.role in (role, "change", "when") or (role == "rest" and fact.role == "before"):
            continue
        if after.search(behind) or lexicon.BEFORE[role].search(ahead):
            yield tie.refused("role", f"the fact {fact.id} is {fact.what}, which is not what was {role}")
    if fact.at_least and number.kind != "many" and number.hedge not in ("at_least", "over"):
        is_upper = number.hedge in ("at_most", "under", "nearly")
        if is_upper or not _AT_LEAST.search(sentence):
            yield tie.refused("direction" if is_upper else "role", f"the fact {fact.id} is a lower bound: say at least")


def _rate(tie: _Tie) -> Iterator[Refusal]:
    """A count of a window is none of each day."""
    field, number = tie.field, tie.number
    if number.kind in ("date", "s"):
        return
    _, end = field.clause(number.start)
    found = lexicon.PER.search(field.plain[number.end : min(end, number.end + 40)])
    if found and found.group().split()[-1] not in tie.fact.what:
        yield tie.refused("window", f"the fact {tie.fact.id} is of {_days(tie.fact)} days together")


def _segment(tie: _Tie, ties: Sequence[_Tie]) -> Iterator[Refusal]:
    field, fact = tie.field, tie.fact
    if fact.role == "when" or fact.unit in ("date", "text"):
        return
    said = _segments(field, field.clause(tie.number.start)) or _segments(field, field.sentence(tie.number.start))
    if not said or fact.segment in said:
        return
    sentence = field.sentence(tie.number.start)
    near = [
        each.fact.segment for each in ties if each.field is field and sentence[0] <= each.number.start < sentence[1]
    ]
    is_whole = fact.segment == EVERYBODY and fact.role == "size" and said & set(near)
    if not is_whole:
        yield tie.refused("segment", f"the fact {fact.id} is of {fact.segment}, not of {', '.join(sorted(said))}")


def _segments(field: Field, span: Span) -> set[str]:
    return {each.entity.name for each in field.named(span) if each.entity and each.entity.kind == "segment"}


def _unnamed_segment(fields: Mapping[str, Field], ties: Sequence[_Tie], table: FactTable) -> Iterator[Refusal]:
    """A number of a segment stands where the segment is named: in the text of an insight, in the line of others."""
    everywhere = {name for field in fields.values() for name in _segments(field, (0, len(field.text)))}
    for tie in ties:
        if tie.fact.segment == EVERYBODY or tie.fact.role == "when" or tie.fact.unit in ("date", "text"):
            continue
        if tie.is_window:
            continue
        said = everywhere if table.about == "insight" else _segments(tie.field, tie.field.line(tie.number.start))
        if tie.fact.segment not in said:
            yield tie.refused("segment", f"the fact {tie.fact.id} is of {tie.fact.segment} only: say so")


def _place(tie: _Tie, table: FactTable) -> Iterator[Refusal]:
    """A number of one place is not said of another."""
    fact, field = tie.fact, tie.field
    if not fact.about:
        return
    at = tie.number.start
    spans = [field.clause(at), field.sentence(at), *([field.line(at)] if table.about != "insight" else [])]
    named = ([e.entity.name for e in field.named(span) if e.entity and e.entity.kind in _PLACES] for span in spans)
    said = next((names for names in named if names), [])
    if said and not set(said) & set(fact.about):
        yield tie.refused("entity", f"the fact {fact.id} is of {fact.about[0]}, not of {said[0]}")
