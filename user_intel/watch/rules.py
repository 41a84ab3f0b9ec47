"""What product.yaml's `watch.mask` means for one element, its texts and its attributes."""

from __future__ import annotations

import re
from typing import Final

from user_intel.product import Masking
from user_intel.watch import personal
from user_intel.watch.events import Json, JsonValue, finite
from user_intel.watch.page_tree import Node, Regime
from user_intel.watch.selectors import parse
from user_intel.watch.style_sheets import style_sheet

# The classes with which a product tells rrweb, or PostHog's recorder, what to hide.
_MASK_CLASSES: Final = ".rr-mask, .ph-mask"
_BLOCK_CLASSES: Final = ".rr-block, .ph-no-capture"
# Carried by what is drawn as a grey box; player/page.js gives it its look.
BOX_ATTRIBUTE: Final = "data-user-intel-box"
# A picture of no colour: in place of every picture that the masks keep back.
BLANK_IMAGE: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='96' height='64'%3E"
    "%3Crect width='100%25' height='100%25' fill='%23d4d6da'/%3E%3C/svg%3E"
)

_DEAD_TAGS: Final = frozenset({"script", "noscript", "template", "noframes"})
_TYPED_ROLES: Final = frozenset({"textbox", "searchbox"})
_BUTTON_TYPES: Final = frozenset({"submit", "button", "reset", "image"})
_BOX_TYPES: Final = frozenset({"checkbox", "radio"})
_SECRET_COMPLETIONS: Final = re.compile(r"(?i)\b(?:cc-|one-time-code|current-password|new-password)")
_LONGEST_VALUE: Final = 120

_DROPPED: Final = re.compile(
    r"on.*|srcdoc|nonce|integrity|ping|srcset|imagesrcset|http-equiv|content|action|formaction|cite|manifest|background"
    r"|data|code|codebase|archive|longdesc|usemap|profile|lowsrc|dynsrc|classid|rr_dataurl|rr_src|rr_media.*|autoplay"
)
_ADDRESSES: Final = frozenset({"href", "xlink:href", "src", "poster"})
_GEOMETRY: Final = frozenset(
    {"d", "points", "transform", "viewbox", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy"}
    | {"width", "height", "gradienttransform", "values", "offset", "stroke-dasharray", "rr_width", "rr_height"}
)
_DRAWING: Final = re.compile(r"[A-Za-z0-9\s.,+\-%()]*")
_SAYING: Final = frozenset({"placeholder", "title", "alt", "label", "abbr", "summary", "value", "download", "name"})
# Words by which style sheets tell states apart; they say nothing of a person.
_STATE: Final = re.compile(r"(?i)|true|false|open|opened|closed|on|off|yes|no|active|inactive|checked|unchecked|mixed|"
                           r"selected|visible|hidden|expanded|collapsed|loading|idle|page|step|polite|assertive|"
                           r"horizontal|vertical|top|bottom|left|right|start|end|\d{1,3}")  # fmt: skip


class Rules:
    """Answers for one product's masking what becomes of a text, a value and an attribute."""

    def __init__(self, masking: Masking) -> None:
        self._mode: Final = masking.text
        self._keeps_images: Final = masking.images == "keep"
        self._masks: Final = [parse(selector) for selector in (_MASK_CLASSES, *masking.selectors)]
        self._blocks: Final = [parse(selector) for selector in (_BLOCK_CLASSES, *masking.block)]

    @property
    def secrets_only(self) -> bool:
        """Whether of personal data only secrets are hidden."""
        return self._mode == "configured"

    @property
    def hides_all(self) -> bool:
        """Whether every text is hidden, so that none needs to be searched."""
        return self._mode == "all"

    def own_regime(self, node: Node) -> Regime:
        """What an element asks for by its own tag, attributes and place."""
        regime = Regime.NONE
        if any(selector.matches(node) for selector in self._masks):
            regime |= Regime.HIDDEN
        if any(selector.matches(node) for selector in self._blocks):
            regime |= Regime.HIDDEN | Regime.BOX
        if node.tag in _DEAD_TAGS:
            regime |= Regime.DEAD
        if node.tag == "style":
            regime |= Regime.STYLE
        if _is_written_in(node):
            regime |= Regime.FIELD
        return regime

    def text(self, text: str, regime: Regime) -> str:
        """The text of a node alone, as it may be drawn."""
        if regime & Regime.DEAD:
            return ""
        if regime & Regime.STYLE:
            return self.styles(text)
        if self._hides(regime):
            return personal.hidden(text)
        return personal.scrubbed(text, secrets_only=self.secrets_only)

    def typed(self, text: str, node: Node) -> str:
        """The value of a form's field, as it may be drawn."""
        kind = node.attributes.get("type", "text").lower()
        if node.tag == "input" and kind in _BUTTON_TYPES | _BOX_TYPES:
            return self.text(text, node.regime)
        completion = node.attributes.get("autocomplete", "")
        is_secret = node.secret or bool(_SECRET_COMPLETIONS.search(completion))
        if is_secret or not self.secrets_only or node.regime & Regime.HIDDEN:
            # A star for every sign: of a password, punctuation says something too.
            return "" if node.tag in ("select", "option") else "*" * min(len(text), _LONGEST_VALUE)
        return personal.scrubbed(text, secrets_only=True)

    def styles(self, text: str) -> str:
        """A style sheet or declarations, as they may be drawn."""
        return style_sheet(text, hides=self.hides_all, secrets_only=self.secrets_only, keeps_images=self._keeps_images)

    def attributes(self, raw: Json, node: Node) -> Json:
        """The attributes of an element, all or those that changed, as they may be drawn."""
        shown: Json = {}
        for name, value in raw.items():
            drawn = self._attribute(name.lower(), value, node)
            if drawn is not None or value is None:
                shown[name] = drawn
        if node.regime & Regime.BOX:
            shown[BOX_ATTRIBUTE] = ""
        return shown

    def _attribute(self, name: str, value: JsonValue, node: Node) -> JsonValue:
        """One attribute as it may be drawn; None where it may not."""
        if _DROPPED.fullmatch(name) or personal.spans(name):
            return None
        if name == "style" and isinstance(value, dict):
            return {key: self._declared(inner) for key, inner in value.items()}
        if isinstance(value, bool):
            return None if self._tells_choice(name, node) else value
        if (number := finite(value)) is not None:
            if name in _GEOMETRY or name.startswith("rr_"):
                return number
            value = str(value)
        return self._text_attribute(name, value, node) if isinstance(value, str) else None

    def _text_attribute(self, name: str, value: str, node: Node) -> str | None:
        if name in ("style", "_csstext"):
            return self.styles(value)
        if name in _ADDRESSES:
            return self._address(value, node)
        if name == "value" and node.tag in ("input", "textarea", "select", "option"):
            return self._value(value, node)
        if self._tells_choice(name, node):
            return None
        if name in _GEOMETRY and _DRAWING.fullmatch(value):
            return value
        if self._says(name) and self._hides(node.regime & ~Regime.FIELD) and not _STATE.fullmatch(value):
            return personal.hidden(value)
        return personal.scrubbed(value, secrets_only=self.secrets_only)

    def _value(self, value: str, node: Node) -> str | None:
        if node.attributes.get("type", "").lower() in ("hidden", "file"):
            return None
        return self.typed(value, node) or None

    def _address(self, value: str, node: Node) -> str | None:
        """An address, of which nothing outside the recording may ever be asked for."""
        if value.startswith("#"):
            return personal.scrubbed(value)
        if node.tag in ("a", "area"):
            # It still looks like a link.
            return "#"
        if node.tag not in ("img", "image", "input"):
            return None
        keeps = self._keeps_images and not node.regime & Regime.HIDDEN and value.lower().startswith("data:image/")
        return value if keeps else BLANK_IMAGE

    def _declared(self, value: JsonValue) -> JsonValue:
        """One changed declaration: a text, a text with its priority, or false where it went."""
        if isinstance(value, str):
            return self.styles(value)
        if isinstance(value, list):
            return [self.styles(part) for part in value if isinstance(part, str)]
        return False

    def _says(self, name: str) -> bool:
        return name in _SAYING or name.startswith(("aria-", "data-"))

    def _tells_choice(self, name: str, node: Node) -> bool:
        return name == "selected" and node.tag == "option" and not self.secrets_only

    def _hides(self, regime: Regime) -> bool:
        if self._mode == "all" or regime & Regime.HIDDEN:
            return True
        return bool(regime & Regime.FIELD) and not self.secrets_only


def _is_written_in(node: Node) -> bool:
    editable = node.attributes.get("contenteditable")
    if editable is not None and editable.lower() != "false":
        return True
    return node.tag == "textarea" or node.attributes.get("role", "").lower() in _TYPED_ROLES
