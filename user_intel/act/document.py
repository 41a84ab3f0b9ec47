"""A text with headings, tables, lists and links, in no format of anybody's: what a ticket or a comment says.

Belongs here: the parts a text is made of, and cutting one that is too long. How they are written down is `adf.py`
(Jira Cloud) and `wiki.py` (Jira Server and Data Center). Text is only ever text: nothing in it is markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Mark = Literal["strong", "em", "code"]
Level = Literal[1, 2, 3, 4, 5, 6]

# Characters that no text shows: controls but tab and line feed, halves of a character, and those that turn the
# direction of what follows them.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
# What no address of a web page has; inside markup it would end the address.
_NO_ADDRESS = re.compile(r"[\s\x00-\x20\x7f\"<>|{}\[\]\\^`]")
_CUT = "… (shortened: the whole did not fit into Jira's limit)"


@dataclass(frozen=True)
class Text:
    """A run of characters that look alike. A line break in it is one for the reader too."""

    text: str
    marks: frozenset[Mark] = frozenset()


@dataclass(frozen=True)
class Link:
    """Words that lead to a web page. Raises ValueError for no words, and for anything but an http(s) address."""

    text: str
    url: str

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")) or _NO_ADDRESS.search(self.url):
            raise ValueError("a link must lead to an http:// or https:// address without spaces or markup")
        if not cleaned(self.text).strip():
            raise ValueError("a link needs words to click on")


Inline = Text | Link
Line = tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """Some lines that belong together."""

    line: Line


@dataclass(frozen=True)
class Heading:
    """A title above what follows; level 1 is the largest."""

    level: Level
    line: Line


@dataclass(frozen=True)
class ListBlock:
    """Items one below the other, numbered when `ordered`."""

    items: tuple[Line, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Table:
    """A row of headings and rows of as many cells. Raises ValueError for rows of another length."""

    header: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]

    def __post_init__(self) -> None:
        if not self.header or any(len(row) != len(self.header) for row in self.rows):
            raise ValueError("a table needs headings, and as many cells in each row")


@dataclass(frozen=True)
class CodeBlock:
    """Characters shown as they are, in one width."""

    text: str


Block = Paragraph | Heading | ListBlock | Table | CodeBlock


@dataclass(frozen=True)
class Document:
    """Blocks from top to bottom."""

    blocks: tuple[Block, ...]


def line(*parts: str | Inline) -> Line:
    """One line of plain strings, marked text and links."""
    return tuple(Text(part) if isinstance(part, str) else part for part in parts)


def strong(text: str) -> Text:
    """Text that stands out."""
    return Text(text, frozenset({"strong"}))


def code(text: str) -> Text:
    """Text in one width, such as a step or an identifier."""
    return Text(text, frozenset({"code"}))


def paragraph(*parts: str | Inline) -> Paragraph:
    """A paragraph of strings, marked text and links."""
    return Paragraph(line(*parts))


def heading(level: Level, *parts: str | Inline) -> Heading:
    """A heading of strings, marked text and links."""
    return Heading(level, line(*parts))


def bullets(items: Sequence[str | Inline | Line]) -> ListBlock:
    """A list with bullets."""
    return ListBlock(tuple(map(_as_line, items)))


def numbered(items: Sequence[str | Inline | Line]) -> ListBlock:
    """A list with numbers."""
    return ListBlock(tuple(map(_as_line, items)), ordered=True)


def table(header: Sequence[str | Inline | Line], rows: Sequence[Sequence[str | Inline | Line]]) -> Table:
    """A table of strings, marked text, links, or lines of them."""
    return Table(tuple(map(_as_line, header)), tuple(tuple(map(_as_line, row)) for row in rows))


def _as_line(part: str | Inline | Line) -> Line:
    return part if isinstance(part, tuple) else line(part)


def cleaned(text: str) -> str:
    """`text` with line feeds only at its line ends, and without characters that nobody sees and Jira may refuse."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def plain_text(document: Document) -> str:
    """The words alone: one line for each block, item and row of a table."""
    return "\n".join(_words(document))


def _words(document: Document) -> Iterator[str]:
    for block in document.blocks:
        if isinstance(block, CodeBlock):
            yield cleaned(block.text)
        elif isinstance(block, ListBlock):
            yield from map(_line_words, block.items)
        elif isinstance(block, Table):
            yield from (" ".join(map(_line_words, row)) for row in (block.header, *block.rows))
        else:
            yield _line_words(block.line)


def _line_words(parts: Line) -> str:
    return "".join(cleaned(part.text) for part in parts)


def shortened(document: Document, fits: Callable[[Document], bool]) -> Document:
    """The document if it fits, else as much of its beginning as does, ending with a remark that it was cut.

    `fits` must say yes to a shorter beginning wherever it does to a longer one. Raises ValueError when even the
    remark alone does not fit.
    """
    if fits(document):
        return document
    remark = paragraph(_CUT)

    def beginning(blocks: int, last: Block | None = None) -> Document:
        return Document((*document.blocks[:blocks], *([last] if last else []), remark))

    whole = _most(len(document.blocks), lambda blocks: fits(beginning(blocks)))
    if whole is None:
        raise ValueError("not even the remark that a text was cut fits into the limit")
    if whole == len(document.blocks):
        return beginning(whole)
    block = document.blocks[whole]
    part = _most(_size(block), lambda size: fits(beginning(whole, _first(block, size)))) or 0
    return beginning(whole, _first(block, part))


def _most(upper: int, fits: Callable[[int], bool]) -> int | None:
    """The largest number up to `upper` that fits; None when not even 0 does."""
    if not fits(0):
        return None
    low, high = 0, upper
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def _size(block: Block) -> int:
    """How many pieces a block can be cut into: items, rows or characters."""
    if isinstance(block, ListBlock):
        return len(block.items)
    if isinstance(block, Table):
        return len(block.rows)
    if isinstance(block, CodeBlock):
        return len(block.text)
    return sum(len(each.text) for each in block.line)


def _first(block: Block, size: int) -> Block | None:
    """The first `size` pieces of a block; None when nothing is left of it."""
    if size == 0:
        return None
    if isinstance(block, ListBlock):
        return ListBlock(block.items[:size], block.ordered)
    if isinstance(block, Table):
        return Table(block.header, block.rows[:size])
    if isinstance(block, CodeBlock):
        return CodeBlock(block.text[:size])
    cut = _first_characters(block.line, size)
    return Heading(block.level, cut) if isinstance(block, Heading) else Paragraph(cut)


def _first_characters(whole: Line, size: int) -> Line:
    kept: list[Inline] = []
    for each in whole:
        if size <= 0:
            break
        text = each.text[:size]
        size -= len(text)
        if isinstance(each, Text):
            kept.append(Text(text, each.marks))
        elif cleaned(text).strip():
            kept.append(Link(text, each.url))
    return tuple(kept)
