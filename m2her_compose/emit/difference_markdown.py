"""What differs between two versions of a library, as Markdown for a pull request.

Authors' texts stand in fences and code spans that they cannot leave: there they are no markup,
mention nobody and link to nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..comparison import Change, Kind
from .difference import (
    FATES,
    MARKS,
    changed_lines,
    error_lines,
    loss_lines,
    message_heading,
    near_changes,
    omission_lines,
    scenario_paths,
    scenario_title,
    setting_lines,
    signed,
    token_line,
    variant_names,
    whole_lines,
)
from .terminal import clip, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..comparison import Comparison, MessageChange, ScenarioChange, VariantChange
    from .difference import Stretch

# GitHub takes 1 MiB as the summary of a step.
MOST_BYTES: Final = 900_000
_MOST_ROWS: Final = 300
_MOST_BLOCK: Final = 60_000
_LONGEST_SPAN: Final = 200
_BACKTICKS: Final = re.compile("`+")
_SHORTEST_FENCE: Final = 3
# What would end a code span, or a table's cell, and what is shown in its place.
_IN_SPANS: Final = str.maketrans("`|", "ˋ¦")


def difference_markdown(comparison: Comparison, about: str = "about ") -> str:
    """Return all that differs as Markdown, at most `MOST_BYTES`; nothing when nothing does.

    `about` stands before totals that are estimates.
    """
    if comparison.is_empty:
        return ""
    parts = ["## What changes in the messages", *_table(comparison, about)]
    size = sum(len(part.encode()) + 2 for part in parts)
    for number, scenario in enumerate(comparison.scenarios):
        section = "\n\n".join(_section(scenario, about))
        size += len(section.encode()) + 2
        if size > MOST_BYTES:
            left = len(comparison.scenarios) - number
            parts.append(
                f"_Too long to be shown whole: {left:,} more scenario{'s' * (left != 1)}. "
                "`m2her diff` shows all of it._"
            )
            break
        parts.append(section)
    return "\n\n".join(parts) + "\n"


def _table(comparison: Comparison, about: str) -> Iterator[str]:
    """Yield a table of what each variant costs, before and after."""
    variants = [each for scenario in comparison.scenarios for each in scenario.variants]
    if not variants:
        return
    head = [
        "| variant | | tokens before | tokens after | change |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    yield "\n".join([*head, *map(_row, variants[:_MOST_ROWS])])
    more = len(variants) - _MOST_ROWS
    if more > 0:
        yield f"_And {more:,} more._"
    if about:
        yield "_Tokens are estimates._"


def _row(variant: VariantChange) -> str:
    total, more = variant.total, len(variant.ids) - 1
    before = f"{total.old:,}" if variant.change is not Change.ADDED else ""
    after = f"{total.new:,}" if variant.change is not Change.REMOVED else ""
    name = _code(variant.ids[0]) + (f" and {more:,} more" if more else "")
    return f"| {name} | {variant.change.value} | {before} | {after} | {signed(total)} |"


def _section(scenario: ScenarioChange, about: str) -> Iterator[str]:
    yield f"### {_code(scenario_title(scenario))}: {FATES[scenario.fate]}"
    yield _code(scenario_paths(scenario))
    errors = list(error_lines(scenario))
    if errors:
        yield _items(errors)
    for variant in scenario.variants:
        yield from _variant(variant, scenario, about)


def _variant(variant: VariantChange, scenario: ScenarioChange, about: str) -> Iterator[str]:
    names = variant_names(variant, scenario.id)
    if names:
        yield f"#### {_code(names)}"
    tokens = _code(token_line(variant, about))
    if variant.change is not Change.CHANGED:
        yield f"{variant.change.value}: {tokens}"
        return
    for message in variant.messages:
        yield from _message(message)
    lines = [*setting_lines(variant), *loss_lines(variant)]
    if variant.omissions is not None:
        lines.extend(line.strip() for line in omission_lines(variant.omissions))
    if lines:
        yield _items(lines)
    yield tokens


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_code(line)}" for line in lines)


def _message(change: MessageChange) -> Iterator[str]:
    yield f"`{MARKS[change.change]}` {_code(message_heading(change))}"
    if change.change is Change.ADDED and change.new is not None:
        yield _fenced(whole_lines(change.new, "+"))
    elif change.change is Change.REMOVED and change.old is not None:
        yield _fenced(whole_lines(change.old, "-"))
    elif change.edits:
        yield _fenced(_diff(near_changes(changed_lines(change.edits))))


def _diff(lines: Iterable[Sequence[Stretch] | None]) -> Iterator[str]:
    """Yield the lines of a diff: what was and what is, with signs around the words."""
    for parts in lines:
        if parts is None:
            yield "  …"
        elif all(part.kind is Kind.SAME for part in parts):
            yield f"  {''.join(part.text for part in parts)}".rstrip()
        else:
            if any(part.kind is Kind.GONE for part in parts):
                yield f"- {_side(parts, Kind.GONE, '[-', '-]')}".rstrip()
            if any(part.kind is Kind.NEW for part in parts):
                yield f"+ {_side(parts, Kind.NEW, '{+', '+}')}".rstrip()


def _side(parts: Iterable[Stretch], kind: Kind, left: str, right: str) -> str:
    return "".join(
        part.text if part.kind is Kind.SAME else f"{left}{part.text}{right}"
        for part in parts
        if part.kind in (Kind.SAME, kind)
    )


def _fenced(lines: Iterable[str]) -> str:
    """Return lines as a block whose fence is longer than any that stands in it."""
    kept: list[str] = []
    size = 0
    for line in lines:
        size += len(line) + 1
        if size > _MOST_BLOCK:
            kept.append("  … (the rest of the message is not shown)")
            break
        kept.append(line)
    longest = max((len(run) for line in kept for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)
    return "\n".join([f"{fence}diff", *kept, fence])


def _code(text: str) -> str:
    """Return text as a code span, which no text can leave, nor the table's cell around it."""
    harmless = visible(text).translate(_IN_SPANS).strip()
    return f"`{clip(harmless, _LONGEST_SPAN)}`" if harmless else ""
