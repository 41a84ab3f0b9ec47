"""Whether requests (and our answers to them) are what Jira's own OpenAPI description says.

The description is of July 2022 (`../shared/data/jira_api`); what Jira got or lost since then is in `NEWER` and `GONE`,
from Atlassian's current documentation. Server v2 is held against the same description with its own differences.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DESCRIPTION = Path(__file__).parents[4] / "shared" / "data" / "jira_api" / "platform-swagger.v3.json"
_ROOT = "urn:jira"

_KEYS = {"type": "array", "items": {"type": "string"}}
_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}
_PAGING = [{"name": "startAt", "in": "query"}, {"name": "maxResults", "in": "query"}]


def _body(required: list[str], **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties, "additionalProperties": False}
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


NEWER: dict[str, dict[str, Any]] = {
    "/rest/api/3/search/jql": {
        "post": _body(
            ["jql"], jql=_TEXT, nextPageToken=_TEXT, expand=_TEXT, fieldsByKeys={"type": "boolean"}, fields=_KEYS,
            maxResults={"type": "integer", "minimum": 1, "maximum": 5000}, properties={**_KEYS, "maxItems": 5},
            reconcileIssues={"type": "array", "items": _NUMBER, "maxItems": 50},
        )
    },
    "/rest/api/3/issue/bulkfetch": {
        "post": _body(
            ["issueIdsOrKeys"], issueIdsOrKeys={**_KEYS, "minItems": 1, "maxItems": 100}, fields=_KEYS,
            fieldsByKeys={"type": "boolean"}, expand=_KEYS, properties={**_KEYS, "maxItems": 5},
        )
    },
    "/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes": {"get": {"parameters": _PAGING}},
    "/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}": {"get": {"parameters": _PAGING}},
}  # fmt: skip
GONE = {"/rest/api/3/search", "/rest/api/3/issue/createmeta"}
# Server: searching is as it was, createmeta by project is there since 8.4, and some bodies differ.
SERVER: dict[str, dict[str, Any]] = {
    "/rest/api/2/search": {
        "post": _body(
            [], jql=_TEXT, startAt=_NUMBER, maxResults=_NUMBER, fields=_KEYS, expand=_KEYS,
            validateQuery={"type": "boolean"},
        )
    },
    "/rest/api/2/project": {"get": {"parameters": []}},
}  # fmt: skip
_SERVER_GONE = {
    "/rest/api/2/issue/createmeta",
    "/rest/api/2/search/jql",
    "/rest/api/2/issue/bulkfetch",
    "/rest/api/2/project/search",
}


class Contract:
    """The description for one flavour. `validates` is False where the file is not there: then everything passes."""

    def __init__(self, flavour: str) -> None:
        self.validates = DESCRIPTION.exists()
        self._paths: list[tuple[re.Pattern[str], dict[str, Any]]] = []
        if self.validates:
            self._read(flavour)

    def request_faults(self, method: str, path: str, query: dict[str, str], kind: str, body: Any) -> list[str]:
        """What is wrong with a request; `kind` is its content type."""
        if not self.validates:
            return []
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: the description knows no such operation"]
        known = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        faults = [f"unknown query parameter {name}" for name in query if name not in known]
        return [f"{method} {path}: {fault}" for fault in (*faults, *self._body_faults(operation, kind, body))]

    def answer_faults(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What is wrong with our own answer, where the description has its shape."""
        operation = self._operation(method, path) if self.validates else None
        answer = (operation or {}).get("responses", {}).get(str(status), {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return []
        return [f"our answer to {method} {path}: {fault}" for fault in self._schema_faults(schema, body, writing=False)]

    def _read(self, flavour: str) -> None:
        from openapi_schema_validator import OAS30ReadValidator, OAS30WriteValidator
        from referencing import Registry, Resource
        from referencing.jsonschema import DRAFT202012

        described = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
        resource = Resource.from_contents(_absolute(described), default_specification=DRAFT202012)
        self._registry: Any = Registry().with_resource(_ROOT, resource)
        self._validators = {True: OAS30WriteValidator, False: OAS30ReadValidator}
        paths = {path: each for path, each in (described["paths"] | NEWER).items() if path not in GONE}
        if flavour == "server":
            paths = {path.replace("/rest/api/3/", "/rest/api/2/"): each for path, each in paths.items()} | SERVER
            paths = {path: each for path, each in paths.items() if path not in _SERVER_GONE}
        # Literal paths before those with parameters: /issue/bulkfetch is no issue.
        for path in sorted(paths, key=lambda path: path.count("{")):
            self._paths.append((re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), paths[path]))

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for pattern, operations in self._paths:
            if pattern.match(path) and method.lower() in operations:
                return dict(operations[method.lower()])
        return None

    def _body_faults(self, operation: dict[str, Any], kind: str, body: Any) -> Iterator[str]:
        content = operation.get("requestBody", {}).get("content")
        if content is None:
            if body is not None:
                yield "there should be no body"
            return
        described = content.get(kind.partition(";")[0])
        if described is None:
            yield f"the body must be {' or '.join(content)}, not {kind or 'nothing'}"
        elif kind.startswith("application/json"):
            yield from self._schema_faults(described["schema"], body, writing=True)

    def _schema_faults(self, schema: dict[str, Any], body: Any, *, writing: bool) -> Iterator[str]:
        validator = self._validators[writing](_absolute(schema), registry=self._registry)
        for fault in validator.iter_errors(body):
            yield f"{'.'.join(map(str, fault.absolute_path)) or 'body'}: {fault.message[:300]}"


def _absolute(node: Any) -> Any:
    """References within the description, made to work from anywhere."""
    if isinstance(node, dict):
        return {
            name: _ROOT + value if name == "$ref" and isinstance(value, str) else _absolute(value)
            for name, value in node.items()
        }
    return [_absolute(each) for each in node] if isinstance(node, list) else node
