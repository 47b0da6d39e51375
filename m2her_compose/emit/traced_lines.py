"""The lines of a message, each with the place in the source at which it was written.

A line is traced to the value that most of it is made of; what else was put into it (a name, a
variable) has places of its own.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final

from ..frozen import frozen
from .terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..diagnostics import Source
    from ..ir import Message, Piece

# So many characters tell a line from those around it, and mostly stand on one line of the file.
_PROBE: Final = 12
# What a block scalar begins with: its text begins on the next line.
_BLOCK_HEAD: Final = re.compile(r"[|>][0-9+-]{0,2}[ \t]*(?:#[^\n]*)?\r?(?=\n)")
_OPTION: Final = re.compile(r"--[a-z]+(?:-[a-z]+)*")
_GUEST: Final = re.compile(r"/(?:variables|matrix)/|/name\Z")


class Kind(Enum):
    """What a stretch of a line is: the template's words, the line's own, or put into it."""

    TEMPLATE = "template"
    OWN = "own"
    INSERTED = "inserted"


@frozen
class Place:
    """Where something was written. Of what was given on the command line only the option counts."""

    source: Source
    offset: int

    @property
    def key(self) -> tuple[str, int]:
        """The line that it is on."""
        return self._option or self.source.path, self.source.position(self.offset)[0]

    @property
    def _option(self) -> str | None:
        """The option that gave it, with the variable's name; None for what stands in a file."""
        path = self.source.path
        if not _OPTION.fullmatch(path):
            return None
        return f"{path} {self.source.text.partition('=')[0]}" if path == "--set" else path

    def shown(self, *, column: bool) -> str:
        """Return it for people: `path:line`, and the column if that is wanted."""
        if self._option is not None:
            return visible(self._option)
        line, col = self.source.position(self.offset)
        return visible(
            f"{self.source.path}:{line}:{col}" if column else f"{self.source.path}:{line}"
        )


@frozen
class _Stretch:
    """A part of one line, from one piece; no `place` where nobody wrote it.

    `pointer` names the value that it is of, and is empty for a template's words. `is_guest`: it
    is a variable or a name, which mostly stand in other texts.
    """

    text: str
    place: Place | None
    pointer: str
    is_guest: bool

    @property
    def is_authored(self) -> bool:
        return bool(self.pointer)

    def belongs_to(self, other: _Stretch) -> bool:
        """Tell whether both are of one value, or of values on one line of the source."""
        if self.place is None or other.place is None or self.is_authored != other.is_authored:
            return False
        return self.pointer == other.pointer or self.place.key == other.place.key


@frozen
class Line:
    """A line of a message: its text by kind, its place, and what was put into it from elsewhere."""

    runs: tuple[tuple[Kind, str], ...]
    place: Place | None
    is_authored: bool
    inserted: tuple[tuple[Place, str], ...]

    @property
    def text(self) -> str:
        return "".join(text for _, text in self.runs)


def traced_lines(pieces: Iterable[Piece]) -> Iterator[Line]:
    """Split a message into its lines, each with its places."""
    line: list[_Stretch] = []
    for piece in pieces:
        # Pointers lead into a scenario, and into no template.
        pointers = [origin.pointer for origin in piece.origins if origin.pointer]
        is_guest = all(_GUEST.search(pointer) for pointer in pointers)
        for number, (text, place) in enumerate(_placed(piece)):
            if number:
                yield _line(line)
                line = []
            pointer = next(iter(pointers), "")
            line.append(_Stretch(text=text, place=place, pointer=pointer, is_guest=is_guest))
    yield _line(line)


def _placed(piece: Piece) -> Iterator[tuple[str, Place | None]]:
    """Yield the lines of a piece with their places, as exactly as they can be told."""
    texts = piece.text.split("\n")
    origin = next((o for o in piece.origins if o.pointer), next(iter(piece.origins), None))
    if origin is None:
        yield from ((text, None) for text in texts)
        return
    source, start = origin.span.source, origin.span.start
    written = origin.span.text
    head = _BLOCK_HEAD.match(written)
    is_block = head is not None and not texts[0].startswith(head[0][0])
    at, cursor, found = start, 0, True
    for number, text in enumerate(texts):
        if (number or is_block) and found and text.strip():
            # Where a line begins in the file: after a line break, or the escape for one.
            probe = re.escape(text.strip()[:_PROBE])
            begin = re.compile(rf"(?:\n[ \t]*|\\n)({probe})").search(written, cursor)
            found = begin is not None
            if begin is not None:
                at, cursor = start + begin.start(1), begin.end()
        yield text, Place(source=source, offset=at)


def _line(stretches: Sequence[_Stretch]) -> Line:
    main = _main(stretches)
    place: Place | None = None
    inserted: dict[tuple[str, int], tuple[Place, str]] = {}
    runs: list[tuple[Kind, str]] = []
    for each in stretches:
        is_own = main is not None and each.belongs_to(main)
        kind = Kind.TEMPLATE
        if each.is_authored:
            kind = Kind.OWN if is_own else Kind.INSERTED
        if is_own and each.text.strip():
            # Of a text that others were put into: where its part of the line begins.
            place = place or each.place
        if kind is Kind.INSERTED and each.place is not None and each.text.strip():
            inserted.setdefault(each.place.key, (each.place, each.text.strip()))
        runs.append((kind, visible(each.text.removesuffix("\r"))))
    return Line(
        runs=tuple(runs),
        place=place,
        is_authored=main is not None and main.is_authored,
        inserted=tuple(inserted.values()),
    )


def _main(stretches: Sequence[_Stretch]) -> _Stretch | None:
    """Return the stretch that a line is traced to; the words of templates yield to an author's."""
    seen = [each for each in stretches if each.text.strip() and each.place is not None]
    authored = [each for each in seen if each.is_authored]
    hosts = [each for each in authored if not each.is_guest]
    longest = hosts or authored or seen
    return max(longest, key=lambda each: len(each.text.strip()), default=None)


def name_place(message: Message) -> Place | None:
    """Return where a message's name was written; None where nobody wrote it."""
    origins = (o for piece in message.name_pieces for o in piece.origins if o.pointer)
    origin = next(origins, None)
    if origin is None:
        return None
    return Place(source=origin.span.source, offset=origin.span.start)
