"""`m2her compile`: scenarios in, requests out."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ...frozen import frozen
from .. import options
from ..console import Console, is_terminal
from ..counting import chosen_budget, chosen_counter
from ..forms import ENDINGS, Form
from ..guard import Misuse
from ..outputs import refuse_read
from ..status import Status

if TYPE_CHECKING:
    from ...compiled import CompiledVariant

EPILOG: Final = """\b
Examples:
  m2her compile scenarios/longzhong_dialogue.yaml
  m2her compile scenarios --format jsonl --output requests.jsonl
  m2her compile scenarios/tea_house.yaml --format text --explain
  m2her compile scenarios/tea_house.yaml --format curl
  cat scene.yaml | m2her compile - --set mood=storm --message "Good evening."
"""


@frozen
class Arguments:
    """Compile scenarios into the messages that the model gets."""

    paths: options.ScenarioPaths
    output_format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            metavar="request|messages|jsonl|text|yaml|markdown|curl|python",
            help="What to print.",
        ),
    ] = "request"
    assignments: options.Assignments = ()
    value_files: options.ValueFiles = ()
    message: options.Message = None
    speaker: options.Speaker = None
    names: options.Names = None
    variants: options.Variants = ()
    target: options.Target = None
    budget: options.Budget = None
    tokenizer: options.Tokenizer = None
    report: options.CostReport = None
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A file, or a folder when there are several results.",
        ),
    ] = None
    explain: options.Explain = False
    root: options.Root = None
    stdin_filename: options.StdinFilename = None
    color: options.Color = "auto"


def run(arguments: Arguments) -> Status:
    """Compile, report, and print or write what came out."""
    options.one_of("--format", arguments.output_format, tuple(ENDINGS))
    options.check_color(arguments.color)
    from ...build import Wishes
    from ..compiling import check_given, compile_given, report_costs, tell_of

    check_given(arguments)
    console = Console(color=arguments.color)
    console.prepare()
    wishes = Wishes(
        target=arguments.target,
        counter=chosen_counter(arguments.tokenizer),
        budget_tokens=chosen_budget("--budget", arguments.budget),
    )
    compiled = compile_given(arguments, console, wishes)
    if compiled is None:
        return Status.ERRORS
    variants = compiled.variants
    report_costs(compiled, console)
    tell_of(compiled, arguments.report, explain=arguments.explain, console=console)
    if variants:
        _deliver(variants, arguments, Form(arguments.output_format, compiled, console))
    return Status.ERRORS if compiled.failed else Status.DONE


# --- outputs


def _deliver(variants: list[CompiledVariant], arguments: Arguments, form: Form) -> None:
    if arguments.output in (None, options.STDIN):
        form.console.result(form.text(variants, to_terminal=is_terminal(sys.stdout)))
        return
    if not arguments.output:
        raise Misuse("--output wants a path")
    from ...emit.files import RefusedError, write_file

    target = Path(arguments.output)
    one_file = len(variants) == 1 or arguments.output_format == "jsonl"
    refuse_read(target, form.read)
    try:
        if one_file and not target.is_dir() and not arguments.output.endswith("/"):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_file(target, form.text(variants))
        else:
            _write_folder(target, variants, form)
    except RefusedError as error:
        raise Misuse(str(error)) from error
    except OSError as error:
        raise Misuse(f"--output {arguments.output}: {error.strerror or error}") from error


def _write_folder(target: Path, variants: list[CompiledVariant], form: Form) -> None:
    from ...emit.files import RefusedError, file_names, write_file

    if target.exists() and not target.is_dir():
        raise RefusedError(
            f"--output {target} is a file, and there are {len(variants)} results: name a folder"
        )
    if target.is_symlink():
        raise RefusedError(f"--output {target} is a link: nothing is written through links")
    target.mkdir(parents=True, exist_ok=True)
    ids = [variant.id for variant in variants]
    repeated = {each for each, count in Counter(ids).items() if count > 1}
    if repeated:
        raise RefusedError(
            f"several scenarios have the id {', '.join(sorted(repeated))}: "
            "their files would overwrite each other"
        )
    names = file_names(ids, ENDINGS[form.name])
    for variant in variants:
        refuse_read(target / names[variant.id], form.read)
    for variant in variants:
        write_file(target / names[variant.id], form.text([variant]))
