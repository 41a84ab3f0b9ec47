"""Turns HogQL into what ClickHouse runs, and refuses what PostHog refuses.

PostHog's own parser reads the text; everything is decided on its syntax tree and changed in the text where the tree
says. Belongs here: placeholders, limits, offsets, property access, known tables and functions. Not here: running it.
"""

import json
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from user_intel.simulate.refusal import invalid

MOST_ROWS = 50_000
DEFAULT_ROWS = 100
TABLES = frozenset({"events", "session_replay_events", "persons", "person_distinct_ids", "numbers"})

OFFSET_REFUSED = (
    "OFFSET is not supported on queries made with a personal API key. For pagination, use keyset pagination on the "
    "`timestamp` column, e.g. `WHERE timestamp > :last_seen_timestamp ORDER BY timestamp LIMIT N`. For bulk data "
    "extraction, use batch exports: https://posthog.com/docs/cdp/batch-exports"
)
_PARSER_ERRORS = (
    "BaseHogQLError",
    "ExposedHogQLError",
    "ImpossibleASTError",
    "InternalHogQLError",
    "NotImplementedError",
    "ParsingError",
    "QueryError",
    "ResolutionError",
    "SyntaxError",
)

Node = Mapping[str, object]


@dataclass(frozen=True)
class Statement:
    """A query ready for ClickHouse. `page` is the number of rows of a page when the text had no LIMIT, else None."""

    sql: str
    columns: tuple[str, ...]
    page: int | None


def translate(text: str, values: Mapping[str, object]) -> Statement:
    """The statement a personal key's HogQL query stands for. Raises Refusal as PostHog would."""
    filled = _fill_placeholders(text, values)
    tree = _parse(filled)
    _refuse_offsets(tree)
    _refuse_unknown(tree)
    columns = _column_names(tree, filled)
    limit = tree.get("limit")
    edits = [*_property_edits(tree), *_limit_edits(limit, filled), *_star_edits(tree)]
    sql = _edited(filled, edits)
    if limit is not None:
        return Statement(sql, columns, None)
    return Statement(_limited(tree, sql, DEFAULT_ROWS + 1), columns, DEFAULT_ROWS)


def _parse(text: str) -> Node:
    tree = json.loads(_parser().parse_select_json(text))
    if tree.get("error"):
        raise invalid("hogql_syntax_error", str(tree["message"]))
    return dict(tree)


@cache
def _parser() -> types.ModuleType:
    """PostHog's parser. Its wheel expects the exception classes of PostHog's server, so empty ones stand in."""
    for name in ("posthog", "posthog.hogql", "posthog.hogql.errors"):
        sys.modules.setdefault(name, types.ModuleType(name))
    errors = sys.modules["posthog.hogql.errors"]
    for name in _PARSER_ERRORS:
        if not hasattr(errors, name):
            setattr(errors, name, type(name, (Exception,), {}))
    import hogql_parser

    return hogql_parser


def _walk(node: object) -> Iterator[Node]:
    if isinstance(node, dict):
        if "node" in node:
            yield node
        for child in node.values():
            yield from _walk(child)
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child)


def _span(node: Node) -> tuple[int, int]:
    start, end = node["start"], node["end"]
    assert isinstance(start, dict)  # noqa: S101
    assert isinstance(end, dict)  # noqa: S101
    return int(start["offset"]), int(end["offset"])


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def _fill_placeholders(text: str, values: Mapping[str, object]) -> str:
    edits = []
    for node in _walk(_parse(text)):
        if node["node"] != "Placeholder":
            continue
        inner = node.get("expr")
        chain = inner.get("chain", []) if isinstance(inner, dict) else []
        name = ".".join(map(str, chain))
        if name == "filters":
            edits.append((*_span(node), "true"))
        elif name in values:
            edits.append((*_span(node), literal(values[name])))
        else:
            known = ", ".join(f"{{{each}}}" for each in values) or "none"
            raise invalid("hogql_query_error", f"Unresolved placeholder: {{{name}}}. Known placeholders: {known}")
    return _edited(text, edits)


def literal(value: object) -> str:
    """A value as it is written in ClickHouse's SQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    escaped = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _refuse_offsets(tree: Node) -> None:
    for node in _walk(tree):
        by = node["node"] == "LimitByExpr" and node.get("offset_value") is not None
        if by or (node["node"] in {"SelectQuery", "SelectSetQuery"} and node.get("offset") is not None):
            raise invalid("hogql_query_error", OFFSET_REFUSED)


def _refuse_unknown(tree: Node) -> None:
    ctes = {str(node.get("name")) for node in _walk(tree) if node["node"] == "CTE"}
    for node in _walk(tree):
        if node["node"] == "JoinExpr":
            _refuse_table(node.get("table"), ctes)
        elif node["node"] in {"Call", "WindowFunction"} and node.get("name") not in _functions():
            raise invalid("hogql_query_error", f"Unsupported function call '{node['name']}(...)'")
        elif node["node"] == "Field" and _chain(node)[-1] in {"person", "pdi", "poe"}:
            raise invalid("hogql_query_error", f"Can't select the lazy table '{_chain(node)[-1]}'; select its fields")


@cache
def _functions() -> frozenset[str]:
    lines = (Path(__file__).parent / "hogql_functions.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


def _refuse_table(table: object, ctes: set[str]) -> None:
    if isinstance(table, dict) and table["node"] == "Field":
        name = ".".join(_chain(table))
        if name not in TABLES | ctes:
            raise invalid("hogql_query_error", f"Unknown table `{name}`.")


def _chain(field: Node) -> list[str]:
    chain = field.get("chain")
    return [str(link) for link in chain] if isinstance(chain, list) else [""]


def _column_names(tree: Node, text: str) -> tuple[str, ...]:
    first: object = tree
    while isinstance(first, dict) and first["node"] == "SelectSetQuery":
        first = first["initial_select_query"]
    selected = first.get("select") if isinstance(first, dict) else None
    return tuple(_column_name(node, text) for node in selected) if isinstance(selected, list) else ()


def _column_name(node: Node, text: str) -> str:
    if node["node"] == "Alias":
        return str(node["alias"])
    start, end = _span(node)
    return " ".join(text[start:end].split())


def _property_edits(tree: Node) -> list[tuple[int, int, str]]:
    """`properties.a.b` reads JSON text: written out as PostHog does."""
    edits = []
    for node in _walk(tree):
        chain = _chain(node) if node["node"] == "Field" else []
        if "properties" in chain[:-1]:
            at = chain.index("properties") + 1
            edits.append((*_span(node), _extracted(".".join(chain[:at]), chain[at:])))
        elif node["node"] == "ArrayAccess":
            edits += _access_edit(node)
    return edits


def _access_edit(node: Node) -> list[tuple[int, int, str]]:
    array, key = node.get("array"), node.get("property")
    if not (isinstance(array, dict) and isinstance(key, dict) and array["node"] == "Field"):
        return []
    chain = _chain(array)
    return [(*_span(node), _extracted(".".join(chain), [str(key["value"])]))] if chain[-1] == "properties" else []


def _extracted(column: str, path: list[str]) -> str:
    keys = ", ".join(literal(key) for key in path)
    return f"replaceRegexpAll(nullIf(nullIf(JSONExtractRaw({column}, {keys}), ''), 'null'), '^\"|\"$', '')"


def _star_edits(tree: Node) -> list[tuple[int, int, str]]:
    """`*` leaves out the person behind an event."""
    edits = []
    for node in _walk(tree):
        source = node.get("select_from") if node["node"] == "SelectQuery" else None
        table = source.get("table") if isinstance(source, dict) and not source.get("next_join") else None
        selected = node.get("select")
        if isinstance(table, dict) and table.get("chain") == ["events"] and isinstance(selected, list):
            edits += [(*_span(star), "* except (person)") for star in selected if star.get("chain") == ["*"]]
    return edits


def _limit_edits(limit: object, text: str) -> list[tuple[int, int, str]]:
    """A LIMIT above the maximum is cut without a word."""
    if not isinstance(limit, dict):
        return []
    if limit["node"] == "Constant":
        rows = limit["value"]
        return [(*_span(limit), str(MOST_ROWS))] if isinstance(rows, int | float) and rows > MOST_ROWS else []
    start, end = _span(limit)
    return [(start, end, f"least({MOST_ROWS}, {text[start:end]})")]


def _limited(tree: Node, sql: str, rows: int) -> str:
    """At most so many rows. Of a union all come: a LIMIT behind it would be its last part's; the caller cuts them."""
    # On a line of its own, so that a comment at the end of the text does not swallow it.
    return sql if tree["node"] == "SelectSetQuery" else "\n".join([sql.rstrip().removesuffix(";"), f"limit {rows}"])
