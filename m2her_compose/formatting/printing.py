"""Write a layout in the one style: docs/fmt.md says what it is.

The lines are a function of the layout alone, and every comment of it goes into them. What cannot
be moved or written otherwise without doubt stays as it was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..source.writing import (
    WIDTH,
    cells,
    has_needless_quotes,
    in_double_quotes,
    is_plain,
    written,
    written_key,
)
from .layout import BLOCKS, Shape
from .script import script_lines

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from .layout import Comment, Entry, Layout, Part
    from .order import Place

INDENT: Final = 2
# In a scenario, a list or map of so many lines at the left edge stands apart from what is above it.
_LONG_LINES: Final = 3
_QUOTES: Final = ("'", '"')
_IGNORE: Final = re.compile(r"#[ \t]*m2her:[ \t]*ignore")
_BETWEEN: Final = 2
_DEEPER: Final = re.compile(r"[|>][+-]?[0-9]")
_KEEPS_END: Final = re.compile(r"[|>][0-9]?\+")
_ENDS_ITEM: Final = re.compile(r"[ \t]*[,\]}]")


def printed(layout: Layout, place: Place, speakers: AbstractSet[str]) -> str:
    """Return a file in the one style; `speakers` are those that a script of it may have."""
    printer = _Printer(layout.text, speakers, pinned=_pinned(layout.root))
    if layout.head:
        printer.lines.extend(line.rstrip() for line in layout.head.rstrip().split("\n"))
    printer.root(layout.root, place)
    return "\n".join(printer.lines) + "\n"


def _pinned(root: Part) -> frozenset[int]:
    """Return the ids of entries with an anchor or an alias, which keep their order.

    An alias means the last anchor of its name before it.
    """
    found: set[int] = set()
    is_of_use = False
    stack: list[tuple[Entry, bool]] = [(entry, False) for entry in root.entries]
    path: list[Entry] = []
    while stack:
        entry, done = stack.pop()
        if done:
            path.pop()
            continue
        path.append(entry)
        value = entry.value
        is_of_use = is_of_use or value.shape is Shape.ALIAS
        if value.shape is Shape.ALIAS or "&" in value.properties:
            for each in reversed(path):
                if id(each) in found:
                    break
                found.add(id(each))
        stack.append((entry, True))
        stack.extend((child, False) for child in value.entries)
    return frozenset(found if is_of_use else ())


@dataclass(slots=True)
class _Printer:
    """Lines so far. `open_end`: the last one belongs to a text that blank lines would add to."""

    text: str
    speakers: AbstractSet[str]
    pinned: frozenset[int]
    lines: list[str] = field(default_factory=list)
    open_end: bool = False
    flats: dict[int, str | None] = field(default_factory=dict)

    # --- collections

    def root(self, part: Part, place: Place) -> None:
        """Write the whole file: sections at the left edge."""
        entries = self._ordered(part, place)
        if entries and entries[0] is not part.entries[0]:
            self._stay_on_top(part.entries[0])
        for i, entry in enumerate(entries):
            before, self.lines = self.lines, []
            was_open, self.open_end = self.open_end, False
            above = self._above(entry, 0)
            self._entry(entry, "", 0, place)
            is_long = entry.value.is_collection and len(self.lines) - above >= _LONG_LINES
            wanted = (is_long and place.has_sections) or _is_apart(entry)
            if i and wanted and not was_open and before[-1].strip():
                before.append("")
            before.extend(self.lines)
            self.lines = before
        self._tail(part, 0)

    def _stay_on_top(self, first: Entry) -> None:
        """Leave the comments on top of a file there, when the key below them moves away.

        Those that silence findings go with it, and those that a blank line parts from others above.
        """
        parted = [i for i, each in enumerate(first.above) if i and each.after_blank]
        count = parted[-1] if parted and not first.after_blank else len(first.above)
        top = [each for each in first.above[:count] if not _IGNORE.match(each.text)]
        if not top:
            return
        for i, comment in enumerate(top):
            self._comment(comment, 0, blank=i > 0 and comment.after_blank)
        going = [each for each in first.above[:count] if _IGNORE.match(each.text)]
        first.above = [*going, *first.above[count:]]
        if first.after_blank or parted:
            self.lines.append("")
        first.after_blank = False

    def _collection(self, part: Part, indent: int, place: Place, lead: str = "") -> None:
        """Write a collection's entries; the first one goes on after `lead`, if there is one."""
        for i, entry in enumerate(self._ordered(part, place)):
            if i and _is_apart(entry):
                self._blank()
            self._above(entry, indent)
            self._entry(entry, (lead if not i else "") or " " * indent, indent, place)
        self._tail(part, indent)

    def _ordered(self, part: Part, place: Place) -> list[Entry]:
        """Return a collection's entries as they are to stand."""
        if part.shape is Shape.LIST:
            return part.entries
        entries = sorted(part.entries, key=lambda each: place.rank(_name(each)))
        pinned = [each for each in part.entries if id(each) in self.pinned]
        moved = [each for each in entries if id(each) in self.pinned]
        return entries if moved == pinned else part.entries

    def _above(self, entry: Entry, indent: int) -> int:
        """Write the comments above an entry; returns how many lines they are."""
        before = len(self.lines)
        for i, comment in enumerate(entry.above):
            self._comment(comment, indent, blank=i > 0 and comment.after_blank)
        value = entry.value
        # Comments for which there is no other place.
        others = entry.below_key if value.style in BLOCKS else ()
        for comment in others or (() if value.entries else value.tail):
            self._comment(comment, indent)
        if entry.above and entry.after_blank:
            self._blank()
        return len(self.lines) - before

    def _tail(self, part: Part, indent: int) -> None:
        for comment in part.tail:
            self._comment(comment, indent, blank=comment.after_blank)

    # --- entries

    def _entry(self, entry: Entry, margin: str, indent: int, place: Place) -> None:
        if entry.key is None:
            head, below = f"{margin}-", place.item()
        else:
            properties = f"{entry.key.properties} " if entry.key.properties else ""
            head = f"{margin}{properties}{_key(entry.key)}:"
            below = place.value(entry.key.text)
        value = entry.value
        if not value.is_collection:
            self._leaf(entry, head, indent, below)
            return
        script = self._script(entry, indent, below)
        if script is not None:
            self._line(f"{head} |")
            self.lines.extend(" " * (indent + INDENT) + line if line else "" for line in script)
            return
        flat = self._flat(value, below) if value.is_flow or not value.entries else None
        if flat is not None and value.properties:
            flat = f"{value.properties} {flat}"
        stays = entry.beside is not None or not value.entries
        if flat is not None and (stays or _fits(head, flat)):
            self._one_line(entry, head, flat, indent)
            return
        self._block(entry, head, indent, below)

    def _block(self, entry: Entry, head: str, indent: int, place: Place) -> None:
        """Write a collection by indentation, in the dash's line where nothing stands between."""
        value = entry.value
        first = self._ordered(value, place)[0]
        comments = [each for each in (entry.beside_key, entry.beside) if each is not None]
        is_bare = not (comments or entry.below_key or value.properties or first.above)
        if entry.key is None and is_bare:
            self._collection(value, indent + INDENT, place, lead=f"{head} ")
            return
        line = f"{head} {value.properties}" if value.properties else head
        self._line(f"{line}{_gap(comments[0], line)}{comments[0].text}" if comments else line)
        for comment in (*comments[1:], *entry.below_key):
            self._comment(comment, indent + INDENT)
        self._collection(value, indent + INDENT, place)

    def _leaf(self, entry: Entry, head: str, indent: int, place: Place) -> None:
        value = entry.value
        is_split = bool(entry.beside_key or entry.below_key) and value.style not in BLOCKS
        start = " " * (indent + INDENT) if is_split else f"{head} "
        if value.properties:
            start = f"{start}{value.properties} "
        lines = self._scalar(entry, cells(start), indent + INDENT, place)
        is_open = _KEEPS_END.match(lines[0]) is not None
        if value.style in BLOCKS:
            first = f"{start}{lines[0]}"
            comment = entry.beside_key
            gap = f"{_gap(comment, first)}{comment.text}" if comment is not None else ""
            self._line(f"{first}{gap}")
            self.lines.extend(lines[1:])
            self.open_end = is_open
            return
        if value.properties:
            lines[0] = f"{value.properties} {lines[0]}".rstrip(" ")
        if len(lines) == 1 or is_split:
            is_cut = place.speech and not value.style  # two blanks would hide it
            self._one_line(entry, head, "\n".join(lines), indent, is_cut=is_cut)
            return
        self._line(f"{head} {lines[0]}")
        self.lines.extend(lines[1:])
        if entry.beside is not None:
            gap = _gap(entry.beside, self.lines[-1], is_cut=place.speech and not value.style)
            self.lines[-1] += f"{gap}{entry.beside.text}"
        self.open_end = is_open

    def _one_line(
        self, entry: Entry, head: str, text: str, indent: int, *, is_cut: bool = False
    ) -> None:
        """Write a value behind its key or dash, or below it where a comment stands between."""
        if entry.beside_key is None and not (entry.below_key and text):
            line = f"{head} {text}" if text else head
        else:
            comment = entry.beside_key
            self._line(f"{head}{_gap(comment, head)}{comment.text}" if comment else head)
            for each in entry.below_key:
                self._comment(each, indent + INDENT)
            line = f"{' ' * (indent + INDENT)}{text}"
        if entry.beside is not None:
            line += f"{_gap(entry.beside, line, is_cut=is_cut)}{entry.beside.text}"
        self.lines.extend(line.split("\n"))
        self.open_end = False
        if entry.beside_key is None and not text:
            for each in entry.below_key:
                self._comment(each, indent + INDENT)

    def _line(self, line: str) -> None:
        self.lines.append(line)
        self.open_end = False

    def _comment(self, comment: Comment, indent: int, *, blank: bool = False) -> None:
        if blank:
            self._blank()
        self._line(f"{' ' * indent}{comment.text}")

    def _blank(self) -> None:
        if self.lines and self.lines[-1].strip() and not self.open_end:
            self.lines.append("")

    # --- values

    def _script(self, entry: Entry, indent: int, place: Place) -> list[str] | None:
        """Return a list of turns as a script, where there are many and it says the same."""
        if not place.is_turns or id(entry) in self.pinned:
            return None
        if entry.beside or entry.beside_key or entry.below_key:
            return None
        said = [each.value.entries[0] for each in entry.value.entries if each.value.entries]
        if any(self._is_told_of(each.value, each.key) for each in said):
            return None
        return script_lines(entry.value, self.speakers, WIDTH - indent - INDENT)

    def _flat(self, part: Part, place: Place) -> str | None:
        """Return a collection in brackets as one line, or None where it cannot be one."""
        if id(part) not in self.flats:
            found = [self._flat_entry(each, place) for each in self._ordered(part, place)]
            inner = [each for each in found if each is not None]
            is_dialogue = (place if part.shape is Shape.MAP else place.item()).is_turn
            whole = len(inner) == len(found) and not (inner and (part.tail or is_dialogue))
            left, right = "{}" if part.shape is Shape.MAP else "[]"
            self.flats[id(part)] = f"{left}{', '.join(inner)}{right}" if whole else None
        return self.flats[id(part)]

    def _flat_entry(self, entry: Entry, place: Place) -> str | None:
        value, key = entry.value, entry.key
        below = place.value(key.text) if key is not None else place.item()
        if entry.above or entry.beside_key or entry.below_key or entry.beside:
            return None
        if value.is_collection:
            text = self._flat(value, below)
        elif below.speech and self._is_told_of(value, key):
            text = None
        else:
            text = self._in_brackets(value)
        if text is None:
            return None
        if value.properties:
            text = f"{value.properties} {text}".rstrip(" ")
        if key is None:
            return text
        properties = f"{key.properties} " if key.properties else ""
        return f"{properties}{_key(key)}: {text}"

    def _in_brackets(self, part: Part) -> str:
        verbatim = self.text[part.body : part.end]
        is_kept = not part.style or "&" in part.properties
        if part.shape is Shape.ALIAS or (is_kept and "\n" not in verbatim):
            return verbatim
        return written(part.text, indent=0, flow=True)

    def _scalar(self, entry: Entry, column: int, indent: int, place: Place) -> list[str]:
        """Return the lines of a scalar or an alias, all but the first with their indentation."""
        part = entry.value
        verbatim = self.text[part.body : part.end]
        one_line = "\n" not in verbatim
        if part.style in BLOCKS:
            return _block_scalar(part, verbatim, indent)
        if part.shape is Shape.ALIAS or (not verbatim):
            return [verbatim]
        if "&" in part.properties:
            # What an alias repeats elsewhere is looked at there as it is written here; and where
            # nothing does, it depends on that whether the anchor was meant to be said.
            return _indented(verbatim, indent)
        if entry.beside is not None:
            if one_line and part.style:
                # Behind a plain text, `#word` might have been meant to be a part of it.
                if place.speech and "\\" in verbatim:  # without escapes, quotes are told of
                    return [verbatim]
                is_clear = not place.speech and entry.beside.text[1:2] in ("", " ", "\t")
                return [part.text if is_clear and is_plain(part.text) else _in_quotes(part.text)]
            return _indented(verbatim, indent)
        told_of = place.speech and self._is_told_of(part, entry.key)
        if told_of or (not part.style and one_line and column + cells(verbatim) <= WIDTH):
            return [verbatim]
        if entry.beside_key or entry.below_key:  # no place for a block
            fits = one_line and not part.style
            return [
                verbatim if fits else part.text if is_plain(part.text) else _in_quotes(part.text)
            ]
        text = written(part.text, indent=indent, column=column)
        if not part.style and one_line and text[0] != ">":
            return [verbatim]
        return text.split("\n")

    def _is_told_of(self, part: Part, key: Part | None) -> bool:
        """Tell whether a finding may say that the quotes of a speech are not sent.

        They stay then: whoever wrote them has to say whether they were meant to be heard.
        """
        if part.style not in _QUOTES or (key is not None and key.style):
            return False
        if _ENDS_ITEM.match(self.text, part.end, part.end + 80):
            return False
        return has_needless_quotes(self.text[part.body : part.end], part.text)


def _is_apart(entry: Entry) -> bool:
    """Tell whether there is a blank line above an entry and its comments."""
    return entry.above[0].after_blank if entry.above else entry.after_blank


def _name(entry: Entry) -> str:
    return entry.key.text if entry.key is not None else ""


def _key(key: Part) -> str:
    return written_key(key.text) if key.style else key.text


def _fits(head: str, text: str) -> bool:
    return len(text) <= 4 * WIDTH and cells(head) + 1 + cells(text) <= WIDTH


def _in_quotes(text: str) -> str:
    made = written(text, indent=0, flow=True)
    return made if made[0] in _QUOTES else in_double_quotes(text)


def _gap(comment: Comment, line: str, *, is_cut: bool = False) -> str:
    """Return the blanks before a comment that ends a line: columns of comments stay columns.

    `is_cut`: after a single blank, the comment may have been meant to be said.
    """
    if is_cut and comment.gap == " ":
        return comment.gap
    width = len(line) - (line.rfind("\n") + 1)
    return " " * (
        max(_BETWEEN, comment.column - width) if len(comment.gap) > _BETWEEN else _BETWEEN
    )


def _indented(verbatim: str, indent: int) -> list[str]:
    first, *rest = verbatim.split("\n")
    lines = (line.strip(" \t") for line in rest)
    return [first.rstrip(" \t"), *(" " * indent + line if line else "" for line in lines)]


def _block_scalar(part: Part, verbatim: str, indent: int) -> list[str]:
    """Return a block with its lines at another indentation."""
    if not part.text.strip(" \t\n"):
        return [written(part.text, indent=indent, flow=True)]
    body = part.text.rstrip("\n")
    ended = len(part.text) - len(body)
    # Where a digit says how deep the lines are, they are taken from the text.
    is_folded = part.style == ">" and not _DEEPER.match(verbatim)
    lines = _folded_lines(verbatim) if is_folded else body.split("\n")
    if is_folded and "\n" not in body and any(indent + cells(line) > WIDTH for line in lines):
        made = written(body, indent=indent, column=WIDTH)
        lines = [each[indent:] for each in made.split("\n")[1:]] or lines
    sign = ("-", "", "+")[min(ended, 2)]
    count = next(i for i, line in enumerate(lines) if line.strip(" \t"))
    if any(line[:1] in (" ", "\t") for line in lines[: count + 1]):
        sign = f"{INDENT}{sign}"
    lines += [""] * (ended - 1)
    style = ">" if is_folded else "|"
    return [f"{style}{sign}", *(" " * indent + line if line else "" for line in lines)]


def _folded_lines(verbatim: str) -> list[str]:
    """Return the lines of a folded block as they are written, without their indentation."""
    lines = verbatim.split("\n")[1:]
    first = next(line for line in lines if line.strip(" "))
    indent = len(first) - len(first.lstrip(" "))
    lines = [line[indent:] for line in lines]
    while not lines[-1]:  # blanks that are deeper than the block are a part of it
        lines.pop()
    return lines
