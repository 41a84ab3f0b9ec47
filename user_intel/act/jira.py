"""Jira Cloud (REST API v3) and Jira Server or Data Center (v2) as a `tickets.Tracker`.

Belongs here: which resource answers which question, and what its JSON means. How requests are sent is `connection.py`,
what a new ticket's fields are is `form.py` and `payload.py`. Of the two ways of looking, reading by key is exact at
once; searching goes through an index that may be some seconds behind (Cloud says so).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

from user_intel.act import shapes
from user_intel.act.connection import Clock, Connection, Patience
from user_intel.act.document import Document
from user_intel.act.form import Choice, Form, Unsuitable, form_of, listed, pick
from user_intel.act.payload import IDENTITY_PROPERTY, faults_of, identity_property, issue_payload
from user_intel.act.rich_text import rich_text, words_of
from user_intel.act.tickets import (
    Account,
    Attachment,
    Comment,
    CreatedTicket,
    Flavour,
    FoundTicket,
    NewTicket,
    StatusCategory,
    TicketStatus,
)
from user_intel.errors import ConfigError, FieldsRefused, JiraError, JiraMissing, JiraUnsure
from user_intel.settings import Settings
from user_intel.settings import settings as load

_LOG = logging.getLogger(__name__)

# What is needed to open tickets, find them again and keep them up; the names are Jira's.
PERMISSIONS = ("BROWSE_PROJECTS", "CREATE_ISSUES", "ADD_COMMENTS", "CREATE_ATTACHMENTS")
_STATUS_FIELDS = ["status", "resolution", "resolutiondate", "created"]
# Rows of one page, and issues of one bulk read: Jira gives no more.
_PAGE = 100

Row = TypeVar("Row", covariant=True)


class _Rows(Protocol[Row]):
    """A page of rows."""

    @property
    def rows(self) -> Sequence[Row]: ...

    @property
    def total(self) -> int: ...

    @property
    def is_last(self) -> bool | None: ...


class Jira:
    """One project of one Jira, as one account. Made by `open_jira`; not for several threads at once."""

    def __init__(self, connection: Connection, project: str, issue_type: str) -> None:
        self._connection = connection
        self.project, self.issue_type = project, issue_type
        self._form: Form | None = None
        self._pages_at: str | None = None

    @property
    def flavour(self) -> Flavour:
        """Which of the two APIs it speaks: `cloud` (v3, ADF) or `server` (v2, wiki markup)."""
        return self._connection.flavour

    @property
    def url(self) -> str:
        """The address requests go to; no secret in it."""
        return self._connection.url

    @property
    def seconds(self) -> float:
        """Seconds spent waiting for Jira's answers so far."""
        return self._connection.seconds

    def whoami(self) -> Account:
        """The account of the token, and which Jira it is. Raises JiraError where the token is not accepted."""
        myself = self._connection.get("myself", shapes.Myself)
        server = self._connection.get("serverInfo", shapes.ServerInfo)
        return Account(myself.display_name, "Jira Cloud" if self.flavour == "cloud" else f"Jira {server.version}")

    def lacking(self) -> tuple[str, ...]:
        """Those of PERMISSIONS that the account does not have in the project."""
        asked = {"projectKey": self.project, "permissions": ",".join(PERMISSIONS)}
        told = self._connection.get("mypermissions", shapes.Permissions, asked).permissions
        held = {name for name, permission in told.items() if permission.have_permission}
        return tuple(name for name in PERMISSIONS if name not in held)

    def form(self) -> Form:
        """What the project asks of a ticket of the configured type; read once. Raises JiraError."""
        if self._form is None:
            chosen = self._issue_type()
            resource = f"issue/createmeta/{_part(self.project)}/issuetypes/{_part(chosen.id)}"
            described = list(self._paged(resource, shapes.FieldMetas))
            self._form = form_of(self.project, chosen, described)
            self._connection.field_names = {field.id: field.name for field in self._form.fields.values()}
        return self._form

    def check(self, ticket: NewTicket) -> tuple[str, ...]:
        """What Jira would refuse of `ticket`, one sentence each with what is allowed; empty when nothing. No write."""
        return faults_of(ticket, self.flavour, self.form())

    def payload(self, ticket: NewTicket) -> dict[str, object]:
        """The very JSON that `create` sends."""
        form = self.form()
        return issue_payload(ticket, flavour=self.flavour, project=self.project, issue_type=self.issue_type, form=form)

    def create(self, ticket: NewTicket) -> CreatedTicket:
        """Makes the ticket, with labels and identity in one request, and never sends it twice by itself.

        Raises FieldsRefused before asking where the form says so, or after where Jira does; JiraUnsure when the
        answer was lost.
        """
        if faults := self.check(ticket):
            raise FieldsRefused(f"Jira would not take the ticket: {' '.join(faults)}", faults)
        pages = self._pages()
        made = self._connection.post("issue", self.payload(ticket), shapes.Created)
        if self.flavour == "server":
            self._make_sure_of_identity(made.key, ticket.identity)
        return CreatedTicket(made.id, made.key, f"{pages}/{made.key}")

    def find(self, label: str) -> list[FoundTicket]:
        """Tickets with `label` in any project, oldest first. A ticket made some seconds ago may still be missing."""
        described = self._searched(f"labels = {_quoted(label)} order by created asc")
        statuses = sorted(
            map(self._status, described), key=lambda status: (status.created_at, len(status.id), status.id)
        )
        return [FoundTicket(self.identity(status.key), status) for status in statuses]

    def identity(self, key: str) -> str | None:
        """Whose ticket it is, read by key and so never late; None when it says nothing or is gone."""
        try:
            held = self._connection.get(f"issue/{_part(key)}/properties/{IDENTITY_PROPERTY}", shapes.Property).value
        except JiraMissing:
            return None
        return str(held["identity"]) if isinstance(held, dict) and "identity" in held else None

    def statuses(self, keys: Sequence[str]) -> dict[str, TicketStatus | None]:
        """Where tickets stand, by the keys asked for; None for one that was deleted or may not be seen."""
        found: dict[str, TicketStatus | None] = {}
        for start in range(0, len(keys), _PAGE):
            part = keys[start : start + _PAGE]
            known = {status.key: status for status in map(self._status, self._read_many(part))}
            # Moved to another project, deleted, or out of sight: a read by the old key tells.
            found |= {key: known[key] if key in known else self._status_of(key) for key in part}
        return found

    def comments(self, key: str) -> list[Comment]:
        """All comments, oldest first."""
        return [_comment(each) for each in self._paged(f"issue/{_part(key)}/comment", shapes.Comments)]

    def add_comment(self, key: str, body: Document) -> Comment:
        """Adds a comment, cut to Jira's limit if need be. Raises JiraUnsure when the answer was lost."""
        content = {"body": rich_text(body, self.flavour)}
        return _comment(self._connection.post(f"issue/{_part(key)}/comment", content, shapes.Comment))

    def attachment_limit(self) -> int | None:
        """Bytes a file may have; None when attachments are switched off."""
        meta = self._connection.get("attachment/meta", shapes.AttachmentMeta)
        return meta.upload_limit if meta.enabled else None

    def attachments(self, key: str) -> list[Attachment]:
        """The files on a ticket."""
        asked = {"fields": "attachment"}
        issue = self._connection.get(f"issue/{_part(key)}", shapes.IssueWithAttachments, asked)
        return [_attachment(each) for each in issue.fields.attachment]

    def attach(self, key: str, file: Path, name: str) -> Attachment:
        """Adds a file under `name`. Raises JiraError when attachments are off or it is too large; JiraUnsure."""
        limit, size = self.attachment_limit(), file.stat().st_size
        if limit is None:
            raise JiraError(f"{name} was not attached to {key}: attachments are switched off in this Jira.")
        if size > limit:
            raise JiraError(f"{name} was not attached to {key}: it has {size:,} bytes, and Jira takes {limit:,}.")
        with file.open("rb") as content:
            resource = f"issue/{_part(key)}/attachments"
            made = self._connection.upload(resource, name, content, list[shapes.Attachment])
        if not made:
            raise JiraUnsure(f"Jira took {name} for {key}, and does not say that it kept it.")
        return _attachment(made[0])

    def _make_sure_of_identity(self, key: str, identity: str) -> None:
        """Old Servers may pass over properties while creating. The ticket is made: nothing here may hide that."""
        try:
            if self.identity(key) is None:
                resource = f"issue/{_part(key)}/properties/{IDENTITY_PROPERTY}"
                self._connection.put(resource, identity_property(identity))
        except JiraError as refusal:
            _LOG.warning("%s does not carry its identity, only its label: %s", key, refusal)

    def _issue_type(self) -> Choice:
        try:
            described = list(self._paged(f"issue/createmeta/{_part(self.project)}/issuetypes", shapes.IssueTypes))
        except JiraMissing as missing:
            raise JiraError(f"{missing} {self._known_projects()}") from None
        choices = [Choice(each.id, each.name) for each in described if not each.subtask]
        if not choices:
            raise JiraError(f"The account may create nothing in project {self.project}. {self._known_projects()}")
        try:
            return pick(self.issue_type, choices, "The issue type")
        except Unsuitable as fault:
            where = f"In project {self.project}"
            raise JiraError(f"{where}: {fault} Set JIRA_ISSUE_TYPE, or jira.issue_type in product.yaml.") from None

    def _known_projects(self) -> str:
        # Not paged on: a sentence names a dozen.
        if self.flavour == "cloud":
            projects = self._connection.get("project/search", shapes.Projects).values
        else:
            projects = self._connection.get("project", list[shapes.Project])
        keys = [project.key for project in projects]
        seen = listed(keys) or "no project at all"
        return f"JIRA_PROJECT is the project's key. The account sees {seen}."

    def _paged(self, resource: str, shape: type[_Rows[Row]]) -> Iterator[Row]:
        """The rows of a resource that comes in pages."""
        start = 0
        while True:
            page = self._connection.get(resource, shape, {"startAt": str(start), "maxResults": str(_PAGE)})
            yield from page.rows
            start += len(page.rows)
            if not page.rows or page.is_last or start >= page.total:
                return

    def _searched(self, jql: str) -> Iterator[shapes.Issue]:
        search = self._searched_in_cloud if self.flavour == "cloud" else self._searched_in_server
        return search({"jql": jql, "fields": _STATUS_FIELDS, "maxResults": _PAGE})

    def _searched_in_cloud(self, asked: dict[str, object]) -> Iterator[shapes.Issue]:
        token: str | None = None
        while True:
            more = {"nextPageToken": token} if token else {}
            page = self._connection.post("search/jql", asked | more, shapes.Issues, repeatable=True)
            yield from page.issues
            before, token = token, page.next_page_token
            if page.is_last or not token or token == before:
                return

    def _searched_in_server(self, asked: dict[str, object]) -> Iterator[shapes.Issue]:
        start = 0
        while True:
            page = self._connection.post("search", asked | {"startAt": start}, shapes.Issues, repeatable=True)
            yield from page.issues
            start += len(page.issues)
            if not page.issues or start >= page.total:
                return

    def _read_many(self, keys: Sequence[str]) -> Iterator[shapes.Issue]:
        """The issues of those keys that Jira finds."""
        asked: dict[str, object] = {"fields": _STATUS_FIELDS}
        if self.flavour == "cloud":
            asked |= {"issueIdsOrKeys": list(keys)}
            yield from self._connection.post("issue/bulkfetch", asked, shapes.Issues, repeatable=True).issues
        else:
            # Unknown keys would else be an error.
            asked |= {"jql": f"key in ({', '.join(map(_quoted, keys))})", "validateQuery": False}
            yield from self._searched_in_server(asked | {"maxResults": _PAGE})

    def _status_of(self, key: str) -> TicketStatus | None:
        asked = {"fields": ",".join(_STATUS_FIELDS)}
        try:
            return self._status(self._connection.get(f"issue/{_part(key)}", shapes.Issue, asked))
        except JiraMissing:
            return None

    def _status(self, issue: shapes.Issue) -> TicketStatus:
        fields = issue.fields
        return TicketStatus(
            id=issue.id,
            key=issue.key,
            url=f"{self._pages()}/{issue.key}",
            name=fields.status.name,
            category=_category(fields.status.status_category.key),
            resolution=fields.resolution.name if fields.resolution else None,
            resolved_at=_time(fields.resolutiondate) if fields.resolutiondate else None,
            created_at=_time(fields.created),
        )

    def _pages(self) -> str:
        """Where people read tickets. Tokens with scopes go through a gateway, which has no pages of its own."""
        if self._pages_at is None:
            gateway = self.url.startswith("https://api.atlassian.com/")
            pages = self._connection.get("serverInfo", shapes.ServerInfo).base_url if gateway else self.url
            self._pages_at = f"{pages.rstrip('/')}/browse"
        return self._pages_at


@contextmanager
def open_jira(
    settings: Settings | None = None,
    *,
    issue_type: str | None = None,
    patience: Patience | None = None,
    clock: Clock | None = None,
) -> Iterator[Jira]:
    """The configured Jira; nothing is asked yet. `issue_type` in place of JIRA_ISSUE_TYPE. Raises ConfigError."""
    chosen = settings or load()
    if not chosen.uses_jira:
        raise ConfigError("No Jira is configured: set JIRA_URL, JIRA_TOKEN and JIRA_PROJECT (JIRA_USER too for Cloud).")
    connection = Connection(chosen, patience, clock)
    try:
        yield Jira(connection, chosen.jira_project or "", issue_type or chosen.jira_issue_type)
    finally:
        connection.close()


def _part(text: str) -> str:
    """A key or id as one part of a path."""
    return quote(text, safe="")


def _quoted(text: str) -> str:
    """A string of JQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _time(text: str) -> datetime:
    """Jira's spelling of an instant: 2026-03-31T12:00:00.000+0000."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise JiraError(f"Jira answered {text[:40]!r} where a time was expected.") from None


def _category(key: str) -> StatusCategory:
    if key == "done":
        return "done"
    return "indeterminate" if key == "indeterminate" else "new"


def _comment(told: shapes.Comment) -> Comment:
    return Comment(told.id, _time(told.created), words_of(told.body or ""))


def _attachment(told: shapes.Attachment) -> Attachment:
    return Attachment(told.id, told.filename, told.size)
