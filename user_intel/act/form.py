"""What a project asks of a new ticket: its create metadata, read into types, and whether values suit it.

Belongs here: fields, what they take, and what is wrong with a value, in words. Jira's "create issue metadata" endpoints
by project and issue type are the source (Cloud; Server and Data Center from 8.4 on).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from user_intel.act.document import Document, cleaned, paragraph
from user_intel.act.rich_text import rich_text
from user_intel.act.shapes import FieldMeta, Value
from user_intel.act.tickets import FieldValue, Flavour

# How many of the allowed values a sentence names.
_NAMED = 12
_PICKED = {"option", "priority", "version", "component", "resolution", "securitylevel", "issuetype", "project"}
_LONGEST_LINE = 255


@dataclass(frozen=True)
class Choice:
    """One of the values a field allows."""

    id: str
    name: str


@dataclass(frozen=True)
class FormField:
    """One field of the form. `choices` is None where anything goes."""

    id: str
    name: str
    # Must be filled in by us: Jira has no default for it.
    required: bool
    kind: str
    items: str
    # The kind of custom field, such as com.atlassian.jira.plugin.system.customfieldtypes:textarea; empty for others.
    custom: str
    choices: tuple[Choice, ...] | None

    @property
    def called(self) -> str:
        """The field in a sentence: its name, with the id that product.yaml can use."""
        return f'"{self.name}" ({self.id})' if self.custom else f'"{self.name}"'


@dataclass(frozen=True)
class Form:
    """The form behind "Create" for one issue type of one project."""

    project: str
    issue_type: Choice
    fields: Mapping[str, FormField]

    @property
    def here(self) -> str:
        """Which form, in words."""
        return f"{self.issue_type.name} in project {self.project}"

    def find(self, name: str) -> FormField | None:
        """The field with that id, or the one field of that name, whatever its case. Raises Unsuitable for several."""
        if name in self.fields:
            return self.fields[name]
        alike = [field for field in self.fields.values() if field.name.casefold() == name.casefold()]
        if len(alike) > 1:
            raise Unsuitable(f'"{name}" is the name of several fields: use one of {listed(f.id for f in alike)}.')
        return alike[0] if alike else None


class Unsuitable(Exception):
    """A value that Jira would refuse; the words say what is allowed."""


def form_of(project: str, issue_type: Choice, described: Iterable[FieldMeta]) -> Form:
    """The form that Jira's field metadata describe."""
    fields = map(_field, described)
    return Form(project, issue_type, {field.id: field for field in fields})


def pick(name: str, choices: Sequence[Choice], what: str) -> Choice:
    """The choice of that name (whatever its case) or id. Raises Unsuitable naming what is allowed."""
    for choice in choices:
        if name == choice.id or name.casefold() == choice.name.casefold():
            return choice
    raise Unsuitable(f'{what} "{name}" does not exist; {_list_of(choices)}.')


def value_for(field: FormField, value: FieldValue, flavour: Flavour) -> object:
    """The JSON that fills `field` with what a person would fill in. Raises Unsuitable."""
    if isinstance(value, Mapping):
        return dict(value)
    if field.kind == "array":
        values = value if isinstance(value, list) else [value]
        return [_single(field, field.items, each, flavour) for each in values]
    if isinstance(value, list):
        raise Unsuitable(f"{field.called} takes one value, not a list.")
    return _single(field, field.kind, value, flavour)


def _single(field: FormField, kind: str, value: object, flavour: Flavour) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    if kind == "number":
        return _number(field, value)
    if kind == "date":
        return _day(field, value)
    text = cleaned(str(value))
    if kind == "user":
        return {"accountId": text} if flavour == "cloud" else {"name": text}
    if field.choices is not None:
        return {"id": pick(text, field.choices, field.called).id}
    if kind in _PICKED:
        return {"value" if kind == "option" else "name": text}
    return _text(field, text, flavour)


def _text(field: FormField, text: str, flavour: Flavour) -> object:
    if field.custom.endswith(":textarea") or field.id in {"description", "environment"}:
        return rich_text(Document((paragraph(text),)), flavour)
    if field.kind == "array" and any(char.isspace() for char in text):
        raise Unsuitable(f"{field.called} takes labels, which hold no spaces: {text!r}.")
    if len(text) > _LONGEST_LINE or "\n" in text:
        raise Unsuitable(f"{field.called} takes one line of at most {_LONGEST_LINE} characters, got {len(text)}.")
    return text


def _number(field: FormField, value: object) -> float | int:
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise Unsuitable(f"{field.called} takes a number, not {value!r}.")
    return int(number) if number.is_integer() else number


def _day(field: FormField, value: object) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Unsuitable(f"{field.called} takes a day such as 2026-03-31, not {str(value)!r}.") from None


def _field(described: FieldMeta) -> FormField:
    allowed = described.allowed_values
    return FormField(
        id=described.field_id or described.key,
        name=described.name,
        required=described.required and not described.has_default_value,
        kind=described.schema.type,
        items=described.schema.items,
        custom=described.schema.custom,
        choices=tuple(map(_choice, allowed)) if allowed is not None else None,
    )


def _choice(described: Value) -> Choice:
    return Choice(described.id, described.name or described.value or described.key or described.id)


def _list_of(choices: Sequence[Choice]) -> str:
    return f"it can be {listed(choice.name for choice in choices)}" if choices else "there is none"


def listed(names: Iterable[str]) -> str:
    """Names in a sentence; of many, the first ones and how many more there are."""
    all_names = list(names)
    more = f" and {len(all_names) - _NAMED} more" if len(all_names) > _NAMED else ""
    return ", ".join(all_names[:_NAMED]) + more
