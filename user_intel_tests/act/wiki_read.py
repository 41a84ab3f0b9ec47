"""Wiki markup read the way Jira's renderer reads it, told anew from the notation's help page; no code of ours in it.

https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all. The result names every construct it meets,
so that one which a text smuggled in stands out: `[("paragraph", [("text", "a"), ("strong", "b")]), ...]`.
"""

import html
import re
from typing import Any

Pieces = list[tuple[str, str]]

_SMILEYS = r":-?[()PpD]|;-?\)|\((?:y|n|i|x|on|off|flag|flagoff|/|!|\+|-|\?|\*[rgby]?)\)"
# Phrases open where no letter or digit is before, and close where none follows; braces make them work within words.
_PHRASES = {
    "*": "strong",
    "_": "em",
    "-": "deleted",
    "+": "inserted",
    "^": "superscript",
    "~": "subscript",
    "??": "cited",
}
_OPENED, _CLOSED = r"(?<![A-Za-z0-9\\])", r"(?![A-Za-z0-9])"


def _phrase(delimiter: str) -> str:
    d = re.escape(delimiter)
    return rf"{_OPENED}{d}(?=\S)(?!{d})(?:[^\n]*?\S)?{d}{_CLOSED}|\{{{d}\}}(?=\S).*?\{{{d}\}}"


_INLINE = re.compile(
    "|".join(
        (
            r"(?P<escape>\\[{}\[\]*_+^~!|-])",
            r"(?P<break>\\\\(?!\\))",
            r"(?P<link>\[[^\[\]\n]+\])",
            r"(?P<image>![^\s!][^!\n]*!)",
            r"(?P<code>\{\{(?=\S).*?\}\})",
            *(f"(?P<{name}>{_phrase(mark)})" for mark, name in _PHRASES.items()),
            r"(?P<macro>\{[a-zA-Z][^{}\n]*\})",
            r"(?P<url>(?:https?|ftp|file|mailto|irc|news):[^\s|\]]+)",
            r"(?P<mail>[\w.+-]+@[\w-]+\.[\w.]+)",
            rf"(?P<smiley>{_SMILEYS})",
            r"(?P<issue>(?<![A-Za-z0-9])[A-Z][A-Z0-9_]+-[0-9]+(?![A-Za-z0-9]))",
            r"(?P<dash>(?<=\s)---?(?=\s))",
            r"(?P<parameter>@\w+@)",
        )
    )
)


def read(markup: str) -> list[tuple[str, Any]]:
    """The blocks from top to bottom."""
    blocks: list[tuple[str, Any]] = []
    pieces = re.split(r"\{noformat\}\n?(.*?)\n?\{noformat\}", markup, flags=re.DOTALL)
    for number, piece in enumerate(pieces):
        if number % 2:
            blocks.append(("code", piece))
        else:
            blocks += [_block(lines) for lines in re.split(r"\n\s*\n", piece) if lines.strip()]
    return blocks


def _block(text: str) -> tuple[str, Any]:
    lines = text.strip("\n").split("\n")
    first = lines[0].lstrip()
    if found := re.match(r"(h[1-6]|bq)\. ", first):
        return found[1], inline(first[len(found[0]) :])
    if re.match(r"-{4,}\s*$", first):
        return "rule", []
    if first.startswith("|"):
        return "table", [_row(line.strip()) for line in lines]
    if found := re.match(r"([*#-]+) ", first):
        kind = {"*": "bullets", "#": "numbers", "-": "dashes"}[found[1][0]]
        return kind, [inline(re.sub(r"^\s*[*#-]+ ", "", line)) for line in lines]
    return "paragraph", inline(text)


def _row(line: str) -> tuple[str, list[Pieces]]:
    bar = "||" if line.startswith("||") else "|"
    assert line.endswith(bar), line
    # A bar within a link is none of the table's.
    cells = re.split(r"\|\|?(?![^\[\]|]*\])", line.removeprefix(bar).removesuffix(bar))
    return ("header" if bar == "||" else "row"), [inline(cell) for cell in cells]


def inline(text: str) -> Pieces:
    """The runs of a line: plain ones as ("text", words), marked ones by what marks them."""
    pieces: Pieces = []
    at = 0
    for found in _INLINE.finditer(text):
        _plain(pieces, text[at : found.start()])
        at = found.end()
        kind = str(found.lastgroup)
        if kind == "break":
            _plain(pieces, "\n")
        elif kind == "link":
            words, _, address = found[0][1:-1].rpartition("|")
            pieces.append(("link", f"{html.unescape(words)} -> {address}"))
        else:
            pieces.append((kind, html.unescape(_inner(found[0]))))
    _plain(pieces, text[at:])
    return pieces


def _inner(marked: str) -> str:
    """What a phrase holds. One within another is not looked for: text in it must not be markup anyway."""
    found = re.fullmatch(r"\{\{(.*)\}\}|\{(?:.|\?\?)\}(.*)\{(?:.|\?\?)\}", marked, re.DOTALL)
    return (found[1] if found[1] is not None else found[2]) if found else marked


def _plain(pieces: Pieces, raw: str) -> None:
    text = html.unescape(raw)
    if text and pieces and pieces[-1][0] == "text":
        pieces[-1] = ("text", pieces[-1][1] + text)
    elif text:
        pieces.append(("text", text))
