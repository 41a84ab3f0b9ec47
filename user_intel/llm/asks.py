"""What is asked of a model and what comes back: the vocabulary of this room, and of whoever asks.

An ask knows no provider, an answer says which one it was. What an answer cost is what it cost when it was bought: one
that comes out of the cache says the same, so that a rerun writes the same rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pydantic


@dataclass(frozen=True)
class Film:
    """A video that is to be watched with the text of an ask; of the three makers, Gemini watches any.

    `digest` says which film it is: that of its bytes, or of what it was drawn from. It is looked at `frames_per_s`
    times a second.
    """

    path: Path
    digest: str
    seconds: float
    frames_per_s: float = 1.0
    mime_type: str = "video/mp4"


@dataclass(frozen=True)
class Ask:
    """One question. `system` is what many asks share (rules, vocabulary), `text` what only this one says.

    `schema` is what the answer must be. `max_output_tokens` bounds the answer itself; what a model thinks before it
    comes on top. `name` says in logs what kind of question it is; it never holds anything of the text. `again` counts
    second opinions: the same question asked anew, and not answered with what was bought before.
    """

    name: str
    system: str
    text: str
    schema: type[pydantic.BaseModel]
    max_output_tokens: int
    film: Film | None = None
    again: int = 0

    @cached_property
    def digest(self) -> str:
        """What makes two asks the same question: SHA-256 over all a model would see; not the name."""
        seen: list[object] = [self.system, self.text, self.schema.model_json_schema(), self.max_output_tokens]
        if self.film:
            seen.append([self.film.digest, self.film.frames_per_s])
        if self.again:
            seen.append(self.again)
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What a model answered, as an instance of the ask's schema, and what it took when it was bought.

    `input_tokens` are all tokens sent, `cached_input_tokens` those of them the provider read from its own cache.
    `cost_usd` is None where the model's price is not known. `from_cache`: bought earlier, nothing was paid now.
    """

    value: pydantic.BaseModel
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cached_input_tokens: int
    cost_usd: float | None
    seconds: float
    from_cache: bool


@dataclass(frozen=True)
class Spent:
    """What was paid since the models were opened: calls that were billed, answers that could not be used included.

    `cost_usd` is the sum of the known costs; `calls_of_unknown_cost` says how many calls it leaves out.
    `cache_hits` are asks that were answered without a call.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cost_usd: float = 0.0
    calls_of_unknown_cost: int = 0
    cache_hits: int = 0
    by_model: Mapping[str, int] = field(default_factory=dict)
