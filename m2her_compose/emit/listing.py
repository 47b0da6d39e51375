"""The scenarios of a library as a table, and as JSON (schemas/list.v1.schema.json).

On a wide page every scenario has its row. Where the columns would become too narrow to be read,
id and title stand beside each other and all else below the title. Without a width everything has
one line, whatever its length: for `grep`, `less` and files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..frozen import frozen
from .requests import requests_json
from .terminal import Palette, Style, cells, clip, visible, wrap

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..inventory import Item

VERSION: Final = 1
_GAP: Final = 2
_MIN_WIDTH: Final = 30
# An author's text can be as long as a file.
_LONGEST: Final = 160
_LONGEST_TEXT: Final = 4_000
# An id that is longer stands on a line of its own.
_WIDEST_ID: Final = 26
# With less room for its text than this, a page has no columns beside the ids.
_NARROWEST: Final = 28
_HEADS: Final = ("id", "title", "speaker", "with", "language", "variants", "tags", "file")
_ID, _TITLE, _SPEAKER, _WITH, _LANGUAGE, _VARIANTS, _TAGS, _FILE = range(len(_HEADS))
# What may be wrapped in a table, and how narrow it may get.
_FLEXIBLE: Final = {_TITLE: 22, _WITH: 14, _TAGS: 14}
_STYLES: Final = {
    _ID: Style.STRONG,
    _SPEAKER: Style.MODEL,
    _TAGS: Style.NOTE,
    _FILE: Style.FAINT,
}


@frozen
class Page:
    """What a listing is made for: at most `width` cells, None for any number of them."""

    width: int | None = None
    color: bool = False


# --- table


def listing_text(items: Sequence[Item], page: Page) -> str:
    """Return the items, a row each; nothing when there are none."""
    if not items:
        return ""
    palette = Palette(page.color)
    rows = [_row(item) for item in items]
    lines: Iterable[str]
    if page.width is None:
        widths: list[int] | None = _natural([_HEADS, *rows])
    else:
        rows = [row[:_FILE] for row in rows]
        widths = _fitting(_natural([_HEADS[:_FILE], *rows]), page.width)
    if widths is None:
        lines = _stacked(items, rows, max(_MIN_WIDTH, page.width or 0), palette)
    else:
        lines = _table(items, rows, widths, palette)
    return "".join(f"{line}\n" for line in lines)


def _row(item: Item) -> tuple[str, ...]:
    others = [each.id for each in item.cast if each.id != item.speaker]
    return (
        one_line(item.id or item.shown),
        one_line(item.title),
        one_line(item.speaker or ""),
        one_line(", ".join(others)),
        one_line(item.language),
        _state(item),
        one_line(", ".join(item.tags)),
        one_line(item.shown),
    )


def _state(item: Item) -> str:
    """Return the number of variants, or why there are none."""
    if item.errors:
        return _count(item.errors, "error")
    return "abstract" if item.abstract else f"{len(item.variants):,}"


def one_line(text: str) -> str:
    """Return an author's text as one line that acts on nothing, of a length that can be shown.

    At most 160 cells of it.
    """
    return clip(visible(" ".join(text[:_LONGEST_TEXT].split())), _LONGEST)


def _natural(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(cells, column)) for column in zip(*rows, strict=True)]


def _fitting(natural: Sequence[int], width: int) -> list[int] | None:
    """Narrow the columns that can be wrapped so far that a table fits; None when it cannot."""
    widths = list(natural)
    excess = sum(widths) + _GAP * (len(widths) - 1) - width
    spare = {at: max(0, widths[at] - least) for at, least in _FLEXIBLE.items()}
    if excess > sum(spare.values()):
        return None
    while excess > 0:  # the widest gives first, so that the others stay whole
        widest = max((at for at in spare if spare[at]), key=lambda at: widths[at])
        widths[widest] -= 1
        spare[widest] -= 1
        excess -= 1
    return widths


def _table(
    items: Sequence[Item], rows: Sequence[Sequence[str]], widths: Sequence[int], palette: Palette
) -> Iterator[str]:
    heads = _HEADS[: len(widths)]
    yield _joined([palette.paint(Style.FAINT, head) for head in heads], heads, widths)
    for item, row in zip(items, rows, strict=True):
        columns = [wrap(text, max(1, width)) for text, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, columns))):
            parts = [column[number] if number < len(column) else "" for column in columns]
            painted = [_painted(item, at, part, palette) for at, part in enumerate(parts)]
            yield _joined(painted, parts, widths)


def _joined(painted: Sequence[str], parts: Sequence[str], widths: Sequence[int]) -> str:
    """Put cells beside each other; `parts` are what was painted, which alone can be measured."""
    line = ""
    for at, (part, width) in enumerate(zip(parts, widths, strict=True)):
        blanks = " " * (width - cells(part))
        aligned = blanks + painted[at] if at == _VARIANTS else painted[at] + blanks
        line += aligned + " " * _GAP
    return line.rstrip()


def _painted(item: Item, column: int, text: str, palette: Palette) -> str:
    style = _STYLES.get(column)
    if column == _VARIANTS:
        style = Style.ERROR if item.errors else Style.FAINT if item.abstract else None
    return palette.paint(style, text) if style is not None else text


# --- narrow pages


def _stacked(
    items: Sequence[Item], rows: Sequence[Sequence[str]], width: int, palette: Palette
) -> Iterator[str]:
    """Yield ids with titles beside them, and what else there is below the titles."""
    ids = [cells(row[_ID]) for row in rows if cells(row[_ID]) <= _WIDEST_ID]
    indent = max(ids, default=0) + _GAP
    if width - indent < _NARROWEST:
        indent = _GAP
    for item, row in zip(items, rows, strict=True):
        lead = palette.paint(Style.STRONG, clip(row[_ID], width))
        used = cells(clip(row[_ID], width))
        lines = [*_titles(row, width - indent), *_details(item, row, width - indent, palette)]
        if used + _GAP > indent:
            yield lead
            lead, used = "", 0
        for line in lines:
            yield f"{lead}{' ' * (indent - used)}{line}"
            lead, used = "", 0


def _titles(row: Sequence[str], room: int) -> list[str]:
    return wrap(row[_TITLE], room) if row[_TITLE] else []


def _details(item: Item, row: Sequence[str], room: int, palette: Palette) -> Iterator[str]:
    """Yield who plays, in which language and variants, and the tags, between dots."""
    who = row[_SPEAKER] or row[_WITH]
    if row[_SPEAKER] and row[_WITH]:
        who += f" with {row[_WITH]}"
    state = row[_VARIANTS]
    if not item.errors and not item.abstract:
        state = _count(len(item.variants), "variant")
    parts = [
        (who, Style.MODEL),
        (row[_LANGUAGE], None),
        (state, Style.ERROR if item.errors else Style.FAINT),
        (row[_TAGS], Style.NOTE),
    ]
    line, used = "", 0
    for text, style in parts:
        for piece in wrap(text, room) if text else ():
            between = " · " if used else ""
            if used and used + len(between) + cells(piece) > room:
                yield line
                line, used, between = "", 0, ""
            line += between + (palette.paint(style, piece) if style is not None else piece)
            used += len(between) + cells(piece)
    if line:
        yield line


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


# --- JSON


def listing_json(items: Iterable[Item]) -> str:
    """Return the items as one document."""
    return requests_json([{"version": VERSION, "scenarios": [_data(item) for item in items]}])


def _data(item: Item) -> dict[str, Any]:
    return {
        "file": item.shown,
        "kind": item.kind.value if item.kind is not None else None,
        "id": item.id or None,
        "title": item.title or None,
        "summary": item.summary or None,
        "abstract": item.abstract,
        "language": item.language or None,
        "speaker": item.speaker,
        "characters": [{"id": each.id, "name": each.name} for each in item.cast],
        "persona": item.persona,
        "variants": list(item.variants),
        "tags": list(item.tags),
        "errors": item.errors,
        "warnings": item.warnings,
    }
