"""Findings as an author reads them."""

from __future__ import annotations

import re
import tracemalloc
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.diagnostics import Code, Diagnostic, Related, Severity, Source, Span
from m2her_compose.emit.terminal import cells, pieces
from m2her_compose.report import render_diagnostics, summary
from m2her_compose.report import text as text_module

CODE = Code("M2H201", "unknown-key", Severity.ERROR, "unknown key")
TEA = "name: tea\nmodel: x\n\ncharcters:\n  - a\n"
BASE = Source(path="scenarios/base.yaml", text="a: 1\nb: 2\nextends: x.yaml\n")


def finding(
    text: str,
    start: int,
    end: int,
    *,
    message: str = "unknown key",
    path: str = "tea.yaml",
    severity: Severity = Severity.ERROR,
    help: str | None = None,
    related: tuple[Related, ...] = (),
) -> Diagnostic:
    span = Span(Source(path=path, text=text), start, end)
    return Diagnostic(
        code=CODE, severity=severity, message=message, span=span, help=help, related=related
    )


def shown(*diagnostics: Diagnostic, width: int = 80) -> str:
    return render_diagnostics(diagnostics, color=False, width=width)


def test_the_whole_form() -> None:
    """Header, place, line, underline, help, and the place it was reached from."""
    expected = dedent("""\
        error[M2H201]: unknown key `charcters`
          --> scenarios/tea.yaml:4:1
           |
         4 | charcters:
           | ^^^^^^^^^
           |
           = help: did you mean `characters`?
          ::: scenarios/base.yaml:3:10
           |
         3 | extends: x.yaml
           |          ------ reached from here
        """)
    actual = shown(
        finding(
            TEA,
            20,
            29,
            message="unknown key `charcters`",
            path="scenarios/tea.yaml",
            help="did you mean `characters`?",
            related=(Related(Span(BASE, 19, 25), "reached from here"),),
        )
    )
    assert expected == actual


def test_findings_are_apart_and_each_has_its_own_gutter() -> None:
    """A blank line stands between two; only the one with line 12 has the wider gutter."""
    expected = dedent("""\
        warning[M2H201]: unknown key
          --> tea.yaml:1:1
           |
         1 | name: tea
           | ^^^^

        note[M2H201]: unknown key
           --> tea.yaml:12:1
            |
         12 | b: 1
            | ^
        """)
    text = "\n" * 11 + "b: 1\n"
    actual = shown(
        finding(TEA, 0, 4, severity=Severity.WARNING),
        finding(text, 11, 12, severity=Severity.NOTE),
    )
    assert expected == actual


def test_no_findings_are_no_text() -> None:
    """Not even a line break."""
    assert "" == shown()


def test_related_places_without_help_are_set_off() -> None:
    """A gutter line keeps the snippets apart; a label that does not fit goes below."""
    expected = dedent("""\
        error[M2H201]: unknown key
          --> tea.yaml:4:1
           |
         4 | charcters:
           | ^^^^^^^^^
           |
          ::: scenarios/base.yaml:3:10
           |
         3 | extends: x.yaml
           |          ------
           |          reached from here, where
           |          another file extends it
           |
          ::: scenarios/base.yaml:1:1
           |
         1 | a: 1
           | - first
        """)
    related = (
        Related(Span(BASE, 19, 25), "reached from here, where another file extends it"),
        Related(Span(BASE, 0, 1), "first"),
    )
    assert expected == shown(finding(TEA, 20, 29, related=related), width=40)


def test_wide_combining_tab_and_escaped_characters_keep_carets_in_line() -> None:
    """The underline covers `老板`, whatever stands before it."""
    expected = dedent("""\
        error[M2H201]: unknown key
          --> tea.yaml:1:11
           |
         1 | 茶e\u0301:    [\\u{1b}\\u{202e}, 老板, é]
           |                          ^^^^
        """)
    text = "茶e\u0301:\t[\x1b\u202e, 老板, é]"
    start = text.index("老")
    assert expected == shown(finding(text, start, start + 2))


def test_a_control_character_is_underlined_as_it_is_shown() -> None:
    """In the excerpt, the message and the file's name alike."""
    expected = dedent("""\
        error[M2H201]: bad character `\\u{1b}`
          --> te\\u{202e}a.yaml:1:4
           |
         1 | a: \\u{1b}[2J
           |    ^^^^^^
           |
           = help: remove `\\u{1b}`
        """)
    actual = shown(
        finding(
            "a: \x1b[2J",
            3,
            4,
            message="bad character `\x1b`",
            path="te\u202ea.yaml",
            help="remove `\x1b`",
        )
    )
    assert expected == actual


@pytest.mark.parametrize(
    ("text", "start", "end", "place", "line", "marks"),
    [
        pytest.param("a: 1\n", 5, 5, "2:1", " 2 |", "^", id="end-of-file"),
        pytest.param("", 0, 0, "1:1", " 1 |", "^", id="empty-file"),
        pytest.param("a: 1", 4, 4, "1:5", " 1 | a: 1", "    ^", id="end-of-line"),
        pytest.param("a: 茶", 3, 3, "1:4", " 1 | a: 茶", "   ^", id="empty-span"),
        pytest.param("a: 茶", 3, 4, "1:4", " 1 | a: 茶", "   ^^", id="one-wide-character"),
        pytest.param("a: 1", 0, 1, "1:1", " 1 | a: 1", "^", id="one-column"),
        pytest.param("a: 1", 90, 99, "1:5", " 1 | a: 1", "    ^", id="beyond-the-text"),
        pytest.param("a: 1", -5, 99, "1:1", " 1 | a: 1", "^^^^", id="around-the-text"),
        pytest.param("a: 1", 3, 1, "1:4", " 1 | a: 1", "   ^", id="backwards"),
        pytest.param("a: 1\r\nb: 2", 3, 6, "1:4", " 1 | a: 1", "   ^", id="with-its-line-break"),
        pytest.param("a:  \n\nb", 2, 6, "1:3", " 1 | a:", "  ^^", id="trailing-blanks"),
    ],
)
def test_edges(*, text: str, start: int, end: int, place: str, line: str, marks: str) -> None:
    """Each span gets a line and at least one caret."""
    expected = f"error[M2H201]: unknown key\n  --> tea.yaml:{place}\n   |\n{line}\n   | {marks}\n"
    assert expected == shown(finding(text, start, end))


def test_a_span_of_many_lines_shows_the_first_and_the_last() -> None:
    """The line break that ends it is not a line of its own."""
    expected = dedent("""\
        error[M2H201]: unknown key
          --> tea.yaml:1:4
           |
         1 | a: |
           |    ^
        ...
         4 |   three
           |   ^^^^^

        error[M2H201]: unknown key
          --> tea.yaml:1:4
           |
         1 | a: |
           |    ^
         2 |   one
           |   ^^^
        """)
    text = "a: |\n  one\n  two\n  three\nb: 1\n"
    actual = shown(finding(text, 3, text.index("b:")), finding(text, 3, text.index("  two")))
    assert expected == actual


def test_long_lines_are_cut_around_the_span() -> None:
    """At the start, in the middle, at the end, and where the span itself is too long."""
    expected = dedent("""\
        error[M2H201]: unknown key
          --> tea.yaml:1:1
           |
         1 | key: xxxxxxxxxxxxxxxxxxxxxxxxxxxx…
           | ^^^

        error[M2H201]: unknown key
          --> tea.yaml:1:47
           |
         1 | …xxxxxxxxxxxxx WRONG yyyyyyyyyyyyy…
           |                ^^^^^

        error[M2H201]: unknown key
          --> tea.yaml:1:90
           |
         1 | …yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy
           |                                 ^^

        error[M2H201]: unknown key
          --> tea.yaml:1:6
           |
         1 | …ey: xxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
           |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """)
    text = "key: " + "x" * 40 + " WRONG " + "y" * 39
    spans = [(0, 3), (46, 51), (89, 91), (5, 91)]
    assert expected == shown(*(finding(text, *span) for span in spans), width=40)


def test_messages_and_helps_wrap() -> None:
    """They hang under their beginning, break no name, and keep the help's own lines."""
    expected = dedent("""\
        error[M2H201]: the character
                       `old tea master` has no
                       voice，但是茶馆里的每个人
                       都需要一个声音
          --> tea.yaml:1:1
           |
         1 | name: tea
           | ^^^^
           |
           = help: write one of:
                     - `voice: calm` for a
                       quiet one
                     - `voice: loud`

                   or leave it
        """)
    message = "the character `old tea master` has no voice，但是茶馆里的每个人都需要一个声音"
    text = "write one of:\n  - `voice: calm` for a\n    quiet one\n  - `voice: loud`\n\nor leave it"
    actual = shown(finding(TEA, 0, 4, message=message, help=text), width=40)
    assert expected == actual


def test_a_narrow_terminal_counts_as_forty_cells() -> None:
    """Less is not readable."""
    long = finding("x" * 90, 40, 50, path="p/" * 40 + "tea.yaml", message="m " * 40)
    assert shown(long, width=1) == shown(long, width=40)
    assert "  --> …p/p/p/p/p/p/p/p/p/p/tea.yaml:1:41" in shown(long, width=1).splitlines()


def test_colors() -> None:
    """Red error, blue gutter; the excerpt itself is left alone."""
    expected = dedent("""\
        E[1;31merror[M2H201]E[0mE[1m:E[0m E[1munknown keyE[0m
        E[1;34m  -->E[0m tea.yaml:1:1
        E[1;34m   |E[0m
        E[1;34m 1 |E[0m name: tea
        E[1;34m   |E[0m E[1;31m^^^^E[0m
        E[1;34m   |E[0m
           E[1;34m=E[0m E[1mhelp:E[0m none
        """).replace("E[", "\x1b[")
    actual = render_diagnostics([finding(TEA, 0, 4, help="none")], color=True, width=80)
    assert expected == actual


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        pytest.param("", "", id="none"),
        pytest.param("e", "1 error", id="one"),
        pytest.param("wee", "2 errors, 1 warning", id="two-kinds"),
        pytest.param("nnw", "1 warning, 2 notes", id="notes"),
    ],
)
def test_summary(severities: str, expected: str) -> None:
    """Worst first, and nothing that is not there."""
    kinds = {"e": Severity.ERROR, "w": Severity.WARNING, "n": Severity.NOTE}
    found = [finding(TEA, 0, 1, severity=kinds[letter]) for letter in severities]
    assert expected == summary(found, color=False)


def test_summary_in_color() -> None:
    """Each count has the colour of its severity."""
    found = [finding(TEA, 0, 1), finding(TEA, 0, 1, severity=Severity.WARNING)]
    assert "\x1b[1;31m1 error\x1b[0m, \x1b[1;33m1 warning\x1b[0m" == summary(found, color=True)


def test_a_very_long_line_costs_what_is_shown_of_it() -> None:
    """200 findings in a line of 4 MB; copying the line for each takes many times the limit."""
    source = Source(path="tea.yaml", text="茶" * 4_000_000)
    source.line_starts()
    found = [
        Diagnostic(
            code=CODE,
            severity=Severity.ERROR,
            message="unknown key",
            span=Span(source, at * 20_000, at * 20_000 + 10_000),
        )
        for at in range(200)
    ]
    tracemalloc.start()
    render_diagnostics(found, color=False, width=100)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < len(source.text)


WILD = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from(
            "ab` 茶\t\r\n\u0301\u200b\u200c\u200d\u202e\ufe0f1#👩🚀🏽🇩🇪क\u094d\x1b\ud800"
        ),
    ),
    max_size=300,
)


@given(
    text=WILD,
    message=WILD,
    extra=WILD,
    start=st.integers(-5, 310),
    end=st.integers(-5, 310),
    width=st.integers(0, 100),
)
def test_any_span_in_any_text(
    *, text: str, message: str, extra: str, start: int, end: int, width: int
) -> None:
    """It never raises, no line is too wide, nothing acts on the terminal or depends on colour."""
    diagnostic = finding(
        text,
        start,
        end,
        message=message,
        path=extra,
        help=extra,
        related=(Related(Span(BASE, end, start), message), Related(Span(BASE, start, end), extra)),
    )
    plain = shown(diagnostic, width=width)
    assert max(cells(line) for line in plain.split("\n")) <= max(width, 40)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u2028-\u202e\ud800-\udfff]", plain)
    assert "^" in plain
    painted = render_diagnostics([diagnostic], color=True, width=width)
    unpainted = re.sub(r"\x1b\[[0-9;]*m", "", painted)
    assert [line.rstrip(" ") for line in plain.split("\n")] == [
        line.rstrip(" ") for line in unpainted.split("\n")
    ]


def test_what_counts_as_plain_is_shown_as_it_is() -> None:
    """Rows of these are measured without cutting them into pieces: that must come out the same."""
    plain = [char for char in map(chr, range(0x10000)) if text_module._PLAIN.fullmatch(char)]

    for char in plain:
        assert list(pieces(f"a{char}")) == [("a", "a"), (char, char)]
        assert cells(char) == (2 if char >= text_module._FIRST_WIDE else 1)
    assert len(plain) > 20_000
