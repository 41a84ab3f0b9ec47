"""Whether the configured models can be asked: found out without paying for an answer."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from user_intel.errors import LLMError
from user_intel.llm.choice import Choice, choices
from user_intel.llm.patience import Patience
from user_intel.llm.prices import Price, load_prices
from user_intel.llm.provider import Fault
from user_intel.llm.providers import connect
from user_intel.settings import Settings

_SOON = Patience(connect_s=5.0, read_s=15.0)


@dataclass(frozen=True)
class Checked:
    """One configured model: whether it may be asked, and what it costs or why not, in one line."""

    choice: Choice
    works: bool
    words: str


def check_models(settings: Settings) -> list[Checked]:
    """The configured models in order; none when offline. Raises ConfigError when the order or a price is not meant."""
    prices = load_prices(settings.home)
    return [_checked(settings, choice, prices.of(choice)) for choice in choices(settings.llm)]


def _checked(settings: Settings, choice: Choice, price: Price | None) -> Checked:
    try:
        with closing(connect(settings, choice.provider, _SOON)) as provider:
            provider.check(choice.model)
    except (LLMError, Fault) as error:
        return Checked(choice, works=False, words=str(error))
    row = price.rows[0] if price else None
    cost = f"${row.input:g} in, ${row.output:g} out a million tokens" if row else "its price is not known"
    return Checked(choice, works=True, words=f"{choice} may be asked ({cost})")
