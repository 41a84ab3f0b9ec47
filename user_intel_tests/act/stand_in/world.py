"""What the stand-in remembers, and what Jira answers from it. Every answer is made under one lock."""

import itertools
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from user_intel_tests.act.stand_in.forms import PROJECTS, errors_of, text_error
from user_intel_tests.act.stand_in.knobs import Knobs
from user_intel_tests.act.stand_in.refusal import Refusal, no_issue

_CATEGORIES = {"new": (2, "To Do"), "indeterminate": (4, "In Progress"), "done": (3, "Done")}
_STATUSES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done", "Closed": "done"}
_SCREENED = {"description", "summary", "labels", "priority", "components"}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "+0000"


@dataclass
class Ticket:
    """An issue."""

    id: str
    key: str
    fields: dict[str, Any]
    properties: dict[str, Any]
    created: str = field(default_factory=_now)
    searchable_at: float = 0.0
    status: str = "To Do"
    category: str = "new"
    resolution: str | None = None
    resolved: str | None = None
    comments: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    old_keys: list[str] = field(default_factory=list)


class World:
    """One Jira with the projects of `forms.py`."""

    def __init__(self, flavour: str, knobs: Knobs, url: str) -> None:
        self.flavour, self.knobs, self.url = flavour, knobs, url
        self.tickets: list[Ticket] = []
        self._numbers = itertools.count(1)
        self._ids = itertools.count(20_001)

    def clear(self) -> None:
        """Forgets the tickets; numbers go on, as Jira's do."""
        self.tickets.clear()

    def myself(self) -> dict[str, Any]:
        """The account of the token."""
        account = (
            {"accountId": "5b10a2844c20165700ede21g"} if self.flavour == "cloud" else {"name": "bot", "key": "bot"}
        )
        return {"self": f"{self.url}/me", "displayName": "Insight Bot", "active": True, **account}

    def server_info(self) -> dict[str, Any]:
        """Which Jira it is."""
        version = "1001.0.0-SNAPSHOT" if self.flavour == "cloud" else "9.12.4"
        return {"baseUrl": self.url, "version": version}

    def permissions(self, query: dict[str, str]) -> dict[str, Any]:
        """The permissions asked for."""
        if query.get("projectKey") not in PROJECTS:
            raise Refusal(404, [f"No project could be found with key '{query.get('projectKey')}'."])
        names = query.get("permissions", "").split(",")
        held = {n: {"key": n, "name": n, "havePermission": n not in self.knobs.lacking} for n in names}
        return {"permissions": held}

    def projects(self) -> Any:
        """The projects the account sees."""
        values = [{"id": str(n), "key": key, "name": key.title()} for n, key in enumerate(PROJECTS, start=10_000)]
        if self.flavour == "server":
            return values
        return {"values": values, "startAt": 0, "maxResults": 50, "total": len(values), "isLast": True}

    def issue_types(self, project: str, query: dict[str, str]) -> dict[str, Any]:
        """Create metadata, first half."""
        types = [{"id": id_, "name": name, "subtask": sub} for name, (id_, sub, _) in self._project(project).items()]
        types = [] if "CREATE_ISSUES" in self.knobs.lacking else types
        return self._page("issueTypes", types, query)

    def form(self, project: str, type_id: str, query: dict[str, str]) -> dict[str, Any]:
        """Create metadata, second half."""
        fields = [each.described(self.flavour) for each in self._form(project, type_id)]
        return self._page("fields", fields, query)

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """A new ticket. Raises Refusal in Jira's words."""
        fields = dict(body.get("fields") or {})
        project = (fields.get("project") or {}).get("key")
        if project not in PROJECTS:
            raise Refusal(400, errors={"project": "valid project is required"})
        if "CREATE_ISSUES" in self.knobs.lacking:
            raise Refusal(403, ["You do not have permission to create issues in this project."])
        wanted = fields.get("issuetype") or {}
        types = PROJECTS[project]
        found = [each for name, each in types.items() if wanted in ({"id": each[0]}, {"name": name})]
        if not found:
            raise Refusal(400, errors={"issuetype": "The issue type selected is invalid."})
        if errors := errors_of(fields, found[0][2], self.flavour):
            raise Refusal(400, errors=errors)
        ticket = Ticket(str(next(self._ids)), f"{project}-{next(self._numbers)}", fields, {})
        if self.knobs.keeps_properties:
            ticket.properties = {each["key"]: each["value"] for each in body.get("properties", [])}
        ticket.searchable_at = time.monotonic() + self.knobs.index_lag_s
        self.tickets.append(ticket)
        return {"id": ticket.id, "key": ticket.key, "self": f"{self.url}/rest/api/issue/{ticket.id}"}

    def issue(self, key: str, query: dict[str, str]) -> dict[str, Any]:
        """A ticket by key or id; always as it is now."""
        return self._told(self.find(key), query.get("fields", "*all").split(","))

    def bulk(self, body: dict[str, Any]) -> dict[str, Any]:
        """Several tickets by key or id; those that are not there are left out."""
        found = [self._by_key(key) for key in body["issueIdsOrKeys"]]
        told = [self._told(ticket, body.get("fields", ["*all"])) for ticket in found if ticket]
        return {"issues": told, "issueErrors": []}

    def search(self, body: dict[str, Any]) -> dict[str, Any]:
        """Tickets by JQL, as the index knows them."""
        strict = body.get("validateQuery", True) is not False
        found = self._matching(body["jql"], strict=strict)
        if self.flavour == "server":
            return self._page("issues", [self._told(each, body.get("fields", ["*all"])) for each in found], body)
        start, size = int(body.get("nextPageToken", "0")), min(body.get("maxResults", 50), self.knobs.page_size)
        part = [self._told(ticket, body.get("fields", [])) for ticket in found[start : start + size]]
        end = start + len(part)
        more = {"nextPageToken": str(end)} if end < len(found) else {}
        return {"issues": part, "isLast": end >= len(found), **more}

    def property(self, key: str, name: str) -> dict[str, Any]:
        """An entity property."""
        properties = self.find(key).properties
        if name not in properties:
            raise Refusal(404, [f"The property with key '{name}' does not exist."])
        return {"key": name, "value": properties[name]}

    def set_property(self, key: str, name: str, value: Any) -> bool:
        """Writes an entity property; whether it is new."""
        properties = self.find(key).properties
        new = name not in properties
        properties[name] = value
        return new

    def comments(self, key: str, query: dict[str, str]) -> dict[str, Any]:
        """Comments, oldest first."""
        return self._page("comments", self.find(key).comments, query, own_name=True)

    def comment(self, key: str, body: dict[str, Any]) -> dict[str, Any]:
        """A new comment."""
        ticket = self.find(key)
        if "ADD_COMMENTS" in self.knobs.lacking:
            raise Refusal(403, ["You do not have the permission to comment on this issue."])
        if words := text_error(body.get("body"), self.flavour):
            raise Refusal(400, errors={"comment": words})
        made = {"id": str(next(self._ids)), "created": _now(), "updated": _now(), "body": body["body"]}
        ticket.comments.append(made)
        return made

    def attachment_meta(self) -> dict[str, Any]:
        """Whether files may be attached."""
        return {"enabled": self.knobs.attachments, "uploadLimit": self.knobs.upload_limit}

    def attach(self, key: str, name: str, content: bytes) -> list[dict[str, Any]]:
        """A new file."""
        ticket = self.find(key)
        if not self.knobs.attachments:
            raise Refusal(404, ["Attachments are disabled."])
        if len(content) > self.knobs.upload_limit:
            raise Refusal(413, [f"The file exceeds its maximum permitted size of {self.knobs.upload_limit} bytes."])
        made = {"id": str(next(self._ids)), "filename": name, "size": len(content), "created": _now()}
        ticket.attachments.append(made)
        return [made]

    def change(self, key: str, what: dict[str, Any]) -> None:
        """What people and other programs do: `status` (with `category`, `resolution`, `resolved`), `delete`, `clone`,
        `move` to a key, `comment`, and `property`, which writes over ours."""
        ticket = self.find(key)
        if what.get("delete"):
            self.tickets.remove(ticket)
        if status := what.get("status"):
            ticket.status, ticket.category = status, what.get("category") or _STATUSES[status]
            ticket.resolution = what.get("resolution") or ("Done" if ticket.category == "done" else None)
            ticket.resolved = (what.get("resolved") or _now()) if ticket.resolution else None
        if new_key := what.get("move"):
            ticket.old_keys.append(ticket.key)
            ticket.key = new_key
        if what.get("clone"):
            clone = Ticket(str(next(self._ids)), f"SHOP-{next(self._numbers)}", dict(ticket.fields), {})
            self.tickets.append(clone)
        if "property" in what:
            ticket.properties["user_intel"] = what["property"]
        if "comment" in what:
            ticket.comments.append({"id": str(next(self._ids)), "created": _now(), "body": what["comment"]})

    def find(self, key: str) -> Ticket:
        """The ticket of a key (an old one too) or id. Raises Refusal."""
        if ticket := self._by_key(key):
            return ticket
        raise no_issue()

    def _by_key(self, key: str) -> Ticket | None:
        return next((t for t in self.tickets if key in (t.key, t.id, *t.old_keys)), None)

    def _project(self, key: str) -> dict[str, Any]:
        if key not in PROJECTS:
            raise Refusal(404, [f"No project could be found with key '{key}'."])
        return PROJECTS[key]

    def _form(self, project: str, type_id: str) -> Any:
        for id_, _, form in self._project(project).values():
            if id_ == type_id:
                return form
        raise Refusal(404, ["The issue type could not be found."])

    def _matching(self, jql: str, *, strict: bool) -> list[Ticket]:
        label = re.fullmatch(r'labels = "((?:[^"\\]|\\.)*)"(?: order by created asc)?', jql)
        keys = re.fullmatch(r"key in \(([^)]*)\)", jql)
        known = [t for t in self.tickets if t.searchable_at <= time.monotonic()]
        if label:
            wanted = re.sub(r"\\(.)", r"\1", label[1])
            return [t for t in known if wanted in t.fields.get("labels", [])]
        if keys:
            wanted_keys = [key.strip(' "') for key in keys[1].split(",")]
            for key in wanted_keys:
                if strict and self._by_key(key) is None:
                    raise Refusal(400, [f"An issue with key '{key}' does not exist for field 'key'."])
            return [t for t in known if {t.key, *t.old_keys} & set(wanted_keys)]
        raise Refusal(400, [f"Error in the JQL Query: the stand-in does not understand {jql!r}."])

    def _told(self, ticket: Ticket, names: list[str]) -> dict[str, Any]:
        number, name = _CATEGORIES[ticket.category]
        everything = {
            **{id_: ticket.fields.get(id_) for id_ in _SCREENED},
            "created": ticket.created,
            "status": {
                "name": ticket.status, "id": "1", "self": f"{self.url}/status/1",
                "statusCategory": {"id": number, "key": ticket.category, "name": name},
            },
            "resolution": {"name": ticket.resolution, "id": "1"} if ticket.resolution else None,
            "resolutiondate": ticket.resolved,
            "attachment": ticket.attachments,
        }  # fmt: skip
        fields = everything if "*all" in names else {name: everything[name] for name in names if name in everything}
        return {"id": ticket.id, "key": ticket.key, "self": f"{self.url}/rest/api/issue/{ticket.id}", "fields": fields}

    def _page(self, name: str, rows: list[Any], asked: dict[str, Any], *, own_name: bool = False) -> dict[str, Any]:
        start, size = int(asked.get("startAt", 0)), min(int(asked.get("maxResults", 50)), self.knobs.page_size)
        part = rows[start : start + size]
        page: dict[str, Any] = {"startAt": start, "maxResults": size, "total": len(rows)}
        if self.flavour == "server" and name in {"issueTypes", "fields"} and not own_name:
            return {**page, "isLast": start + len(part) >= len(rows), "values": part}
        return {**page, name: part}
