"""Texts and what binds their numbers to facts: drafts as writers hand them in, claims once they are checked.

A draft comes from a model or from the narrator; both are checked alike (`grounding.check`). A claim quotes the words of
a field that hold a number (or words of a text fact) and names the fact. Several claims may quote the same words: they
then bind the numbers in them in order, one claim a number; numbers that shorter quotes bind are not meant. A claim
alone binds its number wherever it is quoted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Rule = Literal[
    "unbound",  # a number that no claim binds
    "number",  # it is not its fact's value within the declared rounding
    "unit",  # it is said in another unit
    "denominator",  # of sessions and not of users, or the reverse
    "window",  # another time than its fact's
    "segment",  # another segment than its fact's
    "direction",  # more and not less, better and not worse, or the reverse
    "role",  # what was expected is said to be so, or the reverse
    "entity",  # a name that is not in the facts
    "quote",  # words that are not in the text, or in no text fact
    "fact",  # a fact that is not there
    "cause",  # a causal word where no cause is known
    "guess",  # a hypothesis that is not said as a guess
    "sensitive",  # a guess on who people are
    "language",  # not English, so that its numbers cannot be read
    "length",  # empty or too long
]


class Claim(BaseModel):
    """Binds a quoted number to its fact."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    field: str = Field(description="The field of the text that holds the quote.")
    quote: str = Field(description="The exact words of that field that hold the number, e.g. 41 % of sessions.")
    fact_id: str = Field(description="The id of the fact that the number is.")


class Draft(BaseModel):
    """A text to be checked. Lists are one text, an item a line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def texts(self) -> dict[str, str]:
        """The text of each field."""
        told = {name: getattr(self, name) for name in type(self).model_fields if name != "claims"}
        return {name: "\n".join(value) if isinstance(value, list) else value for name, value in told.items()}

    def claimed(self) -> Sequence[Claim]:
        """Its claims."""
        return getattr(self, "claims", ())


class InsightDraft(Draft):
    """A pain point explained."""

    title: str = Field(description="One line: the problem, with its number.")
    problem: str = Field(description="What happens, to whom, how much of it, against what was expected.")
    why_it_matters: str = Field(description="How many users it hits and what it costs.")
    hypothesis: str = Field(description="A probable cause, said as a guess (may, might, probably).")
    recommendation: str = Field(description="What to change.")
    verification: str = Field(description="How to measure whether the change helped: metric, target, window.")
    claims: list[Claim] = Field(description="One for each number in the fields above.")


class PersonaDraft(Draft):
    """A persona explained."""

    name: str = Field(description="A plain name made of its strongest traits, at most 60 characters.")
    title: str = Field(description="One line.")
    who: str = Field(description="What they do more and less than others.")
    why_it_matters: str = Field(description="How many they are and what becomes of them.")
    pain_points: list[str] = Field(description="What they struggle with, one sentence each.")
    recommendations: list[str] = Field(description="What to do for them, one sentence each.")
    hypothesis: str = Field(description="A probable reason, said as a guess (may, might, probably).")
    claims: list[Claim] = Field(description="One for each number in the fields above.")


class BriefingDraft(Draft):
    """A day or a week in words."""

    title: str = Field(description="One line.")
    text: str = Field(description="Markdown: what got better or worse, what to do first and why.")
    claims: list[Claim] = Field(description="One for each number in the fields above.")


@dataclass(frozen=True)
class Bound:
    """A number of a text and the fact that proves it. `start`, `end`: where in the field; `said`: the value as read."""

    field: str
    start: int
    end: int
    text: str
    fact_id: str
    said: float | str


@dataclass(frozen=True)
class Refusal:
    """Why a text was refused: told to whoever wrote it, and kept."""

    rule: Rule
    field: str
    text: str
    why: str


@dataclass(frozen=True)
class Grounded:
    """A text that says only what its facts do."""

    texts: Mapping[str, str]
    claims: tuple[Bound, ...]

    def claims_text(self) -> str:
        """The claims as JSON: what the column `claims` holds."""
        return json.dumps([asdict(each) for each in self.claims], ensure_ascii=False)


def refusals_text(refused: Sequence[Refusal]) -> str:
    """Refusals as JSON: what the column `refusals` holds."""
    return json.dumps([asdict(each) for each in refused], ensure_ascii=False)


def read_claims(text: str) -> tuple[Bound, ...]:
    """Claims from their JSON."""
    return tuple(Bound(**each) for each in json.loads(text))
