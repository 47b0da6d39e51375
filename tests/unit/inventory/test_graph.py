"""Graphs of files: where trees begin, and that they end."""

from __future__ import annotations

from pathlib import Path

from m2her_compose.diagnostics import Source, Span
from m2her_compose.inventory import Graph, Item, State, Use, UseKind
from m2her_compose.inventory.graph import MOST_DEEP
from m2her_compose.schema import Kind

PLACE = Span(Source(path="x.yaml", text=""), 0, 0)


def item(name: str, *targets: str, abstract: bool = True) -> Item:
    uses = (
        Use(kind=UseKind.BASE, name="", text=each, span=PLACE, target=Path(each))
        for each in targets
    )
    return Item(
        path=Path(name),
        shown=name,
        kind=Kind.SCENARIO,
        id=name,
        id_span=PLACE,
        abstract=abstract,
        uses=tuple(uses),
    )


def names(items: list[Item]) -> list[str]:
    return [each.shown for each in items]


def test_trees_begin_with_scenarios_then_what_is_unused_then_one_of_each_circle() -> None:
    graph = Graph(
        (
            item("round", "about"),
            item("about", "round"),
            item("spare", "base"),
            item("base"),
            item("scene", "base", abstract=False),
        )
    )
    assert ["scene", "spare", "round"] == names(graph.roots())
    assert ["about"] == names(graph.roots([Path("about"), Path("unknown")]))


def test_reversed_trees_begin_with_all_that_is_made_to_be_used() -> None:
    graph = Graph((item("scene", "base", abstract=False), item("base")), is_reversed=True)
    assert ["base"] == names(graph.roots())
    assert ["base", "scene"] == [
        row.item.shown for row in graph.rows(graph.roots()) if row.item is not None
    ]


def test_a_file_is_opened_once_however_many_ways_lead_to_it() -> None:
    """Each of forty files uses the next one twice: as a tree that would be 2 ** 40 rows."""
    chain = [item(f"n{i}", f"n{i + 1}", f"n{i + 1}", abstract=i > 0) for i in range(MOST_DEEP)]
    graph = Graph((*chain, item(f"n{MOST_DEEP}")))
    rows = list(graph.rows(graph.roots()))
    assert len(rows) == 1 + 2 * MOST_DEEP
    assert {State.PLAIN, State.ABOVE} == {row.state for row in rows}


def test_a_chain_is_followed_only_so_far() -> None:
    """Files are not resolved at such a depth either; what is not reached from a root is no root."""
    chain = [item(f"n{i}", f"n{i + 1}", abstract=i > 0) for i in range(2000)]
    graph = Graph(chain)
    rows = list(graph.rows(graph.roots()))
    assert len(rows) == MOST_DEEP + 1
    assert rows[-1].state is State.DEEP
    assert len(graph.reached(graph.roots())) == 2000


def test_a_reference_to_a_file_that_is_not_there_ends() -> None:
    graph = Graph((item("scene", "gone", abstract=False),))
    last = list(graph.rows(graph.roots()))[-1]
    assert (None, State.MISSING, (True,)) == (last.item, last.state, last.lasts)
