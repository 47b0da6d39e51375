"""Who uses whom, drawn: trees that fit, and labels that no text can leave."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from m2her_compose.diagnostics import Source, Span
from m2her_compose.emit.graph import Page, graph_dot, graph_json, graph_mermaid, graph_tree
from m2her_compose.emit.terminal import cells
from m2her_compose.inventory import Graph, Item, Use, UseKind
from m2her_compose.schema import Kind

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[3] / "schemas" / "graph.v1.schema.json").read_text("utf-8")
)
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
PLACE = Span(Source(path="x.yaml", text="a\nb: c"), 5, 6)
HOSTILE = '"]; n9 [label="`x`" %%{init}%% <b>&lt;|#34;\\\n茶\x1b[2J\u202e'


def path_of(name: str) -> Path:
    return Path(f"/lib/{name}.yaml")


def use(kind: UseKind, target: str | None, name: str = "", *, problem: str = "") -> Use:
    text = f"{target}.yaml" if target is not None else "gone.yaml"
    path = path_of(target) if target is not None else None
    return Use(kind=kind, name=name, text=text, span=PLACE, target=path, problem=problem)


def item(name: str, kind: Kind = Kind.SCENARIO, *uses: Use, **given: Any) -> Item:
    return Item(
        **{
            "path": path_of(name),
            "shown": f"{name}.yaml",
            "kind": kind,
            "id": name if kind is Kind.SCENARIO else "",
            "id_span": PLACE,
            "uses": uses,
            **given,
        }
    )


LIBRARY = (
    item(
        "ferry",
        Kind.SCENARIO,
        use(UseKind.BASE, "river"),
        use(UseKind.CHARACTER, "渡", "ilse"),
        use(UseKind.PERSONA, None, problem="`gone.yaml` does not exist"),
        title="The last ferry",
        errors=1,
    ),
    item("dawn", Kind.SCENARIO, use(UseKind.BASE, "river")),
    item("river", Kind.SCENARIO, use(UseKind.CHARACTER, "渡", "owner"), abstract=True),
    item("渡", Kind.CHARACTER, use(UseKind.MODEL, "渡"), title="船夫"),
    item("unused", Kind.PERSONA),
)


def tree(graph: Graph, width: int | None = None) -> str:
    return graph_tree(graph, graph.roots(), Page(width=width))


def test_the_tree_goes_from_scenarios_down() -> None:
    assert tree(Graph(LIBRARY, is_complete=True)) == (
        "ferry.yaml  The last ferry  (1 error)\n"
        "├─ extends  river.yaml  (abstract)\n"
        "│  └─ character owner  渡.yaml  船夫\n"
        "│     └─ use  渡.yaml  船夫  (in a circle)\n"
        "├─ character ilse  渡.yaml  船夫  (see above)\n"
        "└─ persona  gone.yaml  (does not exist)\n"
        "dawn.yaml\n"
        "└─ extends  river.yaml  (abstract, see above)\n"
        "unused.yaml  (used by nobody)\n"
    )


def test_reversed_it_goes_from_what_is_used_to_its_users() -> None:
    assert tree(Graph(LIBRARY, is_reversed=True, is_complete=True)) == (
        "river.yaml  (abstract)\n"
        "├─ extended by  ferry.yaml  The last ferry  (1 error)\n"
        "└─ extended by  dawn.yaml\n"
        "渡.yaml  船夫\n"
        "├─ character ilse of  ferry.yaml  The last ferry  (1 error)\n"
        "├─ character owner of  river.yaml  (abstract, see above)\n"
        "└─ used by  渡.yaml  船夫  (in a circle)\n"
        "unused.yaml  (used by nobody)\n"
    )


def test_of_a_part_of_a_library_nobody_knows_what_is_unused() -> None:
    assert "used by nobody" not in tree(Graph(LIBRARY))


@pytest.mark.parametrize("width", [24, 40, 60])
def test_lines_fit_a_terminal(width: int) -> None:
    long = item("a" * 50, Kind.SCENARIO, use(UseKind.BASE, "river"), title="t" * 50)
    shown = tree(Graph((long, *LIBRARY)), width)
    assert all(cells(line) <= width for line in shown.splitlines())
    assert f"…{'a' * min(50, width - 6)}.yaml\n" in shown or f"{'a' * 50}.yaml\n" in shown


def test_colours_change_no_text() -> None:
    graph = Graph(LIBRARY)
    colored = graph_tree(graph, graph.roots(), Page(color=True))
    assert "\x1b[1;31m(does not exist)\x1b[0m" in colored
    assert ESCAPE.sub("", colored) == tree(graph)


def test_mermaid() -> None:
    graph = Graph(LIBRARY)
    assert graph_mermaid(graph, graph.roots()) == (
        "flowchart LR\n"
        '  n0["ferry<br/>ferry.yaml<br/>1 error"]:::broken\n'
        '  n1["dawn<br/>dawn.yaml"]\n'
        '  n2[["river<br/>river.yaml<br/>abstract"]]\n'
        '  n3(["船夫<br/>渡.yaml"])\n'
        '  n4(["unused.yaml"])\n'
        '  n5["gone.yaml<br/>not there"]:::broken\n'
        '  n0 -->|"extends"| n2\n'
        '  n0 -->|"character ilse"| n3\n'
        '  n0 -->|"persona"| n5\n'
        '  n1 -->|"extends"| n2\n'
        '  n2 -->|"character owner"| n3\n'
        '  n3 -->|"use"| n3\n'
        "  classDef broken stroke:#c00,stroke-dasharray:4\n"
    )


# What is written of each kind of line, with labels in which nothing means anything.
_SAFE = r"(?:[^\W]|[ .,/()=+-]|#\d+;|<br/>)*"
MERMAID = re.compile(
    rf'flowchart LR|  n\d+(?:\["{_SAFE}"\]|\[\["{_SAFE}"\]\]|\(\["{_SAFE}"\]\))(?:::: ?broken)?'
    rf'|  n\d+ -->\|"{_SAFE}"\| n\d+|  classDef broken [a-z0-9:,#-]+'
)
_QUOTED = r'"(?:[^"\\]|\\["\\n])*"'
DOT = re.compile(
    rf"digraph library \{{|  rankdir=LR;|  node \[fontname={_QUOTED}\];|\}}"
    rf"|  n\d+ \[label={_QUOTED}(?:, (?:shape|style|color)=\w+)+\];"
    rf"|  n\d+ -> n\d+ \[label={_QUOTED}\];"
)
TEXTS = st.one_of(st.text(max_size=40), st.text(st.sampled_from(HOSTILE), max_size=40))


def hostile_graph(text: str) -> Graph:
    reference = Use(kind=UseKind.CHARACTER, name=text, text=text, span=PLACE, problem=text)
    base = Use(kind=UseKind.BASE, name="", text=text, span=PLACE, target=path_of("b"))
    first = item("a", Kind.SCENARIO, reference, base, id=text, shown=text, title=text)
    second = item("b", Kind.CHARACTER, id="", shown=text, title=text)
    return Graph((first, second))


@given(TEXTS)
def test_no_text_leaves_its_label(text: str) -> None:
    """Two files and a missing one stay what they are, whatever they are called."""
    graph = hostile_graph(text)
    mermaid = graph_mermaid(graph, graph.roots())
    dot = graph_dot(graph, graph.roots())
    assert all(map(MERMAID.fullmatch, mermaid[:-1].split("\n")))
    assert all(map(DOT.fullmatch, dot[:-1].split("\n")))
    for shown, arrow in ((mermaid, "-->"), (dot, "->")):
        assert not ACTS.search(shown)
        assert 2 == sum(bool(re.match(rf"  n\d+ {arrow}", line)) for line in shown.split("\n"))
    lines = graph_tree(graph, graph.roots(), Page()).split("\n")
    assert 4 == len(lines)
    assert not ACTS.search("".join(lines))


def test_mermaid_escapes_what_it_would_obey() -> None:
    shown = graph_mermaid(hostile_graph('"]#`%<'), hostile_graph('"]#`%<').roots())
    assert '  n0["#34;#93;#35;#96;#37;#60;<br/>' in shown


def test_dot_escapes_what_it_would_obey() -> None:
    graph = hostile_graph('a"\\N &amp;')
    assert r'  n0 [label="a\"\\N &amp;amp;\na\"\\N &amp;amp;",' in graph_dot(graph, graph.roots())


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
def test_graphviz_reads_the_labels_back() -> None:
    graph = hostile_graph(HOSTILE)
    done = subprocess.run(
        [str(shutil.which("dot")), "-Tjson"],
        input=graph_dot(graph, graph.roots()).encode(),
        capture_output=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert (3, 2) == (len(found["objects"]), len(found["edges"]))


def test_json_holds_files_and_references() -> None:
    graph = Graph(LIBRARY)
    found = json.loads(graph_json(graph, graph.roots()))
    jsonschema_rs.validate(SCHEMA, found)
    assert ["ferry.yaml", "dawn.yaml", "river.yaml", "渡.yaml", "unused.yaml"] == [
        each["file"] for each in found["files"]
    ]
    assert found["uses"][1:3] == [
        {
            "from": "ferry.yaml",
            "to": "渡.yaml",
            "as": "character",
            "character": "ilse",
            "path": "渡.yaml",
            "problem": None,
            "line": 2,
            "column": 4,
        },
        {
            "from": "ferry.yaml",
            "to": None,
            "as": "persona",
            "character": None,
            "path": "gone.yaml",
            "problem": "`gone.yaml` does not exist",
            "line": 2,
            "column": 4,
        },
    ]


def test_a_part_of_a_graph_holds_what_is_reached() -> None:
    graph = Graph(LIBRARY)
    found = json.loads(graph_json(graph, graph.roots([path_of("dawn")])))
    assert ["dawn.yaml", "river.yaml", "渡.yaml"] == [each["file"] for each in found["files"]]
    reverse = Graph(LIBRARY, is_reversed=True)
    users = json.loads(graph_json(reverse, reverse.roots([path_of("river")])))
    assert [("ferry.yaml", "river.yaml"), ("dawn.yaml", "river.yaml")] == [
        (each["from"], each["to"]) for each in users["uses"]
    ]
