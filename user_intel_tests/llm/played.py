"""What the played APIs have in common: a request, a refusal, and which schemas strict output knows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

_KNOWN = {"type", "enum", "const", "$ref", "properties", "required", "additionalProperties", "items", "anyOf", "$defs",
          "description"}  # fmt: skip


class Refusal(Exception):
    """The request is answered with an error `status`."""

    def __init__(self, status: int, words: str, code: str = "") -> None:
        super().__init__(words)
        self.status = status
        self.code = code


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes = field(repr=False)

    @property
    def asks(self) -> bool:
        """Whether it asks a model for an answer, and does not look something up."""
        return self.path.partition("?")[0].endswith(("/messages", "/chat/completions", ":generateContent"))

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON of the body."""
        return json.loads(self.raw)

    def only(self, allowed: set[str]) -> None:
        """Refuses fields the API does not know."""
        if unknown := sorted(set(self.body) - allowed):
            raise Refusal(400, f"{unknown[0]}: Extra inputs are not permitted")

    def needs(self, name: str, kind: type) -> Any:
        """A field that must be there."""
        if not isinstance(self.body.get(name), kind):
            raise Refusal(400, f"{name}: Field required")
        return self.body[name]


def strict(schema: dict[str, Any], where: str = "schema") -> None:
    """Refuses a schema that strict output does not know, in the words of the real ones."""
    if unknown := sorted(set(schema) - _KNOWN):
        raise Refusal(400, f"Invalid {where}: {unknown[0]!r} is not supported")
    if "$ref" in schema and len(schema) > 1:
        raise Refusal(400, f"Invalid {where}: $ref cannot have keywords {sorted(set(schema) - {'$ref'})}")
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            raise Refusal(400, f"Invalid {where}: 'additionalProperties' is required to be supplied and to be false")
        if set(schema.get("required", [])) != set(schema.get("properties", {})):
            raise Refusal(400, f"Invalid {where}: 'required' is required to include every key in properties")
    for name in ("properties", "$defs"):
        for key, part in schema.get(name, {}).items():
            strict(part, f"{where}.{key}")
    for part in [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]:
        strict(part, where)
