"""Tickets as the rest of the house speaks of them, whichever Jira holds them; and what can be done with them.

Belongs here: the words between deciding about tickets and talking to Jira. `jira.py` does the talking.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from user_intel.act.document import Document

Flavour = Literal["cloud", "server"]
# Jira's own three kinds of status, the same in every workflow: to do, in progress, done.
StatusCategory = Literal["new", "indeterminate", "done"]
# What product.yaml may say of a custom field: the words or numbers a person would fill in, or Jira's own JSON.
FieldValue = str | float | int | bool | list[str] | Mapping[str, object]

_LONGEST_LABEL = 255


@dataclass(frozen=True)
class NewTicket:
    """What is asked of Jira: one ticket in the configured project, of the configured type."""

    # One line; line breaks become spaces, and what is over 255 characters is cut with an ellipsis.
    summary: str
    description: Document
    # Whose ticket it is (the pain point): kept with the ticket as an entity property, from the first moment.
    identity: str
    # Without spaces; `label_of` makes one of any text.
    labels: tuple[str, ...] = ()
    priority: str | None = None
    components: tuple[str, ...] = ()
    # By name as Jira shows it, or by id (customfield_10010).
    fields: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True)
class CreatedTicket:
    """A ticket Jira says it has made."""

    id: str
    key: str
    url: str


@dataclass(frozen=True)
class TicketStatus:
    """Where a ticket stands now. `key` is today's: a ticket moved to another project has a new one."""

    id: str
    key: str
    url: str
    name: str
    category: StatusCategory
    # Why it is done (Done, Won't Do, ...); None while it is not resolved.
    resolution: str | None
    resolved_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class FoundTicket:
    """A ticket that a search found. `identity` is None for one that carries only the label, such as a clone."""

    identity: str | None
    status: TicketStatus


@dataclass(frozen=True)
class Comment:
    """A comment on a ticket; `text` without its formatting."""

    id: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Attachment:
    """A file on a ticket."""

    id: str
    name: str
    bytes: int


@dataclass(frozen=True)
class Account:
    """Who Jira takes us for, and which Jira it is, in words."""

    name: str
    server: str


def label_of(text: str) -> str:
    """`text` as a Jira label: no spaces or control characters, at most 255 characters; long ones end in a digest."""
    plain = "".join(char if char.isprintable() and not char.isspace() else "-" for char in text.strip())
    if len(plain) <= _LONGEST_LABEL:
        return plain
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{plain[: _LONGEST_LABEL - len(digest) - 1]}-{digest}"


class Tracker(Protocol):
    """What a Jira can be asked for. Every method may raise JiraError, JiraAway among them when asking later may help.

    Methods that change something and whose answer was lost raise JiraUnsure: it may have been done or not, and the
    caller must look before doing it again.
    """

    @property
    def flavour(self) -> Flavour:
        """Which of the two APIs it speaks."""

    @property
    def url(self) -> str:
        """Where people reach it; no secret in it."""

    def whoami(self) -> Account:
        """The account of the token."""

    def check(self, ticket: NewTicket) -> tuple[str, ...]:
        """What Jira would refuse of `ticket`, one sentence each with what is allowed; empty when nothing. No write."""

    def payload(self, ticket: NewTicket) -> dict[str, object]:
        """The very JSON that `create` sends."""

    def create(self, ticket: NewTicket) -> CreatedTicket:
        """Makes the ticket, with labels and identity in the same request. Raises FieldsRefused before and after."""

    def find(self, label: str) -> list[FoundTicket]:
        """Tickets with `label` in any project, oldest first. A ticket made some seconds ago may still be missing."""

    def identity(self, key: str) -> str | None:
        """Whose ticket it is, read by key and so never late; None when it says nothing or is gone."""

    def statuses(self, keys: Sequence[str]) -> dict[str, TicketStatus | None]:
        """Where tickets stand, by the keys asked for; None for one that was deleted or may not be seen."""

    def comments(self, key: str) -> list[Comment]:
        """All comments, oldest first."""

    def add_comment(self, key: str, body: Document) -> Comment:
        """Adds a comment."""

    def attachment_limit(self) -> int | None:
        """Bytes a file may have; None when attachments are switched off."""

    def attachments(self, key: str) -> list[Attachment]:
        """The files on a ticket."""

    def attach(self, key: str, file: Path, name: str) -> Attachment:
        """Adds a file under `name`. Raises JiraError when it is larger than Jira takes, or attachments are off."""
