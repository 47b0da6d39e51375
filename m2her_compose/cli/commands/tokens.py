"""`m2her tokens`: what each message and each value costs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from ...charges import Bill, Budget, Charger
from ...diagnostics import Sink
from ...frozen import frozen
from ...targets import TARGETS, target_by_id
from ...tokens import EstimateCounter
from ..compiling import check_given, compile_given
from ..console import Console, is_terminal
from ..counting import chosen_counter, chosen_target
from ..inputs import one_of
from ..status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...compiler import CompiledScenario, Compiler
    from ...config import Settings
    from ...targets import Target
    from ...tokens import Counter

_FORMATS: Final = ("text", "json")
# More variants than this get a line each, and no tables of their own.
_MOST_TABLES: Final = 5


@frozen
class Arguments:
    """The command line of `tokens`, as typed."""

    paths: tuple[str, ...]
    output_format: str
    target: str | None
    tokenizer: str | None
    assignments: tuple[str, ...]
    value_files: tuple[str, ...]
    message: str | None
    speaker: str | None
    names: str | None
    variants: tuple[str, ...]
    root: str | None
    stdin_filename: str | None
    color: str


def run(arguments: Arguments) -> Status:
    """Compile, count, and print what came out."""
    one_of("--format", arguments.output_format, _FORMATS)
    one_of("--color", arguments.color, ("auto", "always", "never"))
    check_given(arguments)
    target = chosen_target(arguments.target)
    counter = chosen_counter(arguments.tokenizer) or EstimateCounter()
    console = Console(color=arguments.color)
    blocks = _terminal_draws_blocks()
    console.prepare()
    compiled = compile_given(arguments, console)
    if compiled is None:
        return Status.ERRORS
    accountant = _Accountant(compiled.inputs.compiler, target, counter)
    bills = [bill for scenario in compiled.scenarios for bill in accountant.bills(scenario)]
    if arguments.output_format == "json":
        from ...emit.token_json import token_json

        console.result(token_json(bills))
    elif bills:
        console.result(_text(bills, arguments, console, blocks=blocks))
    return Status.ERRORS if compiled.failed else Status.DONE


class _Accountant:
    """Makes out bills; libraries may differ in target and budget."""

    def __init__(self, compiler: Compiler, target: Target | None, counter: Counter) -> None:
        self._compiler = compiler
        self._target = target
        self._counter = counter
        self._settings: dict[Path, Settings] = {}
        self._chargers: dict[str, Charger] = {}

    def bills(self, scenario: CompiledScenario) -> Iterator[Bill]:
        if not scenario.variants:
            return
        settings = self._settings_of(scenario.root)
        target = self._target or target_by_id(settings["compile.target"]) or TARGETS[0]
        charger = self._charger(target)
        for variant in scenario.variants:
            yield Bill(
                id=variant.id,
                path=scenario.path,
                target=target.id,
                kind=self._counter.kind,
                counted_by=self._counter.name,
                budget=_budget(settings),
                charges=charger.charge(variant.conversation),
            )

    def _settings_of(self, root: Path) -> Settings:
        if root not in self._settings:
            # What is wrong with them was reported with the scenarios.
            self._settings[root] = self._compiler.settings(root, Sink())
        return self._settings[root]

    def _charger(self, target: Target) -> Charger:
        if target.id not in self._chargers:
            self._chargers[target.id] = Charger(counter=self._counter, overhead=target)
        return self._chargers[target.id]


def _budget(settings: Settings) -> Budget:
    for name in ("compile.budget", "compile.context-window"):
        if settings[name] is not None:
            break
    return Budget(tokens=settings[name], setting=name)


# --- outputs


def _terminal_draws_blocks() -> bool:
    """Tell whether bars can be drawn, before the stream is made UTF-8: elsewhere they always are.

    What is no terminal gets the same bytes on every machine.
    """
    from ...emit.token_table import BLOCKS

    if not is_terminal(sys.stdout):
        return True
    try:
        BLOCKS.encode(sys.stdout.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _text(bills: list[Bill], arguments: Arguments, console: Console, *, blocks: bool) -> str:
    from ...emit.token_table import Page, token_summary, token_tables

    page = Page(
        width=console.width(sys.stdout) if is_terminal(sys.stdout) else None,
        color=console.colored(sys.stdout),
        blocks=blocks,
    )
    if len(bills) <= _MOST_TABLES or arguments.variants:
        return token_tables(bills, page)
    console.say(
        f"m2her: {len(bills)} variants, a line each; `--variant ID` shows the tables of one\n"
    )
    return token_summary(bills, page)
