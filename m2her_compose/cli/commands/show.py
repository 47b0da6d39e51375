"""`m2her show`: what the model gets, and the line of the source that each part of it comes from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen, replaced
from .. import options
from ..console import Console, is_terminal
from ..counting import chosen_budget, chosen_counter
from ..status import Status

if TYPE_CHECKING:
    from ...ir import Conversation

EPILOG: Final = """\b
Examples:
  m2her show tea_house
  m2her show scenarios/tea_house.yaml --speaker 沈先生
  m2her show scenarios/dining_car.yaml | grep ilse_brandt.yaml
"""


@frozen
class Arguments:
    """Show what the model gets, each part beside the line of the source that it comes from."""

    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A file, an id, or - for standard input.")
    ]
    assignments: options.Assignments = ()
    value_files: options.ValueFiles = ()
    message: options.Message = None
    speaker: options.Speaker = None
    names: options.Names = None
    variants: options.Variants = ()
    target: options.Target = None
    budget: options.Budget = None
    tokenizer: options.Tokenizer = None
    root: options.Root = None
    stdin_filename: options.StdinFilename = None
    color: options.Color = "auto"

    @property
    def paths(self) -> tuple[str, ...]:
        """What is compiled, as other commands have it."""
        return (self.scenario,)


def run(arguments: Arguments) -> Status:
    """Compile, report, and print each variant with its places."""
    options.check_color(arguments.color)
    from ...build import Wishes
    from ..compiling import check_given, compile_given, report_costs
    from ..stocktaking import path_of

    check_given(arguments)
    console = Console(color=arguments.color)
    console.prepare()
    wishes = Wishes(
        target=arguments.target,
        counter=chosen_counter(arguments.tokenizer),
        budget_tokens=chosen_budget("--budget", arguments.budget),
    )
    named = replaced(arguments, scenario=path_of(arguments.scenario, root=arguments.root))
    compiled = compile_given(named, console, wishes)
    if compiled is None:
        return Status.ERRORS
    report_costs(compiled, console)
    pages = [_page(variant.conversation, console) for variant in compiled.variants]
    console.result("\n".join(pages))
    return Status.ERRORS if compiled.failed else Status.DONE


def _page(conversation: Conversation, console: Console) -> str:
    from ...emit.sources import plain_sources, sources

    if not is_terminal(sys.stdout):
        return plain_sources(conversation)
    width, color = console.width(sys.stdout), console.colored(sys.stdout)
    return sources(conversation, width=width, color=color)
