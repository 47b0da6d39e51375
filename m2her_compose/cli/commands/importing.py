"""`m2her import`: message arrays and request bodies in, scenario files out."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from ...frozen import frozen
from ..console import Console
from ..guard import Misuse
from ..status import Status  # noqa: TC001 - what `run` returns can be asked of it

EPILOG: Final = """\b
Examples:
  m2her import chat.json
  m2her import chat.json --output scenarios/chat.yaml --title "First meeting"
  m2her import requests.jsonl --output imported/
  m2her compile scenarios/tea_house.yaml | m2her import -
"""


@frozen
class Arguments:
    """Make scenarios of message arrays and request bodies, for the same messages."""

    path: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A JSON or JSON lines file, or - for standard input."),
    ]
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A file, or a folder when there are several requests.",
        ),
    ] = None
    scenario_id: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="ID", help="The scenario's id; of several, what their ids begin with."
        ),
    ] = None
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="The scenario's title.")
    ] = None
    language: Annotated[
        str | None,
        typer.Option("--language", metavar="TAG", help="The language; Chinese is recognized."),
    ] = None
    lossy: Annotated[
        bool,
        typer.Option("--lossy", help="Import also what no scenario says exactly, and tell."),
    ] = False
    force: Annotated[bool, typer.Option("--force", help="Write over files that exist.")] = False


def run(arguments: Arguments) -> Status:
    """Import each request; those that become no scenario are told, and the others written."""
    _check(arguments)
    console = Console()
    console.prepare()
    from ..conversion import deliver, import_all, read_input

    data = read_input(arguments.path)
    return deliver(import_all(data, arguments, console), arguments, console)


def _check(arguments: Arguments) -> None:
    """Refuse arguments that are not text, and ids and paths that are none."""
    for text in (arguments.scenario_id, arguments.title, arguments.language):
        if any("\ud800" <= char <= "\udfff" for char in text or ""):
            raise Misuse("an argument is not valid UTF-8")
    if arguments.scenario_id is not None and not is_id(arguments.scenario_id):
        raise Misuse(f"`--id {arguments.scenario_id}` is not made of letters, digits, `_` and `-`")
    if arguments.output is not None and (not arguments.output or "\0" in arguments.output):
        raise Misuse("--output wants a path")
    if arguments.title is not None and not arguments.title.strip():
        raise Misuse("--title wants a text")
    if arguments.language is not None:
        _check_language(arguments.language)


def _check_language(text: str) -> None:
    from ...languages import is_language

    if not is_language(text):
        raise Misuse(f"`{text}` is no language: give a tag such as `en` or `zh-CN`")


def is_id(text: str) -> bool:
    """Tell whether a scenario can have this id."""
    return bool(text) and all(char.isalnum() or char in "_-" for char in text)
