"""The located tree: YAML values that know where they were written.

`Node` is a `NamedTuple`, not a dataclass: the builder makes one for every value, and making a
tuple takes a quarter of the time (benchmarks/README.md, "values and positions").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from ..diagnostics import Span
from .offsets import scalar_offsets, verbatim_start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..diagnostics import Source

_Value: TypeAlias = "str | int | float | bool | Mapping[str, Node] | Sequence[Node] | None"
Scalar: TypeAlias = str | int | float | bool | None
Data: TypeAlias = "Scalar | list[Data] | dict[str, Data]"


_BLANK: Final = " \t\r\n"
# Making a tuple with all its parts takes a third of what `_replace` does.
_new: Final = tuple.__new__


def plain_data(node: Node) -> Data:
    """Return a value without its places."""
    if node.is_map:
        return {key: plain_data(child) for key, child in node.entries.items()}
    if node.is_list:
        return [plain_data(child) for child in node.items]
    return node.value  # type: ignore[return-value]


class Node(NamedTuple):
    """One value of a file, and the stretch of source that it stands in.

    `text` is what a scalar says where a text is wanted (exactly the characters typed, for a
    plain one), and None for lists and maps. `start` and `end` are offsets in code points;
    those of the key are -1 where there is none. `style` is the scalar's first indicator, `"`,
    `'`, `|` or `>`, empty for a plain one; `[` and `{` for flow collections. `via` holds the
    `use` and `extends` places that the value came through, outermost first.
    """

    value: str | int | float | bool | Mapping[str, Node] | Sequence[Node] | None
    text: str | None
    source: Source
    start: int
    end: int
    key_start: int = -1
    key_end: int = -1
    style: str = ""
    raw: bool = False
    via: tuple[Span, ...] = ()

    @property
    def span(self) -> Span:
        """The value's place, without the blank lines that end a block."""
        if self.start < self.end and self.source.text[self.end - 1 : self.end] not in _BLANK:
            return Span(self.source, self.start, self.end)
        length = len(self.source.text[self.start : self.end].rstrip(_BLANK))
        return Span(self.source, self.start, self.start + length)

    @property
    def key_span(self) -> Span:
        """The place of the key that names this value, or of the value where none does."""
        if self.key_start < 0:
            return self.first_line
        return Span(self.source, self.key_start, self.key_end)

    @property
    def first_line(self) -> Span:
        """The value's place, cut at the end of its first line."""
        span = self.span
        newline = self.source.text.find("\n", span.start, span.end)
        return span if newline < 0 else Span(self.source, span.start, newline)

    @property
    def items(self) -> Sequence[Node]:
        """The elements of a list; none for any other value."""
        value = self.value
        return value if isinstance(value, (tuple, list)) else ()

    @property
    def entries(self) -> Mapping[str, Node]:
        """The entries of a map in the order written; none for any other value."""
        value = self.value
        return value if isinstance(value, dict) else {}

    def holding(self, value: Mapping[str, Node] | Sequence[Node]) -> Node:
        """Return this map or list with other entries."""
        return _new(Node, (value, *self[1:]))

    def reached_by(self, step: Span, value: _Value) -> Node:
        """Return the value, with marked ones below it, as come through a `use` or `extends`."""
        return _new(Node, (value, *self[1:9], (step, *self.via)))

    @property
    def is_map(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, tuple | list)

    @property
    def is_null(self) -> bool:
        return self.value is None

    def locate(self, start: int, end: int) -> Span:
        """Return where characters `start` up to `end` of a scalar's text were written.

        Escapes, folded lines and the indentation of block scalars are seen through.
        """
        text = self.text or ""
        first_at = verbatim_start(self.source.text, self.start, self.end, self.style, text)
        if first_at is not None and start <= end <= len(text):
            return Span(self.source, first_at + start, first_at + end)
        offsets = scalar_offsets(self.source.text, self.start, self.end, self.style, text)
        first = offsets[min(start, len(offsets) - 1)]
        last = (
            offsets[end - 1] + 1
            if start < end <= len(offsets) - 1
            else offsets[min(end, len(offsets) - 1)]
        )
        return Span(self.source, first, max(first, last))
