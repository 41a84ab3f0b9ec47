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
_looks = st.sampled_from(["strong", "em", "code"])
_links = st.builds(
    Link,
    texts.filter(lambda text: cleaned(text).strip() != ""),
    st.sampled_from(["https://e.com/a?b=1&c=*d*#e", "http://e.com"]),
)


def _lines(most_marks: int) -> st.SearchStrategy[Line]:
    marked = st.builds(Text, texts, st.sets(_looks, max_size=most_marks).map(frozenset))
    return st.lists(st.one_of(marked, _links), max_size=4).map(tuple)


# Runs of one look at most, and of several at once.
lines, busy_lines = _lines(1), _lines(3)


@st.composite
def _tables(draw: st.DrawFn) -> Table:
    columns = draw(st.integers(1, 3))
    row = st.tuples(*[busy_lines] * columns)
    return Table(draw(row), tuple(draw(st.lists(row, max_size=3))))


blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, busy_lines),
    st.builds(Heading, st.integers(1, 6), busy_lines),
    st.builds(ListBlock, st.lists(busy_lines, max_size=3).map(tuple), st.booleans()),
    _tables(),
    st.builds(CodeBlock, texts),
)
documents = st.builds(Document, st.lists(blocks, max_size=4).map(tuple))
