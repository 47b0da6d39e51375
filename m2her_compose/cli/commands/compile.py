"""`m2her compile`: scenarios in, requests out."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...api import given_message, given_node, read_variables
from ...compiler import CompiledScenario, CompiledVariant, Compiler, Input, with_unique_ids
from ...config import environment
from ...diagnostics import Sink
from ...diagnostics import codes as c
from ...frozen import frozen
from ...scenario import Names, Overrides
from ...source import DEFAULT_LIMITS, Disk, decode
from ..console import Console, is_terminal
from ..guard import Misuse
from ..status import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...diagnostics import Diagnostic
    from ...source import Node

_FORMATS: Final = ("request", "messages", "jsonl", "text")
_ENDINGS: Final = {"request": ".json", "messages": ".json", "jsonl": ".jsonl", "text": ".txt"}
_STDIN: Final = "-"


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
    base = Path(os.path.realpath("."))
    typed = Path(os.path.realpath(base / (arguments.stdin_filename or "<stdin>")))
    read: set[Path] = set()
    files = Disk(log=read, texts={typed: _standard_input()} if _STDIN in arguments.paths else {})
    root = Path(os.path.realpath(arguments.root)) if arguments.root is not None else None
    compiler = Compiler(files=files, base=base, root=root, environment=environment())
    inputs = _inputs(arguments, compiler, typed)
    sink = Sink()
    overrides = _overrides(arguments, files, sink)
    if sink.has_errors:
        console.report(sink.sorted())
        return Status.ERRORS
    results = with_unique_ids([_compile(compiler, item, overrides) for item in inputs])
    for result in results:
        sink.extend(result.diagnostics)
    variants = [variant for result in results for variant in result.variants]
    console.report(sink.sorted() if not variants else _without_passed_over(sink))
    failed = any(not result.ok for result in results)
    if not variants and not failed:
        raise Misuse(
            f"nothing to compile in {', '.join(arguments.paths)}: no scenario that is not abstract"
        )
    if arguments.explain:
        from ...emit.explanation import explanation

        for variant in variants:
            console.say(explanation(variant.conversation, variant.content_hash))
    if variants:
        _deliver(variants, arguments, console, read)
    return Status.ERRORS if failed else Status.DONE


def _check(arguments: Arguments) -> None:
    """Refuse words that an option does not take, and arguments that are not text."""
    _one_of("--format", arguments.output_format, _FORMATS)
    _one_of("--color", arguments.color, ("auto", "always", "never"))
    if arguments.names is not None:
        _one_of("--names", arguments.names, tuple(mode.value for mode in Names))
    texts = (
        *arguments.assignments,
        *arguments.variants,
        arguments.message or "",
        arguments.speaker or "",
    )
    for text in texts:
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise Misuse("an argument is not valid UTF-8")
    if arguments.root is not None and not (arguments.root and Path(arguments.root).is_dir()):
        raise Misuse(f"--root {arguments.root} is no folder")
    if arguments.stdin_filename is not None and _STDIN not in arguments.paths:
        raise Misuse("--stdin-filename goes with `-`, standard input")
    for assignment in arguments.assignments:
        name, equals, _ = assignment.partition("=")
        if not equals or not name:
            raise Misuse(f"`--set {assignment}` is not NAME=VALUE")


def _one_of(option: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise Misuse(f"`{option} {value}` is none of {', '.join(allowed)}")


# --- inputs


def _inputs(arguments: Arguments, compiler: Compiler, typed: Path) -> list[Input]:
    """Find all files before any is compiled: a path that does not exist is wrong usage.

    `typed` is where the text of standard input belongs.
    """
    inputs: dict[Path, Input] = {}
    for name in arguments.paths:
        if name == _STDIN:
            inputs.setdefault(typed, Input(path=typed))
            continue
        path = Path(name)
        if not name or "\0" in name or not path.exists():
            raise Misuse(f"{name or 'an empty path'} does not exist")
        try:
            found = compiler.find(path)
        except OSError as error:
            raise Misuse(f"{error.filename}: {error.strerror}") from error
        for item in found:
            inputs.setdefault(Path(os.path.realpath(item.path)), item)
    return list(inputs.values())


def _standard_input() -> bytes:
    try:
        return sys.stdin.buffer.read(DEFAULT_LIMITS.bytes + 1)
    except (OSError, AttributeError) as error:
        raise Misuse("standard input is closed") from error


def _overrides(arguments: Arguments, files: Disk, sink: Sink) -> Overrides:
    typed: dict[str, Node] = {}
    for name in arguments.value_files:
        try:
            data = files.read(Path(name))
        except OSError as error:
            raise Misuse(f"--vars {name}: {error.strerror or error}") from error
        source = decode(data, name, sink)
        if source is not None:
            typed.update(read_variables(source, sink))
    plain: dict[str, Node] = {}
    for assignment in arguments.assignments:
        name, _, _ = assignment.partition("=")
        node = given_node("--set", assignment, len(name) + 1)
        plain[name] = node._replace(key_start=0, key_end=len(name))
    return Overrides(
        variables=plain,
        typed_variables=typed,
        message=given_message("--message", arguments.message)
        if arguments.message is not None
        else None,
        speaker=given_node("--speaker", arguments.speaker)
        if arguments.speaker is not None
        else None,
        names=Names(arguments.names) if arguments.names is not None else None,
        variants=tuple(given_node("--variant", text) for text in arguments.variants),
    )


def _compile(compiler: Compiler, item: Input, overrides: Overrides) -> CompiledScenario:
    try:
        return compiler.compile(item, overrides)
    except OSError as error:
        raise Misuse(f"{item.path}: {error.strerror or error}") from error


def _without_passed_over(sink: Sink) -> tuple[Diagnostic, ...]:
    """Return the findings but for notes on files that are not compiled: others were."""
    return tuple(d for d in sink.sorted() if d.code is not c.NOT_COMPILED)


# --- outputs


def _deliver(
    variants: list[CompiledVariant],
    arguments: Arguments,
    console: Console,
    read: set[Path],
) -> None:
    if arguments.output in (None, _STDIN):
        terminal = is_terminal(sys.stdout)
        console.result(_rendered(variants, arguments, console, to_terminal=terminal))
        return
    if not arguments.output:
        raise Misuse("--output wants a path")
    from ...emit.files import RefusedError, write_file

    target = Path(arguments.output)
    one_file = len(variants) == 1 or arguments.output_format == "jsonl"
    _refuse_read(target, read)
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
        _refuse_read(target / names[variant.id], read)
    for variant in variants:
        write_file(
            target / names[variant.id], _rendered([variant], arguments, console, to_terminal=False)
        )


def _refuse_read(path: Path, read: set[Path]) -> None:
    """Refuse to write over what the results were made from."""
    if Path(os.path.realpath(path)) in read:
        raise Misuse(f"--output would overwrite {path}, which was read")


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
