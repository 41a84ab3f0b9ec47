"""The one door to language models: the configured ones in order, what was bought before first, within the budget."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date

from user_intel.errors import BudgetError, LLMError, ModelAway, ModelRefused, ModelUnusable
from user_intel.llm.asks import Answer, Ask, Spent
from user_intel.llm.bought import Bought, Shelf
from user_intel.llm.choice import Choice, choices
from user_intel.llm.ledger import Budget, Ledger
from user_intel.llm.patience import Patience, Tries, repeated
from user_intel.llm.prices import Price, Prices, load_prices
from user_intel.llm.provider import Fault, Manner, Provider, Reply, most_tokens
from user_intel.llm.providers import connect
from user_intel.llm.structure import read_answer
from user_intel.llm.turns import Turns
from user_intel.settings import Settings, variable_name

_LOG = logging.getLogger(__name__)

Outcome = Answer | LLMError | BudgetError

# Asks in flight together: far below every provider's limits, and enough that a day is explained in a minute or two.
_AT_ONCE = 4
# After so many asks in a row that a model was away for, it is not asked again: each costs minutes of waiting.
_AWAY_TWICE = 2


@dataclass(frozen=True)
class _Deal:
    """One choice with what is known of it."""

    choice: Choice
    price: Price | None


@dataclass(frozen=True)
class _Place:
    """The place of an ask among several: its turn, and whether others share its system text."""

    number: int = 0
    turns: Turns = field(default_factory=Turns)
    shared: bool = False


class Models:
    """Opened models. Made by `open_models`; safe to share between threads."""

    def __init__(
        self,
        order: Sequence[Choice],
        *,
        shelf: Shelf,
        ledger: Ledger,
        prices: Prices,
        connect: Callable[[str], Provider],
        patience: Patience,
    ) -> None:
        self._deals = tuple(_Deal(choice, prices.of(choice)) for choice in order)
        self._shelf = shelf
        self._ledger = ledger
        self._connect = connect
        self._patience = patience
        self._providers: dict[str, Provider] = {}
        self._given_up: dict[Choice, LLMError] = {}
        self._away: Counter[Choice] = Counter()
        self._by_model: Counter[str] = Counter()
        self._spent = Spent()
        self._in_flight = 0
        self._changed = threading.Condition()

    @property
    def offline(self) -> bool:
        """Whether no model is configured: the narrator writes everything."""
        return not self._deals

    @property
    def spent(self) -> Spent:
        """What was paid since the models were opened."""
        with self._changed:
            return replace(self._spent, by_model=dict(self._by_model))

    def ask(self, ask: Ask) -> Answer:
        """The answer to `ask`: one bought before, or of the first model in order that gives one.

        Raises ModelUnusable when the answer cannot be used (its `reason` may go into a second, different ask),
        ModelRefused, ModelAway or LLMError when no model answered, BudgetError when the day's budget is used up.
        """
        return self._answer(ask, _Place())

    def _answer(self, ask: Ask, place: _Place) -> Answer:
        if self.offline:
            raise ModelAway("USER_INTEL_LLM is 'offline': there is no model to ask.")
        if (found := self._bought_before(ask)) is not None:
            return found
        with self._shelf.asking(ask, self._patience.ask_s + self._patience.read_s):
            # Somebody else may have bought it while we waited.
            if (found := self._bought_before(ask)) is not None:
                return found
            return self._buy(ask, place)

    def ask_many(self, asks: Sequence[Ask]) -> list[Outcome]:
        """As `ask`, for several, some of them at the same time; the first ones have the first right to the budget.

        What `ask` would raise stands in its place: one that fails takes nothing from the others.
        """
        systems = Counter(ask.system for ask in asks)
        turns = Turns()

        def tried(number: int, ask: Ask) -> Outcome:
            try:
                return self._answer(ask, _Place(number, turns, shared=systems[ask.system] > 1))
            except (LLMError, BudgetError) as error:
                return error
            finally:
                turns.pass_on(number)

        # The first one alone: the others then find what they share in the provider's cache.
        outcomes = [tried(0, ask) for ask in asks[:1]]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="llm") as pool:
            outcomes.extend(pool.map(tried, range(1, len(asks)), asks[1:]))
        return outcomes

    def close(self) -> None:
        """Closes the connections."""
        for provider in self._providers.values():
            provider.close()

    def _bought_before(self, ask: Ask) -> Answer | None:
        """Any model's answer before: a rerun while the first one is back must not buy what the second one gave."""
        for deal in self._deals:
            bought = self._shelf.find(ask, deal.choice)
            if bought and bought.end != "refused":
                with self._changed:
                    self._spent = replace(self._spent, cache_hits=self._spent.cache_hits + 1)
                return _delivered(ask, bought, from_cache=True)
        return None

    def _buy(self, ask: Ask, place: _Place) -> Answer:
        failures: list[LLMError] = []
        for deal in self._deals:
            known = deal.choice in self._given_up
            try:
                return self._buy_of(deal, ask, place)
            except ModelUnusable:
                raise
            except LLMError as error:
                failures.append(error)
                if not known:
                    _LOG.warning("%s: %s", ask.name, error)
        raise _joined(failures)

    def _buy_of(self, deal: _Deal, ask: Ask, place: _Place) -> Answer:
        before = self._shelf.find(ask, deal.choice)
        if before is not None:
            return _delivered(ask, before, from_cache=True)
        provider = self._provider(deal.choice)
        token = self._reserved(deal, ask, place)
        began, tries = time.monotonic(), Tries()
        manner = Manner(deal.choice.model, deal.price.effort if deal.price else None, place.shared)
        bought: Bought | None = None
        try:
            reply = repeated(lambda: provider.reply(ask, manner), self._patience, tries)
            bought = _bought(deal, ask, reply, time.monotonic() - began)
            self._shelf.keep(ask, deal.choice, bought)
        except Fault as fault:
            raise self._failed(deal.choice, fault, tries) from None
        finally:
            provider.release(ask)
            self._settle(deal, ask, token, bought, tries)
        self._away[deal.choice] = 0
        _log(ask, bought)
        return _delivered(ask, bought, from_cache=False)

    def _provider(self, choice: Choice) -> Provider:
        with self._changed:
            if (before := self._given_up.get(choice)) is not None:
                raise type(before)(*before.args)
            if choice.provider not in self._providers:
                try:
                    self._providers[choice.provider] = self._connect(choice.provider)
                except LLMError as error:
                    self._given_up[choice] = error
                    raise
            return self._providers[choice.provider]

    def _reserved(self, deal: _Deal, ask: Ask, place: _Place) -> str:
        place.turns.wait(place.number)
        try:
            return self._reserve(deal, ask)
        finally:
            place.turns.pass_on(place.number)

    def _reserve(self, deal: _Deal, ask: Ask) -> str:
        most = deal.price.most_usd(*most_tokens(ask)) if deal.price else None
        with self._changed:
            while True:
                try:
                    token = self._ledger.reserve(most)
                except BudgetError:
                    # Others of ours reserved more than they will cost: what they leave may be enough.
                    if not self._in_flight:
                        raise
                    self._changed.wait(self._patience.ask_s)
                else:
                    self._in_flight += 1
                    return token

    def _settle(self, deal: _Deal, ask: Ask, token: str, bought: Bought | None, tries: Tries) -> None:
        # A try that was sent and not answered may be billed: taken at what it can cost at most.
        lost_usd = deal.price.most_usd(*most_tokens(ask)) * tries.unanswered if deal.price else None
        calls = tries.unanswered + (bought is not None)
        paid = bought.cost_usd if bought else 0.0
        cost = None if paid is None or (lost_usd is None and tries.unanswered) else paid + (lost_usd or 0.0)
        with self._changed:
            self._in_flight -= 1
            self._changed.notify_all()
            self._ledger.settle(token, cost if calls else 0.0, calls=calls)
            if calls:
                self._count(deal.choice, bought, calls, cost)

    def _count(self, choice: Choice, bought: Bought | None, calls: int, cost_usd: float | None) -> None:
        known = self._spent
        self._by_model[str(choice)] += calls
        self._spent = Spent(
            calls=known.calls + calls,
            input_tokens=known.input_tokens + (bought.input_tokens if bought else 0),
            output_tokens=known.output_tokens + (bought.output_tokens if bought else 0),
            cached_input_tokens=known.cached_input_tokens + (bought.cached_input_tokens if bought else 0),
            cost_usd=known.cost_usd + (cost_usd or 0.0),
            calls_of_unknown_cost=known.calls_of_unknown_cost + (calls if cost_usd is None else 0),
            cache_hits=known.cache_hits,
        )

    def _failed(self, choice: Choice, fault: Fault, tries: Tries) -> LLMError:
        words = f"{fault} Gave up after {tries.number} tries." if tries.number > 1 else str(fault)
        error = ModelAway(words) if fault.transient else LLMError(words)
        with self._changed:
            self._away[choice] += fault.transient
            if fault.denied or self._away[choice] >= _AWAY_TWICE:
                self._given_up[choice] = error
        return error


def _bought(deal: _Deal, ask: Ask, reply: Reply, seconds: float) -> Bought:
    usage = reply.usage
    cost = deal.price.cost_usd(usage) if deal.price and usage else None
    value = read_answer(reply.text, ask.schema) if reply.end == "done" else reply.why
    if reply.end == "refused":
        end, reason, said = "refused", f"It would not answer ({reply.why}).", None
    elif reply.end == "cut_off":
        end, said = "unusable", None
        reason = f"The answer was cut off at its limit of {ask.max_output_tokens} tokens; it must be shorter."
    elif isinstance(value, str):
        end, reason, said = "unusable", value, None
    else:
        end, reason, said = "answered", "", value.model_dump(mode="json")
    return Bought(
        end=end,  # type: ignore[arg-type]  # one of the three, as is plain above
        provider=deal.choice.provider,
        model=deal.choice.model,
        value=said,
        reason=reason,
        input_tokens=usage.input_tokens if usage else 0,
        output_tokens=usage.output_tokens if usage else 0,
        cached_input_tokens=usage.cached_input_tokens if usage else 0,
        cost_usd=cost,
        seconds=round(seconds, 3),
    )


def _delivered(ask: Ask, bought: Bought, *, from_cache: bool) -> Answer:
    who = f"{bought.provider}:{bought.model}"
    if bought.end == "refused":
        raise ModelRefused(f"{who} refused: {bought.reason}")
    if bought.end == "unusable":
        raise ModelUnusable(f"{who} gave no usable answer: {bought.reason}", bought.reason)
    return Answer(
        value=ask.schema.model_validate(bought.value),
        provider=bought.provider,
        model=bought.model,
        input_tokens=bought.input_tokens,
        output_tokens=bought.output_tokens,
        cached_input_tokens=bought.cached_input_tokens,
        cost_usd=bought.cost_usd,
        seconds=bought.seconds,
        from_cache=from_cache,
    )


def _joined(failures: Sequence[LLMError]) -> LLMError:
    if len(failures) == 1:
        return failures[0]
    words = " ".join(str(failure) for failure in failures)
    kinds = {type(failure) for failure in failures}
    if kinds == {ModelRefused}:
        return ModelRefused(words)
    return ModelAway(words) if ModelAway in kinds else LLMError(words)


def _log(ask: Ask, bought: Bought) -> None:
    cost = "unknown cost" if bought.cost_usd is None else f"${bought.cost_usd:.4f}"
    _LOG.info(
        "%s:%s: %s %s: %d tokens in (%d of them cached), %d out, %s, %.1f s",
        bought.provider, bought.model, ask.name, bought.end, bought.input_tokens, bought.cached_input_tokens,
        bought.output_tokens, cost, bought.seconds,
    )  # fmt: skip


@contextmanager
def open_models(
    settings: Settings,
    *,
    day: date,
    llm: str | None = None,
    budget: Budget | None = None,
    patience: Patience | None = None,
) -> Iterator[Models]:
    """The models of this deployment, to write about `day`, whose budget they share with all who do the same.

    Whoever needs others than those who explain names them, and a budget of its own. Opening asks nobody. Raises
    ConfigError when USER_INTEL_LLM or the price file of the home cannot be meant.
    """
    patient = patience or Patience()
    models = Models(
        choices(settings.llm if llm is None else llm),
        shelf=Shelf(settings.home),
        ledger=Ledger(settings.home, day, budget or _of_explaining(settings)),
        prices=load_prices(settings.home),
        connect=lambda provider: connect(settings, provider, patient),
        patience=patient,
    )
    try:
        yield models
    finally:
        with suppress(OSError):
            models.close()


def _of_explaining(settings: Settings) -> Budget:
    names = (variable_name("llm_budget_usd"), variable_name("llm_calls"))
    return Budget("explain", settings.llm_budget_usd, settings.llm_calls, *names)
