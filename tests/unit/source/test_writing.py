"""Writing texts as YAML scalars: they read back as they were, and look as people write them."""

from __future__ import annotations

import itertools
import random

import pytest
import yaml

from m2her_compose.diagnostics import Sink, Source
from m2her_compose.source import parse
from m2her_compose.source.writing import cells, written, written_key

_PARTS = (
    *"abc",
    *" \n\t\r'\"\\:#-?*&![]{}|>%@`,~=",
    "  ",
    "\n\n",
    ": ",
    " #",
    "- ",
    "---",
    "...",
    "{{ user }}",
    "No",
    "12:30",
    "0x1F",
    "2026-11-22",
    "a word or two, ",
    "你好，",
    "：",
    "\u2028",
    "\x85",
    "\ufeff",
    "\x07",
    "\u3000",
    "\xa0",
    "🙂",
    "e\u0301",
)


def _read(document: str) -> object:
    sink = Sink()
    tree = parse(Source(path="t.yaml", text=document), sink)
    assert tree is not None, (document, [each.message for each in sink.sorted()])
    assert not sink.has_errors
    return tree.data


def _texts() -> list[str]:
    chance = random.Random(6)  # noqa: S311 - texts for a test
    short = ["".join(pair) for n in (1, 2) for pair in itertools.product(_PARTS, repeat=n)]
    longer = ["".join(chance.choices(_PARTS, k=chance.randint(3, 40))) for _ in range(4000)]
    return [*short, *longer]


@pytest.mark.parametrize("width", [12, 100])
def test_every_text_reads_back_as_it_was(width: int) -> None:
    for text in _texts():
        key, item = (written(text, indent=n, width=width) for n in (4, 2))
        document = f"a:\n  b: {key}\n  c: [{written(text, indent=4, flow=True)}, x]\nd:\n- {item}\n"
        assert _read(document) == {"a": {"b": text, "c": [text, "x"]}, "d": [text]}, document
        old = yaml.safe_load(document)
        assert old == {"a": {"b": text, "c": [text, "x"]}, "d": [text]}, document


def test_every_key_reads_back_as_it_was() -> None:
    for text in filter(None, _texts()):
        document = (
            f"{written_key(text)}: x\nlist:\n- {written_key(text)}: {{{written_key(text)}: 1}}\n"
        )
        assert _read(document) == {text: "x", "list": [{text: {text: 1}}]}, document


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Sit down.", "Sit down.", id="plain"),
        pytest.param("", '""', id="nothing"),
        pytest.param("*nods* Yes.", '"*nods* Yes."', id="an asterisk"),
        pytest.param("- a dash", '"- a dash"', id="a dash"),
        pytest.param("-10 degrees", "-10 degrees", id="a dash before a digit"),
        pytest.param("Rule one: none", '"Rule one: none"', id="a colon"),
        pytest.param("room #3", '"room #3"', id="a hash"),
        pytest.param("{{ user }} waits", '"{{ user }} waits"', id="a template"),
        pytest.param('"Yes," she said.', "'\"Yes,\" she said.'", id="double quotes"),
        pytest.param('She said "it\'s late"', 'She said "it\'s late"', id="quotes within"),
        pytest.param('"It\'s late," she said', '|-\n  "It\'s late," she said', id="both quotes"),
        pytest.param("*C:\\*", "'*C:\\*'", id="a backslash"),
        pytest.param("No", '"No"', id="a word of YAML 1.1"),
        pytest.param("12:30", '"12:30"', id="a time"),
        pytest.param("2026-11-22", '"2026-11-22"', id="a date"),
        pytest.param("1.50", '"1.50"', id="a number"),
        pytest.param("3 men", "3 men", id="a number and a word"),
        pytest.param("你好：世界", "你好：世界", id="a full-width colon"),
        pytest.param("one\ntwo", "|-\n  one\n  two", id="two lines"),
        pytest.param("one\n\ntwo\n", "|\n  one\n\n  two", id="a blank line, and an end"),
        pytest.param("one\n\n", "|+\n  one\n", id="two line ends"),
        pytest.param("one \ntwo", '"one \\ntwo"', id="a blank before a line end"),
        pytest.param(" one\ntwo", '" one\\ntwo"', id="a blank at the start"),
        pytest.param("bell\x07", '"bell\\x07"', id="a control character"),
        pytest.param("one\u2028two", '"one\\u2028two"', id="a separator of lines"),
    ],
)
def test_a_text_is_written_as_people_would(text: str, expected: str) -> None:
    assert written(text, indent=2) == expected


@pytest.mark.parametrize(
    ("text", "column", "expected"),
    [
        pytest.param("one two three", 9, ">-\n  one two\n  three", id="folded"),
        pytest.param("one two", 2, "one two", id="fits"),
        pytest.param("你好 世界 人", 2, ">-\n  你好 世界\n  人", id="wide characters"),
        pytest.param("unbreakable", 6, "unbreakable", id="no blank to break at"),
        pytest.param("one  two  three", 2, "one  two  three", id="two blanks stay together"),
        pytest.param("*one* two three", 2, ">-\n  *one* two\n  three", id="no quotes in a block"),
    ],
)
def test_a_long_text_is_folded_between_words(text: str, column: int, expected: str) -> None:
    assert written(text, indent=2, width=12, column=column) == expected


def test_a_key_is_plain_in_any_script() -> None:
    assert written_key("诸葛亮") == "诸葛亮"
    assert written_key("on") == '"on"'
    assert written_key("a: b") == '"a: b"'


def test_marks_take_no_cell_and_wide_characters_two() -> None:
    assert cells("e\u0301你🙂a") == 6
