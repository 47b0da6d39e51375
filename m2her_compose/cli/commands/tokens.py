"""`m2her tokens`: what each message and each value costs."""

from __future__ import annotations

import sys
from collections import Counter as Tally
from typing import TYPE_CHECKING, Final

from ...build import Wishes
from ...charges import Bill, Budget, Charger
from ...config import target_of, window_of
from ...diagnostics import Sink
from ...frozen import frozen, replaced
from ...targets import M2_HER
from ...tokens import EstimateCounter
from ..compiling import check_given, compile_given
from ..console import Console, is_terminal
from ..counting import chosen_budgets, chosen_counter
from ..inputs import one_of
from ..status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...compiled import CompiledScenario
    from ...compiler import Compiler
    from ...config import Settings
    from ...emit.sweep import Outcome, Sweep
    from ...ir import Conversation
    from ...targets import Target
    from ...tokens import Counter
    from ..compiling import Compiled

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
    sweep: str | None
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
    counter = chosen_counter(arguments.tokenizer) or EstimateCounter()
    budgets = chosen_budgets(arguments.sweep)
    wishes = Wishes(target=arguments.target, counter=counter, everything=True)
    console = Console(color=arguments.color)
    blocks = _terminal_draws_blocks()
    console.prepare()
    compiled = compile_given(arguments, console, wishes)
    if compiled is None:
        return Status.ERRORS
    accountant = _Accountant(compiled.inputs.compiler, arguments.target, counter)
    if budgets:
        sweeps = _sweeps(compiled, accountant, wishes, budgets)
        console.result(_swept(sweeps, arguments, console))
        return Status.ERRORS if compiled.failed else Status.DONE
    bills = [bill for scenario in compiled.scenarios for bill in accountant.bills(scenario)]
    if arguments.output_format == "json":
        from ...emit.token_json import token_json

        console.result(token_json(bills))
    elif bills:
        console.result(_text(bills, arguments, console, blocks=blocks))
    return Status.ERRORS if compiled.failed else Status.DONE


def _sweeps(
    compiled: Compiled, accountant: _Accountant, wishes: Wishes, budgets: Sequence[int]
) -> list[Sweep]:
    """Compile everything at each budget, and put what is left side by side."""
    from ...emit.sweep import Outcome, Sweep

    outcomes: dict[tuple[Path, str], list[Outcome]] = {}
    for budget in budgets:
        fitted = compiled.again(replaced(wishes, budget_tokens=budget, everything=False))
        found = {
            (scenario.file, variant.id): (scenario, variant)
            for scenario in fitted
            for variant in scenario.variants
        }
        for key in compiled.by_id:
            total: int | None = None
            kept: dict[str, int] = {}
            if key in found:
                scenario, variant = found[key]
                total = accountant.total(scenario, variant.conversation)
                kept = _parts(variant.conversation)
            outcome = Outcome(budget_tokens=budget, total_tokens=total, kept=kept)
            outcomes.setdefault(key, []).append(outcome)
    return [
        Sweep(
            id=variant.id,
            path=scenario.path,
            target=variant.conversation.target,
            kind=accountant.kind,
            total_tokens=accountant.total(scenario, variant.conversation),
            whole=_parts(variant.conversation),
            outcomes=tuple(outcomes[key]),
        )
        for key, (scenario, variant) in compiled.by_id.items()
    ]


def _parts(conversation: Conversation) -> dict[str, int]:
    """Count what could be left out of a conversation, by kind."""
    return Tally(unit.partition("/")[0] for unit in conversation.units if "/" in unit)


class _Accountant:
    """Makes out bills; libraries may differ in target and budget."""

    def __init__(self, compiler: Compiler, target: str | None, counter: Counter) -> None:
        self._compiler = compiler
        self._target = target
        self._counter = counter
        self._settings: dict[Path, Settings] = {}
        self._chargers: dict[str, Charger] = {}

    def bills(self, scenario: CompiledScenario) -> Iterator[Bill]:
        if not scenario.variants:
            return
        settings = self._settings_of(scenario.root)
        target = self._target_of(scenario)
        charger = self._charger(target)
        for variant in scenario.variants:
            yield Bill(
                id=variant.id,
                path=scenario.path,
                target=target.id,
                kind=self._counter.kind,
                counted_by=self._counter.name,
                budget=_budget(settings, target),
                charges=charger.charge(variant.conversation),
            )

    @property
    def kind(self) -> str:
        return self._counter.kind

    def total(self, scenario: CompiledScenario, conversation: Conversation) -> int:
        """Return the prompt tokens of a conversation."""
        return self._charger(self._target_of(scenario)).charge(conversation).total_tokens

    def _target_of(self, scenario: CompiledScenario) -> Target:
        return target_of(self._settings_of(scenario.root), self._target) or M2_HER

    def _settings_of(self, root: Path) -> Settings:
        if root not in self._settings:
            # What is wrong with them was reported with the scenarios.
            self._settings[root] = self._compiler.settings(root, Sink())
        return self._settings[root]

    def _charger(self, target: Target) -> Charger:
        if target.id not in self._chargers:
            self._chargers[target.id] = Charger(counter=self._counter, overhead=target)
        return self._chargers[target.id]


def _budget(settings: Settings, target: Target) -> Budget:
    if settings["compile.budget"] is not None:
        return Budget(tokens=settings["compile.budget"], setting="compile.budget")
    return Budget(tokens=window_of(settings, target), setting="compile.context-window")


# --- outputs


def _swept(sweeps: Sequence[Sweep], arguments: Arguments, console: Console) -> str:
    from ...emit.sweep import sweep_json, sweep_text

    if arguments.output_format == "json":
        return sweep_json(sweeps)
    width = console.width(sys.stdout) if is_terminal(sys.stdout) else None
    return sweep_text(sweeps, width=width, color=console.colored(sys.stdout))


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
