"""Python literals: read back exactly, and harmless to look at."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.emit.literals import python_literal

ACTS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from('"""\'\\\n\n \t\r{}茶\x1b\u202e\ud800👩\u200d🚀'))
)


@given(TEXTS)
def test_texts_are_read_back_and_act_on_nothing(text: str) -> None:
    literal = python_literal(text)
    assert ast.literal_eval(literal) == text
    assert not ACTS.search(literal)


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        pytest.param("Hi", '"Hi"', id="one line"),
        pytest.param('say "a" \\', r'"say \"a\" \\"', id="quotes and backslashes"),
        pytest.param("Hi\n", r'"Hi\n"', id="a line break at the end"),
        pytest.param("茶馆 👩\u200d🚀", '"茶馆 👩\u200d🚀"', id="what can be seen"),
        pytest.param("a\u202eb\x1b", r'"a\u202eb\x1b"', id="what cannot be seen"),
        pytest.param("a\n\tb", '"""\\\na\n\\tb"""', id="several lines, and a tab"),
        pytest.param('"""\n"', '"""\\\n\\"\\""\n\\""""', id="quotes that would end it"),
        pytest.param("a \nb ", '"""\\\na\\x20\nb\\x20"""', id="blanks at the end of lines"),
        pytest.param("a\r\nb", '"""\\\na\\r\nb"""', id="CR LF"),
        pytest.param(True, "True", id="a boolean"),
        pytest.param(0.5, "0.5", id="a number"),
    ],
)
def test_how_they_are_written(value: object, literal: str) -> None:
    assert python_literal(value) == literal
