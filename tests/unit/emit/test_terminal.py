"""Text for people: nothing in it acts on the terminal, and its width is known."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.emit.terminal import (
    Palette,
    Style,
    VisibleStream,
    cells,
    clip,
    clusters,
    pieces,
    visible,
    wrap,
)

ANY_TEXT = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("a 茶\t\r\n\u0301\u200b\u200c\u200d\u202e\ufe0f1#é👩🚀🏽🇩🇪क\u094dم"),
    )
)
FORBIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff"
    r"\ud800-\udfff\U000e0000-\U000e007f]"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("plain, 茶馆, é", "plain, 茶馆, é", id="ordinary"),
        pytest.param("\x1b[2J\x07", r"\u{1b}[2J\u{7}", id="escape-sequence"),
        pytest.param("\x9b2J\x7f", r"\u{9b}2J\u{7f}", id="c1-and-del"),
        pytest.param("a\u202eb\u2066c\u061cd", r"a\u{202e}b\u{2066}c\u{61c}d", id="direction"),
        pytest.param("a\u200bb\ufeffc\u2060", r"a\u{200b}b\u{feff}c\u{2060}", id="zero-width"),
        pytest.param("a\u2028b\u2029", r"a\u{2028}b\u{2029}", id="separators"),
        pytest.param("a\ud83db", r"a\u{d83d}b", id="lone-surrogate"),
        pytest.param("a\U000e0041", r"a\u{e0041}", id="tag"),
        pytest.param("a\tb", "a    b", id="tab"),
        pytest.param("a\r\nb\n", r"a\u{d}\u{a}b\u{a}", id="line-breaks"),
    ],
)
def test_visible_shows_what_acts_or_hides(text: str, expected: str) -> None:
    """Characters that act on a terminal or cannot be seen become escapes."""
    assert expected == visible(text)


def test_visible_keeps_line_breaks_when_asked() -> None:
    """LF stays, CR LF becomes LF, and a CR that would overwrite the line is shown."""
    assert "a\nb\nc\\u{d}d" == visible("a\nb\r\nc\rd", keep_newlines=True)


@given(parts=st.lists(ANY_TEXT, max_size=6))
def test_a_stream_shows_what_the_whole_would(parts: list[str]) -> None:
    """However a reply is cut into pieces, as much is shown of it."""
    stream = VisibleStream()
    shown = "".join([*map(stream.feed, parts), stream.finish()])
    assert visible("".join(parts), keep_newlines=True) == shown


def test_a_stream_holds_nothing_back_that_is_decided() -> None:
    stream = VisibleStream()
    assert ["a", "b\n", "", "\nc", "👩"] == [
        stream.feed(p) for p in ("a", "b\n", "\r", "\nc", "👩\u200d")
    ]
    assert "\\u{200d}" == stream.finish()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("👩\u200d🚀", "👩\u200d🚀", id="emoji"),
        pytest.param("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥", id="emoji-selector"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="persian"),
        pytest.param("क\u094d\u200dष", "क\u094d\u200dष", id="devanagari"),
        pytest.param("ad\u200dmin", r"ad\u{200d}min", id="latin"),
        pytest.param("茶\u200c馆", r"茶\u{200c}馆", id="chinese"),
        pytest.param("👩\u200d\u200d🚀", r"👩\u{200d}\u{200d}🚀", id="run"),
        pytest.param("a\ufe00\ufe01\ufe02", "a\ufe00\\u{fe01}\\u{fe02}", id="selector-run"),
    ],
)
def test_visible_keeps_joiners_only_where_they_join(text: str, expected: str) -> None:
    """ZWJ and ZWNJ stay in emoji and in scripts that need them, and show elsewhere."""
    assert expected == visible(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", 0, id="empty"),
        pytest.param("abc", 3, id="ascii"),
        pytest.param("茶馆", 4, id="wide"),
        pytest.param("Ａ，", 4, id="full-width"),
        pytest.param("e\u0301", 1, id="combining"),
        pytest.param("👩🏽\u200d🚀", 2, id="joined-emoji"),
        pytest.param("❤\ufe0f", 2, id="emoji-selector"),
        pytest.param("1\ufe0f\u20e3", 2, id="keycap"),
        pytest.param("🇩🇪🇫🇷", 4, id="flags"),
        pytest.param("\u1112\u1161\u11ab", 2, id="decomposed-hangul"),
        pytest.param("“…”", 3, id="ambiguous"),
    ],
)
def test_cells_is_the_width_on_a_terminal(text: str, expected: int) -> None:
    """Wide characters and emoji take two cells, marks none."""
    assert expected == cells(text)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        pytest.param("scenario", 8, "scenario", id="fits"),
        pytest.param("scenario", 7, "scenar…", id="cut"),
        pytest.param("茶馆老板", 6, "茶馆…", id="wide-does-not-split"),
        pytest.param("ae\u0301e\u0301", 2, "a…", id="marks-stay-with-their-letter"),
        pytest.param("ab", 1, "…", id="one"),
        pytest.param("ab", 0, "", id="none"),
    ],
)
def test_clip_cuts_at_the_end(text: str, width: int, expected: str) -> None:
    """Text that does not fit ends in an ellipsis, inside the width."""
    assert expected == clip(text, width)


def test_clip_can_keep_the_end() -> None:
    """Of a path the end says more."""
    assert "…enes/tea.yaml" == clip("a/long/way/to/scenes/tea.yaml", 14, keep_end=True)


def test_palette_paints_only_when_enabled() -> None:
    """Off, there is no escape sequence; on, it is closed again, and nothing stays nothing."""
    assert "error" == Palette(enabled=False).paint(Style.ERROR, "error")
    assert "\x1b[1;31merror\x1b[0m" == Palette(enabled=True).paint(Style.ERROR, "error")
    assert "" == Palette(enabled=True).paint(Style.ERROR, "")


@given(ANY_TEXT)
def test_visible_text_is_harmless_and_stable(text: str) -> None:
    """Nothing that acts or hides is left, and a second pass changes nothing."""
    shown = visible(text)
    assert not FORBIDDEN.search(shown)
    assert shown == visible(shown)
    assert not FORBIDDEN.search(visible(text, keep_newlines=True).replace("\n", ""))


@given(ANY_TEXT)
def test_pieces_are_the_text_and_what_is_shown_of_it(text: str) -> None:
    """No character is lost, and the pieces' widths add up."""
    parts = list(pieces(text))
    assert text == "".join(raw for raw, _ in parts)
    assert visible(text) == "".join(shown for _, shown in parts)
    assert cells(visible(text)) == sum(cells(shown) for _, shown in parts)


@given(ANY_TEXT, st.integers(min_value=-1, max_value=30))
def test_clip_never_exceeds_its_width(text: str, width: int) -> None:
    """Whichever end is kept."""
    shown = visible(text)
    for keep_end in (False, True):
        assert cells(clip(shown, width, keep_end=keep_end)) <= max(width, 0)


@given(ANY_TEXT)
def test_clusters_are_the_text(text: str) -> None:
    """Clusters add up to the text and start with something that takes room, but for the first."""
    parts = list(clusters(visible(text)))
    assert visible(text) == "".join(parts)
    assert not any(unicodedata.category(part[0]) in {"Mn", "Me"} for part in parts[1:])


# --- lines that are too long


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("one two three", ["one two", "three"], id="between-words"),
        pytest.param("  one two", ["  one", "  two"], id="indented"),
        pytest.param("夜深了茶凉了", ["夜深了茶", "凉了"], id="within-chinese"),
        pytest.param("夜深了茶，凉了", ["夜深了", "茶，凉了"], id="no-comma-first"),
        pytest.param("她说好“走”吧", ["她说好", "“走”吧"], id="no-opening-quote-last"),
        pytest.param("好！！！！！！", ["好！！！", "！！！"], id="nothing-but-marks"),
    ],
)
def test_a_line_is_broken_where_its_language_allows(text: str, lines: list[str]) -> None:
    assert wrap(text, 8) == lines


@given(
    st.text(st.sampled_from("ab 茶凉，。“”（）！"), max_size=60).map(str.strip),
    st.integers(2, 20),
)
def test_broken_lines_fit_and_hold_everything(text: str, room: int) -> None:
    lines = wrap(text, room)

    assert max(map(cells, lines)) <= room
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
