"""Documents as Atlassian Document Format, the JSON in which Jira Cloud keeps rich text (REST API v3).

The format: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/, and its JSON schema in the
npm package @atlaskit/adf-schema. Text is a value of its own there, so none of it can become markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TypedDict

from user_intel.act.document import (
    Block,
    CodeBlock,
    Document,
    Heading,
    Inline,
    Line,
    Link,
    Paragraph,
    Table,
    cleaned,
    shortened,
)

# Jira's limit of a rich text field; of ADF it counts the characters of the JSON, not those a reader sees.
LONGEST = 32_767


class Node(TypedDict, total=False):
    """One node of the format."""

    type: str
    version: int
    attrs: dict[str, object]
    text: str
    marks: list[Node]
    content: list[Node]


def rendered(document: Document, limit: int = LONGEST) -> Node:
    """The document as an ADF `doc`; one that is too long is cut, and says so at its end."""
    return _doc(shortened(document, lambda tried: size(_doc(tried)) <= limit))


def size(node: Node) -> int:
    """The characters of its JSON."""
    return len(json.dumps(node, ensure_ascii=False, separators=(",", ":")))


def words(node: object) -> str:
    """The text in any ADF node, whoever wrote it, on one line; formatting is left out."""
    return " ".join("".join(_pieces(node)).split())


def _pieces(node: object) -> Iterator[str]:
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    if kind == "text":
        yield str(node.get("text", ""))
    elif kind == "hardBreak":
        yield "\n"
    for child in node.get("content") or ():
        yield from _pieces(child)
    if kind in {"paragraph", "heading", "codeBlock"}:
        yield "\n"


def _doc(document: Document) -> Node:
    return {"version": 1, "type": "doc", "content": [node for block in document.blocks for node in _block(block)]}


def _block(block: Block) -> Iterator[Node]:
    if isinstance(block, Paragraph):
        yield _paragraph(block.line)
    elif isinstance(block, Heading):
        yield {"type": "heading", "attrs": {"level": block.level}, "content": _inlines(block.line)}
    elif isinstance(block, CodeBlock):
        yield {"type": "codeBlock", "content": _texts(cleaned(block.text))}
    elif isinstance(block, Table):
        yield {
            "type": "table",
            "content": [_row("tableHeader", block.header), *(_row("tableCell", row) for row in block.rows)],
        }
    elif block.items:
        items: list[Node] = [{"type": "listItem", "content": [_paragraph(item)]} for item in block.items]
        yield {"type": "orderedList" if block.ordered else "bulletList", "content": items}


def _row(kind: str, cells: Iterable[Line]) -> Node:
    return {"type": "tableRow", "content": [{"type": kind, "content": [_paragraph(cell)]} for cell in cells]}


def _paragraph(line: Line) -> Node:
    return {"type": "paragraph", "content": _inlines(line)}


def _inlines(line: Line) -> list[Node]:
    return [node for part in line for node in _inline(part)]


def _inline(part: Inline) -> Iterator[Node]:
    marks = _marks(part)
    for number, text in enumerate(cleaned(part.text).split("\n")):
        if number:
            yield {"type": "hardBreak"}
        for node in _texts(text):
            yield node | {"marks": marks} if marks else node


def _texts(text: str) -> list[Node]:
    """A text node; none for no text, which the format does not know."""
    return [{"type": "text", "text": text}] if text else []


def _marks(part: Inline) -> list[Node]:
    if isinstance(part, Link):
        return [{"type": "link", "attrs": {"href": part.url}}]
    # Beside `code` the format allows no other look.
    looks = ["code"] if "code" in part.marks else sorted(part.marks)
    return [{"type": look} for look in looks]
