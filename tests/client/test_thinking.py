"""What is thought is parted from what is said, however the text is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from m2her_compose.client import ThinkFilter, Thought


def parted(*pieces: str, inside: bool = False) -> tuple[str, str]:
    """Return what is said and what is thought."""
    filter_ = ThinkFilter(inside=inside)
    found = [each for piece in pieces for each in filter_.feed(piece)]
    found += filter_.finish()
    assert "" not in found
    said = "".join(each for each in found if not isinstance(each, Thought))
    return said, "".join(each for each in found if isinstance(each, Thought))


@pytest.mark.parametrize(
    ("text", "said", "thought"),
    [
        pytest.param("Hello.", "Hello.", "", id="no tag"),
        pytest.param("<think>Hm</think>\n\nYes.", "Yes.", "Hm", id="first"),
        pytest.param(" \n<think>Hm</think> Yes.", "Yes.", "Hm", id="after white space"),
        pytest.param("Yes. <think>Hm</think> No.", "Yes.  No.", "Hm", id="in the middle"),
        pytest.param("<think>a</think> <think>b</think> c", "c", "ab", id="twice"),
        pytest.param("<think>a", "", "a", id="without an end"),
        pytest.param("<think>a</thin", "", "a</thin", id="without all of an end"),
        pytest.param("<think></think>a", "a", "", id="empty"),
        pytest.param("</think>\n\na", "a", "", id="an end at the start"),
        pytest.param("Hm</think>\na", "Hm\na", "", id="an end without a beginning"),
        pytest.param("<think>a<think>b</think>c", "c", "a<think>b", id="a tag in a thought"),
        pytest.param("<thin", "<thin", "", id="half a tag"),
        pytest.param("a <b> </b", "a <b> </b", "", id="other tags"),
        pytest.param("<<think>a</think>b", "<b", "a", id="after half a tag"),
        pytest.param("  a", "  a", "", id="white space first"),
        pytest.param(" \n", " \n", "", id="white space alone"),
        pytest.param("<Think>a</Think>", "<Think>a</Think>", "", id="another case"),
        pytest.param("", "", "", id="nothing"),
    ],
)
def test_text_is_parted(text: str, said: str, thought: str) -> None:
    assert (said, thought) == parted(text)


@pytest.mark.parametrize(
    ("text", "said", "thought"),
    [
        ("Hm</think>\nYes.", "Yes.", "Hm"),
        ("Hm", "", "Hm"),
        ("a<think>b</think>c", "c", "a<think>b"),
    ],
)
def test_a_reply_may_begin_within_a_thought(text: str, said: str, thought: str) -> None:
    assert (said, thought) == parted(text, inside=True)


TEXTS = st.lists(
    st.sampled_from(
        ["<think>", "</think>", "<", "</", "think", ">", " ", "\n", "a", "<th", "\u4f60"]
    ),
    max_size=12,
).map("".join)


@given(TEXTS, st.lists(st.integers(0, 80), max_size=10), st.booleans())
@example(text="<think>a</think> b", places=list(range(20)), inside=False)
def test_cutting_changes_nothing(text: str, places: list[int], inside: bool) -> None:
    edges = [0, *sorted(places), len(text)]
    pieces = [text[a:b] for a, b in pairwise(edges)]

    assert parted(text, inside=inside) == parted(*pieces, inside=inside)
    assert parted(text, inside=inside) == parted(*text, inside=inside)


@given(st.text())
def test_text_without_tags_is_said_as_it_is(text: str) -> None:
    if "think>" not in text:
        assert (text, "") == parted(text)


def test_text_is_given_out_as_soon_as_it_can_be() -> None:
    filter_ = ThinkFilter()

    assert ["Hello "] == list(filter_.feed("Hello <"))
    assert ["<b"] == list(filter_.feed("b"))
