"""Where a prompt's tokens go, as tables with bars: the messages, then what they are made of."""

from __future__ import annotations

from itertools import groupby
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from ..charges import BUILT_IN
from ..frozen import frozen, replaced
from .terminal import Palette, Style, cells, clip, visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..charges import Bill

_BAR_CELLS: Final = 10
_EIGHTHS: Final = "▏▎▍▌▋▊▉"
_FULL: Final = "█"
# What bars are drawn with: an output that cannot take it gets `_PLAIN`.
BLOCKS: Final = _EIGHTHS + _FULL
_PLAIN: Final = "#"
_GAP: Final = 2
# A column of labels is not made wider than this for the sake of one long label.
_WIDEST_LABEL: Final = 56
# With less room beside figures and bars, they stand below what they are about.
_NARROWEST_LABEL: Final = 30
_MIN_WIDTH: Final = 30


@frozen
class Page:
    """What tables are made for: at most `width` cells, None for any number of them."""

    width: int | None = None
    color: bool = False
    blocks: bool = True

    @property
    def palette(self) -> Palette:
        return Palette(self.color)

    @property
    def room(self) -> int | None:
        return None if self.width is None else max(_MIN_WIDTH, self.width)


@frozen
class _Row:
    """A line of a table; `tokens` as text for the eye, and as a number for the bar."""

    tokens: int
    share: float
    label: str
    detail: str = ""
    style: Style | None = None
    has_bar: bool = True


def token_tables(bills: Sequence[Bill], page: Page) -> str:
    """Return two tables for each bill: its messages, and the values and templates in them."""
    return "\n".join("".join(f"{line}\n" for line in _tables(bill, page)) for bill in bills)


def token_summary(bills: Sequence[Bill], page: Page) -> str:
    """Return a line for each bill, below what neighbours have in common."""
    parts: list[str] = []
    for (target, kind, by, budget, setting), run in groupby(bills, key=_terms):
        tokens = f"so many tokens for {visible(target)}"
        figures = (
            f"about {tokens}"
            if kind == "estimate"
            else f"{tokens}, counted with {_file(by)} but for what the service adds"
        )
        heading = f"{figures}; the budget is {budget:,} ({setting})"
        rows = [
            _Row(
                tokens=bill.charges.total_tokens,
                share=bill.share(bill.charges.total_tokens),
                label=visible(bill.id),
                detail=visible(bill.path),
                style=Style.ERROR if bill.excess_tokens else None,
            )
            for bill in run
        ]
        lines = [*_heading(heading, page), "", *_table("variants", rows, page)]
        parts.append("".join(f"{line}\n" for line in lines))
    return "\n".join(parts)


def _terms(bill: Bill) -> tuple[str, str, str, int, str]:
    return bill.target, bill.kind, bill.counted_by, bill.budget.tokens, bill.budget.setting


def _file(path: str) -> str:
    return visible(PurePath(path).name)


# --- one variant


def _tables(bill: Bill, page: Page) -> Iterator[str]:
    palette = page.palette
    yield from _heading(f"{visible(bill.id)} ({visible(bill.path)})", page)
    style = Style.ERROR if bill.excess_tokens else None
    for line in _wrapped(_sum(bill), page):
        yield palette.paint(style, line) if style is not None else line
    yield ""
    yield from _table("messages", list(_message_rows(bill)), page)
    yield ""
    yield from _table("made of", list(_part_rows(bill)), page)


def _sum(bill: Bill) -> str:
    charges, budget = bill.charges, bill.budget
    total = charges.total_tokens
    share = f"{_percent(bill.share(total))} of the budget of {budget.tokens:,} ({budget.setting})"
    over = f", {bill.excess_tokens:,} too many" if bill.excess_tokens else ""
    if bill.kind == "estimate":
        return f"about {total:,} tokens for {visible(bill.target)}: {share}{over}"
    service = total - charges.message_tokens
    counted = f"{charges.message_tokens:,} counted with {_file(bill.counted_by)}"
    return (
        f"{total:,} tokens for {visible(bill.target)}, {counted} and about {service:,} that the "
        f"service adds: {share}{over}"
    )


def _message_rows(bill: Bill) -> Iterator[_Row]:
    charges = bill.charges
    about = "" if bill.kind == "estimate" else ", about"
    count = len(charges.messages)
    digits = len(str(count))
    for number, message in enumerate(charges.messages, 1):
        label = f"{number:>{digits}} {message.role.value}"
        yield _row(bill, message.tokens, label, visible(message.name or ""))
    headers = f"{count} header{'s' * (count != 1)} of messages{about}"
    yield _row(bill, charges.header_tokens, headers, style=Style.FAINT)
    if charges.prefix_tokens:
        prefix = f"the service's prefix{about}"
        yield _row(bill, charges.prefix_tokens, prefix, style=Style.FAINT)
    yield _total(bill, charges.total_tokens)


def _part_rows(bill: Bill) -> Iterator[_Row]:
    charges = bill.charges
    for field in charges.fields:
        place = f"{field.span.path}:{field.span.line}"
        yield _row(bill, field.tokens, _dotted(field.pointer), visible(place))
    for template in charges.templates:
        if template.path == BUILT_IN:
            yield _row(bill, template.tokens, "names that nobody wrote", style=Style.FAINT)
        else:
            label = "words of a template"
            yield _row(bill, template.tokens, label, visible(template.path), style=Style.FAINT)
    yield _total(bill, charges.message_tokens, "all messages")


def _row(
    bill: Bill, tokens: int, label: str, detail: str = "", *, style: Style | None = None
) -> _Row:
    return _Row(tokens=tokens, share=bill.share(tokens), label=label, detail=detail, style=style)


def _total(bill: Bill, tokens: int, label: str = "total") -> _Row:
    share = bill.share(tokens)
    return _Row(tokens=tokens, share=share, label=label, style=Style.STRONG, has_bar=False)


def _dotted(pointer: str) -> str:
    """Return a pointer as findings name fields: `/persona/name` is `persona.name`."""
    return visible(
        pointer.removeprefix("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
    )


# --- any table


def _heading(text: str, page: Page) -> list[str]:
    return [page.palette.paint(Style.STRONG, line) for line in _wrapped(text, page)]


def _wrapped(text: str, page: Page) -> list[str]:
    return [text] if page.room is None else wrap(text, page.room)


def _table(title: str, rows: Sequence[_Row], page: Page) -> Iterator[str]:
    """Yield a table: figures and bars, and beside or, on a narrow page, above them the labels."""
    figures = _right_aligned("tokens", [f"{row.tokens:,}" for row in rows])
    shares = _right_aligned("share", [_percent(row.share) for row in rows])
    numbers = [f"{figure}  {share}" for figure, share in zip(figures, shares, strict=True)]
    longest = max((row.tokens for row in rows if row.has_bar), default=0) or 1
    room = _BAR_CELLS if page.room is None else page.room - len(numbers[0]) - _GAP
    bars = [_bar(row.tokens / longest, room, page) if row.has_bar else "" for row in rows]
    head = _Row(tokens=0, share=0, label=title, style=Style.FAINT)
    indent = len(numbers[0]) + _BAR_CELLS + 2 * _GAP
    left = None if page.room is None else page.room - indent
    if left is not None and left < min(_NARROWEST_LABEL, max(map(_needed, rows))):
        yield from _stacked([replaced(head, label=""), *rows], numbers, ["", *bars], page)
    else:
        yield from _side_by_side([head, *rows], numbers, ["", *bars], page, left)


def _right_aligned(title: str, figures: Sequence[str]) -> list[str]:
    width = max(len(title), *map(len, figures))
    return [f"{each:>{width}}" for each in (title, *figures)]


def _side_by_side(
    rows: Sequence[_Row], numbers: Sequence[str], bars: Sequence[str], page: Page, room: int | None
) -> Iterator[str]:
    palette = page.palette
    labels = _labels(rows, room)
    for row, number, bar, (first, *more) in zip(rows, numbers, bars, labels, strict=True):
        drawn = palette.paint(Style.GUTTER, bar) + " " * (_BAR_CELLS - len(bar))
        yield f"{_painted(row, number, palette)}  {drawn}  {_painted(row, first, palette)}"
        indent = " " * (len(number) + _BAR_CELLS + 2 * _GAP)
        yield from (indent + _painted(row, line, palette) for line in more)


def _stacked(
    rows: Sequence[_Row], numbers: Sequence[str], bars: Sequence[str], page: Page
) -> Iterator[str]:
    palette, room = page.palette, page.room or _MIN_WIDTH
    for row, number, bar in zip(rows, numbers, bars, strict=True):
        both = f"{row.label}  {row.detail}" if row.detail else row.label
        lines = [both] if cells(both) <= room else _below(row, room)
        yield from (_painted(row, line, palette) for line in lines if line)
        drawn = palette.paint(Style.GUTTER, bar)
        yield f"{_painted(row, number, palette)}  {drawn}".rstrip()


def _labels(rows: Sequence[_Row], room: int | None) -> Iterator[list[str]]:
    """Yield labels with their details in a column beside them, or below where there is no room."""
    column = min(_WIDEST_LABEL, max(cells(row.label) for row in rows))
    beside = [
        f"{row.label}{' ' * (max(0, column - cells(row.label)) + _GAP)}{row.detail}".rstrip()
        for row in rows
    ]
    fits = room is None or max(map(cells, beside)) <= room
    for row, line in zip(rows, beside, strict=True):
        yield [line] if fits or room is None else _below(row, room)


def _below(row: _Row, room: int) -> list[str]:
    """Return a label, and its detail below it: of a path the end is what counts."""
    detail = clip(row.detail, room, keep_end=True)
    return [clip(row.label, room), *([detail] if detail else [])]


def _needed(row: _Row) -> int:
    return max(cells(row.label), cells(row.detail))


def _painted(row: _Row, text: str, palette: Palette) -> str:
    return palette.paint(row.style, text) if row.style is not None else text


def _bar(part: float, room: int, page: Page) -> str:
    """Return a bar for a part of the longest one; whatever there is has a bit of one."""
    size = min(_BAR_CELLS, room)
    if not part or size < 1:
        return ""
    if not page.blocks:
        return _PLAIN * max(1, round(part * size))
    whole, rest = divmod(max(1, round(part * size * 8)), 8)
    return _FULL * whole + _EIGHTHS[:rest][-1:]


def _percent(share: float) -> str:
    return f"{share:.2%}"
