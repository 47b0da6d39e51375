"""What must hold of every file, however it is written."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from m2her_compose.diagnostics import Sink, Source
from m2her_compose.formatting import comments_of, formatted
from m2her_compose.formatting.meaning import meaning
from m2her_compose.formatting.order import root_of
from m2her_compose.resolve.expand import expand
from m2her_compose.schema import Kind
from m2her_compose.source import parse
from tests.unit.formatting.wild import Wild

if TYPE_CHECKING:
    from m2her_compose.source import Tree

SPEAKERS = dict.fromkeys(("user", "ai", "narrator", "mara", "tom"), "")


def tree_of(text: str) -> Tree | None:
    sink = Sink()
    tree = parse(Source(path="wild.yaml", text=text), sink)
    return None if sink.has_errors else tree


def styled(text: str) -> str:
    return formatted(text, Kind.SCENARIO, frozenset(SPEAKERS))


def meaning_of(tree: Tree) -> object:
    root = expand(tree.root, Kind.SCENARIO, whole_file_raw=False)
    return meaning(root, root_of(Kind.SCENARIO), SPEAKERS)


@given(st.integers(min_value=0, max_value=10**9))
@settings(max_examples=300)
def test_a_wild_file_says_the_same_keeps_its_comments_and_then_stays(seed: int) -> None:
    before = Wild(random.Random(seed)).file()  # noqa: S311 - files for a test
    tree = tree_of(before)
    if tree is None:  # an alias within its own anchor
        return
    after = styled(before)
    new_tree = tree_of(after)

    assert new_tree is not None
    assert meaning_of(new_tree) == meaning_of(tree)
    assert comments_of(after) == comments_of(before)
    assert styled(after) == after
    assert after.endswith("\n")
    assert "\r" not in after


@given(st.text(alphabet="ab:#-|>[]{},'\"&*! \n", max_size=60))
@settings(max_examples=500)
def test_whatever_can_be_read_can_be_formatted(text: str) -> None:
    before = f"m2her: scenario/v1\n{text}\n"
    tree = tree_of(before)
    if tree is None:
        return
    after = styled(before)
    new_tree = tree_of(after)

    assert new_tree is not None
    assert new_tree.data == tree.data
    assert comments_of(after) == comments_of(before)
    assert styled(after) == after
