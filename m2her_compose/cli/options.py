"""Arguments and options that several commands take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from .guard import Misuse

if TYPE_CHECKING:
    from collections.abc import Sequence

# The path that is standard input or output.
STDIN: Final = "-"

ScenarioPaths = Annotated[
    tuple[str, ...],
    typer.Argument(metavar="PATH...", help="Scenario files, folders, or - for standard input."),
]
Assignments = Annotated[
    tuple[str, ...],
    typer.Option("--set", "-s", metavar="NAME=VALUE", help="A value for a declared variable."),
]
ValueFiles = Annotated[
    tuple[str, ...],
    typer.Option("--vars", metavar="FILE", help="Values for declared variables, as YAML or JSON."),
]
Message = Annotated[
    str | None,
    typer.Option("--message", "-m", metavar="TEXT", help="The opening message, sent as it is."),
]
Speaker = Annotated[
    str | None, typer.Option("--speaker", metavar="ID", help="The character who answers.")
]
Names = Annotated[
    str | None,
    typer.Option("--names", metavar="always|given|never", help="Which names are sent."),
]
Variants = Annotated[
    tuple[str, ...],
    typer.Option(
        "--variant", metavar="ID", help="One of the variants; may be given several times."
    ),
]
Target = Annotated[
    str | None,
    typer.Option("--target", metavar="ID", help="The service that the messages are made for."),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--budget", metavar="TOKENS", help="The most prompt tokens: what is over is left out."
    ),
]
Tokenizer = Annotated[
    str | None,
    typer.Option(
        "--tokenizer", metavar="FILE", help="Count tokens with a tokenizer.json, exactly."
    ),
]
CostReport = Annotated[
    str | None,
    typer.Option(
        "--report", metavar="FILE", help="Where to write what was left out or lost, as JSON."
    ),
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain", help="Say on standard error where every piece of each message comes from."
    ),
]
Root = Annotated[
    str | None,
    typer.Option("--root", metavar="DIR", help="The library's root, which no path may leave."),
]
StdinFilename = Annotated[
    str | None,
    typer.Option(
        "--stdin-filename", metavar="PATH", help="Where the text of standard input belongs."
    ),
]
Color = Annotated[
    str, typer.Option("--color", metavar="auto|always|never", help="Whether to use colours.")
]
OutputFile = Annotated[
    str | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to write it."),
]


def one_of(option: str, value: str, allowed: Sequence[str]) -> None:
    """Refuse a word that an option, or an argument that is called so, does not take."""
    if value not in allowed:
        given = f"`{option} {value}`" if option.startswith("-") else f"{option} `{value}`"
        raise Misuse(f"{given} is none of {', '.join(allowed)}")


def check_color(value: str) -> None:
    """Refuse what `--color` does not take."""
    one_of("--color", value, ("auto", "always", "never"))
