"""What a model answers where one ask is about several texts: each draft with the key of what it is about."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from user_intel.explain.claims import BriefingDraft, Draft, InsightDraft, PersonaDraft

_KEY = Field(description="The key of the facts it is written from.")


class _Keyed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = _KEY


class KeyedPersona(_Keyed):
    """One persona's text."""

    draft: PersonaDraft


class PersonaDrafts(BaseModel):
    """The texts of several personas."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    drafts: list[KeyedPersona] = Field(description="One for each persona.")


class KeyedBriefing(_Keyed):
    """One briefing's text."""

    draft: BriefingDraft


class BriefingDrafts(BaseModel):
    """The texts of several briefings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    drafts: list[KeyedBriefing] = Field(description="One for each scope.")


def drafts_of(answer: BaseModel, keys: list[str]) -> Iterator[tuple[str, Draft]]:
    """The drafts in an answer with their keys; the first where a key comes twice, none whose key was not asked for."""
    if isinstance(answer, InsightDraft):
        yield keys[0], answer
        return
    told = set()
    for each in getattr(answer, "drafts", ()):
        if each.key in keys and each.key not in told:
            told.add(each.key)
            yield each.key, each.draft
