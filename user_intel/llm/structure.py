"""The schema of an answer, as all three providers take it, and whether an answer is what the schema says.

Strict structured output knows a part of JSON Schema only: objects are closed and all their fields required, and limits
on lengths and numbers are not understood everywhere. Those go into the description, where a model reads them; that
they were kept is checked here, by pydantic.
"""

from __future__ import annotations

import json
from typing import Any

import pydantic

Schema = dict[str, Any]

# What all three enforce while they write.
_ENFORCED = ("type", "enum", "const", "$ref")
# What would change the meaning if it were only told in words.
_UNKNOWN = ("allOf", "not", "prefixItems", "patternProperties")
_DROPPED = {"title", "default", "discriminator", "additionalProperties", "required"}
_MOST_FAULTS = 5


def strict_schema(model: type[pydantic.BaseModel]) -> Schema:
    """The JSON schema of `model` in the part that strict structured output knows.

    Raises ValueError for a model that cannot be said in it: one with a dict of any keys, or a tuple.
    """
    schema = model.model_json_schema()
    if "$ref" in schema:
        # A model that holds itself is told as a reference; the outermost one must be an object.
        schema |= schema["$defs"][schema.pop("$ref").rpartition("/")[2]]
    return _strict(schema)


def _strict(node: Schema) -> Schema:
    if node.get("type") == "object" and "properties" not in node:
        raise ValueError(f"A strict schema needs the names of all fields: {node.get('title', 'an object')} has none.")
    if unknown := [key for key in _UNKNOWN if key in node]:
        raise ValueError(f"A strict schema knows no {unknown[0]}: a list, or a model of its own, can say it.")
    found: Schema = {key: node[key] for key in _ENFORCED if key in node}
    if "properties" in node:
        found["properties"] = {name: _strict(part) for name, part in node["properties"].items()}
        found["required"] = list(node["properties"])
        found["additionalProperties"] = False
    if "items" in node:
        found["items"] = _strict(node["items"])
    if choices := node.get("anyOf") or node.get("oneOf"):
        found["anyOf"] = [_strict(part) for part in choices]
    if "$defs" in node:
        found["$defs"] = {name: _strict(part) for name, part in node["$defs"].items()}
    words = _described(node)
    if words and "$ref" in found:
        # A reference may have nothing beside it.
        found = {"anyOf": [found]}
    return found | ({"description": words} if words else {})


def _described(node: Schema) -> str:
    told = {"properties", "items", "anyOf", "oneOf", "$defs", "description", *_ENFORCED, *_DROPPED}
    limits = ", ".join(f"{key}: {value}" for key, value in node.items() if key not in told)
    return " ".join(part for part in (str(node.get("description", "")), f"({limits})" if limits else "") if part)


def read_answer(text: str, model: type[pydantic.BaseModel]) -> pydantic.BaseModel | str:
    """What `text` says, or what is wrong with it, in words that may be shown to the model that wrote it.

    The words name places and rules; of what was written they repeat nothing.
    """
    try:
        content = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        if not text.strip():
            return "The answer was empty; it must be one JSON object."
        if "{" not in text:
            return "The answer was prose; it must be one JSON object and nothing else."
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        return f"The answer was not valid JSON{where}; it must be one JSON object and nothing else."
    try:
        return model.model_validate(content)
    except pydantic.ValidationError as error:
        return _against_the_schema(error)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _against_the_schema(error: pydantic.ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    said = [f"{'.'.join(map(str, fault['loc'])) or 'the answer'}: {fault['msg']}" for fault in faults[:_MOST_FAULTS]]
    more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
    return f"The answer was not as the schema has it: {'; '.join(said)}{more}."
