"""The one door to language models: the configured ones in order, what was bought before first, within the budget."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date

from user_intel.errors import BudgetError, LLMError, ModelAway, ModelRefused, ModelUnusable
from user_intel.llm.asks import Answer, Ask, Spent
from user_intel.llm.batches import Batches
from user_intel.llm.bought import Bought, Deal, Shelf, key_of, priced
from user_intel.llm.choice import Choice, choices
from user_intel.llm.ledger import Budget, Ledger
from user_intel.llm.patience import Patience, Tries, repeated
from user_intel.llm.prices import Prices, load_prices
from user_intel.llm.provider import Fault, Manner, Provider, most_tokens
from user_intel.llm.providers import connect
from user_intel.llm.tally import Tally
from user_intel.llm.turns import Turns
from user_intel.settings import Settings, variable_name

_LOG = logging.getLogger(__name__)

Outcome = Answer | LLMError | BudgetError

# Asks in flight together: far below every provider's limits, and enough that a day is explained in a minute or two.
_AT_ONCE = 4
# Fewer asks than this are not worth the wait for a batch.
_WORTH_A_BATCH = 5
# After so many asks in a row that a model was away for, it is not asked again: each costs minutes of waiting.
_AWAY_TWICE = 2


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
        batches: Batches,
        batch_s: float,
        connect: Callable[[str], Provider],
        patience: Patience,
    ) -> None:
        self._deals = tuple(Deal(choice, prices.of(choice)) for choice in order)
        self._shelf = shelf
        self._ledger = ledger
        self._batches = batches
        self._batch_s = batch_s if order else 0.0
        self._connect = connect
        self._patience = patience
        self._providers: dict[str, Provider] = {}
        self._given_up: dict[Choice, LLMError] = {}
        self._away: Counter[Choice] = Counter()
        self._tally = Tally()
        # What this run paid for in a batch, before it was asked for one by one; and what is still in one.
        self._bought_now: set[str] = set()
        self._in_batch: dict[str, str] = {}
        self._in_flight = 0
        self._changed = threading.Condition()

    @property
    def offline(self) -> bool:
        """Whether no model is configured: the narrator writes everything."""
        return not self._deals

    @property
    def spent(self) -> Spent:
        """What was paid since the models were opened."""
        return self._tally.spent

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
        if ask.digest in self._in_batch:
            raise ModelAway(self._in_batch[ask.digest])
        # Before the lock, and not while holding it: another ask before this one may need the same lock.
        place.turns.wait(place.number)
        with self._shelf.asking(ask, self._patience.ask_s + self._patience.read_s):
            # Somebody else may have bought it while we waited.
            if (found := self._bought_before(ask)) is not None:
                return found
            return self._buy(ask, place)

    def ask_many(self, asks: Sequence[Ask]) -> list[Outcome]:
        """As `ask`, for several, some of them at the same time; the first ones have the first right to the budget.

        What `ask` would raise stands in its place: one that fails takes nothing from the others.
        """
        if self._batch_s and len(asks) >= _WORTH_A_BATCH:
            self._buy_in_batch(asks)
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

    def _buy_in_batch(self, asks: Sequence[Ask]) -> None:
        """Buys what it can at half price from the first model; what it cannot is left to be asked for one by one."""
        deal = self._deals[0]
        wanted = {key_of(ask, deal.choice): ask for ask in asks if not self._kept(ask)}
        if len(wanted) < _WORTH_A_BATCH:
            return
        try:
            batching = self._provider(deal.choice).batching()
            if batching is None:
                return
            outcome = self._batches.buy(deal, batching, wanted, self._batch_s)
        except LLMError as error:
            _LOG.warning("no batch: %s", error)
            return
        for key, found in outcome.bought.items():
            self._tally.paid(deal.choice, found, 1, found.cost_usd)
            self._bought_now.add(wanted[key].digest)
        self._in_batch |= {wanted[key].digest: outcome.words for key in outcome.under_way}

    def _kept(self, ask: Ask) -> bool:
        return any(self._shelf.find(ask, deal.choice) for deal in self._deals)

    def _bought_before(self, ask: Ask) -> Answer | None:
        """Any model's answer before: a rerun while the first one is back must not buy what the second one gave."""
        for deal in self._deals:
            bought = self._shelf.find(ask, deal.choice)
            if bought and bought.end != "refused":
                bought_now = ask.digest in self._bought_now
                if not bought_now:
                    self._tally.hit()
                return _delivered(ask, bought, from_cache=not bought_now)
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

    def _buy_of(self, deal: Deal, ask: Ask, place: _Place) -> Answer:
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
            bought = priced(ask, reply, deal, time.monotonic() - began)
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

    def _reserved(self, deal: Deal, ask: Ask, place: _Place) -> str:
        try:
            return self._reserve(deal, ask)
        finally:
            place.turns.pass_on(place.number)

    def _reserve(self, deal: Deal, ask: Ask) -> str:
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

    def _settle(self, deal: Deal, ask: Ask, token: str, bought: Bought | None, tries: Tries) -> None:
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
                self._tally.paid(deal.choice, bought, calls, cost)

    def _failed(self, choice: Choice, fault: Fault, tries: Tries) -> LLMError:
        words = f"{fault} Gave up after {tries.number} tries." if tries.number > 1 else str(fault)
        error = ModelAway(words) if fault.transient else LLMError(words)
        with self._changed:
            self._away[choice] += fault.transient
            if fault.denied or self._away[choice] >= _AWAY_TWICE:
                self._given_up[choice] = error
        return error


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
    shelf, ledger = Shelf(settings.home), Ledger(settings.home, day, budget or _of_explaining(settings))
    models = Models(
        choices(settings.llm if llm is None else llm),
        shelf=shelf,
        ledger=ledger,
        batches=Batches(settings.home, shelf, ledger, patient),
        batch_s=settings.llm_batch_minutes * 60.0,
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
