"""Random documents whose texts try to be markup."""

from hypothesis import strategies as st

from user_intel.act.document import (
    Block,
    CodeBlock,
    Document,
    Heading,
    Line,
    Link,
    ListBlock,
    Paragraph,
    Table,
    Text,
    cleaned,
)

# Runs that mean something to one notation or another, beside plain letters and any character at all.
_TRICKS = [
    "*", "_", "-", "+", "^", "~", "??", "{", "}", "{{", "}}", "[", "]", "|", "||", "\\", "\\\\", "!", "#", "&", "&#42;",
    "<b>", "@x@", "h1. ", "bq. ", "* ", "# ", "- ", "----", "--", " --- ", ":)", ";)", ":-D", "(y)", "(!)", "))", ")",
    "(flagoff)", "{code}", "{noformat}", "{color:red}", "[~admin]", "[^file]", "[a|http://x.y]", "!pic.png!",
    "http://evil.example/x", "mailto:a@b.cd", "a@b.cd", "SHOP-1", "\n", "\r\n", "\n\n", "\t", " ", "é", "日本", "🙂",
    "a", "Z", "0", "x_y", "drop-off",
]  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(_TRICKS), st.text(max_size=3)), max_size=8).map("".join)
_marks = st.sets(st.sampled_from(["strong", "em", "code"]), max_size=1).map(frozenset)
_links = st.builds(
    Link,
    texts.filter(lambda text: cleaned(text).strip() != ""),
    st.sampled_from(["https://e.com/a?b=1&c=*d*#e", "http://e.com"]),
)
lines = st.lists(st.one_of(st.builds(Text, texts, _marks), _links), max_size=4).map(tuple)


@st.composite
def _tables(draw: st.DrawFn) -> Table:
    columns = draw(st.integers(1, 3))
    row = st.tuples(*[lines] * columns)
    return Table(draw(row), tuple(draw(st.lists(row, max_size=3))))


blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, lines),
    st.builds(Heading, st.integers(1, 6), lines),
    st.builds(ListBlock, st.lists(lines, max_size=3).map(tuple), st.booleans()),
    _tables(),
    st.builds(CodeBlock, texts),
)
documents = st.builds(Document, st.lists(blocks, max_size=4).map(tuple))
plain_lines: st.SearchStrategy[Line] = texts.map(lambda text: (Text(text),))
