"""What a call costs, and what it can cost at most: from `prices.yaml`, and `llm_prices.yaml` of the home over it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from user_intel.errors import ConfigError
from user_intel.llm.choice import Choice
from user_intel.llm.provider import Usage

HOME_FILE = "llm_prices.yaml"
_SHIPPED = Path(__file__).with_name("prices.yaml")
_MILLION = 1e6
_SNAPSHOT = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")

Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(_Strict):
    """One price list, in US dollars per million tokens; from a day on, or above so many input tokens."""

    input: Dollars
    output: Dollars
    cached_input: Dollars | None = None
    cache_write: Dollars | None = None
    since: date = date.min
    above: Annotated[int, Field(ge=0)] = 0

    def cost_usd(self, usage: Usage, part: float = 1.0) -> float:
        """What `usage` costs; `part` of it in a batch."""
        plain = usage.input_tokens - usage.cached_input_tokens - usage.cache_write_tokens
        read = self.input if self.cached_input is None else self.cached_input
        write = self.input if self.cache_write is None else self.cache_write
        dollars = (
            max(plain, 0) * self.input
            + usage.cached_input_tokens * read
            + usage.cache_write_tokens * write
            + usage.output_tokens * self.output
        )
        return part * dollars / _MILLION

    def most_usd(self, input_tokens: int, output_tokens: int, part: float = 1.0) -> float:
        """What so many tokens cost at most, whatever is read from or written to a cache."""
        dearest = max(self.input, self.cached_input or 0.0, self.cache_write or 0.0)
        return part * (input_tokens * dearest + output_tokens * self.output) / _MILLION


class Price(_Strict):
    """What one model costs, by day and length, and how hard it is asked to think."""

    rows: Annotated[list[Row], Field(min_length=1)]
    effort: str | int | None = None
    batch: Annotated[float, Field(gt=0, le=1)] = 1.0

    def cost_usd(self, usage: Usage, *, batch: bool = False, today: date | None = None) -> float:
        """What a call of today cost."""
        row = max(self._rows(usage.input_tokens, today), key=lambda row: row.above)
        return row.cost_usd(usage, self.batch if batch else 1.0)

    def most_usd(self, input_tokens: int, output_tokens: int, *, batch: bool = False) -> float:
        """What a call of at most so many tokens can cost today, whatever is read from or written to a cache."""
        part = self.batch if batch else 1.0
        return max(row.most_usd(input_tokens, output_tokens, part) for row in self._rows(input_tokens, None))

    def _rows(self, input_tokens: int, today: date | None) -> list[Row]:
        """The rows in force for so many tokens or fewer: of the latest day, or the first where none has begun."""
        day = today or datetime.now(UTC).date()
        since = max((row.since for row in self.rows if row.since <= day), default=self.rows[0].since)
        valid = [row for row in self.rows if row.since == since]
        return [row for row in valid if input_tokens > row.above] or valid[:1]


class Prices(_Strict):
    """All prices there are, by provider and model, when they were read, and where."""

    models: dict[str, dict[str, Price]]
    read_on: date | None = None
    sources: dict[str, str] = {}

    def of(self, choice: Choice) -> Price | None:
        """The price of a model, or of the model that it is a dated snapshot of; None where it is not known."""
        known = self.models.get(choice.provider, {})
        return known.get(choice.model) or known.get(_SNAPSHOT.sub("", choice.model))


def load_prices(home: Path) -> Prices:
    """The shipped prices, with those of the home over them. Raises ConfigError naming the file and the fault."""
    shipped, path = _read(_SHIPPED), home / HOME_FILE
    if not path.exists():
        return shipped
    own = _read(path)
    both = {
        name: {**shipped.models.get(name, {}), **own.models.get(name, {})} for name in {*shipped.models, *own.models}
    }
    return Prices(models=both, read_on=own.read_on or shipped.read_on, sources=shipped.sources | own.sources)


def _read(path: Path) -> Prices:
    return _parsed(path, path.stat().st_mtime_ns)


@cache
def _parsed(path: Path, _changed_ns: int) -> Prices:
    try:
        return Prices.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not readable as YAML: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise ConfigError(f"{path}: {faults}. See user_intel/llm/prices.yaml for the form.") from None
