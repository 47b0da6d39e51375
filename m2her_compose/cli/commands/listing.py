"""`m2her list`: the scenarios of a library."""

from __future__ import annotations

import sys
from typing import Annotated, Final

import typer

from ...frozen import frozen
from .. import options
from ..console import Console, is_terminal
from ..status import Status

EPILOG: Final = """\b
Examples:
  m2her list
  m2her list scenarios --tag train --language en
  m2her list scenarios --speaker conductor
  m2her list scenarios --search tea --json
"""


@frozen
class Arguments:
    """List the scenarios of a library: who plays in them, in which language and variants."""

    paths: Annotated[
        tuple[str, ...],
        typer.Argument(
            metavar="[PATH...]", help="Files or folders; this folder when none is given."
        ),
    ] = ()
    tags: Annotated[
        tuple[str, ...],
        typer.Option(
            "--tag", metavar="TAG", help="Only those with this tag; with all, if several."
        ),
    ] = ()
    language: Annotated[
        str | None,
        typer.Option("--language", metavar="TAG", help="Only those in a language: zh, or zh-CN."),
    ] = None
    character: Annotated[
        str | None,
        typer.Option("--character", metavar="ID", help="Only those in which somebody plays."),
    ] = None
    speaker: Annotated[
        str | None,
        typer.Option("--speaker", metavar="ID", help="Only those in which somebody answers."),
    ] = None
    search: Annotated[
        str | None,
        typer.Option(
            "--search", metavar="TEXT", help="Only those with a text in ids, titles, tags or names."
        ),
    ] = None
    json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False
    root: options.Root = None
    color: options.Color = "auto"


def run(arguments: Arguments) -> Status:
    """Look at all files, and print the scenarios that are wanted."""
    options.check_color(arguments.color)
    from ...inventory import Query
    from ..stocktaking import report_broken, stock_of

    console = Console(color=arguments.color)
    console.prepare()
    found = stock_of(arguments.paths, root=arguments.root)
    query = Query(
        tags=arguments.tags,
        language=arguments.language,
        character=arguments.character,
        speaker=arguments.speaker,
        text=arguments.search,
    )
    scenarios = [item for item in found.items if item.is_scenario or item.errors]
    wanted = [item for item in scenarios if query.matches(item)]
    if arguments.json:
        from ...emit.listing import listing_json

        console.result(listing_json(wanted))
    else:
        from ...emit.listing import Page, listing_text

        width = console.width(sys.stdout) if is_terminal(sys.stdout) else None
        page = Page(width=width, color=console.colored(sys.stdout))
        console.result(listing_text(wanted, page))
    if not wanted:
        console.say("m2her: no scenario is such\n" if scenarios else "m2her: no scenarios here\n")
    failed = report_broken(found.items, arguments.paths, console)
    return Status.ERRORS if failed else Status.DONE
