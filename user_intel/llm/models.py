"""The one door to language models: the configured ones in order, what was bought before first, within the budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from user_intel.errors import BudgetError, LLMError, ModelAway
from user_intel.llm.asks import Answer, Ask, Spent
from user_intel.llm.choice import Choice, choices
from user_intel.settings import Settings


class Models:
    """Opened models. Made by `open_models`; safe to share between threads."""

    def __init__(self, order: Sequence[Choice]) -> None:
        self._order = tuple(order)

    @property
    def offline(self) -> bool:
        """Whether no model is configured: the narrator writes everything."""
        return not self._order

    @property
    def spent(self) -> Spent:
        """What was paid since the models were opened."""
        return Spent()

    def ask(self, ask: Ask) -> Answer:
        """The answer to `ask`: one bought before, or of the first model in order that gives one.

        Raises ModelUnusable when the answer cannot be used (its `reason` may go into a second, different ask),
        ModelRefused, ModelAway or LLMError when no model answered, BudgetError when the day's budget is used up.
        """
        if self.offline:
            raise ModelAway("USER_INTEL_LLM is 'offline': there is no model to ask.")
        raise ModelAway("not built yet")

    def ask_many(self, asks: Sequence[Ask]) -> list[Answer | LLMError | BudgetError]:
        """As `ask`, for several, some of them at the same time; the first ones have the first right to the budget.

        What `ask` would raise stands in its place: one that fails takes nothing from the others.
        """
        return [self._tried(ask) for ask in asks]

    def _tried(self, ask: Ask) -> Answer | LLMError | BudgetError:
        try:
            return self.ask(ask)
        except (LLMError, BudgetError) as error:
            return error


@contextmanager
def open_models(settings: Settings, *, day: date) -> Iterator[Models]:
    """The models of this deployment, to write about `day`, whose budget they share with all who do the same."""
    yield Models(choices(settings.llm))
