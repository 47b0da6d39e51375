"""What a target cost a conversation: a line for each loss, and the same as plain data."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from ..frozen import frozen
from .terminal import Palette, Style, cells, clip, padded, visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..ir import Conversation, Loss, Origin

_GAP: Final = "  "
# A column of places is not made wider than this for the sake of one long path.
_WIDEST_PLACE: Final = 40
# With less room than this beside place, kind and part, the words stand below them.
_NARROWEST_WORDS: Final = 30
_NARROWEST_PLACE: Final = 20
_MIN_WIDTH: Final = 30
_INDENT: Final = "  "
_NOWHERE: Final = "-"


@frozen
class _Row:
    place: str
    kind: str
    what: str
    words: str


def loss_report(
    conversations: Sequence[Conversation], *, width: int | None = None, color: bool = False
) -> str:
    """Return what was lost in each conversation; nothing where nothing was.

    `width` is that of the terminal in cells, None for no limit. Variants that lost the same at
    the same places, one after the other, are told of once.
    """
    found = [(c, tuple(_row(loss) for loss in c.losses)) for c in conversations if c.losses]
    blocks = [
        _block([each for each, _ in run], rows, width, Palette(color)) for rows, run in _runs(found)
    ]
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def loss_data(conversation: Conversation) -> list[dict[str, Any]]:
    """Return a conversation's losses as JSON has them."""
    return [
        {
            "kind": loss.kind.value,
            "what": loss.what,
            "outcome": loss.outcome,
            "before": loss.before,
            "after": loss.after,
            "places": [place_data(origin) for origin in loss.origins],
        }
        for loss in conversation.losses
    ]


def place_data(origin: Origin) -> dict[str, Any]:
    """Return a place as JSON has it."""
    span = origin.span
    return {
        "pointer": origin.pointer,
        "file": span.path,
        "line": span.line,
        "column": span.column,
    }


def _row(loss: Loss) -> _Row:
    place = visible(str(loss.origins[0].span)) if loss.origins else _NOWHERE
    return _Row(
        place=place,
        kind=loss.kind.value,
        what=visible(loss.what),
        words=visible(loss.outcome),
    )


def _runs(
    found: Sequence[tuple[Conversation, tuple[_Row, ...]]],
) -> Iterator[tuple[tuple[_Row, ...], list[tuple[Conversation, tuple[_Row, ...]]]]]:
    """Yield neighbours that have one target and the same rows."""

    def key(pair: tuple[Conversation, tuple[_Row, ...]]) -> tuple[object, ...]:
        rows = tuple((row.place, row.kind, row.what, row.words) for row in pair[1])
        return pair[0].target, rows

    for _, run in groupby(found, key=key):
        same = list(run)
        yield same[0][1], same


def _block(
    same: Sequence[Conversation], rows: Sequence[_Row], width: int | None, palette: Palette
) -> Iterator[str]:
    room = None if width is None else max(_MIN_WIDTH, width)
    more = f" and {len(same) - 1} more variant{'s' * (len(same) > 2)}" if len(same) > 1 else ""  # noqa: PLR2004 - one, or several
    heading = f"{visible(same[0].id)}{more}, for {visible(same[0].target)}"
    for line in [heading] if room is None else wrap(heading, room):
        yield palette.paint(Style.STRONG, line)
    kinds = max(len(row.kind) for row in rows)
    whats = max(cells(row.what) for row in rows)
    places = max(cells(row.place) for row in rows)
    beside = kinds + whats + 3 * len(_GAP)
    if room is not None:
        places = min(places, _WIDEST_PLACE, max(_NARROWEST_PLACE, room - beside - _NARROWEST_WORDS))
    left = None if room is None else room - places - beside
    for row in rows:
        if room is not None and left is not None and left < _NARROWEST_WORDS:
            yield from _stacked(row, room, palette)
            continue
        place = palette.paint(Style.FAINT, padded(clip(row.place, places, keep_end=True), places))
        kind = palette.paint(Style.WARNING, padded(row.kind, kinds))
        first, *others = [row.words] if left is None else wrap(row.words, left)
        yield f"{place}{_GAP}{kind}{_GAP}{padded(row.what, whats)}{_GAP}{first}"
        yield from (" " * (places + beside) + line for line in others)


def _stacked(row: _Row, room: int, palette: Palette) -> Iterator[str]:
    """Yield a row for a narrow terminal: the place, and below it what became of what."""
    if row.place != _NOWHERE:
        yield palette.paint(Style.FAINT, clip(row.place, room, keep_end=True))
    words = f"{row.kind} {row.what} {row.words}"
    yield from (_INDENT + line for line in wrap(words, room - len(_INDENT)))
