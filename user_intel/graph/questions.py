"""The ready-made questions: `cypher/questions/*.cypher`, one file each, described by their own head comments.

Dropping a file adds a question. Its name is the file's stem; where the two servers need different words there are two
files, `name.neo4j.cypher` and `name.embedded.cypher`. The head of a file says, each from the beginning of a line:

    // title: one line, as `--list` shows it
    // explanation: what is counted, of whom, and what is not
    // one row is: ...
    // parameters: `name (kind, default, e.g. example): meaning`, one a line, in the order they are given in
    // limit: how many rows are shown unless told otherwise
    // from: `chains` (sessions and their visits, kept for a window), `aggregates` (counts by day, kept for ever) or
    //   `flows` (ways summed over a window); a walk along chains says how much it looks at: `about 1500 visits of step`
    // read by: user_intel/graph/questions.py

A line that begins with more than one blank goes on with what is above. Kinds are those of `KINDS`. Every question also
knows $first_day, $last_day and $limit; what else it may use is in `asking.py`, which asks. Nothing here needs a server.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from user_intel import files
from user_intel.errors import InputError

Value = str | int
Kind = Literal["step", "session", "segment", "pain_point", "flow", "number"]
KINDS: tuple[Kind, ...] = ("step", "session", "segment", "pain_point", "flow", "number")
Source = Literal["chains", "aggregates", "flows"]

_KEYS = ("title", "explanation", "one row is", "parameters", "limit", "from", "read by")
_HEAD = re.compile(r"^// ([a-z ]+): ?(.*)$")
_GOES_ON = re.compile(r"^// {2,}(\S.*)$")
_PARAMETER = re.compile(r"^(?P<name>[a-z_]+) \((?P<terms>.+?)\): (?P<meaning>.+)$")
_FROM = re.compile(
    r"^(?P<source>chains|aggregates|flows) \([A-Za-z, ]+\)"
    r"(, about (?P<most>\d+) (visits|sessions) of (?P<most_of>[a-z_]+))?(?P<any_day>, whatever the days)?$"
)
_RETURNED = re.compile(r"^RETURN (?:DISTINCT )?(.+?)\n(?:ORDER BY|LIMIT)", re.DOTALL | re.MULTILINE)
_TOP_LEVEL_COMMA = re.compile(r",(?![^(\[{]*[)\]}])")
_BETWEEN = re.compile(r"^(\d+) to (\d+)$")


@dataclass(frozen=True)
class Parameter:
    """A value a question is asked with. Without a default it must be given. `lowest` and `highest` are of numbers."""

    name: str
    kind: Kind
    meaning: str
    example: Value
    default: Value | None = None
    lowest: int = 1
    highest: int = 1

    def read(self, word: str) -> Value:
        """The value a person wrote. Raises InputError when it is no number, or one out of bounds."""
        if self.kind != "number":
            return word
        if not word.isdecimal() or not self.lowest <= int(word) <= self.highest:
            raise InputError(f"{self.name} is a whole number from {self.lowest} to {self.highest}, found {word!r}.")
        return int(word)


@dataclass(frozen=True)
class Question:
    """A ready-made question: what it says of itself, and its files by flavour of the server (`any` where one does)."""

    name: str
    title: str
    explanation: str
    row: str
    parameters: tuple[Parameter, ...]
    limit: int
    source: Source
    # How many visits or sessions it looks at about, of which parameter (`all`: of all sessions); None: of everything.
    most: int | None
    most_of: str
    any_day: bool
    paths: Mapping[str, str]

    @property
    def usage(self) -> str:
        """How it is asked: `paths_after STEP [DEPTH]`."""
        words = (p.name.upper() if p.default is None else f"[{p.name.upper()}]" for p in self.parameters)
        return " ".join((self.name, *words))

    @property
    def example(self) -> str:
        """A command that asks it."""
        return " ".join(("user-intel graph", self.name, *(shell_word(str(p.example)) for p in self.parameters)))

    def cypher(self, flavour: str) -> str:
        """The text of its file for a server."""
        return files.cypher(self.paths.get(flavour, self.paths.get("any", "")))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its answer, also of one without rows (of which the embedded server tells none)."""
        told = _RETURNED.findall(self.cypher("embedded"))[-1]
        return tuple(column.split()[-1] for column in _TOP_LEVEL_COMMA.split(told))

    def uses(self, name: str) -> bool:
        """Whether its Cypher uses the parameter `name`, such as days or buckets."""
        return any(re.search(rf"\${name}\b", files.cypher(path)) for path in self.paths.values())

    def read(self, words: Sequence[str]) -> dict[str, Value]:
        """The values of its parameters, from words in their order. Raises InputError for too few, too many, unfit."""
        needed = sum(parameter.default is None for parameter in self.parameters)
        if not needed <= len(words) <= len(self.parameters):
            raise InputError(self._miscounted(len(words)))
        given = {p.name: p.read(word) for p, word in zip(self.parameters, words, strict=False)}
        return {p.name: given.get(p.name, p.default) for p in self.parameters}  # type: ignore[misc]  # counted above

    def _miscounted(self, found: int) -> str:
        least = sum(parameter.default is None for parameter in self.parameters)
        most = len(self.parameters)
        wanted = f"{least}" if least == most else f"{least} to {most}"
        return (
            f"{self.name} takes {wanted} argument{'' if wanted == '1' else 's'}, found {found}. "
            f"Usage: user-intel graph {self.usage}. Example: {self.example}"
        )


def shell_word(word: str) -> str:
    """A word as a person types it in a shell: quoted only where it must be."""
    if re.fullmatch(r"[\w@%+=:,./-]+", word):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"


@cache
def questions() -> Mapping[str, Question]:
    """Every question by its name, in order of name. Raises ValueError naming a file whose head is not as described."""
    paths: dict[str, dict[str, Path]] = {}
    for path in files.all_cypher():
        if path.parent.name == "questions":
            name, _, flavour = path.stem.partition(".")
            paths.setdefault(name, {})[flavour or "any"] = path
    return {name: _described(name, found) for name, found in sorted(paths.items())}


def question(name: str) -> Question:
    """The question called `name` (hyphens count as underscores). Raises InputError with the names nearest to it."""
    known = questions()
    wanted = name.replace("-", "_")
    if wanted in known:
        return known[wanted]
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    alike = f" Did you mean {' or '.join(near)}?" if near else ""
    raise InputError(f"There is no question {name!r}.{alike} user-intel graph --list names them all.")


def _described(name: str, paths: Mapping[str, Path]) -> Question:
    path = next(iter(paths.values()))
    head = _head(path)
    reads = _FROM.match(head["from"])
    if not reads:
        raise ValueError(f"{path}: // from: is not as questions.py describes it, found {head['from']!r}")
    return Question(
        name=name,
        title=head["title"],
        explanation=head["explanation"],
        row=head["one row is"],
        parameters=tuple(_parameters(path, head["parameters"])),
        limit=int(head["limit"]),
        source=reads["source"],  # type: ignore[arg-type]  # one of the three, by the pattern
        most=int(reads["most"]) if reads["most"] else None,
        most_of=reads["most_of"] or "",
        any_day=bool(reads["any_day"]),
        paths={flavour: f"questions/{found.stem}" for flavour, found in paths.items()},
    )


def _head(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    key = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if more := _GOES_ON.match(line):
            glue = "\n" if key == "parameters" else " "
            found[key] = f"{found[key]}{glue}{more[1]}".strip()
        elif named := _HEAD.match(line):
            key = named[1]
            found[key] = named[2].strip()
        else:
            break
    if set(found) != set(_KEYS):
        raise ValueError(f"{path}: its head must say {', '.join(_KEYS)} and nothing else, found {', '.join(found)}")
    return found


def _parameters(path: Path, told: str) -> list[Parameter]:
    if told == "none":
        return []
    return [_parameter(path, line) for line in told.splitlines()]


def _parameter(path: Path, line: str) -> Parameter:
    found = _PARAMETER.match(line)
    if not found:
        raise ValueError(f"{path}: a parameter reads `name (kind, default x, e.g. y): meaning`, found {line!r}")
    kind, *terms = found["terms"].split(", ")
    if kind not in KINDS:
        raise ValueError(f"{path}: {found['name']} is of kind {kind!r}; kinds are {', '.join(KINDS)}")
    told = {"lowest": 1, "highest": 1}
    words: dict[str, Value] = {}
    for term in terms:
        if between := _BETWEEN.match(term):
            told = {"lowest": int(between[1]), "highest": int(between[2])}
        else:
            key, _, text = term.partition(" ")
            words[key] = int(text) if kind == "number" else text
    default = words.get("default")
    example = words.get("e.g.", default)
    if example is None or set(words) - {"default", "e.g."}:
        raise ValueError(f"{path}: {found['name']} needs an example (e.g. ...), and knows no more than a default")
    return Parameter(found["name"], kind, found["meaning"], example, default, **told)
