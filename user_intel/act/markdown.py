"""The little Markdown that briefings are written in, as blocks of a document: headings, lists, strong words, code.

Anything else stays the text it is. Nothing in it becomes a link: addresses in texts are not ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from user_intel.act.document import Block, Line, Text, bullets, code, heading, numbered, paragraph, strong

_HEADING = re.compile(r"^(#{1,6})\s+(.*)$")
_BULLET = re.compile(r"^\s*[-*]\s+(.*)$")
_NUMBER = re.compile(r"^\s*\d+[.)]\s+(.*)$")
_MARKED = re.compile(r"\*\*(?P<strong>[^*]+)\*\*|`(?P<code>[^`]+)`")
# Headings of a text stand below those of the ticket.
_DEEPEST = 6


def blocks_of(text: str) -> list[Block]:
    """The blocks of a Markdown text, in order."""
    blocks: list[Block] = []
    for kind, lines in _runs(text):
        if kind == "heading":
            blocks += [_headed(each) for each in lines]
        elif kind == "bullet":
            blocks.append(bullets([_line(each) for each in lines]))
        elif kind == "number":
            blocks.append(numbered([_line(each) for each in lines]))
        else:
            blocks.append(paragraph(*_line(" ".join(lines))))
    return blocks


def _runs(text: str) -> Iterator[tuple[str, list[str]]]:
    """Lines next to each other that are of one kind; an empty line ends a paragraph."""
    kind, lines = "", list[str]()
    for raw in (*text.splitlines(), ""):
        now, said = _kind(raw)
        if now != kind:
            if lines:
                yield kind, lines
            kind, lines = now, []
        if said:
            lines.append(said)


def _kind(raw: str) -> tuple[str, str]:
    if not raw.strip():
        return "", ""
    if _HEADING.match(raw):
        return "heading", raw
    if found := _BULLET.match(raw):
        return "bullet", found[1]
    if found := _NUMBER.match(raw):
        return "number", found[1]
    return "text", raw.strip()


def _headed(raw: str) -> Block:
    found = _HEADING.match(raw)
    marks, words = (found[1], found[2]) if found else ("#", raw)
    return heading(min(len(marks) + 1, _DEEPEST), *_line(words))  # type: ignore[arg-type]  # 2..6


def _line(text: str) -> Line:
    parts: list[Text] = []
    end = 0
    for found in _MARKED.finditer(text):
        parts += [Text(text[end : found.start()])] if found.start() > end else []
        parts.append(strong(found["strong"]) if found["strong"] else code(found["code"]))
        end = found.end()
    parts += [Text(text[end:])] if end < len(text) else []
    return tuple(parts)
