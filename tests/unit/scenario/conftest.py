"""Decode and plan scenarios from texts, without a disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from m2her_compose.diagnostics import Sink
from m2her_compose.resolve import Loader, Resolver
from m2her_compose.scenario import Overrides, Plan, Scenario, decode, plans
from m2her_compose.source import Disk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from m2her_compose.diagnostics import Diagnostic
    from m2her_compose.scenario import Turn

LIBRARY = Path("/library")


@dataclass(frozen=True)
class Decoded:
    """A scenario, and what was found on the way."""

    scenario: Scenario
    sink: Sink

    @property
    def findings(self) -> list[str]:
        """Each finding as `code line:column message`."""
        return [shown(each) for each in self.sink.sorted()]

    @property
    def history(self) -> list[tuple[str, str]]:
        return said(self.scenario.history)

    @property
    def examples(self) -> list[list[tuple[str, str]]]:
        return [said(exchange.turns) for exchange in self.scenario.examples]

    def plans(self, overrides: Overrides | None = None) -> tuple[Plan, ...]:
        return plans(self.scenario, overrides or Overrides(), self.sink)

    def ids(self, overrides: Overrides | None = None) -> list[str]:
        return [plan.variant for plan in self.plans(overrides)]

    def values(self, overrides: Overrides | None = None) -> list[dict[str, object]]:
        return [
            {name: bound.value for name, bound in plan.bindings.items()}
            for plan in self.plans(overrides)
        ]


def shown(finding: Diagnostic) -> str:
    return f"{finding.code.id} {finding.span.line}:{finding.span.column} {finding.message}"


def said(turns: Iterable[Turn]) -> list[tuple[str, str]]:
    return [(turn.speaker, turn.text.value) for turn in turns]


class Decode:
    """Decode the text of a scenario; the header is added, on a line of its own."""

    def __call__(self, text: str, name: str = "tea.yaml") -> Decoded:
        path = LIBRARY / name
        data = ("m2her: scenario/v1\n" + dedent(text)).encode()
        loader = Loader(files=Disk(texts={path: data}), root=LIBRARY, base=LIBRARY)
        sink = Sink()
        merged = Resolver(loader=loader).resolve(loader.load(path), sink)
        return Decoded(decode(merged, sink), sink)


@pytest.fixture
def decoded() -> Decode:
    return Decode()
