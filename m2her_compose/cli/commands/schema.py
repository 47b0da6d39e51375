"""`m2her schema`: the JSON Schemas of what is written and of what is printed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from ...frozen import frozen
from ..console import Console
from ..guard import Misuse
from ..status import Status

EPILOG: Final = """\b
Examples:
  m2her schema
  m2her schema scenario
  m2her schema --output .m2her/schemas
"""


@frozen
class Arguments:
    """Print the JSON Schema of a kind of file or output; without a kind, list all of them."""

    kind: Annotated[
        str | None,
        typer.Argument(metavar="[KIND]", help="scenario, character, persona, or an output."),
    ] = None
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE|DIR",
            help="Where to write it; without a kind a folder, for those of all files.",
        ),
    ] = None


def run(arguments: Arguments) -> Status:
    """Print or write one schema, list all, or write those that editors need."""
    from ...errors import UsageError
    from ...starting import FILE_KINDS, schema_file_name, schema_kinds, schema_text

    console = Console()
    console.prepare()
    kind, output = arguments.kind, arguments.output
    try:
        if output is not None:
            kinds = FILE_KINDS if kind is None else (kind,)
            texts = {schema_file_name(each): schema_text(each) for each in kinds}
            _write(output, texts, console, is_folder=kind is None)
        elif kind is not None:
            console.result(schema_text(kind))
        else:
            known = schema_kinds()
            width = max(map(len, known))
            console.result("".join(f"{name:<{width}}  {known[name]}\n" for name in known))
    except UsageError as error:
        raise Misuse(str(error)) from error
    return Status.DONE


def _leads_out(path: Path) -> bool:
    """Tell whether a path below this folder ends elsewhere: a cloned library may hold links."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath("."))


def _write(output: str, texts: dict[str, str], console: Console, *, is_folder: bool) -> None:
    """Write schemas into a folder, or the only one into a file."""
    from ...emit.terminal import visible
    from ..outputs import write_output

    folder = Path(output)
    if "\0" in output or not output:
        raise Misuse("--output wants a path")
    if is_folder and folder.exists() and not folder.is_dir():
        raise Misuse(f"--output {output} is no folder: name the schema that it is to hold")
    if not folder.is_absolute() and ".." not in folder.parts and _leads_out(folder):
        raise Misuse(f"--output {output} leads out of this folder through a link")
    into_folder = is_folder or folder.is_dir() or output.endswith("/")
    for name, text in texts.items():
        path = str(folder / name) if into_folder else output
        write_output(path, text, set())
        console.say(f"wrote {visible(path)}\n")
