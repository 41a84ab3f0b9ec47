"""The JSON that Jira answers with, as far as we read it: Cloud's and Server's, which differ in places.

Belongs here: shapes and nothing else. What is not named is passed over; what is missing is an error that names it.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Shape(msgspec.Struct, rename="camel"):
    """An object of Jira's."""


class Myself(Shape):
    """The account of the token."""

    display_name: str


class ServerInfo(Shape):
    """Which Jira it is."""

    base_url: str
    version: str = "of unknown version"


class Permission(Shape):
    """One permission of the account."""

    have_permission: bool


class Permissions(Shape):
    """Permissions by Jira's name of them."""

    permissions: dict[str, Permission]


class Project(Shape):
    """A project the account sees."""

    key: str


class Projects(Shape):
    """Cloud's page of projects."""

    values: list[Project]


class Value(Shape):
    """One allowed value: options have a `value`, most others a `name`."""

    id: str = ""
    name: str = ""
    value: str = ""
    key: str = ""


class IssueType(Shape):
    """An issue type of a project."""

    id: str
    name: str
    subtask: bool = False


class FieldSchema(Shape):
    """What kind of value a field takes."""

    type: str = "string"
    items: str = ""
    custom: str = ""


class FieldMeta(Shape):
    """A field of the create form. Server's and Cloud's id of it have different names."""

    name: str
    required: bool
    field_id: str = ""
    key: str = ""
    has_default_value: bool = False
    schema: FieldSchema = msgspec.field(default_factory=FieldSchema)
    allowed_values: list[Value] | None = None


class Comment(Shape):
    """A comment; its body is ADF or markup."""

    id: str
    created: str
    body: Any = ""


class Page(Shape):
    """Some rows of many; `is_last` is not said by all."""

    total: int = 0
    is_last: bool | None = None


class IssueTypes(Page):
    """Issue types: Cloud and Server name the rows differently."""

    issue_types: list[IssueType] = []
    values: list[IssueType] = []

    @property
    def rows(self) -> list[IssueType]:
        """The issue types, whoever says it."""
        return self.issue_types or self.values


class FieldMetas(Page):
    """Fields: Cloud and Server name the rows differently."""

    fields: list[FieldMeta] = []
    values: list[FieldMeta] = []

    @property
    def rows(self) -> list[FieldMeta]:
        """The fields, whoever says it."""
        return self.fields or self.values


class Comments(Page):
    """Comments of an issue."""

    comments: list[Comment] = []

    @property
    def rows(self) -> list[Comment]:
        """The comments."""
        return self.comments


class StatusCategory(Shape):
    """Jira's own kind of a status."""

    key: str


class Status(Shape):
    """A status of a workflow."""

    name: str
    status_category: StatusCategory


class Resolution(Shape):
    """Why an issue is done."""

    name: str


class StatusFields(Shape, rename=None):
    """The fields of an issue that say where it stands."""

    status: Status
    created: str
    resolution: Resolution | None = None
    resolutiondate: str | None = None


class Issue(Shape):
    """An issue, and where it stands."""

    id: str
    key: str
    fields: StatusFields


class Issues(Shape):
    """Issues of a search or a bulk read; how to ask for more differs."""

    issues: list[Issue] = []
    total: int = 0
    is_last: bool | None = None
    next_page_token: str | None = None


class Created(Shape):
    """What Jira says of an issue it has just made."""

    id: str
    key: str


class Property(Shape):
    """An entity property of ours; others may write anything there."""

    value: Any = None


class AttachmentMeta(Shape):
    """Whether files may be attached, and of how many bytes."""

    enabled: bool
    upload_limit: int = 0


class Attachment(Shape):
    """A file on an issue."""

    id: str
    filename: str
    size: int


class AttachmentFields(Shape):
    """The files of an issue."""

    attachment: list[Attachment] = []


class IssueWithAttachments(Shape):
    """An issue read for its files."""

    fields: AttachmentFields
