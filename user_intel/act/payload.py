"""The JSON that asks Jira for a ticket, and what its project would refuse of it.

Belongs here: from a ticket in our words to Jira's fields, with the project's form where it is known and as good as
possible without (dry run).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from user_intel.act.document import cleaned
from user_intel.act.form import Form, FormField, Unsuitable, listed, pick, value_for
from user_intel.act.rich_text import rich_text
from user_intel.act.tickets import FieldValue, Flavour, NewTicket

_Made = TypeVar("_Made")

# The entity property that holds whose ticket it is.
IDENTITY_PROPERTY = "user_intel"
LONGEST_SUMMARY = 255
LONGEST_LABEL = 255
# Filled in by Jira itself, or always by us.
_NOT_ASKED = frozenset({"project", "issuetype", "reporter", "summary"})


def issue_payload(
    ticket: NewTicket, *, flavour: Flavour, project: str, issue_type: str, form: Form | None = None
) -> dict[str, object]:
    """The body of the create request. Without a form, names stand where Jira would want ids of custom fields."""
    return _Filling(ticket, flavour, project, issue_type, form).body()


def faults_of(ticket: NewTicket, flavour: Flavour, form: Form) -> tuple[str, ...]:
    """What the project would refuse, one sentence each; empty when nothing."""
    filling = _Filling(ticket, flavour, form.project, form.issue_type.name, form)
    filling.body()
    return tuple(filling.faults)


def identity_property(identity: str) -> dict[str, str]:
    """The value of the entity property that says whose ticket it is."""
    return {"identity": identity}


def summary_of(text: str) -> str:
    """`text` as a summary: on one line, and cut with an ellipsis to what Jira takes."""
    line = " ".join(cleaned(text).split())
    return line if len(line) <= LONGEST_SUMMARY else f"{line[: LONGEST_SUMMARY - 1].rstrip()}…"


@dataclass
class _Filling:
    """A form being filled in; `faults` grows while `body` is made."""

    ticket: NewTicket
    flavour: Flavour
    project: str
    issue_type: str
    form: Form | None
    faults: list[str] = field(default_factory=list)

    def body(self) -> dict[str, object]:
        properties = [{"key": IDENTITY_PROPERTY, "value": identity_property(self.ticket.identity)}]
        return {"fields": self._fields(), "properties": properties}

    def _fields(self) -> dict[str, object]:
        ticket, form = self.ticket, self.form
        fields: dict[str, object] = {
            "project": {"key": self.project},
            "issuetype": {"id": form.issue_type.id} if form else {"name": self.issue_type},
            "summary": self._summary(),
            "description": rich_text(ticket.description, self.flavour),
        }
        if ticket.labels:
            fields["labels"] = list(dict.fromkeys(ticket.labels))
        if ticket.priority:
            fields["priority"] = self._picked("priority", ticket.priority)
        if ticket.components:
            fields["components"] = [self._picked("components", name) for name in ticket.components]
        fields |= dict(self._custom_fields())
        self._check(fields)
        return fields

    def _summary(self) -> str:
        summary = summary_of(self.ticket.summary)
        if not summary:
            self.faults.append("The summary is empty; Jira wants one line of text.")
        return summary

    def _picked(self, id_: str, name: str) -> dict[str, str]:
        field = self.form.fields.get(id_) if self.form else None
        if field is None or field.choices is None:
            return {"name": name}
        found = self._suitable(lambda: pick(name, field.choices or (), field.called))
        return {"id": found.id} if found else {"name": name}

    def _custom_fields(self) -> Iterator[tuple[str, object]]:
        for name, value in self.ticket.fields.items():
            if self.form is None:
                yield name, value
            elif found := self._field(name):
                yield found.id, self._value(found, value)

    def _field(self, name: str) -> FormField | None:
        form = self.form
        assert form is not None  # noqa: S101
        return self._suitable(lambda: form.find(name) or _refuse_unknown(name, form))

    def _value(self, field: FormField, value: FieldValue) -> object:
        return self._suitable(lambda: value_for(field, value, self.flavour))

    def _suitable(self, made: Callable[[], _Made]) -> _Made | None:
        try:
            return made()
        except Unsuitable as fault:
            self.faults.append(str(fault))
            return None

    def _check(self, fields: dict[str, object]) -> None:
        self.faults += [
            f"The label {label!r} holds a space or more than {LONGEST_LABEL} characters, which Jira refuses."
            for label in self.ticket.labels
            if any(char.isspace() for char in label) or not 0 < len(label) <= LONGEST_LABEL
        ]
        if self.form is None:
            return
        for id_ in fields:
            if id_ not in self.form.fields and id_ not in _NOT_ASKED:
                self.faults.append(f'"{id_}" is not on the form of {self.form.here}: {_remedy(id_)}.')
        for asked in self.form.fields.values():
            if asked.required and asked.id not in _NOT_ASKED and fields.get(asked.id) in (None, "", []):
                self.faults.append(_missing(asked, self.form))


def _refuse_unknown(name: str, form: Form) -> NoReturn:
    names = listed(sorted(field.called for field in form.fields.values() if field.custom)) or "none"
    raise Unsuitable(f'"{name}" is no field of {form.here}; custom fields there are {names}.')


def _missing(asked: FormField, form: Form) -> str:
    allowed = listed(choice.name for choice in asked.choices or ())
    values = f" (it can be {allowed})" if allowed else ""
    keys = {"priority": "jira.priorities", "components": "jira.component", "labels": "jira.labels"}
    key = keys.get(asked.id, "jira.custom_fields")
    return f"{asked.called} must be filled in for {form.here}{values}: set it in product.yaml under {key}."


def _remedy(id_: str) -> str:
    """How to do without a field, or to get it."""
    without = {"priority": "set jira.priorities to {} in product.yaml", "components": "leave jira.component out"}
    return without.get(id_, "have it added to the project's create screen")
