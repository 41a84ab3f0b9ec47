"""The prompts of `prompts/*.md`: read, checked and filled in. What stands in them is theirs; nothing is added here.

A file has front matter (name, variables, schema, limits) and two parts, `# System` and `# Ask`, as Jinja templates. The
variables it declares are those it uses, all of them have to be given. The digest of the file goes on every row that was
written with it: another word makes another digest.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from user_intel import files
from user_intel.errors import ConfigError

# Letters to a token, at the least: English prose has four and more, JSON full of numbers about three. What is measured
# by it may be less in truth, never noticeably more; scripts that take more tokens a letter are names, and few.
LETTERS_A_TOKEN = 3
_FILE = re.compile(r"---\n(?P<head>.*?)\n---\n+# System\n(?P<system>.*?)\n# Ask\n(?P<ask>.*)", re.DOTALL)
_DIGEST_DIGITS = 16


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Strict):
    """Bounds of one ask: all that is sent, its schema included, by `LETTERS_A_TOKEN`; and what may come back."""

    input_tokens: int = Field(gt=0)
    output_tokens: int = Field(gt=0)


class _Head(_Strict):
    name: str
    variables: list[str]
    schema_: str = Field(alias="schema")
    limits: Limits


@dataclass(frozen=True)
class Filled:
    """What a model gets to see, besides the schema of its answer."""

    system: str
    text: str


@dataclass(frozen=True)
class Prompt:
    """One prompt file. `schema` is what the model must answer; `digest` is of the whole file."""

    name: str
    variables: tuple[str, ...]
    schema: type[BaseModel]
    limits: Limits
    system: str
    ask: str
    digest: str

    def filled(self, **values: object) -> Filled:
        """Both parts with `values` in place. Raises ConfigError unless they are exactly the declared variables."""
        missing, unknown = sorted(set(self.variables) - set(values)), sorted(set(values) - set(self.variables))
        if missing or unknown:
            raise ConfigError(
                f"prompts/{self.name}.md declares {', '.join(self.variables)}. Not given: "
                f"{', '.join(missing) or 'none'}; not declared: {', '.join(unknown) or 'none'}."
            )
        return Filled(_rendered(self.system, values), _rendered(self.ask, values))

    def tokens(self, filled: Filled) -> int:
        """The tokens it takes to send, by `LETTERS_A_TOKEN`: both parts and the schema of the answer."""
        letters = len(filled.system) + len(filled.text) + self.schema_letters
        return -(-letters // LETTERS_A_TOKEN)

    def room(self, filled: Filled) -> int:
        """How many letters more it might have within its limit; negative where it is over it."""
        sent = len(filled.system) + len(filled.text) + self.schema_letters
        return self.limits.input_tokens * LETTERS_A_TOKEN - sent

    @property
    def schema_letters(self) -> int:
        return len(json.dumps(self.schema.model_json_schema(), separators=(",", ":")))


@cache
def prompt(name: str) -> Prompt:
    """The prompt `prompts/<name>.md`. Raises ConfigError saying what is wrong with the file."""
    return read_prompt(name, files.prompt(name))


def read_prompt(name: str, content: str) -> Prompt:
    """A prompt from the text of its file. Raises ConfigError where head, parts or variables are not as they must be."""
    where = f"prompts/{name}.md"
    parts = _FILE.fullmatch(content)
    if parts is None:
        raise ConfigError(f"{where} must have front matter between '---' lines, then '# System' and '# Ask'.")
    head = _head(where, parts["head"])
    system, ask = parts["system"].strip(), parts["ask"].strip()
    used = sorted(_variables(where, f"{system}\n{ask}"))
    if head.name != name or used != sorted(head.variables):
        raise ConfigError(
            f"{where} must be named as its file and declare the variables it uses; it says {head.name!r} and "
            f"{', '.join(sorted(head.variables)) or 'none'}, and uses {', '.join(used) or 'none'}."
        )
    digest = hashlib.sha256(content.encode()).hexdigest()[:_DIGEST_DIGITS]
    return Prompt(name, tuple(head.variables), _schema(where, head.schema_), head.limits, system, ask, digest)


def _head(where: str, text: str) -> _Head:
    try:
        return _Head.model_validate(yaml.safe_load(text))
    except (ValidationError, yaml.YAMLError) as error:
        raise ConfigError(f"The front matter of {where} cannot be read: {error}") from None


def _schema(where: str, path: str) -> type[BaseModel]:
    module, _, name = path.rpartition(".")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError):
        found = None
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        raise ConfigError(f"{where} names the schema {path!r}, which is no pydantic model of the package.")
    return found


def _variables(where: str, template: str) -> set[str]:
    from jinja2 import TemplateSyntaxError
    from jinja2.meta import find_undeclared_variables

    try:
        return find_undeclared_variables(_environment().parse(template))
    except TemplateSyntaxError as error:
        raise ConfigError(f"{where} is no template: {error}") from None


def _rendered(template: str, values: Mapping[str, object]) -> str:
    return str(_environment().from_string(template).render(values)).strip()


@cache
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # Texts for models, not pages: nothing is escaped here; what is put in was made readable and fenced before.
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
