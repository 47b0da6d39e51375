"""What a budget left out of a conversation, for people: where it stands, and what it took."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from .terminal import cells, visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..ir import Conversation, Drop

_MARGIN: Final = 2
_GAP: Final = 2
# With less room beside the places, what stands there is told below them.
_NARROWEST: Final = 30


def drops_text(conversations: Sequence[Conversation], *, estimated: bool, width: int) -> str:
    """Return a line for each drop below a heading; nothing where all of it is sent.

    Variants that lose the same are told of once.
    """
    dropped = [each for each in conversations if each.dropped]
    blocks = []
    for rows, run in groupby(dropped, key=lambda each: _rows(each, estimated=estimated)):
        blocks.append(_block(list(run), rows, width))
    return "".join(blocks)


def _rows(conversation: Conversation, *, estimated: bool) -> tuple[tuple[str, str], ...]:
    return tuple((_place(d), _what(d, estimated=estimated)) for d in conversation.dropped)


def _block(run: Sequence[Conversation], rows: Sequence[tuple[str, str]], width: int) -> str:
    more = f" and {len(run) - 1} more variants" if len(run) > 1 else ""
    budget = f"{run[0].budget_tokens:,} prompt tokens"
    heading = f"{visible(run[0].id)}{more}: left out to keep to a budget of {budget}"
    column = max(cells(place) for place, _ in rows)
    lines = list(wrap(heading, width))
    for place, what in rows:
        lines.extend(_row(place, what, column, width))
    return "".join(f"{line}\n" for line in lines)


def _row(place: str, what: str, column: int, width: int) -> Iterator[str]:
    beside = width - _MARGIN - column - _GAP
    if beside < _NARROWEST:
        yield f"{' ' * _MARGIN}{place}"
        yield from (f"{' ' * 2 * _MARGIN}{line}" for line in wrap(what, width - 2 * _MARGIN))
        return
    lead = f"{' ' * _MARGIN}{place}{' ' * (column - cells(place) + _GAP)}"
    for line in wrap(what, beside):
        yield lead + line
        lead = " " * cells(lead)


def _place(drop: Drop) -> str:
    first, last = drop.origins[0].span, drop.origins[-1].span
    start = visible(str(first))
    if last is first:
        return start
    end = f"{last.line}:{last.column}"
    return f"{start} to {end if last.path == first.path else visible(str(last))}"


def _what(drop: Drop, *, estimated: bool) -> str:
    count = len(drop.units)
    words = f"{count} {drop.kind}s" if count > 1 else f"1 {drop.kind}"
    if drop.kind == "turn":
        words += " of the history"
    keep = f", keep {drop.keep}" if count == 1 else ""
    return f"{words}, {'about ' if estimated else ''}{drop.tokens:,} tokens{keep}"
