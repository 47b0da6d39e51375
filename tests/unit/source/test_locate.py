"""Every character of a value is found again where the author wrote it, in each style of YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.diagnostics import Sink, Source
from m2her_compose.source import parse

if TYPE_CHECKING:
    from m2her_compose.source import Node

# All that is not blank stands once in a text, so that its place needs no second opinion.
LETTERS: Final = "雪月花風山川海空道心夢光影音色香味形名時éßñøåæçœ😀🐉🎭🏮🦊🌲abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"  # noqa: E501


def node_of(text: str) -> Node:
    """Parse a file whose key `a` (in a map or a list within it) holds the scalar."""
    sink = Sink()
    tree = parse(Source(path="a.yaml", text=text), sink)
    assert tree is not None, [d.message for d in sink.sorted()]
    assert not sink.has_errors
    node = tree.root.entries["k"]
    while node.text is None:
        node = node.items[0] if node.is_list else next(iter(node.entries.values()))
    return node


def check(text: str) -> None:
    """Hold the value to PyYAML's, and the place of each of its characters to the source."""
    node = node_of(text)
    value = node.text or ""
    root: Any = yaml.compose(text, Loader=yaml.CSafeLoader)
    wanted: Any = next(child for key, child in root.value if key.value == "k")
    while not isinstance(wanted, yaml.ScalarNode):
        wanted = wanted.value[0]
        wanted = wanted[1] if isinstance(wanted, tuple) else wanted
    assert wanted.value == value
    places = [node.locate(i, i + 1) for i in range(len(value))]
    starts = [place.start for place in places]
    for char, place in zip(value, places, strict=True):
        if char.isspace():
            assert text[place.start] in " \t\r\n\\", (char, place.start)
        elif char in LETTERS and text.count(char) == 1:
            assert text.index(char) == place.start, char
            assert char == place.text
        else:
            assert text[place.start] in ("\\", "'", char), (char, place.start)
        assert node.start <= place.start < place.end <= node.end
    assert starts == sorted(set(starts)), "each character has a place of its own, in order"
    whole = node.locate(0, len(value))
    if value:
        assert (starts[0], places[-1].end) == (whole.start, whole.end)


@st.composite
def words(draw: st.DrawFn, least: int = 1, most: int = 8) -> list[str]:
    """Return words whose letters stand nowhere else."""
    letters = list(draw(st.permutations(LETTERS)))
    made = []
    for size in draw(st.lists(st.integers(1, 4), min_size=least, max_size=most)):
        made.append("".join(letters[:size]))
        letters = letters[size:]
    return made


@st.composite
def flowing(draw: st.DrawFn, quote: str) -> str:
    """Return a plain or quoted scalar that may go over several lines."""
    escapes = {
        '"': ["\\n", "\\t", '\\"', "\\\\", "\\x21", "\\u6f22", "\\U0001F9EA", "\\/", "\\_", "\\e"],
        "'": ["''", "\\n", '"', "# "],
        "": ["'", "#", "\\n", ":x", "&"],
    }[quote]
    gaps = [" ", "   ", "\n  ", "\n\n  ", "  \n \n\n   ", "\t", " \t\n  "]
    if quote == '"':
        gaps += ["\\\n  ", "\\\n  \\ ", " \\\n "]
    parts = draw(words())
    text = parts[0]
    for part in parts[1:]:
        text += draw(st.sampled_from(["", "", *escapes])) if text[-1] not in " \n\t" else ""
        text += draw(st.sampled_from(gaps)) + part
    if quote:
        lead = draw(st.sampled_from(["", " ", "\n  ", *escapes]))
        text = quote + lead + text + draw(st.sampled_from(["", " ", "\n  "])) + quote
    return text


@st.composite
def blocks(draw: st.DrawFn, style: str) -> str:
    """Return a literal or folded scalar, with its header."""
    indent = draw(st.integers(1, 6))
    chomping = draw(st.sampled_from(["", "-", "+"]))
    rest = draw(words(1, 8))
    lines: list[str] = []
    for word in rest:
        shape = draw(st.sampled_from(["line", "line", "empty", "deeper", "spaces", "trailing"]))
        blank = {"empty": [""], "spaces": [" " * draw(st.integers(0, indent))]}.get(shape, [])
        lines += [line.rstrip("\n") for line in blank]
        lead = " " * draw(st.integers(1, 3)) if shape == "deeper" and lines else ""
        lines.append(" " * indent + lead + word + (" " if shape == "trailing" else ""))
    explicit = draw(st.booleans())
    if explicit and draw(st.booleans()):
        first = next(i for i, line in enumerate(lines) if line.strip())
        lines[first] = " " * draw(st.integers(0, 2)) + lines[first]
    elif not explicit:
        first = next(i for i, line in enumerate(lines) if line.strip())
        lines[:first] = ["" for _ in lines[:first]]
    header = style + (str(indent) if explicit else "") + chomping
    if draw(st.booleans()):
        header = style + chomping + (str(indent) if explicit else "") + "  # a comment"
    return header + "\n" + "\n".join(lines) + "\n" * draw(st.integers(0, 3))


CONTEXTS: Final = {
    "value": "k: {}\nz: 1\n",
    "last": "k: {}",
    "list": "k:\n- {}\n- 1\n",
    "anchored": "k: &x {}\nz: *x\n",
    "tagged": "k: !raw {}\n",
    "after text": "y: '雨 😺'\nk: {}\n",
}


def files(scalars: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Put a scalar into a file, with one kind of line break, and perhaps a byte order mark gone."""
    return st.builds(
        lambda scalar, context, newline: (
            CONTEXTS[context].replace("{}", scalar).replace("\n", newline)
        ),
        scalars,
        st.sampled_from(sorted(CONTEXTS)),
        st.sampled_from(["\n", "\n", "\r\n"]),
    )


def parsable(text: str) -> bool:
    try:
        yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError:
        return False
    return True


@given(files(flowing("")).filter(parsable))
def test_plain(text: str) -> None:
    check(text)


@given(files(flowing("'")).filter(parsable))
def test_single_quoted(text: str) -> None:
    check(text)


@given(files(flowing('"')).filter(parsable))
def test_double_quoted(text: str) -> None:
    check(text)


@given(files(blocks("|")).filter(parsable))
def test_literal_block(text: str) -> None:
    check(text)


@given(files(blocks(">")).filter(parsable))
def test_folded_block(text: str) -> None:
    check(text)


EXAMPLES: Final = {
    "plain": "k: 雪月花\n",
    "plain over lines": "k: a\n  b\n\n  c\n",
    "plain with carriage returns": "k: a\r\n  b\r\n\r\n  c\r\n",
    "old Mac line breaks": "k: a\r  b\rz: 1\r",
    "quote within quotes": "k: 'a''b'\n",
    "every escape": '"k": "\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\"\\/\\\\\\N\\_\\L\\P\\x41\\u4e2d\\U0001F600"\n',  # noqa: E501
    "line break escaped": 'k: "a\\\n   b"\n',
    "blank before an escaped line break": 'k: "a \\\n   b"\n',
    "escaped blank after a line break": 'k: "a\\\n  \\  b"\n',
    "line breaks only": "k: '\n\n\n  '\n",
    "literal": "k: |\n  a\n   b\n\n  c\n",
    "literal, kept": "k: |+\n  a\n\n\nz: 1\n",
    "literal, stripped": "k: |-\n  a\n\n\nz: 1\n",
    "literal, indented by hand": "k: |1\n   a\n  b\n c\n",
    "literal, all deeper than its indicator": "k: |2\n     a\n     b\n",
    "literal, first line deeper than its indicator": "k: |2\n    a\n   b\n",
    "literal in a list": "k:\n- |\n  a\n  b\n- c\n",
    "literal in a list, by hand": "k:\n  - |1\n     a\n    b\n",
    "literal with leading empty lines": "k: |\n\n \n  a\n  b\n",
    "literal with tabs": "k: |\n  a\tb\n  c\td\n",
    "literal with blanks at line ends": "k: |\n  a  \n  b \n",
    "literal, empty": "k: |\n\nz: 1\n",
    "literal of line breaks": "k: |+\n\n\nz: 1\n",
    "folded": "k: >\n  a\n  b\n\n  c\n",
    "folded, deeper lines": "k: >\n  a\n    b\n    c\n  d\n",
    "folded, deeper after an empty line": "k: >\n  a\n\n    b\n\n  c\n",
    "folded, first line deeper": "k: >2\n    a\n  b\n  c\n",
    "folded, blanks at line ends": "k: >\n  a \n  b\n",
    "folded, kept": "k: >+\n  a\n  b\n\n\nz: 1\n",
    "folded with carriage returns": "k: >\r\n  a\r\n  b\r\n\r\n  c\r\n",
    "emoji": "k: 😀a🏳️‍🌈b\n",
    "combining letters": "k: e\u0301a\u0308\n",
}


@pytest.mark.parametrize("text", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_examples(text: str) -> None:
    check(text)


@pytest.mark.parametrize("separator", ["\u0085", "\u2028", "\u2029"], ids=ascii)
@pytest.mark.parametrize(
    "text", ["k: 'a{} b c'\n", "k: a{} b c\n", "k: |\n  a{}  b\n  c\n", 'k: "a{} b c"\n']
)
def test_the_line_breaks_of_yaml_1_1(text: str, separator: str) -> None:
    """Libyaml breaks lines there; the letters after one still have their own places."""
    text = text.format(separator)
    node = node_of(text)
    value = node.text or ""
    for char in "abc":
        at = value.index(char)
        assert (
            text.index(char, node.start + (1 if node.style else 0)) == node.locate(at, at + 1).start
        )


def test_a_byte_order_mark_is_not_counted() -> None:
    from m2her_compose.source import decode

    sink = Sink()
    source = decode("\ufeffk: 雪\n".encode(), "a.yaml", sink)
    assert source is not None
    tree = parse(source, sink)
    assert tree is not None
    assert (1, 4) == (tree.root.entries["k"].span.line, tree.root.entries["k"].span.column)
