"""A conversation for reading, with the place in the source at which each part of it was written.

Beside the text on a wide terminal, below it on a narrow one, and before it elsewhere, as
compilers do: there every line can be clicked on, and found with `grep`. A line is traced to the
value that most of it is made of; what else was put into it (a name, a variable) is told below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .terminal import Palette, Style, cells, clip, visible, wrap
from .traced_lines import Kind, Line, Place, name_place, traced_lines
from .transcript import conversation_heading, message_label, role_style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..ir import Conversation, Message

_WIDEST: Final = 100
_WIDEST_GUTTER: Final = 40
# With less room beside the places, they stand below.
_NARROWEST: Final = 56
_MIN_WIDTH: Final = 24
_EXCERPT: Final = 48
_EDGE: Final = " │ "
_CORNER: Final = " ╭─ "
_STYLES: Final = {Kind.TEMPLATE: Style.FAINT, Kind.INSERTED: Style.NOTE}
_BELOW: Final = "↳ "
_PART: Final = "└ "


def _excerpt(text: str) -> str:
    return clip(visible(text[: 4 * _EXCERPT]), _EXCERPT)


# --- piped


def plain_sources(conversation: Conversation) -> str:
    """Return a line for each line of the messages: `path:line:column: text`."""
    lines = [conversation_heading(conversation)]
    for message in conversation.messages:
        lines += ["", _prefixed(name_place(message), message_label(message))]
        for line in traced_lines(message.pieces):
            lines.append(_prefixed(line.place, f"  {line.text}") if line.text.strip() else "")
            for place, text in line.inserted:
                lines.append(_prefixed(place, f"    + {_excerpt(text)}"))
    return "".join(f"{line}\n" for line in lines)


def _prefixed(place: Place | None, text: str) -> str:
    return f"{place.shown(column=True)}: {text}" if place is not None else text


# --- terminals


def sources(conversation: Conversation, *, width: int, color: bool) -> str:
    """Return the messages with their places, in lines of at most `width` cells."""
    palette = Palette(color)
    pages = [(message, list(traced_lines(message.pieces))) for message in conversation.messages]
    gutter = min(_WIDEST_GUTTER, max(map(cells, _all_places(pages)), default=0))
    room = min(width - gutter - cells(_EDGE), _WIDEST)
    title = [
        palette.paint(Style.STRONG, line)
        for line in wrap(conversation_heading(conversation), width)
    ]
    lines: Iterator[str]
    if room < _NARROWEST:
        lines = _narrow(pages, max(_MIN_WIDTH, min(width, _WIDEST)), palette)
    else:
        lines = _Wide(gutter, room, palette).lines(pages)
    return "".join(f"{line}\n" for line in (*title, *lines))


def _all_places(pages: Iterable[tuple[Message, Sequence[Line]]]) -> Iterator[str]:
    for message, lines in pages:
        places = [name_place(message)]
        for line in lines:
            places += [line.place, *(place for place, _ in line.inserted)]
        yield from {place.key: place.shown(column=False) for place in places if place}.values()


class _Wide:
    """Writes places into a gutter on the left, `gutter` cells wide; `room` is for the text."""

    def __init__(self, gutter: int, room: int, palette: Palette) -> None:
        self._gutter = gutter
        self._room = room
        self._palette = palette

    def lines(self, pages: Iterable[tuple[Message, Sequence[Line]]]) -> Iterator[str]:
        for message, lines in pages:
            yield ""
            label = clip(message_label(message), self._room - 2)
            rule = " " + "─" * (self._room - 2 - cells(label))
            edge = self._palette.paint(Style.FAINT, _CORNER)
            painted = self._palette.paint(role_style(message), label)
            line = self._palette.paint(Style.FAINT, rule)
            yield f"{self._place(name_place(message))}{edge}{painted}{line}"
            for each in lines:
                yield from self._line(each)

    def _line(self, line: Line) -> Iterator[str]:
        place = line.place if line.text.strip() else None
        for row in _rows(line, self._room, self._palette):
            yield self._row(place, row, is_authored=line.is_authored)
            place = None
        for source, text in line.inserted:
            part = self._palette.paint(Style.FAINT, _PART)
            painted = self._palette.paint(_STYLES[Kind.INSERTED], _excerpt(text))
            yield self._row(source, f"  {part}{painted}", is_authored=True)

    def _row(self, place: Place | None, text: str, *, is_authored: bool) -> str:
        edge = self._palette.paint(Style.FAINT, _EDGE.rstrip())
        shown = self._place(place, is_authored=is_authored)
        return f"{shown}{edge} {text}".rstrip(" ")

    def _place(self, place: Place | None, *, is_authored: bool = True) -> str:
        if place is None:
            return " " * self._gutter
        shown = clip(place.shown(column=False), self._gutter, keep_end=True)
        blanks = " " * (self._gutter - cells(shown))
        return _painted_place(shown, self._palette, is_authored=is_authored) + blanks


def _narrow(
    pages: Iterable[tuple[Message, Sequence[Line]]], width: int, palette: Palette
) -> Iterator[str]:
    """Yield the text, and below each run of lines of one value where that stands."""
    for message, lines in pages:
        yield ""
        label = clip(message_label(message), width)
        yield palette.paint(role_style(message), label)
        name = name_place(message)
        yield from _below(_range(name, name), width, palette)
        first: Place | None = None
        for number, line in enumerate(lines):
            yield from (f"  {row}".rstrip(" ") for row in _rows(line, width - 2, palette))
            first = first or line.place
            following = lines[number + 1] if number + 1 < len(lines) else None
            if not line.text.strip() or (following is not None and _goes_on(line, following)):
                continue
            shown = _range(first, line.place)
            yield from _below(shown, width, palette, is_authored=line.is_authored)
            for place, text in line.inserted:
                yield from _below(place.shown(column=False), width, palette, text)
            first = None


def _goes_on(line: Line, following: Line) -> bool:
    """Tell whether the next line stands right below this one in the source, and adds nothing."""
    if line.place is None or following.place is None or line.inserted:
        return False
    (path, number), (next_path, next_number) = line.place.key, following.place.key
    return path == next_path and next_number == number + 1 and not path.startswith("--")


def _range(first: Place | None, last: Place | None) -> str:
    """Return the places of lines that follow each other, as `path:3-9` where they are several."""
    if first is None or last is None:
        return ""
    more = f"-{last.key[1]}" if first.key != last.key else ""
    return first.shown(column=False) + more


def _below(
    place: str,
    width: int,
    palette: Palette,
    text: str = "",
    *,
    is_authored: bool = True,
) -> Iterator[str]:
    if not place:
        return
    lead = f"    {_BELOW}"
    room = width - cells(lead)
    shown = clip(place, room, keep_end=True)
    painted = _painted_place(shown, palette, is_authored=is_authored)
    left = room - cells(shown) - 2
    more = ""
    if text and left > 1:
        more = "  " + palette.paint(_STYLES[Kind.INSERTED], clip(_excerpt(text), left))
    yield f"{palette.paint(Style.FAINT, lead)}{painted}{more}"


def _painted_place(shown: str, palette: Palette, *, is_authored: bool) -> str:
    path, colon, line = shown.rpartition(":")
    if not colon or not is_authored:
        return palette.paint(Style.FAINT, shown)
    return palette.paint(Style.FAINT, path + colon) + palette.paint(Style.GUTTER, line)


# --- wrapped and painted


def _rows(line: Line, room: int, palette: Palette) -> Iterator[str]:
    """Break a line into rows of at most `room` cells, each stretch in its colour."""
    rows = wrap(line.text, room)
    if not palette.enabled:
        yield from rows
        return
    kinds = iter([kind for kind, text in line.runs for char in text if not char.isspace()])
    kind = Kind.OWN
    for row in rows:
        painted, run = "", ""
        for char in row:
            # Wrapping moves and drops blanks, and nothing else.
            following = kind if char.isspace() else next(kinds, kind)
            if following is not kind:
                painted, run = painted + _paint(kind, run, palette), ""
                kind = following
            run += char
        yield painted + _paint(kind, run, palette)


def _paint(kind: Kind, text: str, palette: Palette) -> str:
    style = _STYLES.get(kind)
    return palette.paint(style, text) if style is not None else text
