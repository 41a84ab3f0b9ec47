"""What documents look like in Jira's two formats: every character survives, and none of them becomes markup."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from user_intel.act import adf, wiki
from user_intel.act.document import (
    CodeBlock,
    Document,
    Link,
    ListBlock,
    Paragraph,
    Table,
    Text,
    bullets,
    cleaned,
    code,
    heading,
    numbered,
    paragraph,
    plain_text,
    shortened,
    strong,
    table,
)
from user_intel_tests.act.documents import documents, lines, texts
from user_intel_tests.act.stand_in.adf_structure import faults_of_document
from user_intel_tests.act.wiki_read import inline, read

SCHEMA = Path(__file__).parents[2] / "deploy" / "adf-schema" / "full.json"
EXAMPLE = Document(
    (
        heading(2, "What"),
        paragraph("41 % leave ", code("/shipping/:id"), ", 12 % are ", strong("expected"), ".\nSee ", Link("why", "https://e.com/1?a=b")),
        table(["measure", strong("now")], [["rate | share", "41 %"], ["", Link("all", "https://e.com")]]),
        bullets(["one", "two\nlines"]),
        numbered([strong("first")]),
        CodeBlock("select 1;\n{*} &#45;"),
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def published() -> Draft4Validator:
    """Atlassian's own schema. Skips where it was not fetched, but never with CI=true."""
    if not SCHEMA.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("deploy/adf-schema is missing: deploy/test-services.sh should have fetched it")
        pytest.skip("Atlassian's schema is not here (make test fetches it from npm)")
    return Draft4Validator(json.loads(SCHEMA.read_text()))


def test_a_document_in_wiki_markup_reads_like_this() -> None:
    assert (
        wiki.rendered(EXAMPLE)
        == r"""h2. What

41 % leave {{/shipping/&#58;id}}, 12 % are {*}expected{*}. \\ See [why|https://e.com/1?a=b]

||measure||{*}now{*}||
|rate &#124; share|41 %|
| |[all|https://e.com]|

* one
* two \\ lines

# {*}first{*}

{noformat}
select 1;
{*} &#45;
{noformat}"""
    )


def test_a_document_in_adf_reads_like_this() -> None:
    def text(words: str, *marks: str) -> dict[str, Any]:
        return {"type": "text", "text": words} | ({"marks": [{"type": mark} for mark in marks]} if marks else {})

    def block(kind: str, *content: Any, **more: Any) -> dict[str, Any]:
        return {"type": kind, **more, "content": list(content)}

    link = [{"type": "link", "attrs": {"href": "https://e.com/1?a=b"}}]
    document: Any = adf.rendered(EXAMPLE)
    assert document["version"] == 1
    what, paragraph_, table_, bullets_, numbers, code_ = document["content"]
    assert what == block("heading", text("What"), attrs={"level": 2})
    assert paragraph_ == block(
        "paragraph", text("41 % leave "), text("/shipping/:id", "code"), text(", 12 % are "),
        text("expected", "strong"), text("."), {"type": "hardBreak"}, text("See "), {**text("why"), "marks": link},
    )  # fmt: skip
    assert [row["content"][0]["type"] for row in table_["content"]] == ["tableHeader", "tableCell", "tableCell"]
    assert table_["content"][2]["content"][0] == block("tableCell", block("paragraph"))
    assert bullets_["content"][0] == block("listItem", block("paragraph", text("one")))
    assert numbers == block("orderedList", block("listItem", block("paragraph", text("first", "strong"))))
    assert code_ == block("codeBlock", text("select 1;\n{*} &#45;"))


@settings(deadline=None, max_examples=15)
@given(document=documents)
def test_any_document_is_adf_by_the_published_schema(document: Document, published: Draft4Validator) -> None:
    published.validate(adf.rendered(document))


@settings(deadline=None, max_examples=100)
@given(document=documents)
def test_any_document_is_adf_by_the_stand_in_and_keeps_every_word(document: Document) -> None:
    rendered = adf.rendered(document)
    assert faults_of_document(rendered) == []
    assert adf.words(rendered) == _one_line(plain_text(document))


def test_the_reader_of_these_tests_sees_markup_where_there_is_some() -> None:
    found = inline(r"a *b* c_d -e- {{f}} x{*}y{*}z [g|http://h] (y) http://i.j SHOP-1 \\ a&#42;")
    assert [kind for kind, _ in found if kind != "text"] == [
        "strong", "deleted", "code", "strong", "link", "smiley", "url", "issue",
    ]  # fmt: skip
    assert found[-1] == ("text", " \n a*")
    assert [kind for kind, _ in read("h1. a\n\n* b\n\n||c||\n|d|\n\nbq. e\n\n----\n\n# f")] == [
        "h1", "bullets", "table", "bq", "rule", "numbers",
    ]  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(line=lines)
def test_no_text_becomes_markup_in_wiki(line: Any) -> None:
    """Read back by Jira's rules there are the same marks and links, and everything else is text."""
    found = [piece for piece in inline(wiki.rendered(Document((Paragraph(line),)))) if piece[1].strip()]
    assert _merged(found) == _expected(line)


@settings(deadline=None, max_examples=100)
@given(document=documents)
def test_any_document_in_wiki_has_the_same_blocks_cells_and_items(document: Document) -> None:
    expected = [_shape(block) for block in document.blocks]
    found = [
        (kind, len(content) if isinstance(content, list) and kind in {"bullets", "numbers", "table"} else 1)
        for kind, content in read(wiki.rendered(document))
    ]
    assert [each for each in found if each[0] not in {"paragraph"}] == [
        each for each in expected if each and each[0] not in {"paragraph"}
    ]


@settings(deadline=None, max_examples=100)
@given(document=documents)
def test_any_document_in_wiki_keeps_every_word(document: Document) -> None:
    assert wiki.words(wiki.rendered(document)) == _one_line(plain_text(document))


@given(text=texts)
def test_a_cell_of_any_text_stays_one_cell(text: str) -> None:
    markup = wiki.rendered(Document((table(["a", "b"], [[text, "x"]]),)))
    ((kind, rows),) = read(markup)
    assert kind == "table"
    assert [len(cells) for _, cells in rows] == [2, 2]
    assert _one_line(dict(rows[1][1][0]).get("text", "")) == _one_line(cleaned(text))


@pytest.mark.parametrize(
    "text",
    [
        "h1. big",
        "  h1. big",
        "bq. said",
        "* item",
        "# one",
        "- dash",
        "----",
        "|cell|",
        "||head||",
        "{code}",
        "{quote}",
    ],
)
def test_a_line_that_looks_like_a_block_is_a_paragraph(text: str) -> None:
    for document in (Document((paragraph(text),)), Document((paragraph("before\n" + text),))):
        (kind, _), *others = read(wiki.rendered(document))
        assert (kind, others) == ("paragraph", [])


@pytest.mark.parametrize(
    "parts",
    [
        (":", ")"),
        ("h1", ". x"),
        ("SHOP", "-", "1"),
        ("(", "y", ")"),
        ("?", "?a??"),
        (";", strong(""), ")"),
        ("-", "", "a-"),
    ],
)
def test_what_is_markup_only_together_is_none_in_two_parts_either(parts: tuple[Any, ...]) -> None:
    ((kind, pieces),) = read(wiki.rendered(Document((paragraph(*parts),))))
    words = "".join(part if isinstance(part, str) else part.text for part in parts)
    assert (kind, pieces) == ("paragraph", [("text", words)])


def test_words_that_need_no_escape_are_left_alone() -> None:
    plain = "Improve /shipping: 41 % of sessions drop-off (12:30, 2026-03-31); 5 of 10, really? add_to_cart = yes."
    assert wiki.escaped(plain) == plain


def test_code_that_holds_its_own_end_is_shown_all_the_same() -> None:
    text = "a {NoFormat} b\nh1. {code}"
    ((kind, pieces),) = read(wiki.rendered(Document((CodeBlock(text),))))
    assert kind == "paragraph"
    assert [piece for piece in pieces if piece[1].strip()] == [("code", "a {NoFormat} b"), ("code", "h1. {code}")]


@given(text=st.text())
def test_characters_that_nobody_sees_are_left_out(text: str) -> None:
    kept = cleaned(text)
    assert not [char for char in kept if ord(char) < 32 and char not in "\n\t"]
    assert not set(kept) & set("\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")
    kept.encode()
    assert cleaned(kept) == kept


def test_control_characters_and_broken_ones_reach_neither_format() -> None:
    document = Document((paragraph("a\x00b\x1bc\ud800d\u202ee\r\nf"),))
    assert wiki.rendered(document) == r"abcde \\ f"
    assert adf.words(adf.rendered(document)) == "abcde f"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://e.com", "https://e.com/a b", "https://e.com/|x", "https://e.com/]", ""]
)
def test_a_link_leads_to_the_web_or_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Link("words", url)


def test_a_table_with_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="as many cells"):
        table(["a", "b"], [["1"]])


@pytest.mark.parametrize("block", [
    paragraph("words " * 20_000), bullets(["word " * 10] * 5_000), table(["a"], [["word " * 10]] * 5_000),
    CodeBlock("x" * 90_000), heading(1, strong("y" * 90_000)),
])  # fmt: skip
def test_what_is_too_long_for_jira_is_cut_and_says_so(block: Any) -> None:
    document = Document((paragraph("The beginning."), block, paragraph("The end.")))
    markup, node = wiki.rendered(document), adf.rendered(document)
    for size, words in ((len(markup), wiki.words(markup)), (adf.size(node), adf.words(node))):
        assert 32_767 - 200 < size <= 32_767
        assert words.startswith("The beginning.")
        assert "The end." not in words
        assert words.endswith("(shortened: the whole did not fit into Jira's limit)")
    assert faults_of_document(node) == []
    assert read(markup)[1][0] == read(wiki.rendered(Document((paragraph("a"), block)), limit=10**6))[1][0]


def test_what_fits_exactly_is_not_cut() -> None:
    limit = len(wiki.rendered(EXAMPLE))
    assert wiki.rendered(EXAMPLE, limit) == wiki.rendered(EXAMPLE)
    assert "shortened" in wiki.rendered(EXAMPLE, limit - 1)


def test_a_limit_that_nothing_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="not even the remark"):
        shortened(EXAMPLE, lambda _: False)


def test_an_empty_document_is_one_in_both_formats() -> None:
    assert wiki.rendered(Document(())) == ""
    assert adf.rendered(Document(())) == {"version": 1, "type": "doc", "content": []}


def test_adf_of_others_is_read_whatever_it_holds() -> None:
    strange: Any = {"type": "doc", "content": [{"type": "panel", "content": [{"type": "paragraph", "content": [
        {"type": "mention", "attrs": {"text": "@x"}}, {"type": "text", "text": "hello"}, None, {"type": "hardBreak"},
        {"type": "text", "text": "there"}]}]}]}  # fmt: skip
    assert adf.words(strange) == "hello there"
    assert adf.words(None) == ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _shape(block: Any) -> tuple[str, int] | None:
    if isinstance(block, ListBlock):
        return ("numbers" if block.ordered else "bullets", len(block.items)) if block.items else None
    if isinstance(block, Table):
        return "table", 1 + len(block.rows)
    if isinstance(block, CodeBlock):
        return None if "{noformat" in cleaned(block.text).lower() else ("code", 1)
    return (f"h{block.level}", 1) if hasattr(block, "level") else ("paragraph", 1)


def _expected(line: Any) -> list[tuple[str, str]]:
    """The runs a reader should see: words by their mark, without spaces, which no format keeps exactly."""
    pieces: list[tuple[str, str]] = []
    for part in line:
        if isinstance(part, Text):
            (mark,) = part.marks or ("text",)
            pieces += [(mark, words) for words in cleaned(part.text).split("\n") if words.strip()]
        else:
            address = part.url.replace("*", "%2A")
            pieces.append(("link", f"{_one_line(cleaned(part.text)) or address} -> {address}"))
    return _merged(pieces)


def _merged(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    merged: list[tuple[str, str]] = []
    for kind, words in pieces:
        bare = "".join(words.split()) if kind != "link" else _one_line(words)
        if merged and merged[-1][0] == kind and kind != "link":
            merged[-1] = (kind, merged[-1][1] + bare)
        elif bare:
            merged.append((kind, bare))
    return merged
