"""From a command line to compiled scenarios: what is given for them, and what is said of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..api import given_message, given_node, read_variables
from ..compiler import Compiler, Input, with_unique_ids
from ..diagnostics import Sink
from ..diagnostics import codes as c
from ..errors import UsageError
from ..frozen import frozen, replaced
from ..scenario import Names, Overrides
from ..source import decode
from .guard import Misuse
from .inputs import Inputs, open_inputs
from .options import one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..build import Wishes
    from ..compiled import CompiledScenario, CompiledVariant
    from ..diagnostics import Diagnostic
    from ..source import Disk, Node
    from .console import Console


class Given(Protocol):
    """The part of a command line that says what is compiled, and with which values."""

    @property
    def paths(self) -> tuple[str, ...]: ...

    @property
    def assignments(self) -> tuple[str, ...]: ...

    @property
    def value_files(self) -> tuple[str, ...]: ...

    @property
    def message(self) -> str | None: ...

    @property
    def speaker(self) -> str | None: ...

    @property
    def names(self) -> str | None: ...

    @property
    def variants(self) -> tuple[str, ...]: ...

    @property
    def root(self) -> str | None: ...

    @property
    def stdin_filename(self) -> str | None: ...


@frozen
class Compiled:
    """What came of all files, in their order; `inputs` are what it was compiled from."""

    inputs: Inputs
    overrides: Overrides
    scenarios: tuple[CompiledScenario, ...]

    def again(self, wishes: Wishes) -> Iterator[CompiledScenario]:
        """Compile everything once more, for other wishes."""
        self.inputs.compiler.wishes = wishes
        for item in self.inputs.items:
            yield self.inputs.compiler.compile(item, self.overrides)

    @property
    def by_id(self) -> dict[tuple[Path, str], tuple[CompiledScenario, CompiledVariant]]:
        """All variants with their scenarios, by file and id."""
        return {
            (scenario.file, variant.id): (scenario, variant)
            for scenario in self.scenarios
            for variant in scenario.variants
        }

    @property
    def variants(self) -> list[CompiledVariant]:
        return [variant for scenario in self.scenarios for variant in scenario.variants]

    @property
    def failed(self) -> bool:
        """Whether a file has errors."""
        return any(not scenario.ok for scenario in self.scenarios)


def check_given(given: Given) -> None:
    """Refuse arguments that are not text, and words that an option does not take."""
    if given.names is not None:
        one_of("--names", given.names, tuple(mode.value for mode in Names))
    texts = (*given.assignments, *given.variants, given.message or "", given.speaker or "")
    for text in texts:
        if any("\ud800" <= char <= "\udfff" for char in text):
            raise Misuse("an argument is not valid UTF-8")
    for assignment in given.assignments:
        name, equals, _ = assignment.partition("=")
        if not equals or not name:
            raise Misuse(f"`--set {assignment}` is not NAME=VALUE")


def compile_given(
    given: Given, console: Console, wishes: Wishes, **instead: Any
) -> Compiled | None:
    """Compile all files for what is wished, and report what was found in them.

    `instead` are further fields of `Overrides`. None, with the findings reported, when the values
    given are wrong. Raises `Misuse` when a file cannot be read, or nothing is to be compiled.
    """
    inputs = open_inputs(given.paths, root=given.root, stdin_filename=given.stdin_filename)
    inputs.compiler.wishes = wishes
    sink = Sink()
    overrides = replaced(read_overrides(given, inputs.files, sink), **instead)
    if sink.has_errors:
        console.report(sink.sorted())
        return None
    results = [_compile(inputs.compiler, item, overrides) for item in inputs.items]
    scenarios = tuple(with_unique_ids(results))
    compiled = Compiled(inputs=inputs, overrides=overrides, scenarios=scenarios)
    for scenario in compiled.scenarios:
        sink.extend(scenario.diagnostics)
    console.report(_without_passed_over(sink) if compiled.variants else sink.sorted())
    if not compiled.variants and not compiled.failed:
        raise Misuse(
            f"nothing to compile in {', '.join(given.paths)}: no scenario that is not abstract"
        )
    return compiled


def read_overrides(given: Given, files: Disk, sink: Sink) -> Overrides:
    """Return the values that are given in place of the files'. Raises `Misuse`."""
    typed: dict[str, Node] = {}
    for name in given.value_files:
        try:
            data = files.read(Path(name))
        except OSError as error:
            raise Misuse(f"--vars {name}: {error.strerror or error}") from error
        source = decode(data, name, sink)
        if source is not None:
            typed.update(read_variables(source, sink))
    plain: dict[str, Node] = {}
    for assignment in given.assignments:
        name, _, _ = assignment.partition("=")
        node = given_node("--set", assignment, len(name) + 1)
        plain[name] = node._replace(key_start=0, key_end=len(name))
    return Overrides(
        variables=plain,
        typed_variables=typed,
        message=given_message("--message", given.message) if given.message is not None else None,
        speaker=given_node("--speaker", given.speaker) if given.speaker is not None else None,
        names=Names(given.names) if given.names is not None else None,
        variants=tuple(given_node("--variant", text) for text in given.variants),
    )


def _compile(compiler: Compiler, item: Input, overrides: Overrides) -> CompiledScenario:
    try:
        return compiler.compile(item, overrides)
    except OSError as error:
        raise Misuse(f"{item.path}: {error.strerror or error}") from error
    except UsageError as error:
        raise Misuse(str(error)) from error


def _without_passed_over(sink: Sink) -> tuple[Diagnostic, ...]:
    """Return the findings but for notes on files that are not compiled: others were."""
    return tuple(d for d in sink.sorted() if d.code is not c.NOT_COMPILED)


def report_costs(compiled: Compiled, console: Console) -> None:
    """Say what the budget left out, and what the target did not take as it was."""
    conversations = [variant.conversation for variant in compiled.variants]
    if not any(each.dropped or each.losses for each in conversations):
        return
    from ..emit.drops import drops_text
    from ..emit.losses import loss_report

    counter = compiled.inputs.compiler.wishes.counter
    width = console.width(sys.stderr)
    console.say(loss_report(conversations, width=width, color=console.colored(sys.stderr)))
    estimated = counter is None or counter.kind == "estimate"
    console.say(drops_text(conversations, estimated=estimated, width=width))


def tell_of(compiled: Compiled, report: str | None, *, explain: bool, console: Console) -> None:
    """Write what was left out or lost to the file of `--report`, and say where pieces come from."""
    variants = compiled.variants
    if report is not None:
        from ..emit.costs import costs_json
        from .outputs import write_output

        costs = costs_json([each.conversation for each in variants])
        write_output(report, costs, compiled.inputs.read, "--report")
    if explain:
        from ..emit.explanation import explanation

        for variant in variants:
            console.say(explanation(variant.conversation, variant.content_hash))
