"""One field of a text, read once: its names, its numbers, its sentences and clauses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from user_intel.explain import names, numbers
from user_intel.explain.facts import FactTable
from user_intel.explain.names import Name
from user_intel.explain.numbers import Number

_SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bapprox)(?<!\bca)[.!?]+(?=[\"'”)\]*_]*(?:\s|$))|\n+|;")
_CLAUSE_END = re.compile(
    r",(?=\s)|:(?=\s)|[()]|\s[-–—]\s|—|\b(?:while|whereas|but|against|versus|vs\.?|compared|instead)\b"
)
# The level of an interval is how it is worked out, no finding: "the 95 % interval", where the facts hold its ends.
_LEVEL = re.compile(r"\b95\s?%(?=\s+(?:confidence\s+)?(?:interval|range|bound))", re.IGNORECASE)

Span = tuple[int, int]


@dataclass(frozen=True)
class Field:
    """A field of a text beside its facts."""

    name: str
    text: str
    table: FactTable

    @cached_property
    def names(self) -> Sequence[Name]:
        """Names in it, known or not."""
        return names.find(self.text, self.table)

    @cached_property
    def plain(self) -> str:
        """The text with known names made unreadable and digits as in ASCII, place by place."""
        hidden = names.masked(self.text, self.names)
        if self.table.get("low"):
            hidden = _LEVEL.sub(lambda found: "n" * len(found.group()), hidden)
        return numbers.normalised(hidden)

    @cached_property
    def numbers(self) -> Sequence[Number]:
        """Numbers in it."""
        hidden = names.masked(self.text, self.names)
        if self.table.get("low"):
            hidden = _LEVEL.sub(lambda found: "n" * len(found.group()), hidden)
        return numbers.read(hidden)

    @cached_property
    def sentences(self) -> Sequence[Span]:
        """Where its sentences are; lines and semicolons part them, too."""
        return list(_parts(self.plain, _SENTENCE_END, (0, len(self.plain))))

    def sentence(self, place: int) -> Span:
        """The sentence at a place."""
        return next((span for span in self.sentences if span[0] <= place < span[1]), (0, len(self.text)))

    def clause(self, place: int) -> Span:
        """The clause at a place."""
        sentence = self.sentence(place)
        clauses = _parts(self.plain, _CLAUSE_END, sentence)
        return next((span for span in clauses if span[0] <= place < span[1]), sentence)

    def line(self, place: int) -> Span:
        """The line at a place."""
        start = self.text.rfind("\n", 0, place) + 1
        end = self.text.find("\n", place)
        return start, len(self.text) if end < 0 else end

    def named(self, span: Span) -> list[Name]:
        """Known names within a span."""
        return [each for each in self.names if each.entity and span[0] <= each.start and each.end <= span[1]]


def _parts(text: str, ends: re.Pattern[str], span: Span) -> Iterator[Span]:
    start = span[0]
    for found in ends.finditer(text, *span):
        if found.end() > start:
            yield start, found.end()
            start = found.end()
    if start < span[1]:
        yield start, span[1]
