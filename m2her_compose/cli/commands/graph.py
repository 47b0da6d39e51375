"""`m2her graph`: who uses which character, persona and base."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen
from .. import options
from ..console import Console, is_terminal
from ..status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...inventory import Graph, Item

EPILOG: Final = """\b
Examples:
  m2her graph scenarios
  m2her graph scenarios/characters/ilse_brandt.yaml --reverse
  m2her graph scenarios --format mermaid
"""
_FORMATS: Final = ("tree", "mermaid", "dot", "json")


@frozen
class Arguments:
    """Show which files use which characters, personas and bases."""

    paths: Annotated[
        tuple[str, ...],
        typer.Argument(
            metavar="[PATH...]", help="Files or folders; this folder when none is given."
        ),
    ] = ()
    output_format: Annotated[
        str,
        typer.Option("--format", "-f", metavar="tree|mermaid|dot|json", help="What to print."),
    ] = "tree"
    reverse: Annotated[
        bool, typer.Option("--reverse", help="From what is used to the files that use it.")
    ] = False
    root: options.Root = None
    color: options.Color = "auto"


def run(arguments: Arguments) -> Status:
    """Look at all files and what they use, and print it."""
    options.one_of("--format", arguments.output_format, _FORMATS)
    options.check_color(arguments.color)
    from ..stocktaking import report_broken, stock_graph

    console = Console(color=arguments.color)
    console.prepare()
    graph, roots = stock_graph(arguments.paths, root=arguments.root, reverse=arguments.reverse)
    console.result(_rendered(graph, roots, arguments, console))
    if not roots:
        console.say("m2her: no files of a library here\n")
    failed = report_broken(graph.reached(roots), arguments.paths, console)
    return Status.ERRORS if failed else Status.DONE


def _rendered(graph: Graph, roots: Sequence[Item], arguments: Arguments, console: Console) -> str:
    from ...emit.graph import Page, graph_dot, graph_json, graph_mermaid, graph_tree

    if arguments.output_format == "tree":
        width = console.width(sys.stdout) if is_terminal(sys.stdout) else None
        return graph_tree(graph, roots, Page(width=width, color=console.colored(sys.stdout)))
    emitters = {"mermaid": graph_mermaid, "dot": graph_dot, "json": graph_json}
    return emitters[arguments.output_format](graph, roots)
