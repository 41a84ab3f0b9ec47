"""The projects of the stand-in and the forms behind "Create": what a field takes, and Jira's words otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from user_intel_tests.act.stand_in.adf_structure import faults_of_document

_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes:"
_LIMIT = 32_767


@dataclass(frozen=True)
class FieldOf:
    """A field on a form."""

    id: str
    name: str
    type: str = "string"
    items: str = ""
    custom: str = ""
    required: bool = False
    default: bool = False
    # (id, name) of what is allowed; options say `value` where others say `name`.
    allowed: tuple[tuple[str, str], ...] = ()

    def described(self, flavour: str) -> dict[str, Any]:
        """The field as create metadata tell of it."""
        schema: dict[str, Any] = {"type": self.type}
        schema |= {"items": self.items} if self.items else {}
        schema |= (
            {"custom": _CUSTOM + self.custom, "customId": int(self.id[12:])} if self.custom else {"system": self.id}
        )
        told: dict[str, Any] = {
            "fieldId": self.id, "name": self.name, "required": self.required, "hasDefaultValue": self.default,
            "schema": schema, "operations": ["set"],
        }  # fmt: skip
        if flavour == "cloud":
            told["key"] = self.id
        if self.allowed:
            word = "value" if "option" in (self.type, self.items) else "name"
            told["allowedValues"] = [{"id": id_, word: name} for id_, name in self.allowed]
        return told


_PRIORITIES = tuple((str(n), name) for n, name in enumerate(("Highest", "High", "Medium", "Low", "Lowest"), start=1))
_PLAIN = (
    FieldOf("summary", "Summary", required=True),
    FieldOf("issuetype", "Issue Type", "issuetype", required=True),
    FieldOf("project", "Project", "project", required=True),
    FieldOf("description", "Description"),
)
_TASK = (
    *_PLAIN,
    FieldOf("reporter", "Reporter", "user", required=True, default=True),
    FieldOf("labels", "Labels", "array", "string"),
    FieldOf("priority", "Priority", "priority", allowed=_PRIORITIES),
    FieldOf("components", "Components", "array", "component", allowed=(("10200", "Checkout"), ("10201", "Search"))),
    FieldOf("duedate", "Due date", "date"),
    FieldOf("customfield_10010", "Story Points", "number", custom="float"),
    FieldOf("customfield_10020", "Team", "option", custom="select", allowed=(("1", "Growth"), ("2", "Platform"))),
    FieldOf("customfield_10030", "Notes", custom="textarea"),
    FieldOf("customfield_10031", "Reference", custom="textfield"),
    FieldOf("customfield_10032", "Areas", "array", "option", "multiselect", allowed=(("5", "Web"), ("6", "App"))),
    FieldOf("customfield_10033", "Tags", "array", "string", custom="labels"),
    FieldOf("customfield_10034", "Owner", "user", custom="userpicker"),
    FieldOf("customfield_10050", "Region", custom="textfield"),
    FieldOf("customfield_10051", "Region", custom="textfield"),
)  # fmt: skip
_SEVERITY = FieldOf(
    "customfield_10040", "Severity", "option", custom="select", required=True, allowed=(("7", "S1"), ("8", "S2"))
)
# project -> issue type -> (id, is it a subtask, fields). BARE has next to nothing on its form.
PROJECTS: dict[str, dict[str, tuple[str, bool, tuple[FieldOf, ...]]]] = {
    "SHOP": {
        "Task": ("10001", False, _TASK),
        "Bug": ("10002", False, (*_TASK, _SEVERITY)),
        "Sub-task": ("10003", True, _TASK),
    },
    "BARE": {"Task": ("10001", False, _PLAIN)},
}


def errors_of(fields: Mapping[str, Any], form: tuple[FieldOf, ...], flavour: str) -> dict[str, str]:
    """Jira's words by field for what it would not take; empty when it takes all."""
    by_id = {field.id: field for field in form}
    errors: dict[str, str] = {}
    for id_, value in fields.items():
        if id_ not in by_id:
            errors[id_] = f"Field '{id_}' cannot be set. It is not on the appropriate screen, or unknown."
        elif words := _error_of(by_id[id_], value, flavour):
            errors[id_] = words
    for field in form:
        if field.required and not field.default and not fields.get(field.id) and field.id != "summary":
            errors[field.id] = f"{field.name} is required."
    if not fields.get("summary"):
        errors["summary"] = "You must specify a summary of the issue."
    return errors


def _error_of(field: FieldOf, value: Any, flavour: str) -> str | None:
    if field.type == "array":
        if not isinstance(value, list):
            return "data was not an array"
        return next(filter(None, (_single_error(field, field.items, each) for each in value)), None)
    if field.id == "description" or field.custom == "textarea":
        return text_error(value, flavour)
    return _single_error(field, field.type, value)


def text_error(value: Any, flavour: str) -> str | None:
    """What Jira says of a rich text that is not in its format, or too long."""
    if flavour == "server":
        if not isinstance(value, str):
            return "Operation value must be a string"
        too_long = f"The entered text is too long. It exceeds the allowed limit of {_LIMIT:,} characters."
        return too_long if len(value) > _LIMIT else None
    if faults := faults_of_document(value):
        words = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
        return f"{words} [{faults[0]}]"
    return "CONTENT_LIMIT_EXCEEDED" if _size(value) > _LIMIT else None


def _size(value: Any) -> int:
    import json

    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _single_error(field: FieldOf, type_: str, value: Any) -> str | None:
    checks: dict[str, Callable[[Any], str | None]] = {
        "number": lambda each: None if isinstance(each, int | float) else "Operation value must be a number",
        "date": lambda each: (
            None if isinstance(each, str) and len(each) == 10 else "Error parsing date string: " + each
        ),
        "user": lambda each: (
            None if isinstance(each, dict) and (set(each) & {"accountId", "name"}) else "expected Object"
        ),
        "string": lambda each: _line_error(field, each),
        "project": lambda _: None,
        "issuetype": lambda _: None,
    }
    return checks.get(type_, lambda each: _choice_error(field, each))(value)


def _line_error(field: FieldOf, value: Any) -> str | None:
    if not isinstance(value, str):
        return "Operation value must be a string"
    if field.items == "string":
        return f"The label '{value}' contains spaces which is invalid." if " " in value else _too_long(field, value)
    if "\n" in value or "\r" in value:
        return "The summary is invalid because it contains newline characters."
    return _too_long(field, value)


def _too_long(field: FieldOf, value: str) -> str | None:
    return f"{field.name} must be less than 255 characters." if len(value) > 255 else None


def _choice_error(field: FieldOf, value: Any) -> str | None:
    if not isinstance(value, dict):
        return "expected Object"
    word = "value" if "option" in (field.type, field.items) else "name"
    if value.get("id") in {id_ for id_, _ in field.allowed} or value.get(word) in {name for _, name in field.allowed}:
        return None
    said = f"id '{value['id']}'" if "id" in value else f"name '{value.get(word)}'"
    return f"{field.name.removesuffix('s')} {said} is not valid"
