"""Style sheets of a recording without personal data and without anything that would be fetched."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from user_intel.watch import personal

# Nothing is drawn for it, and nothing is asked for.
NO_ADDRESS: Final = 'url("data:,")'
# rrweb's mark between the text nodes of one style sheet.
_KEPT_COMMENT: Final = "/* rr_split */"
_STRING: Final = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
_TOKENS: Final = re.compile(
    rf"/\*.*?(?:\*/|$)|@import\b(?:{_STRING}|url\([^)]*(?:\)|$)|[^;\"'])*;?|@namespace\b[^;]*;?"
    rf"|(?:url|src)\(\s*(?:{_STRING}|[^)]*)\s*(?:\)|$)|{_STRING}",
    re.DOTALL | re.IGNORECASE,
)
_ADDRESS: Final = re.compile(r"(?is)(?:url|src)\(\s*[\"']?(.*?)[\"']?\s*\)?\Z")
_FONT: Final = re.compile(r"(?i)data:(?:font/|application/(?:x-)?font|application/vnd\.ms-fontobject)")
# Icons are drawn of these; a text, a picture or a style within an SVG could say anything.
_SVG: Final = re.compile(r"(?i)data:image/svg\+xml[^,]*,(.*)", re.DOTALL)
_SVG_TAG: Final = re.compile(r"<\s*([A-Za-z][\w:-]*)")
_SHAPES: Final = frozenset(
    {"svg", "g", "defs", "path", "circle", "ellipse", "line", "polyline", "polygon", "rect", "use", "mask"}
    | {"clippath", "lineargradient", "radialgradient", "stop", "symbol"}
)
_CHARACTER: Final = re.compile(r"\\[0-9a-fA-F]{1,6}\s?|\\.|[^\\]", re.DOTALL)
# What a page may show of its style sheet: the only strings that matter when all text is hidden.
_SHOWN: Final = re.compile(rf"(?:\bcontent|--[\w-]+)\s*:(?:{_STRING}|[^;}}\"'])*", re.IGNORECASE)
_OUTSIDE: Final = re.compile(r"(?i)(?:href\s*=\s*[\"']?(?!#)|url\((?!\s*[\"']?#)|javascript:)")


@lru_cache(maxsize=64)
def style_sheet(text: str, *, hides: bool, secrets_only: bool, keeps_images: bool) -> str:
    """A style sheet, rule or list of declarations: no import, no comment, no address but of fonts and icons it carries
    itself, no personal data in its strings; with `hides`, nothing in the strings that it shows as `content`.
    """

    def replaced(found: re.Match[str]) -> str:
        token = found[0]
        if token.startswith("/*"):
            return token if token == _KEPT_COMMENT else ""
        if token.startswith("@"):
            return ""
        if token[0] in "\"'":
            return personal.scrubbed(token, secrets_only=secrets_only)
        return token if _may_stay(token, keeps_images=keeps_images) else NO_ADDRESS

    clean = personal.without_named_shapes(_TOKENS.sub(replaced, text))
    return _SHOWN.sub(lambda shown: re.sub(_STRING, _hidden_string, shown[0]), clean) if hides else clean


def _hidden_string(found: re.Match[str]) -> str:
    # An escape is a sign of an icon font.
    return _CHARACTER.sub(_kept_escape, found[0])


def _kept_escape(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("\\") else personal.hidden(found[0])


def _may_stay(token: str, *, keeps_images: bool) -> bool:
    address = _ADDRESS.match(token)
    inner = address[1].strip() if address else ""
    if inner.startswith("#") or _FONT.match(inner):
        return True
    if not inner.lower().startswith("data:image/"):
        return False
    return keeps_images or _is_icon(inner)


def _is_icon(address: str) -> bool:
    """Whether it is an SVG of nothing but shapes."""
    svg = _SVG.match(address)
    if not svg or ";base64" in address[: svg.start(1)].lower():
        return False
    drawing = unquote(svg[1])
    tags = {tag.lower() for tag in _SVG_TAG.findall(drawing)}
    return bool(tags) and tags <= _SHAPES and not _OUTSIDE.search(_without_namespaces(drawing))


def _without_namespaces(drawing: str) -> str:
    return re.sub(r"xmlns(?::\w+)?\s*=\s*(?:\\?[\"'])[^\"']*[\"']", "", drawing)
