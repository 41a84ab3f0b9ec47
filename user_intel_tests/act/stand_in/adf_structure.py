"""Whether JSON is a document in Atlassian Document Format, written by hand from Atlassian's description of it.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ and the pages of the single nodes and
marks. Only the nodes a plain text needs are known; others are faults here.
"""

from collections.abc import Callable, Iterator
from typing import Any

_INLINE = {"text", "hardBreak"}
_BLOCKS = {"paragraph", "heading", "bulletList", "orderedList", "codeBlock", "table", "rule", "blockquote"}
# Which children a node may have, and how many at least.
_CONTENT: dict[str, tuple[set[str], int]] = {
    "doc": (_BLOCKS, 0),
    "paragraph": (_INLINE, 0),
    "heading": (_INLINE, 0),
    "bulletList": ({"listItem"}, 1),
    "orderedList": ({"listItem"}, 1),
    "listItem": ({"paragraph", "bulletList", "orderedList", "codeBlock"}, 1),
    "codeBlock": ({"text"}, 0),
    "blockquote": ({"paragraph", "bulletList", "orderedList", "codeBlock"}, 1),
    "table": ({"tableRow"}, 1),
    "tableRow": ({"tableHeader", "tableCell"}, 1),
    "tableHeader": (_BLOCKS - {"table"}, 1),
    "tableCell": (_BLOCKS - {"table"}, 1),
    "text": (set(), 0),
    "hardBreak": (set(), 0),
    "rule": (set(), 0),
}
_ATTRIBUTES: dict[str, dict[str, Callable[[Any], bool]]] = {
    "heading": {"level": lambda level: isinstance(level, int) and 1 <= level <= 6},
    "codeBlock": {"language": lambda name: isinstance(name, str)},
    "orderedList": {"order": lambda first: isinstance(first, int) and first >= 0},
    "hardBreak": {"text": lambda text: text == "\n"},
}
_MARKS = {"strong", "em", "code", "link", "strike", "underline"}


def faults_of_document(value: Any) -> list[str]:
    """What is wrong with it, each with the place; empty when it is a document."""
    if not isinstance(value, dict) or value.get("type") != "doc":
        return ["not an Atlassian document: the root must be an object of type doc"]
    faults = list(_faults(value, "doc"))
    if value.get("version") != 1:
        faults.append("doc: version must be 1")
    return faults


def _faults(node: Any, place: str) -> Iterator[str]:
    kind = node.get("type") if isinstance(node, dict) else None
    if kind not in _CONTENT:
        yield f"{place}: {kind!r} is no known node"
        return
    allowed, least = _CONTENT[kind]
    children = node.get("content", [])
    extra = set(node) - {"type", "content", "attrs", "marks", "text"} - ({"version"} if kind == "doc" else set())
    if extra:
        yield f"{place}: unknown {sorted(extra)}"
    if "content" in node and (not allowed or not isinstance(children, list)):
        yield f"{place}: no content is allowed here"
        return
    if len(children) < least:
        yield f"{place}: at least {least} child is needed"
    yield from _attribute_faults(kind, node.get("attrs", {}), place)
    yield from _text_faults(kind, node, place)
    for number, child in enumerate(children):
        child_kind = child.get("type") if isinstance(child, dict) else None
        if child_kind not in allowed:
            yield f"{place}: {child_kind!r} may not stand in {kind}"
        if kind == "codeBlock" and child.get("marks"):
            yield f"{place}: code has no marks"
        yield from _faults(child, f"{place}.{child_kind}[{number}]")


def _attribute_faults(kind: str, given: Any, place: str) -> Iterator[str]:
    known = _ATTRIBUTES.get(kind, {})
    if not isinstance(given, dict) or set(given) - set(known):
        yield f"{place}: unknown attributes {given!r}"
        return
    if kind == "heading" and "level" not in given:
        yield f"{place}: a heading needs a level"
    for name, value in given.items():
        if not known[name](value):
            yield f"{place}: {name} may not be {value!r}"


def _text_faults(kind: str, node: dict[str, Any], place: str) -> Iterator[str]:
    if kind != "text":
        if "text" in node or "marks" in node:
            yield f"{place}: only text has text and marks"
        return
    if not isinstance(node.get("text"), str) or not node["text"]:
        yield f"{place}: a text must not be empty"
    marks = node.get("marks", [])
    names = [mark.get("type") for mark in marks]
    if set(names) - _MARKS or len(set(names)) < len(names):
        yield f"{place}: unknown or repeated marks {names}"
    if "code" in names and set(names) - {"code", "link"}:
        yield f"{place}: code goes with no mark but link"
    for mark in marks:
        href = mark.get("attrs", {}).get("href")
        if (mark.get("type") == "link") != isinstance(href, str) or set(mark) - {"type", "attrs"}:
            yield f"{place}: a link has an href, and nothing else has"
