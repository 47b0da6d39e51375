"""`m2her explain`: the page of a finding, or the list of all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen
from ..console import Console
from ..guard import Misuse
from ..status import Status

if TYPE_CHECKING:
    from ...diagnostics import Code

EPILOG: Final = """\b
Examples:
  m2her explain M2H108
  m2her explain unused-variable
"""
_PACKAGE: Final = Path(__file__).resolve().parents[2]
_SUBJECTS: Final = {
    "1": "source",
    "2": "schema",
    "3": "references and reuse",
    "4": "templates",
    "5": "the service's contract",
    "6": "budget",
    "7": "craft",
    "8": "the library",
}


@frozen
class Arguments:
    """Print what a finding means and how to mend it; without a code, list all findings."""

    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="A finding's code or readable name.")
    ] = None


def run(arguments: Arguments) -> Status:
    """Print one page, or the list."""
    name = arguments.code
    console = Console()
    console.prepare()
    console.result(_list() if name is None else page(_code(name)))
    return Status.DONE


def _code(name: str) -> Code:
    from ...diagnostics.codes import ALL
    from ...diagnostics.policy import unknown_code

    wanted = name.strip()
    for code in ALL:
        if wanted.upper() == code.id or wanted.lower() == code.slug:
            return code
    problem, advice = unknown_code(wanted)
    raise Misuse(f"{problem}; {advice}")


def page(code: Code) -> str:
    """Return a finding's page: what, why, wrong, right, configure."""
    shipped = _PACKAGE / "_rules"
    folder = shipped if shipped.is_dir() else _PACKAGE.parent / "docs" / "rules"
    return (folder / f"{code.id}.md").read_text(encoding="utf-8")


def _list() -> str:
    from ...diagnostics.codes import ALL

    lines: list[str] = []
    for digit, subject in _SUBJECTS.items():
        lines += ["", f"{subject}:"] if lines else [f"{subject}:"]
        lines += [
            f"  {code.id} {code.slug}: {code.title} ({code.severity.value})"
            for code in ALL
            if code.id[3] == digit
        ]
    return "\n".join(lines) + "\n"
