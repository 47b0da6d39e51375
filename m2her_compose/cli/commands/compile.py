"""`m2her compile`: scenarios in, requests out."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...build import Wishes
from ...frozen import frozen
from ..compiling import check_given, compile_given, report_costs
from ..console import Console, is_terminal
from ..counting import chosen_budget, chosen_counter
from ..guard import Misuse
from ..inputs import STDIN, one_of
from ..outputs import refuse_read, write_output
from ..status import Status

if TYPE_CHECKING:
    from ...compiled import CompiledVariant

_FORMATS: Final = ("request", "messages", "jsonl", "text")
_ENDINGS: Final = {"request": ".json", "messages": ".json", "jsonl": ".jsonl", "text": ".txt"}


@frozen
class Arguments:
    """The command line of `compile`, as typed."""

    paths: tuple[str, ...]
    output_format: str
    assignments: tuple[str, ...]
    value_files: tuple[str, ...]
    message: str | None
    speaker: str | None
    names: str | None
    variants: tuple[str, ...]
    target: str | None
    budget: str | None
    tokenizer: str | None
    report: str | None
    output: str | None
    explain: bool
    root: str | None
    stdin_filename: str | None
    color: str


def run(arguments: Arguments) -> Status:
    """Compile, report, and print or write what came out."""
    _check(arguments)
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
    if arguments.report is not None:
        from ...emit.costs import costs_json

        write_output(
            arguments.report,
            costs_json([each.conversation for each in variants]),
            compiled.inputs.read,
            "--report",
        )
    if arguments.explain:
        from ...emit.explanation import explanation

        for variant in variants:
            console.say(explanation(variant.conversation, variant.content_hash))
    if variants:
        _deliver(variants, arguments, console, compiled.inputs.read)
    return Status.ERRORS if compiled.failed else Status.DONE


def _check(arguments: Arguments) -> None:
    """Refuse words that an option does not take, and arguments that are not text."""
    one_of("--format", arguments.output_format, _FORMATS)
    one_of("--color", arguments.color, ("auto", "always", "never"))
    check_given(arguments)


# --- outputs


def _deliver(
    variants: list[CompiledVariant],
    arguments: Arguments,
    console: Console,
    read: set[Path],
) -> None:
    if arguments.output in (None, STDIN):
        terminal = is_terminal(sys.stdout)
        console.result(_rendered(variants, arguments, console, to_terminal=terminal))
        return
    if not arguments.output:
        raise Misuse("--output wants a path")
    from ...emit.files import RefusedError, write_file

    target = Path(arguments.output)
    one_file = len(variants) == 1 or arguments.output_format == "jsonl"
    refuse_read(target, read)
    try:
        if one_file and not target.is_dir() and not arguments.output.endswith("/"):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_file(target, _rendered(variants, arguments, console, to_terminal=False))
        else:
            _write_folder(target, variants, arguments, console, read)
    except RefusedError as error:
        raise Misuse(str(error)) from error
    except OSError as error:
        raise Misuse(f"--output {arguments.output}: {error.strerror or error}") from error


def _write_folder(
    target: Path,
    variants: list[CompiledVariant],
    arguments: Arguments,
    console: Console,
    read: set[Path],
) -> None:
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
    names = file_names(ids, _ENDINGS[arguments.output_format])
    for variant in variants:
        refuse_read(target / names[variant.id], read)
    for variant in variants:
        write_file(
            target / names[variant.id], _rendered([variant], arguments, console, to_terminal=False)
        )


def _rendered(
    variants: list[CompiledVariant], arguments: Arguments, console: Console, *, to_terminal: bool
) -> str:
    if arguments.output_format == "text":
        from ...emit.transcript import boxed_transcript, plain_transcript

        width, color = console.width(sys.stdout), console.colored(sys.stdout)
        pages = [
            boxed_transcript(variant.conversation, width=width, color=color)
            if to_terminal
            else plain_transcript(variant.conversation)
            for variant in variants
        ]
        return "\n".join(pages)
    from ...emit.requests import messages_json, requests_json, requests_jsonl

    emitters = {"request": requests_json, "messages": messages_json, "jsonl": requests_jsonl}
    return emitters[arguments.output_format]([variant.request() for variant in variants])
