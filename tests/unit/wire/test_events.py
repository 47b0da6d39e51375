"""Streams of events: the same data, however the bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from m2her_compose.wire.events import MOST_EVENT_SIZE, EventDecoder, EventError


def decoded(*pieces: bytes) -> list[str]:
    decoder = EventDecoder()
    found = [data for piece in pieces for data in decoder.feed(piece)]
    return [*found, *decoder.finish()]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        pytest.param(b"data: a\n\ndata: b\n\n", ["a", "b"], id="two"),
        pytest.param(b"data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"], id="CR LF"),
        pytest.param(b"data: a\r\rdata: b\r\r", ["a", "b"], id="CR"),
        pytest.param(b"data: a\r\n\ndata: b\n\r", ["a", "b"], id="mixed"),
        pytest.param(b"data:a\n\n", ["a"], id="no blank"),
        pytest.param(b"data:  a\n\n", [" a"], id="two blanks"),
        pytest.param(b"data: a\ndata: b\n\n", ["a\nb"], id="two lines"),
        pytest.param(b"data: a\r\ndata: b\r\n\r\n", ["a\nb"], id="two lines, CR LF"),
        pytest.param(b"data\n\n", [""], id="no value"),
        pytest.param(b"data: \n\n", [""], id="empty value"),
        pytest.param(b": comment\n\n:\n\ndata: a\n\n", ["a"], id="comments"),
        pytest.param(b"event: x\nid: 1\nretry: 5\ndata: a\n\n", ["a"], id="other fields"),
        pytest.param(b"event: ping\n\n", [], id="no data"),
        pytest.param(b"dataset: a\n\n", [], id="a longer name"),
        pytest.param(b"data: a: b\n\n", ["a: b"], id="colon in data"),
        pytest.param(b"\xef\xbb\xbfdata: a\n\n", ["a"], id="byte order mark"),
        pytest.param(b"data: a", ["a"], id="no end at all"),
        pytest.param(b"data: a\n", ["a"], id="no empty line"),
        pytest.param(
            "data: \u4f60\U0001f600\u2028x\n\n".encode(), ["\u4f60\U0001f600\u2028x"], id="UTF-8"
        ),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_streams(stream: bytes, expected: list[str]) -> None:
    assert expected == decoded(stream)
    assert expected == decoded(*[stream[i : i + 1] for i in range(len(stream))])


WORDS = [b"data: ", b"data:", b"data", b": c", b"id: 1", b"a", b" "]
ENDS = [b"\n", b"\r", b"\r\n", b"\n\n"]
WIDE = ["\u4f60".encode(), "\U0001f600".encode()]
PARTS = st.lists(st.sampled_from([*WORDS, *ENDS, *WIDE]), max_size=20).map(b"".join)


@given(PARTS, st.lists(st.integers(0, 100), max_size=10))
@example(b"data: a\r\n\r\n", [8, 9, 10])
def test_cutting_changes_nothing(stream: bytes, places: list[int]) -> None:
    edges = [0, *sorted(min(place, len(stream)) for place in places), len(stream)]
    pieces = [stream[edges[i] : edges[i + 1]] for i in range(len(edges) - 1)]

    assert decoded(stream) == decoded(*pieces)


@pytest.mark.parametrize("stream", [b"data: \xff\n\n", b"data: \xe4\xbd"])
def test_what_is_not_utf8_is_no_stream(stream: bytes) -> None:
    with pytest.raises(EventError, match="not UTF-8"):
        decoded(stream)


@pytest.mark.parametrize("start", [b"data: ", b": ", b""])
def test_a_line_without_an_end_is_given_up(start: bytes) -> None:
    with pytest.raises(EventError, match="an event of more than"):
        decoded(start, *[b"x" * 1_000_000] * (MOST_EVENT_SIZE // 1_000_000 + 1))


def test_an_event_of_lines_without_an_end_is_given_up() -> None:
    with pytest.raises(EventError, match="an event of more than"):
        decoded(*[b"data: " + b"x" * 1_000_000 + b"\n"] * (MOST_EVENT_SIZE // 1_000_000 + 1))


def test_comments_may_go_on_for_ever() -> None:
    assert ["a"] == decoded(*[b": " + b"x" * 1_000_000 + b"\n"] * 6, b"data: a\n\n")
