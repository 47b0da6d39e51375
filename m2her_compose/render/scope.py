"""What texts can name, and what can be told of them without rendering: reads, and mistakes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..scenario import FIELDS, EntityKind
from .fault import Fault, Reported
from .syntax import has_template, program_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Sink
    from ..scenario import Scenario, Text
    from .fault import Meter
    from .static import Shape

SCENARIO_FIELDS: Final = ("id", "title", "language", "tags")
CHARACTER_FIELDS: Final = (*FIELDS[EntityKind.CHARACTER], "id")
# In raw texts, which have no templates otherwise.
PLACEHOLDER: Final = re.compile(r"\{\{(char|user)\}\}|<(bot|char|user)>", re.IGNORECASE)


def scope_shape(scenario: Scenario) -> dict[str, Shape]:
    """Return the names that every text of a scenario can use, and what fields they have."""
    character: Shape = dict.fromkeys(CHARACTER_FIELDS)
    anything: Shape = None
    cast: Shape = dict.fromkeys(scenario.characters, character)
    return {
        "vars": dict.fromkeys(scenario.variables) if scenario.is_intact("variables") else anything,
        "char": character,
        "user": dict.fromkeys(FIELDS[EntityKind.PERSONA]),
        "characters": cast if scenario.is_intact("characters") else anything,
        "group": dict.fromkeys(FIELDS[EntityKind.GROUP]),
        "scenario": dict.fromkeys(SCENARIO_FIELDS),
    }


def report_fault(fault: Fault, text: Text, sink: Sink) -> None:
    """Turn a fault in a text into a finding at the place where the author wrote it."""
    span = text.span_of(min(fault.start, len(text.value)), min(fault.end, len(text.value)))
    sink.add(fault.code, fault.message, span, help=fault.help, via=text.via)


def check_text(text: Text, shape: Mapping[str, Shape], meter: Meter, sink: Sink) -> None:
    """Report all that is wrong with a text's template, without rendering it."""
    if not has_template(text.value) or text.raw or text.literal or sink.is_full(text.node.source):
        return
    try:
        meter.step(0, len(text.value))
        found = program_of(text.value, meter).mentions.faults(shape)
    except Fault as unreadable:
        found = [unreadable]
    except Reported:
        return
    for fault in found:
        report_fault(fault, text, sink)


def read_paths(text: Text, meter: Meter) -> frozenset[tuple[str, ...]]:
    """Return what a text's template reads (`Mentions.paths`); nothing when it cannot be read.

    Of `vars.era` both `("vars",)` and `("vars", "era")` are returned, and of the placeholders
    of a raw text the names that they stand for.
    """
    if text.literal:
        return frozenset()
    if text.raw:
        words = ((found[1] or found[2]).lower() for found in PLACEHOLDER.finditer(text.value))
        return frozenset(("user",) if word == "user" else ("char",) for word in words)
    if not has_template(text.value):
        return frozenset()
    try:
        return program_of(text.value, meter).paths
    except Fault:
        return frozenset()
