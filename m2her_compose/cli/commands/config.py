"""`m2her config`: every setting, its value, and where it came from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from ...frozen import frozen
from ..console import Console
from ..guard import Misuse
from ..status import Status

EPILOG: Final = """\b
Examples:
  m2her config
  m2her config scenarios
  M2HER_COMPILE_NAMES=given m2her config
"""


@frozen
class Arguments:
    """Show every setting of a library, its value, and where that came from."""

    path: Annotated[
        str, typer.Argument(metavar="[PATH]", help="A file or folder of the library.")
    ] = "."


def run(arguments: Arguments) -> Status:
    """Print the settings that hold for a file or folder."""
    import json

    from ...compiler import Compiler
    from ...config import OPTIONS, environment
    from ...diagnostics import Sink
    from ...emit.terminal import cells, padded, visible

    console = Console()
    console.prepare()
    given = Path(arguments.path)
    if not arguments.path or not given.exists():
        raise Misuse(f"{arguments.path} does not exist")
    sink = Sink()
    compiler = Compiler(environment=environment())
    settings = compiler.settings(given if given.is_dir() else given.parent, sink)
    console.report(sink.sorted())
    rows = [
        (
            option.name,
            json.dumps(settings[option.name], ensure_ascii=False),
            settings.values[option.name].origin,
        )
        for option in OPTIONS
    ]
    shown = [tuple(map(visible, row)) for row in rows]
    widths = [max(cells(row[i]) for row in shown) for i in range(2)]
    console.result(
        "".join(
            f"{padded(name, widths[0])}  {padded(value, widths[1])}  {origin}\n"
            for name, value, origin in shown
        )
    )
    return Status.ERRORS if sink.has_errors else Status.DONE
