"""`--add-ignores`: write the comments that silence findings, where they stand.

A comment goes to the end of a finding's line, or on a line of its own above the text that the
line is a part of. Afterwards the file is read again: what a comment did not silence, or what it
changed, is undone and handed back.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ..checks import ignores_of, silenced
from ..diagnostics import Sink, Source, Span
from ..diagnostics import codes as c
from ..frozen import frozen
from ..source import parse
from .change import Change, bytes_of, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ..checker import FileResult
    from ..compiler import Input
    from ..diagnostics import Diagnostic
    from ..report import Report
    from ..source import Data, Files, Node

# Its own finding, and those that are about the file and not about a place in it.
_NEVER: Final = (c.UNUSED_IGNORE, c.BAD_IGNORE, c.TOO_MANY_FINDINGS)
_EXISTING: Final = re.compile(r"#[ \t]*m2her:[ \t]*ignore\[([^\]\n]{0,500})\]")
_NAME: Final = re.compile(r"[^\s,]+")
_OPENING: Final = "# m2her: ignore["
# Of a small file many comments are tried one by one, of a large one few.
_TRIED_CHARACTERS: Final = 10_000_000
_BLOCKS: Final = ("|", ">")
_INDENT: Final = re.compile(r"[ ]*")


@frozen
class Silenced:
    """A text with comments added, and which findings they silence; the others are `left`."""

    text: str
    silenced: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


class _Place(NamedTuple):
    """Where a comment goes, or more names of one that is there: what stands around them."""

    at: int
    before: str
    after: str
    names: tuple[str, ...] = ()

    def text(self, codes: Iterable[str]) -> str:
        """Return what is inserted; nothing when the comment has these names already."""
        listed = ", ".join(sorted(set(codes).difference(self.names)))
        return f"{self.before}{listed}{self.after}" if listed else ""

    @property
    def is_line(self) -> bool:
        return self.after.endswith("\n")


class _Scalar(NamedTuple):
    """A stretch in which no comment can stand, and where the text that it holds begins."""

    start: int
    end: int
    owner: int


class _Group(NamedTuple):
    """The findings that one comment is to silence."""

    place: _Place
    findings: tuple[Diagnostic, ...]


def with_ignores(source: Source, diagnostics: Iterable[Diagnostic]) -> Silenced:
    """Add comments to a file's text that silence its findings.

    Errors cannot be silenced; neither can findings in a file that is no YAML, and the finding of
    a comment that silences nothing.
    """
    own = [each for each in diagnostics if each.span.path == source.path]
    wanted = [each for each in own if each.can_be_silenced and each.code not in _NEVER]
    sink = Sink()
    tree = parse(source, sink)
    if tree is None or sink.has_errors or not wanted:
        return Silenced(text=source.text, silenced=(), left=tuple(own))
    page = _Page(source, tree.root)
    trial = _Trial(source, tree.data)
    groups = trial.accepted(_grouped(wanted, page.beside), ())
    kept = {id(each) for group in groups for each in group.findings}
    rest = [each for each in wanted if id(each) not in kept]
    groups = trial.accepted(_grouped(rest, page.above), groups)
    quiet = {id(each) for group in groups for each in group.findings}
    return Silenced(
        text=_written(source, groups),
        silenced=tuple(each for each in own if id(each) in quiet),
        left=tuple(each for each in own if id(each) not in quiet),
    )


def add_ignores(
    files: Files, items: Sequence[Input], results: Sequence[FileResult], report: Report
) -> tuple[tuple[Change, ...], tuple[Diagnostic, ...]]:
    """Return the changes that silence a report's findings, and the findings that stay.

    Only files that were checked are changed (`items`, with their `results`), and of those none
    that is a link, or lies outside of its library's root.
    """
    found: dict[str, list[Diagnostic]] = {}
    for diagnostic in report.diagnostics:
        found.setdefault(diagnostic.span.path, []).append(diagnostic)
    changes: list[Change] = []
    for item, result in zip(items, results, strict=True):
        own = found.get(result.source.path)
        inside = result.path.is_relative_to(result.library.root)
        if own is None or not inside or item.path.is_symlink():
            continue
        before = bytes_of(files, result.path, result.source.text)
        made = with_ignores(result.source, own)
        if before is None or not made.silenced:
            continue
        after = encoded(before, made.text)
        found[result.source.path] = list(made.left)
        changes.append(
            Change(
                path=result.path,
                shown=result.source.path,
                before=before,
                after=after,
                findings=made.silenced,
            )
        )
    return tuple(changes), tuple(each for left in found.values() for each in left)


# --- where comments can stand


class _Page:
    """A file's lines, and the stretches of it in which a `#` is no comment."""

    def __init__(self, source: Source, root: Node) -> None:
        self.source = source
        found = {each.start: each for each in _scalars(root) if each.end > each.start}
        self.scalars = [found[start] for start in sorted(found)]
        self.starts = [each.start for each in self.scalars]
        self.newline = "\r\n" if "\r\n" in source.text else "\n"

    def beside(self, diagnostic: Diagnostic) -> _Place | None:
        """Return the end of the finding's line; None where that is inside of a text."""
        start, end = self._line(self.source.position(diagnostic.span.start)[0])
        line = self.source.text[start:end]
        if not line.strip() or line.lstrip().startswith("#") or self._holding(end) is not None:
            return None
        existing = self._existing(start, end)
        if existing is not None:
            return existing
        end = start + len(line.rstrip(" \t"))
        return _Place(end, f"  {_OPENING}", "]")

    def above(self, diagnostic: Diagnostic) -> _Place | None:
        """Return a line of its own above the key or item that the finding is in."""
        number = self.source.position(diagnostic.span.start)[0]
        start, end = self._line(number)
        holding = self._holding(end) or self._holding(start)
        while holding is not None:
            start, end = self._line(self.source.position(holding.owner)[0])
            outer = self._holding(start)
            holding = outer if outer is not None and outer.owner < start else None
        before = self.source.position(start)[0] - 1
        indent = _INDENT.match(self.source.text, start)
        lead = indent[0] if indent is not None else ""
        if before:
            existing = self._existing(*self._line(before), alone=True)
            if existing is not None:
                return existing
        return _Place(start, f"{lead}{_OPENING}", f"]{self.newline}")

    def _line(self, number: int) -> tuple[int, int]:
        starts, text = self.source.line_starts(), self.source.text
        end = starts[number] if number < len(starts) else len(text)
        while end > starts[number - 1] and text[end - 1] in "\r\n":
            end -= 1
        return starts[number - 1], end

    def _holding(self, offset: int) -> _Scalar | None:
        """Return the scalar that goes on at an offset."""
        place = bisect_right(self.starts, offset - 1) - 1
        found = self.scalars[place] if place >= 0 else None
        return found if found is not None and found.start < offset < found.end else None

    def _existing(self, start: int, end: int, *, alone: bool = False) -> _Place | None:
        """Return the ignore comment of a line, to be added to."""
        for found in _EXISTING.finditer(self.source.text, start, end):
            before = self.source.text[start : found.start()].strip()
            inside = self._holding(found.start() + 1) is not None
            if not inside and not (alone and before):
                names = tuple(_NAME.findall(found[1]))
                return _Place(found.end() - 1, ", " if names else "", "", names)
        return None


def _scalars(node: Node) -> Iterator[_Scalar]:
    if node.is_map or node.is_list:
        children = node.entries.values() if node.is_map else node.items
        for child in children:
            yield from _scalars(child)
        return
    span = node.span
    in_order = 0 <= node.key_start < span.start
    # What is put behind the last line of a block is a part of it.
    end = span.end + (node.style in _BLOCKS)
    yield _Scalar(span.start, end, node.key_start if in_order else span.start)


# --- adding them


def _grouped(
    diagnostics: Iterable[Diagnostic], place_of: Callable[[Diagnostic], _Place | None]
) -> list[_Group]:
    found: dict[_Place, tuple[Diagnostic, ...]] = {}
    for diagnostic in diagnostics:
        place = place_of(diagnostic)
        if place is not None:
            found[place] = (*found.get(place, ()), diagnostic)
    return [_Group(place, found[place]) for place in sorted(found)]


@dataclass(slots=True)
class _Trial:
    """Tries comments out: a file with them must read as before, and each must do its work."""

    source: Source
    data: Data
    characters_left: int = _TRIED_CHARACTERS

    def accepted(self, groups: Sequence[_Group], before: Sequence[_Group]) -> Sequence[_Group]:
        """Return the groups before, and as many of the others as silence what they are to."""
        whole = _united(before, groups)
        if not groups or self._is_right(whole):
            return whole
        if len(groups) == 1:
            return before
        half = len(groups) // 2
        return self.accepted(groups[half:], self.accepted(groups[:half], before))

    def _is_right(self, groups: Sequence[_Group]) -> bool:
        if self.characters_left <= 0:
            return False
        self.characters_left -= len(self.source.text) + 1
        text = _written(self.source, groups)
        changed = Source(path=self.source.path, text=text)
        sink = Sink()
        tree = parse(changed, sink)
        if tree is None or sink.has_errors or tree.data != self.data:
            return False
        moved = _moved(changed, groups)
        left, _ = silenced(moved, ignores_of(changed))
        return not left


def _united(groups: Sequence[_Group], others: Sequence[_Group]) -> Sequence[_Group]:
    found: dict[_Place, tuple[Diagnostic, ...]] = {}
    for group in (*groups, *others):
        found[group.place] = found.get(group.place, ()) + group.findings
    return [_Group(place, found[place]) for place in sorted(found)]


def _written(source: Source, groups: Sequence[_Group]) -> str:
    parts: list[str] = []
    at = 0
    for group in groups:
        parts += (source.text[at : group.place.at], _text_of(group))
        at = group.place.at
    return "".join((*parts, source.text[at:]))


def _text_of(group: _Group) -> str:
    return group.place.text(each.code.id for each in group.findings)


def _moved(changed: Source, groups: Sequence[_Group]) -> list[Diagnostic]:
    """Return the findings of groups where they stand in the text with comments."""
    findings = sorted(
        (each for group in groups for each in group.findings), key=lambda each: each.span.start
    )
    moved: list[Diagnostic] = []
    place = shift = 0
    for each in findings:
        start = each.span.start
        while place < len(groups) and (
            groups[place].place.at < start
            or (groups[place].place.at == start and groups[place].place.is_line)
        ):
            shift += len(_text_of(groups[place]))
            place += 1
        moved.append(replace(each, span=Span(changed, start + shift, start + shift)))
    return moved
