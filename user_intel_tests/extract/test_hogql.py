"""Every HogQL file is read by PostHog's own parser."""

import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from user_intel import files

HOGQL = sorted((files.ROOT / "sql" / "extract" / "posthog").glob("*.sql"))
# The wheel is a part of PostHog and looks these up when it is loaded.
ERRORS = (
    "BaseHogQLError", "ExposedHogQLError", "InternalHogQLError", "SyntaxError", "QueryError", "ParsingError",
    "NotImplementedError", "ImpossibleASTError", "ResolutionError",
)  # fmt: skip


@pytest.fixture(scope="module")
def parser() -> Iterator[types.ModuleType]:
    modules = {name: types.ModuleType(name) for name in ("posthog", "posthog.hogql", "posthog.hogql.errors")}
    for name in ERRORS:
        setattr(modules["posthog.hogql.errors"], name, type(name, (Exception,), {}))
    sys.modules.update(modules)
    import hogql_parser

    yield hogql_parser
    for name in modules:
        del sys.modules[name]


def placeholders(tree: object) -> set[str]:
    """The names of all `{placeholder}`s of a syntax tree."""
    if isinstance(tree, list):
        return set().union(*map(placeholders, tree))
    if not isinstance(tree, dict):
        return set()
    if tree.get("node") == "Placeholder":
        return {tree["expr"]["chain"][0]}
    return set().union(*map(placeholders, tree.values()))


def test_there_are_hogql_files() -> None:
    assert len(HOGQL) >= 6


@pytest.mark.parametrize("path", HOGQL, ids=lambda path: path.stem)
def test_posthog_can_parse_it(path: Path, parser: types.ModuleType) -> None:
    tree = json.loads(parser.parse_select_json(path.read_text(encoding="utf-8"), is_internal=True))

    assert "error" not in tree, tree
    assert tree["node"] == "SelectQuery"


@pytest.mark.parametrize("path", HOGQL, ids=lambda path: path.stem)
def test_it_limits_its_rows_and_never_skips_any(path: Path, parser: types.ModuleType) -> None:
    tree = json.loads(parser.parse_select_json(path.read_text(encoding="utf-8"), is_internal=True))

    assert tree["limit"] is not None
    assert tree.get("offset") is None


@pytest.mark.parametrize("path", HOGQL, ids=lambda path: path.stem)
def test_its_header_names_its_parameters(path: Path, parser: types.ModuleType) -> None:
    text = path.read_text(encoding="utf-8")
    header = text.split("-- from:")[0]
    if "those of events_page" in header:
        header += (path.parent / "events_page.sql").read_text(encoding="utf-8").split("-- from:")[0]

    assert all(f"{{{name}}}" in header for name in placeholders(json.loads(parser.parse_select_json(text))))


def test_a_broken_query_is_noticed(parser: types.ModuleType) -> None:
    assert "error" in json.loads(parser.parse_select_json("select from where"))
