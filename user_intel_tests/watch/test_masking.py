"""What of a recording's events is hidden before a browser sees them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from user_intel.product import Masking, Watch
from user_intel.watch.events import Event
from user_intel.watch.masking import Masker
from user_intel.watch.rules import BLANK_IMAGE, BOX_ATTRIBUTE
from user_intel.watch.selectors import parse
from user_intel_tests.watch.made_recordings import Page, Raw, event, happening, meta, mutation, snapshot

SECRET = "anna.schmidt@example.com"


def masked(raws: Iterable[Raw], **masking: Any) -> list[Any]:
    """The data of each event after masking; None where nothing is left."""
    masker = Masker(Masking(**masking))
    found = []
    for raw in raws:
        shown = masker.masked(Event(raw["timestamp"], 0, raw["type"], raw["data"]))  # type: ignore[arg-type]
        found.append(None if shown is None else shown.data)
    return found


def nodes(tree: Any) -> dict[int, Any]:
    return {tree["id"]: tree} | {
        key: node for child in tree.get("childNodes", []) for key, node in nodes(child).items()
    }


def drawn(*body: Raw | str, page: Page, **masking: Any) -> dict[int, Any]:
    """The nodes of a page after masking, by id."""
    return nodes(masked([snapshot(page.document(*body))], **masking)[0]["node"])


def test_by_default_personal_data_goes_and_the_words_of_the_product_stay() -> None:
    page = Page()
    line = page.element("p", f"Signed in as {SECRET}", title=f"You are {SECRET}", class_="user")
    found = drawn(line, page=page)
    assert found[1]["textContent"] == "Signed in as ************************"
    assert found[2]["attributes"] == {"title": "You are ************************", "class": "user"}


@pytest.mark.parametrize(
    ("mode", "plain", "secret", "card"),
    [
        ("personal", "Pay now", "************************", "**** **** **** ****"),
        ("all", "*** ***", "****.*******@*******.***", "**** **** **** ****"),
        ("configured", "Pay now", SECRET, "**** **** **** ****"),
    ],
)
def test_the_mode_says_which_text_is_hidden(mode: str, plain: str, secret: str, card: str) -> None:
    page = Page()
    found = drawn(
        page.element("p", "Pay now"), page.element("p", SECRET), page.element("p", "4111 1111 1111 1111"),
        page=page, text=mode,
    )  # fmt: skip
    assert [found[place]["textContent"] for place in (1, 3, 5)] == [plain, secret, card]


def test_what_was_typed_is_hidden_whatever_it_is() -> None:
    page = Page()
    field = page.element("input", type="text", value="Anna", placeholder="Your name")
    area = page.element("textarea", "Dear Sirs", value="Dear Sirs")
    editor = page.element("div", page.element("b", "My diary"), contenteditable="true")
    chosen = page.element("select", page.element("option", "Female", value="f", selected=True), value="f")
    button = page.element("input", type="submit", value="Send")
    found = drawn(field, area, editor, chosen, button, page=page)
    assert found[1]["attributes"] == {"type": "text", "value": "****", "placeholder": "Your name"}
    assert found[3]["attributes"]["value"] == "*********"
    assert found[2]["textContent"] == "**** ****"
    assert found[4]["textContent"] == "** *****"
    assert "value" not in found[9]["attributes"]
    assert found[8]["attributes"] == {}
    assert found[10]["attributes"]["value"] == "Send"


def test_what_is_typed_later_is_hidden_too() -> None:
    page = Page()
    document = page.document(
        page.element("input", type="text"), page.element("input", type="checkbox"), page.element("select"),
        page.element("input", type="password"),
    )  # fmt: skip
    inputs = [happening(5, 1, id=node, text="s3cr3t!", isChecked=True) for node in (1, 2, 3, 4, 99)]
    found = masked([snapshot(document), *inputs])
    assert [each and each["text"] for each in found[1:]] == ["*******", "s3cr3t!", "", "*******", None]
    assert found[2]["isChecked"] is True


def test_a_password_stays_one_when_it_is_made_readable() -> None:
    page = Page()
    document = page.document(page.element("input", type="password"), page.element("input", autocomplete="cc-number"))
    shown = mutation(1, attributes=[{"id": 1, "attributes": {"type": "text", "value": "hunter2"}}])
    typed = [happening(5, 2, id=node, text="hunter2", isChecked=False) for node in (1, 2)]
    found = masked([snapshot(document), shown, *typed], text="configured")
    assert "hunter2" not in json.dumps(found)


def test_addresses_are_neither_shown_nor_ever_asked_for() -> None:
    page = Page()
    outside = "https://cdn.example/a.png?user=7"
    found = drawn(
        page.element("a", "shop", href=outside), page.element("img", src=outside, srcset=f"{outside} 2x"),
        page.element("link", rel="stylesheet", href=outside), page.element("iframe", src=outside, rr_src=outside),
        page.element("form", action=outside), page.element("video", src=outside, poster=outside),
        page.element("object", data=outside), page.element("meta", http_equiv="refresh", content=f"0;url={outside}"),
        page.element("use", href="#icon"), page.element("div", style=f"background:url({outside})", onclick="go()"),
        page=page,
    )  # fmt: skip
    assert "cdn.example" not in json.dumps(found)
    assert found[2]["attributes"] == {"href": "#"}
    assert found[3]["attributes"] == {"src": BLANK_IMAGE}
    assert found[10]["attributes"] == {"href": "#icon"}
    assert found[11]["attributes"] == {"style": 'background:url("data:,")'}


def test_pictures_that_a_recording_carries_are_blanked_unless_kept() -> None:
    photo = "data:image/png;base64,iVBORw0KGgo="
    for images, expected in (("blank", BLANK_IMAGE), ("keep", photo)):
        page = Page()
        image = page.element("img", src=photo)
        canvas = page.element("canvas", rr_dataURL=photo)
        hidden = page.element("img", src=photo, class_="ph-mask")
        found = drawn(image, canvas, hidden, page=page, images=images)
        assert found[1]["attributes"]["src"] == expected
        assert "rr_dataURL" not in found[2]["attributes"]
        assert found[3]["attributes"]["src"] == BLANK_IMAGE


def test_style_sheets_fetch_nothing_and_say_nothing_personal_but_keep_fonts_and_icons() -> None:
    icon = "url(\"data:image/svg+xml,%3csvg xmlns='http://www.w3.org/2000/svg'%3e%3cpath d='M1 1h9'/%3e%3c/svg%3e\")"
    words = (
        "url(\"data:image/svg+xml,%3csvg xmlns='http://www.w3.org/2000/svg'%3e%3ctext%3eAnna%3c/text%3e%3c/svg%3e\")"
    )
    font = "url(data:font/woff2;base64,d09GMg==)"
    css = (
        f'@import "https://cdn.example/x.css";a{{background:{icon}}}b{{background:{words}}}'
        f"@font-face{{src:{font},url(https://cdn.example/f.woff)}}/* by {SECRET} *//* rr_split */"
        f'p::after{{content:"{SECRET}"}}i::before{{content:"\\f101"}}[data-state="open"]{{color:red}}'
    )
    page = Page()
    found = drawn(page.element("style", page.text("", isStyle=True), _cssText=css), page=page)
    kept = found[2]["attributes"]["_cssText"]
    assert "example" not in kept
    assert "Anna" not in kept
    for part in (icon, font, "/* rr_split */", 'content:"\\f101"', '[data-state="open"]'):
        assert part in kept
    page = Page()
    found = drawn(page.element("style", page.text('p::after{content:"Hello"}[x="y"]{}')), page=page, text="all")
    assert found[1]["textContent"] == 'p::after{content:"*****"}[x="y"]{}'


def test_later_rules_and_declarations_are_style_sheets_too() -> None:
    bad = 'p::after{content:"anna@example.com";background:url(https://cdn.example/x)}'
    page = Page()
    raws = [
        snapshot(page.document(page.element("style"))),
        happening(8, 1, id=1, adds=[{"rule": bad, "index": [0, 1]}], removes=[{"index": 2}], replace=bad),
        happening(13, 1, id=1, index=[0], set={"property": "background", "value": "url(https://cdn.example/y)"}),
        happening(15, 1, id=1, styleIds=[1], styles=[{"styleId": 1, "rules": [{"rule": bad, "index": 0}]}]),
        mutation(
            1, attributes=[{"id": 1, "attributes": {"style": {"background": ["url(//cdn.example/z)", "important"]}}}]
        ),
    ]
    found = masked(raws)
    assert "example" not in json.dumps(found)
    assert found[1]["adds"][0]["index"] == [0, 1]
    assert found[4]["attributes"][0]["attributes"]["style"] == {"background": ['url("data:,")', "important"]}


def test_what_is_not_needed_to_draw_is_left_out() -> None:
    page = Page()
    raws = [
        meta(href=f"https://shop.example/u?mail={SECRET}"),
        snapshot(page.document(page.element("p", "x"))),
        event(5, 1, {"tag": "$pageview", "payload": {"href": SECRET}}),
        event(6, 1, {"plugin": "rrweb/console@1", "payload": {"payload": [SECRET]}}),
        event(6, 1, {"plugin": "rrweb/network@1", "payload": {"requests": [SECRET]}}),
        happening(9, 1, id=1, property="fillText", args=[SECRET, 1, 1]),
        happening(10, 1, family="f", fontSource=f"url({SECRET})"),
        happening(11, 1, payload=[SECRET]),
        happening(7, 1, id=1, type=0),
        happening(99, 1, anything=SECRET),
        happening(2, 1, type=2, id=1, x=1, y=2, label=SECRET),
    ]
    found = masked(raws)
    assert SECRET not in json.dumps(found)
    assert found[2:10] == [None] * 8
    assert found[10] == {"source": 2, "type": 2, "id": 1, "x": 1, "y": 2}


def test_scripts_comments_and_unknown_fields_do_not_get_through() -> None:
    page = Page()
    odd: Raw = {"type": 5, "id": page.id(), "textContent": SECRET}
    extra = {**page.element("p", "x"), "secret": SECRET}
    found = drawn(
        page.element("script", SECRET), page.element("noscript", SECRET), odd, extra, page=page, text="configured"
    )
    assert SECRET not in json.dumps(found)


def test_attributes_that_are_numbers_or_have_odd_names_are_masked_too() -> None:
    page = Page()
    field = page.element("input", value=4111111111111111, data_card=4111111111111111, width=300, rr_scrollTop=7)
    attributes = {"style": f"--mail: {SECRET}; z-index: 2147483647", SECRET: "", "@click": "x"}
    found = drawn(field, {**page.element("p", "x"), "attributes": attributes}, page=page)
    assert found[1]["attributes"] == {"value": "*" * 16, "data-card": "*" * 16, "width": 300, "rr_scrollTop": 7}
    assert found[3]["attributes"] == {"style": f"--mail: {'*' * len(SECRET)}; z-index: 2147483647", "@click": "x"}


@pytest.mark.parametrize("class_", ["ph-mask", "a rr-mask b"])
def test_the_classes_products_mask_with_are_obeyed(class_: str) -> None:
    page = Page()
    found = drawn(page.element("div", page.element("p", "Balance", title="Balance"), class_=class_), page=page)
    assert found[1]["textContent"] == "*******"
    assert found[2]["attributes"]["title"] == "*******"


def test_configured_selectors_hide_text_or_make_a_box_of_the_element() -> None:
    page = Page()
    table = page.element("table", page.element("td", "12.00", data_kind="balance"), page.element("td", "3"), id="t")
    card = page.element("section", page.element("h2", "Anna"), class_="profile")
    found = drawn(table, card, page=page, selectors=["#t > td[data-kind^=bal]"], block=[".profile"])
    assert (found[1]["textContent"], found[3]["textContent"]) == ("**.**", "3")
    assert found[8]["attributes"] == {"class": "profile", BOX_ATTRIBUTE: ""}
    assert found[6]["textContent"] == "****"


def test_mutations_are_masked_by_where_they_happen() -> None:
    page = Page()
    document = page.document(page.element("div", page.element("p", "a"), class_="ph-mask"), page.element("p", "b"))
    added = page.element("span", f"hello {SECRET}", title="hello")
    raws = [
        snapshot(document),
        mutation(1, adds=[{"parentId": 3, "nextId": None, "node": added}], texts=[{"id": 1, "value": "new words"}],
                 attributes=[{"id": 3, "attributes": {"title": SECRET, "class": None}}]),
        mutation(2, texts=[{"id": 4, "value": SECRET}, {"id": 999, "value": SECRET}]),
        mutation(3, adds=[{"parentId": 777, "nextId": None, "node": page.element("p", SECRET)}]),
    ]  # fmt: skip
    found = masked(raws)
    inner = nodes(found[1]["adds"][0]["node"])
    assert [node.get("textContent") for node in inner.values()] == [None, "***** ****.*******@*******.***"]
    assert found[1]["texts"] == [{"id": 1, "value": "*** *****"}]
    assert found[1]["attributes"] == [{"id": 3, "attributes": {"title": "****.*******@*******.***", "class": None}}]
    assert found[2]["texts"] == [{"id": 4, "value": "*" * len(SECRET)}]
    assert found[3]["adds"] == []
    assert SECRET not in json.dumps(found)


def test_an_element_that_becomes_private_is_hidden_from_then_on() -> None:
    page = Page()
    document = page.document(page.element("div", page.element("p", "Balance", title="Balance")))
    hide = mutation(1, attributes=[{"id": 3, "attributes": {"class": "ph-no-capture"}}])
    show = mutation(2, attributes=[{"id": 3, "attributes": {"class": "open"}}])
    later = mutation(3, texts=[{"id": 1, "value": "12.00"}])
    found = masked([snapshot(document), hide, show, later])
    assert found[1]["texts"] == [{"id": 1, "value": "*******"}]
    assert {"id": 2, "attributes": {"title": "*******"}} in found[1]["attributes"]
    assert found[3]["texts"] == [{"id": 1, "value": "**.**"}]


def test_personal_data_written_across_several_nodes_is_seen() -> None:
    page = Page()
    mail = page.element("p", page.element("b", "anna.schmidt"), "@", page.element("i", "example.com"), " wrote")
    card = page.element("p", *[page.element("span", group) for group in ("4111", " 1111", " 1111", " 1111")])
    found = drawn(mail, card, page=page)
    told = [node["textContent"] for node in found.values() if "textContent" in node]
    assert told == ["************", "*", "***********", " wrote", "****", " ****", " ****", " ****"]


def test_long_texts_are_read_together_with_their_neighbours_at_their_ends() -> None:
    page = Page()
    long = f"example.com {'so it goes ' * 60}anna.schmidt"
    line = page.element("p", page.element("b", "bert@"), page.element("i", long), page.element("b", "@example.com"))
    found = [node["textContent"] for node in drawn(line, page=page).values() if "textContent" in node]
    assert found == ["*****", f"*********** {'so it goes ' * 60}************", "************"]


def test_personal_data_that_is_completed_later_is_hidden_in_the_nodes_that_were_there() -> None:
    page = Page()
    document = page.document(page.element("p", page.element("b", "anna.schmidt"), "@"))
    added = {"parentId": 4, "nextId": None, "node": page.element("i", "example.com")}
    found = masked([snapshot(document), mutation(1, adds=[added])])
    assert (
        nodes(found[1]["adds"][0]["node"])[10]["textContent"] == "***********"
        if 10 in nodes(found[1]["adds"][0]["node"])
        else True
    )
    assert sorted(text["value"] for text in found[1]["texts"]) == ["*", "************"]


def test_words_in_different_blocks_are_not_read_together() -> None:
    page = Page()
    found = drawn(page.element("p", "anna"), page.element("p", "@"), page.element("p", "example.com"), page=page)
    assert [node["textContent"] for node in found.values() if "textContent" in node] == ["anna", "@", "example.com"]


def test_windows_have_pages_of_their_own() -> None:
    masker = Masker()
    page = Page()
    one = snapshot(page.document(page.element("input", type="text")))
    masker.masked(Event(0, 0, 2, one["data"]))  # type: ignore[arg-type]
    typed = happening(5, 1, id=1, text="x", isChecked=False)["data"]
    assert masker.masked(Event(0, 0, 3, typed)) is not None  # type: ignore[arg-type]
    assert masker.masked(Event(0, 1, 3, typed)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("selector", ["a:hover", "p + p", "h1 ~ p", "", "a,,b", "a >", "[x", "..a", "a{}"])
def test_a_selector_that_is_not_understood_is_refused_not_ignored(selector: str) -> None:
    with pytest.raises(ValidationError, match="no selector that masking understands"):
        Watch.model_validate({"mask": {"selectors": [selector]}})


class El:
    """An element with its attributes, in another."""

    def __init__(self, tag: str, parent: El | None = None, **attributes: str) -> None:
        self.tag, self.parent, self._attributes = tag, parent, attributes

    def attribute(self, name: str) -> str | None:
        return self._attributes.get(name)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("b", True), ("*", True), ("i", False), ("p b", True), ("div b", True), ("div > b", False), ("p > b", True),
        ("div > p > b", True), ("#x", True), (".one.two", True), (".on", False), ("b.two[data-k]", True),
        ("[data-k='v,w']", True), ("[data-k=V i]", False), ('[data-k="V,W" i]', True), ("[data-k^=v]", True),
        ("[data-k$='w']", True), ("[data-k*=',']", True), ("[data-k~=v]", False), ("[lang|=en]", True),
        ("i, .two", True), ("i,s", False), ("div.a p b", True), ("div.b b", False),
    ],
)  # fmt: skip
def test_selectors_match_as_css_says(selector: str, expected: bool) -> None:
    paragraph = El("p", El("div", **{"class": "a"}))
    element = El("b", paragraph, id="x", lang="en-US", **{"class": "one two", "data-k": "v,w"})
    assert parse(selector).matches(element) is expected


LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 12) | st.floats() | st.sampled_from([SECRET, "input", "style", "2"])
)
NAMES = [
    "type", "id", "node", "source", "adds", "removes", "texts", "attributes", "childNodes", "tagName", "value",
    "textContent", "parentId", "nextId", "rule", "styles", "rules", "positions", "ranges", "index", "style",
]  # fmt: skip
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=24,
)
EVENTS = st.tuples(st.sampled_from([2, 3, 3, 3, 4, 5]), st.dictionaries(st.sampled_from([*NAMES, "text", "set"]), JSON))


@settings(deadline=None, max_examples=60)
@given(st.lists(EVENTS, max_size=5))
def test_no_shape_of_json_gets_through_unmasked_or_stops_the_masking(raws: list[tuple[int, Any]]) -> None:
    masker = Masker()
    shown = [masker.masked(Event(0, 0, kind, data)) for kind, data in raws]
    text = json.dumps([each.data for each in shown if each is not None], allow_nan=False)
    assert SECRET not in text
