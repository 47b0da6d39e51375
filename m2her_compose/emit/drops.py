"""What a budget left out of a conversation, for people: where it stands, and what it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .terminal import cells, visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..ir import Conversation, Drop

_MARGIN: Final = 2
_GAP: Final = 2
# With less room beside the places, what stands there is told below them.
_NARROWEST: Final = 30


def drops_text(conversation: Conversation, *, estimated: bool, width: int) -> str:
    """Return a line for each drop below a heading; nothing when all of it is sent."""
    if not conversation.dropped:
        return ""
    budget = f"{conversation.budget_tokens:,} prompt tokens"
    heading = f"{visible(conversation.id)}: left out to keep to a budget of {budget}"
    rows = [(_place(each), _what(each, estimated=estimated)) for each in conversation.dropped]
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
    return f"{words}, {'about ' if estimated else ''}{drop.tokens:,} tokens, keep {drop.keep}"
