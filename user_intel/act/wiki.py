"""Documents as wiki markup, in which Jira Server and Data Center keep rich text (REST API v2).

The notation: https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all. It has no safe way to quote:
a backslash before a letter stays, two are a line break, and braces open macros. What could be markup in a text is
therefore written as a numeric HTML entity, which the renderer passes on and no rule of the notation matches.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from user_intel.act.document import (
    Block,
    Document,
    Heading,
    Inline,
    Line,
    Link,
    ListBlock,
    Paragraph,
    Table,
    Text,
    cleaned,
    shortened,
)

# Jira's limit of a text field, counted in the markup.
LONGEST = 32_767

# Markup wherever it stands: escapes, macros, links, tables, phrases, images, mentions, entities, list items.
_ALWAYS = r"[\\{}\[\]|*+^~!#&<>@]"
_SOMETIMES = (
    # Struck out, underlined, dashes, rules, list items; within a word of plain letters it is none of these.
    r"(?<![A-Za-z0-9])[-_]|[-_](?![A-Za-z0-9])",
    # What looks like the key of an issue becomes a link to it.
    r"(?<=[A-Za-z])-(?=[0-9])",
    # Citations.
    r"\?(?=\?)|(?<=\?)\?",
    # Web addresses, and smileys with a colon. Times (12:30) and sentences (so: that) stay.
    r":(?![\s0-9]|$)",
    # Smileys in brackets, such as (y), (!) and (flagoff).
    r"\((?=[^\s()]{1,8}\))",
    # ;) and what an entity before it would make into one.
    r";(?=\))|(?<=[;\\{}\[\]|*+^~!#&<>@:?)_-])\)",
    # Headings and quotes, where a line begins.
    r"^(?=\s*(?:h[1-6]|bq)\.)\s*\S",
)
_MARKUP = re.compile("|".join((_ALWAYS, *_SOMETIMES)))
# What is safe in an address but means something to the notation.
_IN_ADDRESS = re.compile(r"[*!~+]|\?(?=\?)")
_BREAK = r" \\ "
_DELIMITERS = {"strong": ("{*}", "{*}"), "em": ("{_}", "{_}"), "code": ("{{", "}}")}
# What the functions below write, for reading it back.
_OWN_MARKS = re.compile(r"\{[*_]\}|\{\{|\}\}|^h[1-6]\. |^[*#] ", re.MULTILINE)
_OWN_LINK = re.compile(r"\[([^\[\]|]*)\|[^\[\]|]*\]")
_OWN_SEPARATOR = re.compile(r"\\\\|\|+")


def rendered(document: Document, limit: int = LONGEST) -> str:
    """The document as wiki markup; one that is too long is cut, and says so at its end."""
    return _markup(shortened(document, lambda tried: len(_markup(tried)) <= limit))


def escaped(text: str) -> str:
    """`text` on one line such that the renderer shows its characters and nothing else."""
    return _MARKUP.sub(_as_entity, cleaned(text).replace("\t", " ").replace("\n", " "))


def words(markup: str) -> str:
    """The text in markup that `rendered` wrote, on one line; of others' markup, what is left without such marks."""
    pieces = markup.split("{noformat}")
    # Every other piece is between two of them, and stands for itself.
    pieces[::2] = map(_unmarked, pieces[::2])
    return " ".join(" ".join(pieces).split())


def _unmarked(markup: str) -> str:
    bare = _OWN_LINK.sub(r"\1", _OWN_MARKS.sub("", markup))
    return html.unescape(_OWN_SEPARATOR.sub(" ", bare))


def _as_entity(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}&#{ord(found[0][-1])};"


def _markup(document: Document) -> str:
    return "\n\n".join(filter(None, map(_block, document.blocks)))


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return _line(block.line)
    if isinstance(block, Heading):
        return f"h{block.level}. {_line(block.line)}"
    if isinstance(block, ListBlock):
        return "\n".join(f"{'#' if block.ordered else '*'} {_line(item)}" for item in block.items)
    if isinstance(block, Table):
        return "\n".join((_row("||", block.header), *(_row("|", row) for row in block.rows)))
    return _code(cleaned(block.text))


def _row(bar: str, cells: Iterable[Line]) -> str:
    return bar + bar.join(_line(cell) or " " for cell in cells) + bar


def _code(text: str) -> str:
    """As it is where that is possible: nothing within can be escaped, so its own end must not be in it."""
    if "{noformat" not in text.lower():
        return f"{{noformat}}\n{text}\n{{noformat}}"
    return _BREAK.join(_marked(escaped(line), "code") for line in text.split("\n"))


def _line(parts: Line) -> str:
    return "".join(map(_inline, _joined(parts))).strip()


def _joined(parts: Line) -> list[Inline]:
    """Neighbours that look alike as one: whether a character is markup depends on those beside it."""
    joined: list[Inline] = []
    for part in parts:
        if isinstance(part, Text):
            text, last = cleaned(part.text), joined[-1] if joined else None
            marks = part.marks if text.strip() else frozenset()
            if isinstance(last, Text) and (not text or last.marks == marks):
                joined[-1] = Text(last.text + text, last.marks)
            elif text:
                joined.append(Text(text, marks))
        else:
            joined.append(part)
    return joined


def _inline(part: Inline) -> str:
    lines = cleaned(part.text).split("\n")
    if isinstance(part, Link):
        address = _IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", part.url)
        return _around(escaped(" ".join(lines)), "[", f"|{address}]")
    texts = [escaped(line) for line in lines]
    for mark in sorted(part.marks):
        texts = [_marked(text, mark) for text in texts]
    return _BREAK.join(texts)


def _marked(text: str, mark: str) -> str:
    return _around(text, *_DELIMITERS[mark]) if text.strip() else text


def _around(text: str, opened: str, closed: str) -> str:
    """Spaces stay outside: a mark beside a space marks nothing."""
    core = text.strip()
    before, _, after = text.partition(core)
    return f"{before}{opened}{core}{closed}{after}"
