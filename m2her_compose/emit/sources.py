"""A conversation for reading, with the place in the source at which each part of it was written.

Beside the text on a wide terminal, below it on a narrow one, and before it elsewhere, as
compilers do: there every line can be clicked on, and found with `grep`. A line is traced to the
value that most of it is made of; what else was put into it (a name, a variable) is named below.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ..frozen import frozen
from .terminal import Palette, Style, cells, clip, visible, wrap
from .transcript import conversation_heading, message_label, role_style

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..diagnostics import Source
    from ..ir import Conversation, Message, Piece

_WIDEST: Final = 100
_WIDEST_GUTTER: Final = 40
# With less room beside the places, they stand below.
_NARROWEST: Final = 56
_MIN_WIDTH: Final = 24
_EXCERPT: Final = 48
_EDGE: Final = " │ "
_CORNER: Final = " ╭─ "
_BELOW: Final = "↳ "
_PART: Final = "└ "


class _Kind(Enum):
    """What a stretch of a line is: the template's words, the line's own, or put into it."""

    TEMPLATE = "template"
    OWN = "own"
    INSERTED = "inserted"


_STYLES: Final = {_Kind.TEMPLATE: Style.FAINT, _Kind.INSERTED: Style.NOTE}


@frozen
class _Place:
    """Where something was written. Of what was given on the command line only the option counts."""

    source: Source
    offset: int

    @property
    def key(self) -> tuple[str, int]:
        """The line that it is on."""
        return self.source.path, self.source.position(self.offset)[0]

    def shown(self, *, column: bool) -> str:
        """Return it for people: `path:line`, and the column if that is wanted."""
        path = self.source.path
        if path == "--set":
            return visible(f"{path} {self.source.text.partition('=')[0]}")
        if path.startswith("--"):
            return path
        line, col = self.source.position(self.offset)
        return visible(f"{path}:{line}:{col}" if column else f"{path}:{line}")


@frozen
class _Stretch:
    """A part of one line, from one piece; no `place` where nobody wrote it."""

    text: str
    place: _Place | None
    is_authored: bool


@frozen
class _Line:
    """A line of a message: its text by kind, its place, and what was put into it from elsewhere."""

    runs: tuple[tuple[_Kind, str], ...]
    place: _Place | None
    is_authored: bool
    inserted: tuple[tuple[_Place, str], ...]

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.runs)


# --- from pieces to lines


def _lines(pieces: Iterable[Piece]) -> Iterator[_Line]:
    """Split a message into its lines, each with its places."""
    line: list[_Stretch] = []
    for piece in pieces:
        for number, (text, place) in enumerate(_placed(piece)):
            if number:
                yield _line(line)
                line = []
            line.append(_Stretch(text=text, place=place, is_authored=_is_authored(piece)))
    yield _line(line)


def _is_authored(piece: Piece) -> bool:
    """Tell whether a piece was written in the library, and not in a template."""
    return any(origin.pointer for origin in piece.origins)


def _placed(piece: Piece) -> Iterator[tuple[str, _Place | None]]:
    """Yield the lines of a piece with their places, as exactly as they can be told."""
    texts = piece.text.split("\n")
    origin = next((o for o in piece.origins if o.pointer), next(iter(piece.origins), None))
    if origin is None:
        yield from ((text, None) for text in texts)
        return
    source, start = origin.span.source, origin.span.start
    written = origin.span.text.split("\n")
    follows = piece.exact and len(written) == len(texts)
    offset = start
    for number, text in enumerate(texts):
        at = start
        if follows and written[number].strip() == text.strip():
            at = offset + len(written[number]) - len(written[number].lstrip())
        yield text, _Place(source=source, offset=at)
        offset += len(written[number]) + 1 if follows else 0


def _line(stretches: Sequence[_Stretch]) -> _Line:
    authored = [each for each in stretches if each.is_authored and each.text.strip()]
    chosen = authored or [each for each in stretches if each.text.strip() and each.place]
    main = max(chosen, key=lambda each: len(each.text.strip()), default=None)
    place = main.place if main is not None else None
    key = place.key if place is not None else None
    # Of a text that others were put into: where the line of it begins.
    place = next((each.place for each in chosen if each.place and each.place.key == key), None)
    inserted: dict[tuple[str, int], tuple[_Place, str]] = {}
    runs: list[tuple[_Kind, str]] = []
    for each in stretches:
        kind = _Kind.TEMPLATE
        if each.is_authored and each.place is not None:
            kind = _Kind.OWN if each.place.key == key else _Kind.INSERTED
        if kind is _Kind.INSERTED and each.place is not None and each.text.strip():
            inserted.setdefault(each.place.key, (each.place, each.text.strip()))
        runs.append((kind, visible(each.text.removesuffix("\r"))))
    return _Line(
        runs=tuple(runs), place=place, is_authored=bool(authored), inserted=tuple(inserted.values())
    )


def _name_place(message: Message) -> _Place | None:
    origins = (o for piece in message.name_pieces for o in piece.origins if o.pointer)
    origin = next(origins, None)
    if origin is None:
        return None
    return _Place(source=origin.span.source, offset=origin.span.start)


def _excerpt(text: str) -> str:
    return clip(visible(text[: 4 * _EXCERPT]), _EXCERPT)


# --- piped


def plain_sources(conversation: Conversation) -> str:
    """Return a line for each line of the messages: `path:line:column: text`."""
    lines = [conversation_heading(conversation)]
    for message in conversation.messages:
        lines += ["", _prefixed(_name_place(message), message_label(message))]
        for line in _lines(message.pieces):
            lines.append(_prefixed(line.place, f"  {line.text}") if line.text.strip() else "")
            for place, text in line.inserted:
                lines.append(_prefixed(place, f"    + {_excerpt(text)}"))
    return "".join(f"{line}\n" for line in lines)


def _prefixed(place: _Place | None, text: str) -> str:
    return f"{place.shown(column=True)}: {text}" if place is not None else text


# --- terminals


def sources(conversation: Conversation, *, width: int, color: bool) -> str:
    """Return the messages with their places, in lines of at most `width` cells."""
    palette = Palette(color)
    pages = [(message, list(_lines(message.pieces))) for message in conversation.messages]
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


def _all_places(pages: Iterable[tuple[Message, Sequence[_Line]]]) -> Iterator[str]:
    for message, lines in pages:
        places = [_name_place(message)]
        for line in lines:
            places += [line.place, *(place for place, _ in line.inserted)]
        yield from {place.key: place.shown(column=False) for place in places if place}.values()


class _Wide:
    """Writes places into a gutter on the left, `gutter` cells wide; `room` is for the text."""

    def __init__(self, gutter: int, room: int, palette: Palette) -> None:
        self._gutter = gutter
        self._room = room
        self._palette = palette

    def lines(self, pages: Iterable[tuple[Message, Sequence[_Line]]]) -> Iterator[str]:
        for message, lines in pages:
            yield ""
            label = clip(message_label(message), self._room - 2)
            rule = " " + "─" * (self._room - 2 - cells(label))
            edge = self._palette.paint(Style.FAINT, _CORNER)
            painted = self._palette.paint(role_style(message), label)
            line = self._palette.paint(Style.FAINT, rule)
            yield f"{self._place(_name_place(message))}{edge}{painted}{line}"
            for each in lines:
                yield from self._line(each)

    def _line(self, line: _Line) -> Iterator[str]:
        place = line.place if line.text.strip() else None
        for row in _rows(line, self._room, self._palette):
            yield self._row(place, row, is_authored=line.is_authored)
            place = None
        for source, text in line.inserted:
            part = self._palette.paint(Style.FAINT, _PART)
            painted = self._palette.paint(_STYLES[_Kind.INSERTED], _excerpt(text))
            yield self._row(source, f"  {part}{painted}", is_authored=True)

    def _row(self, place: _Place | None, text: str, *, is_authored: bool) -> str:
        edge = self._palette.paint(Style.FAINT, _EDGE.rstrip())
        shown = self._place(place, is_authored=is_authored)
        return f"{shown}{edge} {text}".rstrip(" ")

    def _place(self, place: _Place | None, *, is_authored: bool = True) -> str:
        if place is None:
            return " " * self._gutter
        shown = clip(place.shown(column=False), self._gutter, keep_end=True)
        blanks = " " * (self._gutter - cells(shown))
        return _painted_place(shown, self._palette, is_authored=is_authored) + blanks


def _narrow(
    pages: Iterable[tuple[Message, Sequence[_Line]]], width: int, palette: Palette
) -> Iterator[str]:
    """Yield the text, and below each run of lines of one value where that stands."""
    for message, lines in pages:
        yield ""
        label = clip(message_label(message), width)
        yield palette.paint(role_style(message), label)
        name = _name_place(message)
        yield from _below(_range(name, name), width, palette)
        first: _Place | None = None
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


def _goes_on(line: _Line, following: _Line) -> bool:
    """Tell whether the next line stands right below this one in the source, and adds nothing."""
    if line.place is None or following.place is None or line.inserted:
        return False
    (path, number), (next_path, next_number) = line.place.key, following.place.key
    return path == next_path and next_number == number + 1 and not path.startswith("--")


def _range(first: _Place | None, last: _Place | None) -> str:
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
        more = "  " + palette.paint(_STYLES[_Kind.INSERTED], clip(_excerpt(text), left))
    yield f"{palette.paint(Style.FAINT, lead)}{painted}{more}"


def _painted_place(shown: str, palette: Palette, *, is_authored: bool) -> str:
    path, colon, line = shown.rpartition(":")
    if not colon or not is_authored:
        return palette.paint(Style.FAINT, shown)
    return palette.paint(Style.FAINT, path + colon) + palette.paint(Style.GUTTER, line)


# --- wrapped and painted


def _rows(line: _Line, room: int, palette: Palette) -> Iterator[str]:
    """Break a line into rows of at most `room` cells, each stretch in its colour."""
    rows = wrap(line.text, room)
    if not palette.enabled:
        yield from rows
        return
    kinds = iter([kind for kind, text in line.runs for char in text if not char.isspace()])
    kind = _Kind.OWN
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


def _paint(kind: _Kind, text: str, palette: Palette) -> str:
    style = _STYLES.get(kind)
    return palette.paint(style, text) if style is not None else text
