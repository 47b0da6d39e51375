"""`m2her completion`: the script that makes a shell complete what is typed."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from ...frozen import frozen
from .. import options
from ..console import Console
from ..status import Status

EPILOG: Final = """\b
Examples:
  m2her completion bash
  m2her completion zsh
  m2her completion fish
"""


@frozen
class Arguments:
    """Print the script that lets a shell complete commands, scenarios and variables."""

    shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="The shell.")]
    # What the scripts give: the words up to the cursor (bash: the whole line, and where it cuts).
    words: Annotated[
        tuple[str, ...], typer.Option("--word", hidden=True, help="A word before the cursor.")
    ] = ()
    breaks: Annotated[
        str, typer.Option("--breaks", hidden=True, help="Where the shell cuts words.")
    ] = ""


def run(arguments: Arguments) -> Status:
    """Print a shell's script, or answer the one that was loaded."""
    from ..shells import SCRIPTS

    options.one_of("the shell", arguments.shell, tuple(SCRIPTS))
    console = Console()
    console.prepare()
    console.result(_answer(arguments) if arguments.words else SCRIPTS[arguments.shell])
    return Status.DONE


def _answer(arguments: Arguments) -> str:
    from typer.main import get_command

    from ..app import app
    from ..completion import candidates
    from ..shells import answer, described, read_line, words_of

    program = get_command(app)
    if arguments.shell == "bash":
        typed = read_line(arguments.words[0], arguments.breaks)
        found = candidates(typed.words[1:], program) if typed.words[1:] else ()
        return answer(found, typed)
    return described(candidates(words_of(arguments.words), program))
