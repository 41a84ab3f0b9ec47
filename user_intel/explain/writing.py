"""How every text of the stage comes to be: a model writes, code checks, once more with the reasons, else the narrator.

One `Call` is one question to a model, about one text or several. A text that says something its facts do not is refused
and asked for once more, with what was refused and why. What is refused again, or cannot be asked (no key, no budget, a
model that is away or answers nonsense), is told by the narrator and labelled as such; the others are not held up by it.
Where one field of many is refused again, the narrator tells that one alone; a model that lies in more is not believed.
Calls are asked a few at a time in order, so that the first ones have the first right to second tries and budget.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from user_intel.errors import BudgetError, LLMError, ModelAway, ModelRefused, ModelUnusable
from user_intel.explain.batches import drafts_of
from user_intel.explain.claims import Draft, Grounded, Refusal
from user_intel.explain.facts import FactTable
from user_intel.explain.grounding import check
from user_intel.explain.presenting import Shown, shown
from user_intel.explain.untrusted import as_data, fenced, readable
from user_intel.llm.asks import Answer, Ask
from user_intel.llm.models import Models
from user_intel.product import Explain
from user_intel.prompts import Prompt

NARRATOR, OFFLINE = "narrator", "offline"
# Calls of a round: after each round it is known which second tries it takes, and those come first.
AT_ONCE = 10
# What is told of a refused text: so many reasons a text, each so long.
_MOST_REASONS = 8
_REASON_LETTERS = 110
# So much of a text may be the narrator's for the rest to be still the model's.
_MOST_NARRATED = 0.25
# The facts of a call get at least this; what the team said is left out where it would take of it.
_LEAST_FOR_FACTS = 1_200

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Piece:
    """One text to be written: from which facts, and how the narrator would. `key` is what the call knows it by."""

    key: str
    table: FactTable
    narrate: Callable[[], Draft]


@dataclass(frozen=True)
class Call:
    """One question: a text, or several that are asked for together. `knowledge` is fenced already."""

    prompt: Prompt
    pieces: tuple[Piece, ...]
    knowledge: str = ""


@dataclass(frozen=True)
class Written:
    """A text that says only what its facts do, and how it came to be. Costs are of all tries, as they were bought."""

    grounded: Grounded
    refusals: tuple[Refusal, ...]
    provider: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0


@dataclass
class Account:
    """What became of a day's texts: by whom they were written, what was refused, what did not fit."""

    asks: int = 0
    written_by: Counter[str] = field(default_factory=Counter)
    refused_texts: int = 0
    refused_claims: Counter[str] = field(default_factory=Counter)
    narrated_because: Counter[str] = field(default_factory=Counter)
    facts_left_out: dict[str, int] = field(default_factory=dict)
    knowledge_left_out: int = 0
    unwritten: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Paid:
    """What tries of one text took so far."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0

    def and_share(self, answer: Answer, number: int, of: int) -> _Paid:
        """With the `number`th of `of` equal parts of an answer; parts add up to the whole."""
        cost = None if answer.cost_usd is None or self.cost_usd is None else self.cost_usd + answer.cost_usd / of
        return _Paid(
            self.input_tokens + _part(answer.input_tokens, number, of),
            self.output_tokens + _part(answer.output_tokens, number, of),
            cost,
        )


@dataclass(frozen=True)
class _Tried:
    """What a model wrote and code refused, with the fields it was refused for."""

    draft: Draft
    refused: frozenset[str]
    answer: Answer


@dataclass
class _Open:
    """A text on its way: what was refused of it, why it is not written yet, and what that took."""

    piece: Piece
    paid: _Paid = _Paid()
    refusals: list[Refusal] = field(default_factory=list)
    # In words for the model; and for people, why no model wrote it.
    reasons: list[dict[str, str]] = field(default_factory=list)
    why: str = ""
    may_try_again: bool = False
    last: _Tried | None = None


class Writer:
    """Writes texts with the given models, and keeps account. `most_asks` bounds the questions, second tries included.

    Which texts are asked for depends on the calls and the answers alone, not on what was paid before: a rerun that
    finds its answers in the cache asks the same.
    """

    def __init__(self, models: Models, rules: Explain, most_asks: int | None = None) -> None:
        self._models = models
        self._rules = rules
        self._left = most_asks
        self.account = Account()

    def narrate(self, pieces: Iterable[Piece], because: str) -> dict[str, Written]:
        """The texts of pieces that no model is to be asked for, by key."""
        written: dict[str, Written] = {}
        self._narrate([_Open(piece, why=because) for piece in pieces], written)
        return written

    def write(self, calls: Sequence[Call]) -> dict[str, Written]:
        """The texts by key; one that even the narrator cannot tell truly is missing, and in the account."""
        written: dict[str, Written] = {}
        waiting = list(calls)
        while waiting:
            most = 0 if self._models.offline else AT_ONCE if self._left is None else min(AT_ONCE, self._left)
            if most == 0:
                because = "no model is configured" if self._models.offline else "the day's asks are used up"
                self._narrate([_Open(piece, why=because) for call in waiting for piece in call.pieces], written)
                break
            round_, waiting = waiting[:most], waiting[most:]
            self._one_round(round_, written)
        return written

    def _one_round(self, calls: Sequence[Call], written: dict[str, Written]) -> None:
        first = [(call, [_Open(piece) for piece in call.pieces]) for call in calls]
        self._ask(first, written)
        again = [(call, [each for each in opened if each.may_try_again]) for call, opened in first]
        again = [(call, opened) for call, opened in again if opened][: self._left]
        for _, opened in again:
            for each in opened:
                each.may_try_again = False
        self._ask(again, written)
        self._narrate([each for _, opened in first for each in opened if each.piece.key not in written], written)

    def _ask(self, asked: Sequence[tuple[Call, list[_Open]]], written: dict[str, Written]) -> None:
        """Asks for the open texts; those that come back true are written, of the others it is noted what is wrong."""
        if not asked:
            return
        asks = [self._asked_for(call, opened) for call, opened in asked]
        self.account.asks += len(asks)
        if self._left is not None:
            self._left -= len(asks)
        for (_, opened), answer in zip(asked, self._models.ask_many(asks), strict=True):
            if isinstance(answer, Answer):
                self._take(opened, answer, written)
            else:
                _note_failure(opened, answer)

    def _take(self, opened: Sequence[_Open], answer: Answer, written: dict[str, Written]) -> None:
        drafts = dict(drafts_of(answer.value, [each.piece.key for each in opened]))
        for number, each in enumerate(opened):
            each.paid = each.paid.and_share(answer, number, len(opened))
            draft = drafts.get(each.piece.key)
            if draft is None:
                _note(each, "the model left it out", [{"why": "no text with this key was in the answer"}])
                continue
            checked = check(draft, each.piece.table)
            if isinstance(checked, Grounded):
                written[each.piece.key] = _written(each, checked, answer.provider, answer.model)
                self.account.written_by[f"{answer.provider}:{answer.model}"] += 1
            else:
                each.last = _Tried(draft, frozenset(refusal.field for refusal in checked), answer)
                self._refuse(each, checked)

    def _refuse(self, opened: _Open, refusals: Sequence[Refusal]) -> None:
        self.account.refused_texts += 1
        self.account.refused_claims.update(refusal.rule for refusal in refusals)
        opened.refusals.extend(refusals)
        _note(opened, "the model said what the facts do not", [_reason(refusal) for refusal in refusals])

    def _asked_for(self, call: Call, opened: Sequence[_Open]) -> Ask:
        """The ask for some of a call's texts: as much of facts as there is room for, what was refused of them."""
        pieces, many = [each.piece for each in opened], not issubclass(call.prompt.schema, Draft)
        refused = fenced("refused", as_data(_told_refused(opened, many))) if any(e.reasons for e in opened) else ""
        said = {"about": self._rules.about.strip(), "tone": self._rules.tone.strip()}
        knowledge = call.knowledge
        room = call.prompt.room(call.prompt.filled(**said, knowledge=knowledge, refused=refused, facts=""))
        if knowledge and room < _LEAST_FOR_FACTS * len(pieces):
            self.account.knowledge_left_out += 1
            knowledge = ""
            room = call.prompt.room(call.prompt.filled(**said, knowledge="", refused=refused, facts=""))
        facts = _facts_of(pieces, room, many)
        for piece, each in zip(pieces, facts, strict=True):
            if each.left_out:
                self.account.facts_left_out[piece.key] = each.left_out
        values = {**said, "knowledge": knowledge, "refused": refused, "facts": "\n".join(each.text for each in facts)}
        filled = call.prompt.filled(**values)
        return Ask(call.prompt.name, filled.system, filled.text, call.prompt.schema, call.prompt.limits.output_tokens)

    def _narrate(self, opened: Iterable[_Open], written: dict[str, Written]) -> None:
        for each in opened:
            if (mended := _told_in_part(each)) is not None:
                written[each.piece.key] = mended
                self.account.written_by[f"{mended.provider}:{mended.model}"] += 1
                continue
            self.account.narrated_because[each.why] += 1
            checked = check(each.piece.narrate(), each.piece.table)
            if not isinstance(checked, Grounded):
                _LOG.error(
                    "the narrator's text of %s was refused: %s", each.piece.key, sorted({r.rule for r in checked})
                )
                self.account.unwritten.append(each.piece.key)
                continue
            written[each.piece.key] = _written(each, checked, OFFLINE, NARRATOR)
            self.account.written_by[OFFLINE] += 1


def _told_in_part(opened: _Open) -> Written | None:
    """The model's text with the narrator's words for the little of it that was refused; None where that is not true."""
    last = opened.last
    if last is None:
        return None
    fields = last.draft.texts()
    if not last.refused <= set(fields) or len(last.refused) > _MOST_NARRATED * len(fields):
        return None
    narrated = opened.piece.narrate()
    claims = [each for each in last.draft.claimed() if each.field not in last.refused]
    claims += [each for each in narrated.claimed() if each.field in last.refused]
    told = {name: getattr(narrated, name) for name in last.refused}
    checked = check(last.draft.model_copy(update={**told, "claims": claims}), opened.piece.table)
    if not isinstance(checked, Grounded):
        return None
    names = ", ".join(name.replace("_", " ") for name in fields if name in last.refused)
    return _written(opened, checked, last.answer.provider, f"{last.answer.model} and the narrator ({names})")


def _facts_of(pieces: Sequence[Piece], room: int, many: bool) -> list[Shown]:
    """The facts of each text; what one does not need of its part of the room, the next ones have."""
    told: list[Shown] = []
    for number, piece in enumerate(pieces):
        part = max(0, room) // (len(pieces) - number)
        told.append(shown(piece.table, part - 1, piece.key if many else None))
        room -= len(told[-1].text) + 1
    return told


def _note_failure(opened: Sequence[_Open], error: LLMError | BudgetError) -> None:
    """A whole call failed: one more try where what came back can be told to be wrong, else the narrator."""
    for each in opened:
        if isinstance(error, ModelUnusable):
            _note(each, str(error), [{"why": readable(error.reason, _REASON_LETTERS)}])
        else:
            each.why = _words(error)
            each.may_try_again = False


def _words(error: LLMError | BudgetError) -> str:
    kinds = {BudgetError: "budget", ModelRefused: "refused", ModelAway: "away"}
    kind = next((name for type_, name in kinds.items() if isinstance(error, type_)), "model")
    return f"{kind}: {error}"


def _note(opened: _Open, why: str, reasons: list[dict[str, str]]) -> None:
    """A try failed in a way that another might not, but there is one more only."""
    opened.may_try_again = not opened.reasons
    opened.why = why
    opened.reasons = reasons[:_MOST_REASONS]


def _reason(refusal: Refusal) -> dict[str, str]:
    return {
        "field": refusal.field,
        "text": readable(refusal.text, _REASON_LETTERS),
        "why": readable(refusal.why, _REASON_LETTERS),
    }


def _told_refused(opened: Sequence[_Open], many: bool) -> list[Mapping[str, str]]:
    most = max(1, _MOST_REASONS // len(opened)) if many else _MOST_REASONS
    return [({"key": each.piece.key} if many else {}) | reason for each in opened for reason in each.reasons[:most]]


def _written(opened: _Open, grounded: Grounded, provider: str, model: str) -> Written:
    paid = opened.paid
    return Written(
        grounded, tuple(opened.refusals), provider, model, paid.input_tokens, paid.output_tokens, paid.cost_usd
    )


def _part(whole: int, number: int, of: int) -> int:
    return whole // of + (number < whole % of)
