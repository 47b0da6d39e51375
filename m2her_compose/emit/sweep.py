"""What is left of a scenario at several budgets, side by side: as a table, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..frozen import frozen
from ..wire.json_text import pretty_json
from .terminal import Palette, Style, cells, visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

VERSION: Final = 1
# What can be left out, in the order of a conversation, with the word for several of them.
PARTS: Final[Mapping[str, str]] = {
    "instruction": "instructions",
    "example": "examples",
    "turn": "turns of history",
}
_GAP: Final = 2
_LABEL: Final = max(len(word) for word in PARTS.values())


@frozen
class Outcome:
    """One budget. `kept` counts what is sent, by kind; without `total_tokens` nothing fits."""

    budget_tokens: int
    total_tokens: int | None
    kept: Mapping[str, int]


@frozen
class Sweep:
    """One variant at several budgets. `whole` counts what it has, by kind."""

    id: str
    path: str
    target: str
    kind: str
    total_tokens: int
    whole: Mapping[str, int]
    outcomes: tuple[Outcome, ...]


def sweep_text(sweeps: Sequence[Sweep], *, width: int | None, color: bool) -> str:
    """Return a table for each variant; budgets that do not fit beside each other go below."""
    return "\n".join(
        "".join(f"{line}\n" for line in _table(each, width, Palette(color))) for each in sweeps
    )


def _table(sweep: Sweep, width: int | None, palette: Palette) -> Iterator[str]:
    about = "about " if sweep.kind == "estimate" else ""
    heading = (
        f"{visible(sweep.id)} ({visible(sweep.path)}): {about}{sweep.total_tokens:,} prompt tokens "
        f"for {visible(sweep.target)} when nothing is left out"
    )
    for line in wrap(heading, width) if width is not None else [heading]:
        yield palette.paint(Style.STRONG, line)
    columns = [_column(sweep, each) for each in sweep.outcomes]
    labels = ["budget", "prompt tokens", *(PARTS[kind] for kind in PARTS if sweep.whole.get(kind))]
    for group in _groups(columns, width):
        yield ""
        for row, label in enumerate(labels):
            figures = (
                " " * _GAP + " " * (wide - cells(column[row])) + column[row]
                for column, wide in group
            )
            line = f"{label:<{_LABEL}}{''.join(figures)}".rstrip()
            yield palette.paint(Style.FAINT, line) if row == 0 else line


def _column(sweep: Sweep, outcome: Outcome) -> list[str]:
    kinds = [kind for kind in PARTS if sweep.whole.get(kind)]
    if outcome.total_tokens is None:
        return [f"{outcome.budget_tokens:,}", "too large", *("-" for _ in kinds)]
    kept = (_share(outcome.kept.get(kind, 0), sweep.whole[kind]) for kind in kinds)
    return [f"{outcome.budget_tokens:,}", f"{outcome.total_tokens:,}", *kept]


def _share(kept: int, whole: int) -> str:
    return f"all {whole}" if kept == whole else f"{kept} of {whole}"


def _groups(
    columns: Sequence[list[str]], width: int | None
) -> Iterator[list[tuple[list[str], int]]]:
    """Yield as many columns as fit beside each other, each with its width."""
    group: list[tuple[list[str], int]] = []
    used = _LABEL
    for column in columns:
        wide = max(cells(text) for text in column)
        if group and width is not None and used + _GAP + wide > width:
            yield group
            group, used = [], _LABEL
        group.append((column, wide))
        used += _GAP + wide
    if group:
        yield group


def sweep_json(sweeps: Sequence[Sweep]) -> str:
    """Return all tables as one document (schemas/sweep.v1.schema.json)."""
    return pretty_json({"version": VERSION, "variants": [_plain(each) for each in sweeps]})


def _plain(sweep: Sweep) -> dict[str, Any]:
    return {
        "id": sweep.id,
        "file": sweep.path,
        "target": sweep.target,
        "counter": sweep.kind,
        "total_tokens": sweep.total_tokens,
        "whole": {kind: sweep.whole.get(kind, 0) for kind in PARTS},
        "budgets": [
            {
                "budget": each.budget_tokens,
                "fits": each.total_tokens is not None,
                "total_tokens": each.total_tokens,
                "kept": {kind: each.kept.get(kind, 0) for kind in PARTS},
            }
            for each in sweep.outcomes
        ],
    }
