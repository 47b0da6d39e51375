"""Who uses whom, as a tree for people, and as Mermaid, DOT and JSON for programs.

Files are numbered in what programs read, so that no name that an author chose is an id there:
labels are quoted, and what either language would obey in a label is escaped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ..frozen import frozen
from ..inventory import State, UseKind
from .listing import one_line
from .requests import requests_json
from .terminal import Palette, Style, cells, clip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ..inventory import Graph, Item, Row, Use

VERSION: Final = 1
_GAP: Final = 2
_LABEL, _PATH, _TITLE, _NOTE = range(4)
# A path that is cut further than this says nothing any more.
_SHORTEST: Final = 12
_MARKS: Final = {
    State.ABOVE: "see above",
    State.CIRCLE: "in a circle",
    State.DEEP: "more below",
    State.UNUSED: "used by nobody",
}
# What a file is to another one, read from the used one to its user.
_REVERSED: Final = {
    UseKind.BASE: "extended by",
    UseKind.CHARACTER: "character {} of",
    UseKind.PERSONA: "persona of",
    UseKind.MODEL: "used by",
}
# All that Mermaid, or the HTML and the Markdown around it, might take for more than a sign.
_MERMAID: Final = re.compile(r"[^\w .,/()=+-]")
# Graphviz reads escapes and the entities of HTML in labels.
_DOT: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;"})


@frozen
class Page:
    """What a tree is made for: at most `width` cells, None for any number of them."""

    width: int | None = None
    color: bool = False


def _notes(item: Item) -> Iterator[str]:
    """Yield what is special about a file."""
    if item.abstract:
        yield "abstract"
    if item.errors:
        yield f"{item.errors:,} error{'s' * (item.errors != 1)}"


# --- tree


def graph_tree(graph: Graph, roots: Sequence[Item], page: Page) -> str:
    """Return the tree below some files, a line for each reference."""
    writer = _Tree(graph, page)
    return "".join(f"{writer.line(row)}\n" for row in graph.rows(roots))


class _Tree:
    """Writes rows: branches, what a file is used as, its path, and what there is to say of it."""

    def __init__(self, graph: Graph, page: Page) -> None:
        self._is_reversed = graph.is_reversed
        self._page = page
        self._palette = Palette(page.color)

    def line(self, row: Row) -> str:
        lead = _branches(row.lasts)
        parts = [
            (self._label(row), Style.NOTE),
            *(_present(row, row.item) if row.item is not None else _missing(row)),
        ]
        if self._page.width is not None:
            parts = _fitting(parts, self._page.width - cells(lead))
        paint = self._palette.paint
        painted = [paint(style, text) if style else text for text, style in parts if text]
        return paint(Style.FAINT, lead) + (" " * _GAP).join(painted)

    def _label(self, row: Row) -> str:
        if row.use is None:
            return ""
        if self._is_reversed:
            return one_line(_REVERSED[row.use.kind].format(row.use.name))
        return one_line(row.use.label)


def _present(row: Row, item: Item) -> list[tuple[str, Style | None]]:
    """Return path, title and remarks of a file."""
    notes = [*_notes(item), *filter(None, (_MARKS.get(row.state),))]
    is_bad = item.errors or row.state is State.CIRCLE
    return [
        (one_line(item.shown), None if row.lasts else Style.STRONG),
        (one_line(item.title), Style.FAINT),
        (f"({', '.join(notes)})" if notes else "", Style.ERROR if is_bad else Style.FAINT),
    ]


def _missing(row: Row) -> list[tuple[str, Style | None]]:
    """Return what was written in place of a path that leads somewhere, and why it does not."""
    if row.use is None:
        return [("", None)] * 3
    reason = row.use.problem.removeprefix(f"`{row.use.text}` ") or "not there"
    return [
        (one_line(row.use.text), Style.ERROR),
        ("", None),
        (f"({one_line(reason)})", Style.ERROR),
    ]


def _branches(lasts: Sequence[bool]) -> str:
    if not lasts:
        return ""
    above = "".join("   " if last else "│  " for last in lasts[:-1])
    return above + ("└─ " if lasts[-1] else "├─ ")


def _fitting(
    parts: Sequence[tuple[str, Style | None]], room: int
) -> list[tuple[str, Style | None]]:
    """Leave the title out where a line is too long, then cut path, remarks and label in turn.

    Of a path the end is what counts.
    """
    fitting = list(parts)
    if _size(fitting) > room:
        fitting[_TITLE] = ("", None)
    for at, least in ((_PATH, _SHORTEST), (_NOTE, 1), (_LABEL, 1), (_PATH, 1)):
        excess = _size(fitting) - room
        text, style = fitting[at]
        if text and excess > 0:
            shorter = clip(text, max(least, cells(text) - excess), keep_end=at == _PATH)
            fitting[at] = (shorter, style)
    return fitting


def _size(parts: Iterable[tuple[str, object]]) -> int:
    texts = [text for text, _ in parts if text]
    return sum(map(cells, texts)) + _GAP * (len(texts) - 1)


# --- for programs


@frozen
class _Drawing:
    """The files of a part of a graph with their numbers, and the references between them.

    References that lead nowhere have numbers too, after those of the files.
    """

    items: Sequence[Item]
    uses: Sequence[tuple[int, Use, int]]
    missing: Sequence[tuple[int, Use]]


def _drawing(graph: Graph, roots: Sequence[Item]) -> _Drawing:
    items = graph.reached(roots)
    numbers: dict[Path, int] = {item.path: number for number, item in enumerate(items)}
    uses: list[tuple[int, Use, int]] = []
    missing: list[tuple[int, Use]] = []
    for item in items:
        for use in item.uses:
            number = numbers[item.path]
            if use.target in numbers:
                uses.append((number, use, numbers[use.target]))
            elif use.target is None and not graph.is_reversed:
                uses.append((number, use, len(items) + len(missing)))
                missing.append((len(items) + len(missing), use))
    return _Drawing(items=items, uses=uses, missing=missing)


def _kind(item: Item) -> str:
    if item.kind is None:
        return "unknown"
    return "base" if item.abstract else item.kind.value


def _label(item: Item) -> list[str]:
    """Return the lines that name a file: its id or title, its path, and what is special."""
    named = item.id if item.is_scenario else item.title
    notes = ", ".join(_notes(item))
    lines = [line for line in (one_line(named), one_line(item.shown), notes) if line]
    return lines or ["no name"]


def graph_mermaid(graph: Graph, roots: Sequence[Item]) -> str:
    """Return a Mermaid flowchart."""
    drawing = _drawing(graph, roots)
    shapes = {"scenario": "[{}]", "base": "[[{}]]", "character": "([{}])", "persona": "([{}])"}
    lines = ["flowchart LR"]
    for number, item in enumerate(drawing.items):
        label = "<br/>".join(map(_mermaid, _label(item)))
        shape = shapes.get(_kind(item), "[{}]").format(f'"{label}"')
        lines.append(f"  n{number}{shape}" + ":::broken" * bool(item.errors))
    for number, use in drawing.missing:
        lines.append(f'  n{number}["{_mermaid(one_line(use.text))}<br/>not there"]:::broken')
    for start, use, end in drawing.uses:
        lines.append(f'  n{start} -->|"{_mermaid(one_line(use.label))}"| n{end}')
    if any(":::broken" in line for line in lines):
        lines.append("  classDef broken stroke:#c00,stroke-dasharray:4")
    return "".join(f"{line}\n" for line in lines)


def _mermaid(text: str) -> str:
    """Return text for a label in quotes: all but the most harmless signs as `#number;`."""
    return _MERMAID.sub(lambda found: f"#{ord(found[0])};", text)


def graph_dot(graph: Graph, roots: Sequence[Item]) -> str:
    """Return a graph in DOT, for Graphviz."""
    drawing = _drawing(graph, roots)
    shapes = {"character": "ellipse", "persona": "ellipse", "base": "folder"}
    lines = ["digraph library {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for number, item in enumerate(drawing.items):
        label = "\\n".join(line.translate(_DOT) for line in _label(item))
        shape = shapes.get(_kind(item), "box")
        color = ", color=red" * bool(item.errors)
        lines.append(f'  n{number} [label="{label}", shape={shape}{color}];')
    for number, use in drawing.missing:
        label = f"{one_line(use.text).translate(_DOT)}\\nnot there"
        lines.append(f'  n{number} [label="{label}", shape=box, style=dashed, color=red];')
    for start, use, end in drawing.uses:
        lines.append(f'  n{start} -> n{end} [label="{one_line(use.label).translate(_DOT)}"];')
    return "".join(f"{line}\n" for line in (*lines, "}"))


def graph_json(graph: Graph, roots: Sequence[Item]) -> str:
    """Return files and references as one document (schemas/graph.v1.schema.json)."""
    drawing = _drawing(graph, roots)
    shown = [item.shown for item in drawing.items]
    return requests_json(
        [
            {
                "version": VERSION,
                "files": [_file(item) for item in drawing.items],
                "uses": [
                    _use(use, shown[start], shown[end : end + 1])
                    for start, use, end in drawing.uses
                ],
            }
        ]
    )


def _file(item: Item) -> dict[str, Any]:
    return {
        "file": item.shown,
        "kind": item.kind.value if item.kind is not None else None,
        "id": item.id or None,
        "title": item.title or None,
        "abstract": item.abstract,
        "errors": item.errors,
    }


def _use(use: Use, start: str, end: Sequence[str]) -> dict[str, Any]:
    return {
        "from": start,
        "to": end[0] if end else None,
        "as": use.kind.value,
        "character": use.name or None,
        "path": use.text,
        "problem": use.problem or None,
        "line": use.span.line,
        "column": use.span.column,
    }
