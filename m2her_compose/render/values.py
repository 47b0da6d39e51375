"""What template expressions evaluate to: plain values, and texts that know their origins.

No value here leads anywhere else: an attribute is looked up in a table of ours, and never on a
Python object.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..diagnostics import Span
from ..frozen import frozen, frozen_positional
from ..ir import Origin, Piece

if TYPE_CHECKING:
    from collections.abc import Iterable


class Traced:
    """A text, and the pieces it is made of; neither is ever changed.

    `weight`: see `weight`, which asks for it many times.
    """

    __slots__ = ("pieces", "text", "weight")

    def __init__(self, text: str, pieces: tuple[Piece, ...]) -> None:
        self.text = text
        self.pieces = pieces
        heavy = len(pieces) + (len(text) >> 6)
        for piece in pieces:
            heavy += len(piece.origins)
        self.weight = heavy

    def __str__(self) -> str:
        return self.text


@frozen_positional
class Figure:
    """A number or truth value, and where it was written."""

    value: int | float | bool
    pieces: tuple[Piece, ...]


class Absent:
    """A known field that nobody wrote: prints nothing, counts as false, holds no items."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


@frozen_positional
class View:
    """Something with fields: a character, the persona, the group, the scenario, `vars`, `loop`.

    `names` are those of every field that exists; a field's value is worked out when it is `read`.
    `printed` is what `{{ x }}` prints, None where printing makes no sense.
    """

    what: str
    names: Collection[str]
    read: Callable[[str], Any]
    printed: Callable[[], Any] | None = None
    iterates: bool = False


@frozen
class Macro:
    """A macro of the template itself."""

    name: str
    run: Callable[[Any, Any], Traced]


@dataclass(slots=True, eq=False)
class Namespace:
    """`namespace(…)`: attributes that survive a loop."""

    values: dict[str, Any]


class Items(list[Any]):
    """A list that knows how much it holds, all levels counted, and how many levels there are."""

    __slots__ = ("depth", "weight")
    weight: int
    depth: int


class Table(dict[Any, Any]):
    """A map that knows how much it holds, and how deep."""

    __slots__ = ("depth", "weight")
    weight: int
    depth: int


Value: TypeAlias = (
    str
    | int
    | float
    | bool
    | Traced
    | Figure
    | Absent
    | View
    | Macro
    | Namespace
    | Sequence[Any]
    | Mapping[Any, Any]
    | None
)

NOTHING: Final = Traced("", ())
# What makes no work wherever it is used, as `weight` counts it.
WEIGHTLESS: Final = frozenset({View, Absent, Macro, Namespace, bool, int, float, type(None)})


def text_of(pieces: Sequence[Piece]) -> str:
    """Return what pieces say together."""
    if len(pieces) == 1:
        return pieces[0].text
    return "".join([piece.text for piece in pieces])


def length_of(text: Traced | str) -> int:
    """Return how many characters a text has."""
    return len(text) if isinstance(text, str) else len(text.text)


def plain(value: Any) -> Any:
    """Return a value without its origins: what comparisons and filters compute with."""
    if isinstance(value, Traced):
        return value.text
    if isinstance(value, str):
        return value
    if isinstance(value, Figure):
        return value.value
    if isinstance(value, View):
        return plain(value.printed()) if value.printed is not None else f"<{value.what}>"
    if isinstance(value, Absent):
        return None
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def pieces_of(value: Any) -> tuple[Piece, ...]:
    """Return every piece that a value is made of."""
    if isinstance(value, Traced | Figure):
        return value.pieces
    if isinstance(value, View):
        return pieces_of(value.printed()) if value.printed is not None else ()
    if isinstance(value, list | tuple):
        return tuple(piece for item in value for piece in pieces_of(item))
    return ()


def computed(text: str, sources: Iterable[Any]) -> Traced | str:
    """Return a text made from other values: it keeps their origins, no longer exactly."""
    pieces = [piece for source in sources for piece in pieces_of(source)]
    if not pieces:
        return text
    origins = tuple(dict.fromkeys(origin for piece in pieces for origin in piece.origins))
    audience = next((piece.audience for piece in pieces if piece.audience is not None), None)
    return Traced(text, (Piece(text=text, origins=origins, exact=False, audience=audience),))


def parts_of(value: Any, parts: Iterable[str]) -> list[Traced | str]:
    """Return parts of a text, each made from all that the text was made of."""
    whole = computed("", [value])
    if not isinstance(whole, Traced):
        return list(parts)
    (piece,) = whole.pieces
    return [Traced(part, (with_text(piece, part, exact=False),)) for part in parts]


def figure(value: Any, *sources: Any) -> Any:
    """Return a number made from others; with their origins, if any has one."""
    if not isinstance(value, int | float):
        return value
    made = computed(str(value), sources)
    return Figure(value, made.pieces) if isinstance(made, Traced) else value


def show(value: Any) -> Traced | str:
    """Return what a value prints."""
    if isinstance(value, Traced | str):
        return value
    match value:
        case Figure():
            return computed(str(show(value.value)), [value])
        case View():
            return show(value.printed()) if value.printed is not None else NOTHING
        case Absent() | None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple():
            return joined([show(item) for item in value], ", ")
        case dict():
            return ", ".join(f"{key}: {show(item)}" for key, item in value.items())
        case Macro() | Namespace():
            return ""
        case _:
            return str(value)


def joined(parts: Sequence[Traced | str], separator: str | Traced) -> Traced | str:
    """Join texts; each keeps its own pieces."""
    pieces: list[Piece] = []
    between = as_pieces(separator)
    is_traced = isinstance(separator, Traced)
    for i, part in enumerate(parts):
        if i:
            pieces.extend(between)
        pieces.extend(as_pieces(part))
        is_traced = is_traced or isinstance(part, Traced)
    text = text_of(pieces)
    return Traced(text, tuple(pieces)) if is_traced else text


def cut(text: Traced | str, start: int, end: int) -> Traced | str:
    """Return the characters from `start` up to `end`; each piece that is left stays traced."""
    if isinstance(text, str):
        return text[start:end]
    if start >= end:
        return NOTHING
    pieces = [piece for piece in text.pieces if piece.text]
    surplus = len(text.text) - end
    while pieces and surplus >= len(pieces[-1].text):
        surplus -= len(pieces.pop().text)
    gone = 0
    while gone < len(pieces) and start >= len(pieces[gone].text):
        start -= len(pieces[gone].text)
        gone += 1
    del pieces[:gone]
    if pieces and surplus > 0:
        pieces[-1] = _part(pieces[-1], 0, len(pieces[-1].text) - surplus)
    if pieces and start > 0:
        pieces[0] = _part(pieces[0], start, len(pieces[0].text))
    return Traced(text_of(pieces), tuple(pieces))


def with_text(piece: Piece, text: str, *, exact: bool) -> Piece:
    """Return a piece with another text of the same origins."""
    return Piece(text=text, origins=piece.origins, exact=exact, audience=piece.audience)


def _part(piece: Piece, start: int, end: int) -> Piece:
    """Return characters of a piece; an exact one knows where they stand if it is one to one."""
    origin = piece.origins[0] if piece.exact and len(piece.origins) == 1 else None
    if origin is None or origin.span.text != piece.text:
        return with_text(piece, piece.text[start:end], exact=False)
    first = origin.span.start
    span = Span(origin.span.source, first + start, first + end)
    narrow = Origin(pointer=origin.pointer, span=span, via=origin.via)
    return Piece(text=piece.text[start:end], origins=(narrow,), exact=True, audience=piece.audience)


def with_origin(piece: Piece, origin: Origin) -> Piece:
    """Return a piece that nobody wrote, charged to the place that asked for it."""
    return Piece(text=piece.text, origins=(origin,), exact=False, audience=piece.audience)


def as_pieces(part: Traced | str, origin: Origin | None = None) -> tuple[Piece, ...]:
    """Return a text's pieces; a plain one has the origin of the template that holds it."""
    if isinstance(part, Traced):
        return part.pieces
    return (Piece(text=part, origins=(origin,) if origin else (), exact=False),) if part else ()


def truth(value: Any) -> bool:
    """Tell whether a value counts as true in a condition."""
    if isinstance(value, Traced):
        return bool(value.text)
    if isinstance(value, bool | str):
        return bool(value)
    match value:
        case Absent():
            return False
        case Figure():
            return bool(value.value)
        case View():
            return bool(value.names) if value.iterates else True
        case Namespace() | Macro():
            return True
        case _:
            return bool(value)


def weight(value: Any) -> int:
    """Return how much work a value makes wherever it is used: its items, pieces or characters."""
    if isinstance(value, Traced | Items | Table):
        return value.weight
    if isinstance(value, str):
        return len(value) >> 6
    if isinstance(value, Figure):
        return sum(len(each.origins) for each in value.pieces)
    return 0
