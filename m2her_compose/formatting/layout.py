"""A file as it is laid out: every value as it was written, and every comment where it stands.

The located tree of `source` says what a file means: aliases and merge keys are gone from it, and
comments never were there. A layout is made from the same parse events, and loses nothing that the
author wrote but blanks.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PROPERTY: Final = re.compile(r"[&!][^ \t\n]*")
# Other blanks than these are a part of the text.
_PROPERTIES: Final = re.compile(r"(?:[&!][^ \t\n]*(?:[ \t\n]+|$)(?:#[^\n]*\n[ \t\n]*)*)*")
_COMMENT: Final = re.compile(r"#[^\n]*")
_NEWLINE: Final = re.compile(r"\n")
_BLANKS: Final = re.compile(r"[ \t]*")
_BLOCK_HEADER: Final = re.compile(r"[|>][0-9+-]{0,2}[ \t]*(#[^\n]*)?")
_DASH_LINE: Final = re.compile(r"^[ ]*(?=-(?:\s|\Z))", re.MULTILINE)


BLOCKS: Final = ("|", ">")


class Shape(Enum):
    """What a part is, as YAML sees it."""

    SCALAR = "scalar"
    ALIAS = "alias"
    MAP = "map"
    LIST = "list"


@frozen
class Comment:
    """A comment: its text from the `#` on, and how it stands in its line."""

    start: int
    column: int
    text: str
    alone: bool
    after_blank: bool
    gap: str


@dataclass(slots=True, eq=False)
class Part:
    """A value, or a key: `start` is where its anchor and tag begin, `body` where it does itself.

    `style` is the first indicator of a scalar, or `[` and `{`; none for what is plain or made by
    indentation. `tail` holds the comments after the last entry that belong to the collection.
    """

    shape: Shape
    start: int
    body: int
    end: int
    text: str = ""
    style: str = ""
    properties: str = ""
    entries: list[Entry] = field(default_factory=list)
    tail: list[Comment] = field(default_factory=list)

    @property
    def is_collection(self) -> bool:
        return self.shape in (Shape.MAP, Shape.LIST)

    @property
    def is_flow(self) -> bool:
        return self.is_collection and bool(self.style)


@dataclass(slots=True, eq=False)
class Entry:
    """A key and its value, or an item of a list, with the comments that stand at it.

    `above` are those on lines of their own, `beside_key` one in the line of the key or dash
    before the value, `below_key` those on lines between both, `beside` one after the value.
    """

    value: Part
    key: Part | None = None
    start: int = 0
    above: list[Comment] = field(default_factory=list)
    beside_key: Comment | None = None
    below_key: list[Comment] = field(default_factory=list)
    beside: Comment | None = None
    after_blank: bool = False


@frozen
class Layout:
    """A file's root, what stands before it (directives and `---`), and its comments."""

    text: str
    head: str
    root: Part
    comments: tuple[Comment, ...]


def layout(text: str) -> Layout | None:
    """Return the layout of a text that was read without errors, its lines ended by LF.

    None where the file has no values, or stands in the line of its `---`.
    """
    reader = _Reader(text)
    root = reader.root()
    if root is None or (reader.head and "\n" not in text[reader.head : root.start]):
        return None
    head = text[: reader.head]
    lines = _Lines(text)
    comments = tuple(_comments(lines, reader.head, reader.leaves))
    _Placer(lines, comments).place(root)
    return Layout(text=text, head=head, root=root, comments=comments)


class _Reader:
    """Makes parts of parse events; `leaves` are the stretches in which a `#` is no comment."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.head = 0
        self.leaves: list[tuple[int, int]] = []

    def root(self) -> Part | None:
        """Read the whole document."""
        found: list[Part] = []
        opened: list[Part] = []
        keys: list[Part | None] = []
        for event in self._events():
            kind = type(event)
            if kind in (MappingEndEvent, SequenceEndEvent):
                part = opened.pop()
                keys.pop()
                part.end = max(event.end_mark.index if part.style else 0, _last_end(part))
            elif kind in (MappingStartEvent, SequenceStartEvent):
                part = self._collection(event)
                self._add(part, opened, keys, found)
                opened.append(part)
                keys.append(None)
            elif kind in (ScalarEvent, AliasEvent):
                self._add(self._leaf(event), opened, keys, found)
        return found[0] if found else None

    def _events(self) -> Iterator[Any]:
        get_event: Callable[[], Any] = CParser(self.text).get_event
        for event in iter(get_event, None):
            kind = type(event)
            if kind is DocumentStartEvent and event.explicit:
                self.head = event.end_mark.index
            elif kind is DocumentEndEvent and event.explicit:
                self.leaves.append((event.start_mark.index, event.end_mark.index))
            yield event

    def _add(
        self, part: Part, opened: list[Part], keys: list[Part | None], found: list[Part]
    ) -> None:
        if not opened:
            found.append(part)
            return
        above = opened[-1]
        if above.shape is Shape.LIST:
            above.entries.append(Entry(value=part, start=part.start))
        elif keys[-1] is None:
            keys[-1] = part
        else:
            key = keys[-1]
            above.entries.append(Entry(value=part, key=key, start=key.start))
            keys[-1] = None

    def _leaf(self, event: Any) -> Part:
        start, end = event.start_mark.index, event.end_mark.index
        if isinstance(event, AliasEvent):
            self.leaves.append((start, end))
            return Part(Shape.ALIAS, start, start, end, text=self.text[start:end])
        body, properties = self._properties(event, start, end)
        style = event.style or ""
        if style in BLOCKS:  # libyaml may have looked at the next line's indentation
            end = max(body, self.text.rfind("\n", 0, end) + 1) if end < len(self.text) else end
        self.leaves.append((body, end))
        return Part(Shape.SCALAR, start, body, end, event.value, style, properties)

    def _collection(self, event: Any) -> Part:
        start = event.start_mark.index
        body, properties = self._properties(event, start, len(self.text))
        is_map = isinstance(event, MappingStartEvent)
        style = ("{" if is_map else "[") if event.flow_style else ""
        shape = Shape.MAP if is_map else Shape.LIST
        return Part(shape, start, body, body + len(style), style=style, properties=properties)

    def _properties(self, event: Any, start: int, end: int) -> tuple[int, str]:
        """Return where a value begins after its anchor and tag, and these."""
        if event.anchor is None and event.tag is None:
            return start, ""
        found = _PROPERTIES.match(self.text, start, end)
        body = found.end() if found else start
        bare = _COMMENT.sub("", self.text[start:body])
        return body, " ".join(_PROPERTY.findall(bare))


def _last_end(part: Part) -> int:
    return part.entries[-1].value.end if part.entries else part.end


class _Lines:
    """A text, and where its lines begin: searching for that would take as long as lines are."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in _NEWLINE.finditer(text))]

    def start(self, offset: int) -> int:
        """Return where the line of an offset begins."""
        return self.starts[bisect_right(self.starts, offset) - 1]

    def column(self, offset: int) -> int:
        return offset - self.start(offset)

    def begins_after_blank(self, offset: int) -> bool:
        """Tell whether only blanks are before an offset in its line, and in the line above it."""
        number = bisect_right(self.starts, offset) - 1
        if number == 0 or self.text[self.starts[number] : offset].strip(" \t"):
            return False
        return not self.text[self.starts[number - 1] : self.starts[number]].strip()


def _comments(lines: _Lines, start: int, leaves: list[tuple[int, int]]) -> Iterator[Comment]:
    """Find the comments: between values a `#` begins nothing else."""
    text = lines.text
    at = start
    for begin, end in (*sorted(leaves), (len(text), len(text))):
        for found in _COMMENT.finditer(text, at, max(at, begin)):
            yield _comment(lines, found.start(), found.end())
        at = max(at, end)
        header = _BLOCK_HEADER.match(text, begin, end) if begin < end else None
        if header is not None and header[1]:
            yield _comment(lines, header.start(1), header.end(1))


def _comment(lines: _Lines, start: int, end: int) -> Comment:
    text, line = lines.text, lines.start(start)
    before = text[line:start]
    return Comment(
        start=start,
        column=start - line,
        text=text[start:end].rstrip(),
        alone=not before.strip(" \t"),
        after_blank=lines.begins_after_blank(start),
        gap=before[len(before.rstrip(" \t")) :],
    )


class _Placer:
    """Gives each comment to the entry that it stands at, in one walk from the top."""

    def __init__(self, lines: _Lines, comments: tuple[Comment, ...]) -> None:
        self.lines = lines
        self.text = lines.text
        self.comments = comments
        self.at = 0

    def place(self, root: Part) -> None:
        self._fill(root, above_column=-1, limit=len(self.text), next_column=-1)
        root.tail.extend(self.comments[self.at :])

    def _fill(self, part: Part, *, above_column: int, limit: int, next_column: int) -> None:
        """Place the comments in a collection, and those below it that are indented like it.

        `above_column` is that of the entry which holds it; at `limit`, in `next_column`, stands
        the entry after it.
        """
        entries = part.entries
        for i, entry in enumerate(entries):
            if entry.key is None:
                entry.start = self._dash(part, entry, entries[i - 1] if i else None)
        for i, entry in enumerate(entries):
            following = entries[i + 1].start if i + 1 < len(entries) else limit
            below = self.lines.column(following) if i + 1 < len(entries) else next_column
            self._before(entry, part, entries[i - 1] if i else None)
            self._at_key(entry)
            if entry.value.is_collection:
                self._fill(
                    entry.value,
                    above_column=self.lines.column(entry.start),
                    limit=min(following, entry.value.end) if entry.value.style else following,
                    next_column=below,
                )
            self._after(entry)
            self._in_place_of_value(entry, following)
        while (comment := self._next(limit)) is not None:
            if part.is_flow and not comment.alone and entries and entries[-1].beside is None:
                entries[-1].beside = comment
                self.at += 1
            elif part.is_flow or (
                comment.alone and comment.column > max(above_column, next_column)
            ):
                part.tail.append(comment)
                self.at += 1
            else:
                break

    def _next(self, limit: int) -> Comment | None:
        found = self.comments[self.at] if self.at < len(self.comments) else None
        return found if found is not None and found.start < limit else None

    def _before(self, entry: Entry, part: Part, previous: Entry | None) -> None:
        """Place the comments in front of an entry."""
        entry.after_blank = not part.style and self.lines.begins_after_blank(entry.start)
        while (comment := self._next(entry.start)) is not None:
            if comment.alone or previous is None or previous.beside is not None or not part.style:
                entry.above.append(comment)
            else:  # behind the comma of the entry before
                previous.beside = comment
            self.at += 1

    def _at_key(self, entry: Entry) -> None:
        """Place the comments between a key or dash and its value."""
        value = entry.value
        while (comment := self._next(value.body)) is not None:
            if comment.alone and value.is_collection and not value.style:
                return  # it is the first entry's
            if not comment.alone and entry.beside_key is None:
                entry.beside_key = comment
            else:
                entry.below_key.append(comment)
            self.at += 1
        if value.style in BLOCKS:
            comment = self._next(value.end)
            if comment is not None:
                if entry.beside_key is not None:
                    entry.below_key.append(entry.beside_key)
                entry.beside_key = comment
                self.at += 1

    def _after(self, entry: Entry) -> None:
        """Place the comment that ends the line of a value."""
        comment = self._next(len(self.text))
        if comment is None or comment.alone or entry.beside or entry.value.style in BLOCKS:
            return
        blanks = _BLANKS.match(self.text, entry.value.end)
        if blanks is not None and blanks.end() == comment.start:
            entry.beside = comment
            self.at += 1

    def _in_place_of_value(self, entry: Entry, limit: int) -> None:
        """Place the comments below a key without a value that are indented as one would be."""
        value = entry.value
        if value.shape is not Shape.SCALAR or value.body < value.end:
            return
        while (comment := self._next(limit)) is not None:
            if not comment.alone or comment.column <= self.lines.column(entry.start):
                return
            entry.below_key.append(comment)
            self.at += 1

    def _dash(self, part: Part, entry: Entry, previous: Entry | None) -> int:
        """Return where an item's dash stands; in brackets, where the item does."""
        if part.style:
            return entry.value.start
        if previous is None:
            return part.body
        found = _DASH_LINE.search(self.text, previous.value.end, entry.value.start + 1)
        return found.end() if found else entry.value.start
