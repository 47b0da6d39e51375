"""Merging is JSON Merge Patch (RFC 7396), with `key+` and `use` as the format adds them."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.diagnostics import Sink, Source
from m2her_compose.resolve import merge
from m2her_compose.source import Node

SOURCE: Final = Source(path="a.yaml", text="x")


def node(data: Any) -> Node:
    if isinstance(data, dict):
        value: Any = {key: node(child) for key, child in data.items()}
    elif isinstance(data, list):
        value = [node(child) for child in data]
    else:
        value = data
    text = None if isinstance(data, dict | list) else str(data)
    return Node(value=value, text=text, source=SOURCE, start=0, end=1)


def data_of(tree: Node) -> Any:
    if tree.is_map:
        return {key: data_of(child) for key, child in tree.entries.items()}
    if tree.is_list:
        return [data_of(child) for child in tree.items]
    return tree.value


def merged(target: Any, patch: Any) -> Any:
    sink = Sink()
    result = data_of(merge(node(target), node(patch), sink))
    assert len(sink) == 0
    return result


def reference(target: Any, patch: Any) -> Any:
    """Follow the algorithm of the RFC, section 2."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = reference(result.get(key), value)
    return result


# Appendix A of the RFC: original, patch, result.
TABLE: Final[list[tuple[Any, Any, Any]]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "expected"), TABLE)
def test_the_table_of_the_rfc(target: Any, patch: Any, expected: Any) -> None:
    assert expected == reference(target, patch)
    assert expected == merged(target, patch)


keys = st.sampled_from(["a", "b", "c", "x-d", "x-e+"])
values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "s"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(values, values)
def test_any_two_values(target: Any, patch: Any) -> None:
    assert reference(target, patch) == merged(target, patch)


@given(st.dictionaries(keys, values), st.dictionaries(keys, values))
def test_the_order_is_that_of_the_inherited_map_then_of_the_patch(
    target: dict[str, Any], patch: dict[str, Any]
) -> None:
    assert list(reference(target, patch)) == list(merged(target, patch))


@given(values, values)
def test_merging_changes_neither(target: Any, patch: Any) -> None:
    left, right = node(target), node(patch)
    merge(left, right, Sink())
    assert (target, patch) == (data_of(left), data_of(right))


@pytest.mark.parametrize(
    ("target", "patch", "expected"),
    [
        ({"a": [1]}, {"a+": [2]}, {"a": [1, 2]}),
        ({}, {"a+": [2]}, {"a": [2]}),
        ({"a": None}, {"a+": [2]}, {"a": [2]}),
        ({"a": "x"}, {"a+": "y"}, {"a": ["x", "y"]}),
        ({"a": [1]}, {"a+": None}, {"a": [1]}),
        ({"a": [1]}, {"a": None, "a+": [2]}, {"a": [2]}),
        ({"a": [1]}, {"a+": [2], "a": None}, {"a": [2]}),
        ({"m": {"a": [1]}}, {"m": {"a+": [2]}}, {"m": {"a": [1, 2]}}),
        ({"x-a": [1]}, {"x-a+": [2]}, {"x-a": [1], "x-a+": [2]}),
    ],
)
def test_a_plus_appends(target: Any, patch: Any, expected: Any) -> None:
    assert expected == merged(target, patch)


@pytest.mark.parametrize(
    ("target", "patch"),
    [({"a": {"k": 1}}, {"a+": [2]}), ({"a": [1]}, {"a": [3], "a+": [2]})],
    ids=["a map", "both"],
)
def test_a_plus_that_makes_no_sense(target: Any, patch: Any) -> None:
    sink = Sink()
    merge(node(target), node(patch), sink)
    assert ["M2H305"] == [finding.code.id for finding in sink.sorted()]


def test_a_map_that_names_use_replaces() -> None:
    target = {"a": {"name": "x", "goals": [1]}}
    assert {"a": {"use": "f", "name": "y"}} == merged(target, {"a": {"use": "f", "name": "y"}})
