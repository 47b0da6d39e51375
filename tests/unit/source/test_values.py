"""What YAML's scalars become, what a file may ask for, and what is refused."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from m2her_compose.diagnostics import Sink, Source
from m2her_compose.source import Limits, decode, parse

WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}
NUMBER: Final = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


def parsed(text: str, limits: Limits | None = None) -> tuple[Any, list[str]]:
    """Return a file's plain values, and the codes of what was found."""
    sink = Sink()
    source = Source(path="a.yaml", text=text)
    tree = parse(source, sink) if limits is None else parse(source, sink, limits)
    return (None if tree is None else tree.data), [d.code.id for d in sink.sorted()]


def reference(node: Any) -> Any:
    """Build the values from PyYAML's own tree, by the format's rules."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: reference(child) for key, child in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [reference(child) for child in node.value]
    text = str(node.value)
    if node.style:
        return text
    if text in WORDS:
        return WORDS[text]
    number = NUMBER.fullmatch(text)
    if number is None:
        return text
    return float(text) if number[2] or number[3] else int(text)


SCALARS: Final[dict[str, Any]] = {
    "No": "No",
    "yes": "yes",
    "on": "on",
    "Off": "Off",
    "True": "True",
    "TRUE": "TRUE",
    "Null": "Null",
    "NULL": "NULL",
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
    "12:30": "12:30",
    "007": "007",
    "1.50": 1.5,
    "2026-11-22": "2026-11-22",
    "2001-12-14 21:59:43.10 -5": "2001-12-14 21:59:43.10 -5",
    "0": 0,
    "-0": 0,
    "-1": -1,
    "+1": "+1",
    "1_000": "1_000",
    "0x1F": "0x1F",
    "0o7": "0o7",
    "0b1": "0b1",
    "1e3": 1000.0,
    "1E+3": 1000.0,
    "1.": "1.",
    ".5": ".5",
    "-.5": "-.5",
    "1e": "1e",
    "1.5e-3": 0.0015,
    "00": "00",
    "9" * 30: int("9" * 30),
    "=": "=",
    "<<x": "<<x",
    "１": "１",
    "٣": "٣",
    "y": "y",
    "n": "n",
}


@pytest.mark.parametrize(("text", "expected"), SCALARS.items())
def test_a_plain_scalar(text: str, expected: Any) -> None:
    data, found = parsed(f"k: {text}\n")
    assert found == []
    assert (type(expected), expected) == (type(data["k"]), data["k"])


@pytest.mark.parametrize("text", [text for text in SCALARS if text])
def test_where_a_text_is_wanted_it_is_what_was_typed(text: str) -> None:
    sink = Sink()
    tree = parse(Source(path="a.yaml", text=f"- k: {text}\n"), sink)
    assert tree is not None
    assert text == tree.root.items[0].entries["k"].text


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("text", ["", "null", "true", "1", "~", ".nan", "9" * 40])
def test_a_quoted_scalar_is_a_text(text: str, quote: str) -> None:
    assert ({"k": text}, []) == parsed(f"k: {quote}{text}{quote}\n")


@pytest.mark.parametrize(
    "text",
    [".nan", ".NaN", ".inf", "-.inf", "+.INF", "9" * 31, "-" + "9" * 31, "0." + "9" * 30],
)
def test_a_number_that_json_does_not_know(text: str) -> None:
    assert ["M2H115"] == parsed(f"k: {text}\n")[1]


values = st.recursive(
    st.sampled_from([text for text in SCALARS if text != "-"])
    | st.text(st.characters(exclude_categories=["C"]), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["a", "b", "名", "No", "1", "é"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["a", "b", "c"]), values, min_size=1),
    st.sampled_from([None, '"', "'", "|", ">"]),
    st.booleans(),
    st.integers(10, 90),
    st.booleans(),
)
def test_values_are_those_of_yaml(
    data: dict[str, Any], style: str | None, flow: bool, width: int, unicode: bool
) -> None:
    """In every style that PyYAML writes."""
    text = yaml.dump(
        data,
        Dumper=yaml.SafeDumper,
        default_style=style,
        default_flow_style=flow,
        width=width,
        allow_unicode=unicode,
        sort_keys=False,
    )
    expected = reference(yaml.compose(text, Loader=yaml.CSafeLoader))
    actual, found = parsed(text)
    # `!!int` and the like, which PyYAML writes before quoted numbers, are no part of this.
    if "!!" not in text:
        assert found in ([], ["M2H109"])
        assert expected == actual


REFUSED: Final = {
    "a duplicate key": ("a: 1\na: 2\n", "M2H112"),
    "a duplicate key in other quotes": ("a: 1\n'a': 2\n", "M2H112"),
    "a duplicate key in braces": ("{a: 1, a: 2}\n", "M2H112"),
    "an unknown tag": ("a: !x b\n", "M2H114"),
    "a python tag": ("a: !!python/object/apply:os.system ['true']\n", "M2H114"),
    "a python name": ("a: !!python/name:os.system ''\n", "M2H114"),
    "binary": ("a: !!binary aGVsbG8=\n", "M2H114"),
    "a set": ("a: !!set {x, y}\n", "M2H114"),
    "an ordered map": ("a: !!omap [x: 1]\n", "M2H114"),
    "a timestamp": ("a: !!timestamp 2026-11-22\n", "M2H114"),
    "an unknown tag of a map": ("a: !x {b: c}\n", "M2H114"),
    "raw on a list": ("a: !raw [b]\n", "M2H114"),
    "a second document": ("a: 1\n---\nb: 2\n", "M2H116"),
    "a third document": ("--- \na: 1\n--- \n--- \n", "M2H116"),
    "a tab as indentation": ("a:\n\tb: 1\n", "M2H101"),
    "a list as a key": ("[a]: b\n", "M2H102"),
    "a map as a key": ("? {a: b}\n: c\n", "M2H113"),
    "an alias as a key": ("a: &x b\n*x : c\n", "M2H113"),
    "an empty key": (": a\n", "M2H113"),
    "an alias of nothing": ("a: *x\n", "M2H111"),
    "an alias within its anchor": ("a: &x [*x]\n", "M2H111"),
    "an alias within its anchor, deeper": ("a: &x {b: [1, {c: *x}]}\n", "M2H111"),
    "a merge of a text": ("<<: text\n", "M2H111"),
    "a merge of a list of texts": ("<<: [a, b]\n", "M2H111"),
    "a control character": ("a: b\x07\n", "M2H117"),
    "an unclosed list": ("a: [b\n", "M2H102"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(text: str, code: str) -> None:
    assert [code] == parsed(text)[1]


MERGES: Final = {
    "fills in": ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\n", {"y": 3, "x": 1}),
    "an earlier key wins": ("a: &a {x: 1}\nb: {x: 2, <<: *a}\n", {"x": 2}),
    "the first of a list wins": (
        "a: &a {x: 1}\nc: &c {x: 2, y: 2}\nb: {<<: [*a, *c]}\n",
        {"x": 1, "y": 2},
    ),
    "a map written out": ("b: {<<: {x: 1}}\n", {"x": 1}),
    "quoted it is a key": ("b: {'<<': {x: 1}}\n", {"<<": {"x": 1}}),
    "a merge of a merge": ("a: &a {x: 1}\nc: &c {<<: *a}\nb: {<<: *c}\n", {"x": 1}),
}


@pytest.mark.parametrize(("text", "expected"), MERGES.values(), ids=MERGES.keys())
def test_merge_keys(text: str, expected: Any) -> None:
    data, found = parsed(text)
    assert [] == found
    assert expected == data["b"]


SMALL: Final = Limits(bytes=1000, nodes=20, depth=5, digits=3)
LIMITED: Final = {
    "values in a list": ("[" + "1," * 19 + "]\n", "[" + "1," * 25 + "]\n"),
    "aliases": ("a: &a [1, 2, 3]\nb: [*a, *a]\n", "a: &a [1, 2, 3]\nb: [*a, *a, *a, *a, *a, *a]\n"),
    "depth": ("[[[[[1]]]]]\n", "[[[[[[1]]]]]]\n"),
    "merged keys": (
        "a: &a {x: 1, y: 2, z: 3}\nb: {<<: *a}\n",
        "a: &a {x: 1, y: 2, z: 3}\nb: {<<: [*a, *a, *a]}\n",
    ),
}


@pytest.mark.parametrize(("within", "beyond"), LIMITED.values(), ids=LIMITED.keys())
def test_limits(within: str, beyond: str) -> None:
    assert [] == parsed(within, SMALL)[1]
    assert ["M2H110"] == parsed(beyond, SMALL)[1]


@pytest.mark.parametrize("count", [0, 10, 11])
def test_bytes(count: int) -> None:
    sink = Sink()
    source = decode(b"a" * count, "a.yaml", sink, max_bytes=10)
    assert (count <= 10) is (source is not None)
    assert ([] if count <= 10 else ["M2H110"]) == [d.code.id for d in sink.sorted()]


@pytest.mark.parametrize(
    "data", [b"\xff\xfea\x00", b"a: \xe9", b"\xc0\x80", b"\xed\xa0\x80", b"a\x80"]
)
def test_what_is_not_utf_8(data: bytes) -> None:
    sink = Sink()
    assert decode(data, "a.yaml", sink) is None
    assert ["M2H117"] == [d.code.id for d in sink.sorted()]


# --- masking: one mistake does not hide the others

TRAPS: Final = {
    "an emote": "*sighs* I know",
    "brackets": "[OOC: hello]x",
    "a quote that ends early": '"Well," he said',
    "a colon": "Current goal: leave",
    "a template": "{{ user }} comes",
    "a backtick": "`code` it",
    "an at sign": "@mara hello",
    "a percent sign": "%d of them",
}


@pytest.mark.parametrize("count", [1, 2, 3, 7, 20])
@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
def test_every_trap_is_reported_once(trap: str, count: int) -> None:
    """On its own line, and nothing else is."""
    lines = ["history:"]
    for i in range(count):
        lines += [f"- user: Fine {i}.", f"- ai: {trap}"]
    sink = Sink()
    parse(Source(path="a.yaml", text="\n".join(lines) + "\n"), sink)
    found = sink.sorted()
    assert [3 + 2 * i for i in range(count)] == [d.span.line for d in found]
    assert len({d.code.id for d in found}) == 1


@given(st.lists(st.sampled_from([*TRAPS.values(), "Fine.", "Good."]), min_size=1, max_size=25))
def test_mixed_traps_are_each_reported_once(said: list[str]) -> None:
    text = "history:\n" + "".join(f"- ai: {line}\n" for line in said)
    sink = Sink()
    parse(Source(path="a.yaml", text=text), sink)
    expected = [i for i, line in enumerate(said, 2) if line in TRAPS.values()]
    assert expected == [d.span.line for d in sink.sorted()]
