"""What `tokens` does beside printing: bills of what was compiled, at one budget or at several."""

from __future__ import annotations

from collections import Counter as Tally
from typing import TYPE_CHECKING

from ..charges import Bill, Budget, Charger
from ..config import target_of, window_of
from ..diagnostics import Sink
from ..frozen import replaced
from ..targets import M2_HER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..build import Wishes
    from ..compiled import CompiledScenario
    from ..compiler import Compiler
    from ..config import Settings
    from ..emit.sweep import Outcome, Sweep
    from ..ir import Conversation
    from ..targets import Target
    from ..tokens import Counter
    from .compiling import Compiled


def sweeps(
    compiled: Compiled, accountant: Accountant, wishes: Wishes, budgets: Sequence[int]
) -> list[Sweep]:
    """Compile everything at each budget, and put what is left side by side."""
    from ..emit.sweep import Outcome, Sweep

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


class Accountant:
    """Makes out bills; libraries may differ in target and budget."""

    def __init__(self, compiler: Compiler, target: str | None, counter: Counter) -> None:
        self._compiler = compiler
        self._target = target
        self._counter = counter
        self._settings: dict[Path, Settings] = {}
        self._chargers: dict[str, Charger] = {}

    def bills(self, scenario: CompiledScenario) -> Iterator[Bill]:
        """Yield the bill of each variant."""
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
