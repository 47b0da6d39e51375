"""One run of one template: its state, and what everything that runs may ask of it.

Jinja2 compiles templates to Python and runs them, where a sandbox has to find every way out. What
runs here has no way out: a node is known or refused (`expressions`, `statements`), a field is in
a table of ours or does not exist, and each step and each character is counted before it is made.
It also is what traces a message: a value keeps its origins from the file to the output.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..diagnostics import codes as c
from ..ir import Piece
from .fault import MOST_CHARACTERS, Fault, Unplaced
from .filters import FILTERS, TESTS
from .values import (
    Absent,
    Items,
    Namespace,
    Table,
    Traced,
    Value,
    View,
    as_pieces,
    length_of,
    parts_of,
    show,
    text_of,
    weight,
    with_origin,
)
from .wording import describe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..ir import Origin
    from .fault import Meter
    from .filters import Call

# What a node of a template is made into (`expressions`, `statements`).
Code: TypeAlias = "Callable[[Evaluation], Any]"

_MOST_ITEMS: Final = 100_000
_MOST_DEPTH: Final = 10
_COLLECTIONS: Final = frozenset({list, tuple, dict})
# What it costs to emit a piece, which later stages look at more than once.
_STEPS_A_PIECE: Final = 5


class Written:
    """Where the characters of a template were written; each place of it is worked out once."""

    __slots__ = ("_constants", "_literals", "_origin_of", "_origins")

    def __init__(self, origin_of: Callable[[int, int], Origin]) -> None:
        self._origin_of = origin_of
        self._origins: dict[int, Origin] = {}
        self._literals: dict[tuple[int, str], tuple[Piece]] = {}
        self._constants: dict[tuple[int, str], Traced] = {}

    def origin(self, at: int) -> Origin:
        """Return the place of the expression that begins at a character."""
        found = self._origins.get(at)
        if found is None:
            found = self._origins[at] = self._origin_of(at, at + 1)
        return found

    def literal(self, at: int, text: str) -> tuple[Piece]:
        """Return a text between the tags."""
        found = self._literals.get((at, text))
        if found is None:
            origin = self._origin_of(at, at + len(text))
            found = (Piece(text=text, origins=(origin,), exact=True),)
            self._literals[at, text] = found
        return found

    def constant(self, at: int, text: str) -> Traced:
        """Return a text in quotes; the first of these is at `at`."""
        found = self._constants.get((at, text))
        if found is None:
            origin = self._origin_of(at + 1, at + 1 + len(text))
            piece = Piece(text=text, origins=(origin,), exact=origin.span.text == text)
            found = self._constants[at, text] = Traced(text, (piece,))
        return found


class Evaluation:
    """One run of one template.

    `scope` gives the names that exist outside of the template, `frames` those that it sets, the
    innermost first. `written` says where characters of the template itself were written.
    """

    __slots__ = ("calls", "frames", "length", "meter", "out", "scope", "written")

    def __init__(
        self, scope: Mapping[str, Callable[[], Value]], meter: Meter, written: Written
    ) -> None:
        self.scope = scope
        self.meter = meter
        self.written = written
        self.frames: tuple[dict[str, Any], ...] = ({},)
        self.out: list[Piece] = []
        self.length = 0
        self.calls = 0

    def run(self, body: Code) -> tuple[Piece, ...]:
        """Run the code of a template and return the pieces of its output. Raises `Fault`."""
        try:
            body(self)
            return tuple(self.out)
        finally:  # macros know the names they stand among: in a circle, they would linger
            self.frames[0].clear()

    # --- values

    def measured(self, value: Any, at: int) -> Any:
        """Account for a value: what is done with it costs at least as much as there is of it."""
        kind = type(value)
        if kind is Traced:
            self.meter.step(at, value.weight)
            return value
        if kind in _COLLECTIONS:
            value = _weighed(value, at)
        self.meter.step(at, weight(value))
        return value

    def lookup(self, name: str, at: int) -> Any:
        """Return what a name stands for."""
        for frame in self.frames:
            if name in frame:
                return frame[name]
        read = self.scope.get(name)
        if read is None:
            raise Fault(c.UNKNOWN_NAME, f"unknown name `{name}`", at, at + len(name))
        return read()

    def member(self, owner: Any, name: str, at: int) -> Any:
        """Return a field of a value, from its table and from nowhere else."""
        if isinstance(owner, View):
            if name in owner.names:
                try:
                    return owner.read(name)
                except Unplaced as fault:
                    raise fault.at(at, at + len(name)) from fault
            raise Fault(c.UNKNOWN_FIELD, f"{owner.what} has no `{name}`", at, at + len(name))
        if isinstance(owner, Namespace) and name in owner.values:
            return owner.values[name]
        if isinstance(owner, dict) and name in owner:
            return owner[name]
        raise Fault(
            c.UNKNOWN_FIELD,
            f"{describe(owner)} has no `{name}`",
            at,
            at + len(name),
            "what can be read are fields of characters, the persona, the group and the scenario",
        )

    def items_of(self, value: Any, at: int) -> list[Any]:
        """Return what a loop runs over."""
        match value:
            case list() | tuple() | dict():
                return list(value)
            case View() if value.iterates:
                return list(value.names)
            case Absent() | None:
                return []
            case Traced():
                self.meter.step(at, 2 * len(value.text))
                return list(parts_of(value, value.text))
            case str():
                self.meter.step(at, len(value))
                return list(value)
            case _:
                raise Fault(c.TEMPLATE_VALUE, f"{describe(value)} has no items", at, at + 1)

    def apply_filter(self, name: str, value: Any, call: Call) -> Any:
        """Apply a filter by name; `map` and `select` come here as well."""
        if name not in FILTERS:
            raise Fault(
                c.TEMPLATE_FORBIDDEN, f"no filter is called `{name}`", call.at, call.at + len(name)
            )
        return FILTERS[name](value, call)

    def apply_test(self, name: str, value: Any, call: Call) -> bool:
        """Apply a test by name."""
        if name not in TESTS:
            raise Fault(
                c.TEMPLATE_FORBIDDEN, f"no test is called `{name}`", call.at, call.at + len(name)
            )
        return TESTS[name](value, call)

    # --- output

    def literal(self, text: str, at: int) -> None:
        """Emit a text that stands between the tags."""
        self.meter.text(len(text), at)
        self._emit(self.written.literal(at, text), len(text))

    def print(self, value: Any, at: int) -> None:
        """Emit what an expression prints."""
        shown = value if isinstance(value, Traced) else _printed(value, at)
        self.meter.text(length_of(shown), at)
        self.emit(shown, at)

    def emit(self, value: Traced | str, at: int) -> None:
        """Emit a text; what no author wrote was made by the expression at `at`."""
        pieces = as_pieces(value)
        if not pieces:
            return
        for piece in pieces:
            if not piece.origins:
                origin = self.written.origin(at)
                pieces = tuple([p if p.origins else with_origin(p, origin) for p in pieces])
                break
        self._emit(pieces, length_of(value))

    def _emit(self, pieces: tuple[Piece, ...], length: int) -> None:
        self.meter.step(0, _STEPS_A_PIECE * len(pieces))
        self.length += length
        if self.length > MOST_CHARACTERS:
            raise Fault(c.TEMPLATE_LIMIT, f"a text of {self.length:,} characters", 0, 1)
        self.out += pieces

    def captured(self, body: Code) -> Traced:
        """Run a body and return its output as a value."""
        before, self.out = self.out, []
        try:
            body(self)
            pieces = tuple(self.out)
        finally:
            self.out = before
        return Traced(text_of(pieces), pieces)

    def scoped(self, names: dict[str, Any], code: Code) -> Any:
        """Run code that sees more names."""
        before = self.frames
        self.frames = (names, *before)
        try:
            return code(self)
        finally:
            self.frames = before


def _printed(value: Any, at: int) -> Traced | str:
    if isinstance(value, View) and value.printed is None:
        message = f"{value.what} has no text of its own"
        raise Fault(c.TEMPLATE_VALUE, message, at, at + 1, "print one of its fields")
    return show(value)


def _weighed(value: Any, at: int) -> Items | Table:
    """Give a list or map its weight, so that lists of lists cannot grow unseen."""
    children = [*value.values()] if isinstance(value, dict) else [*value]
    total, depth = 1 + len(children), 0
    for i, child in enumerate(children):
        if type(child) in _COLLECTIONS:
            children[i] = child = _weighed(child, at)  # noqa: PLW2901 - it stands for the child
        if isinstance(child, Items | Table):
            depth = max(depth, child.depth)
        total += weight(child)
    depth += 1
    if total > _MOST_ITEMS or depth > _MOST_DEPTH:
        message = "a list of too many items"
        raise Fault(c.TEMPLATE_LIMIT, message, at, at + 1, f"at most {_MOST_ITEMS:,}")
    weighed: Items | Table = Items(children)
    if isinstance(value, dict):
        weighed = Table(zip(value, children, strict=True))
    weighed.weight, weighed.depth = total, depth
    return weighed
