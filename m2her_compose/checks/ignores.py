"""`# m2her: ignore[M2H702]`: what an author silences where it stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ..diagnostics import Edit, Severity, Sink, Span
from ..diagnostics import codes as c
from ..diagnostics.policy import names_code, unknown_code
from ..frozen import frozen
from ..source import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..diagnostics import Code, Diagnostic, Source
    from ..source import Node

# All that YAML ends a comment at; editors know the first two of them only.
_BREAKS: Final = r"\n\r\x85\u2028\u2029"
_COMMENT: Final = re.compile(
    rf"#[ \t]*m2her:[ \t]*ignore(?:\[([^\]{_BREAKS}]{{0,500}})\])?[^{_BREAKS}]*"
)
_BREAK: Final = re.compile(rf"\r\n|[{_BREAKS}]")
_BEFORE_COMMENT: Final = " \t{\n\r\x85\u2028\u2029"
_NAME: Final = re.compile(r"[^\s,]+")
_HEADER: Final = re.compile(r"[ \t]*[\"']?m2her[\"']?[ \t]*:")
_OPEN_KEY: Final = re.compile(r"[^#\n]*:[ \t]*(?:#.*)?")
_ITEM: Final = re.compile(r"-(?:[ \t]|$)")


@frozen
class Ignore:
    """One name in an ignore comment, and the stretch of the file that it silences."""

    name: str
    span: Span
    comment: Span
    start: int
    end: int

    def silences(self, diagnostic: Diagnostic) -> bool:
        inside = self.start <= diagnostic.span.start < max(self.end, self.start + 1)
        return inside and diagnostic.can_be_silenced and names_code((self.name,), diagnostic.code)


def ignores_of(source: Source) -> tuple[Ignore, ...]:
    """Return what the comments of a file silence.

    Beside something, a comment holds for its line; on a line of its own for the block below,
    and above the file's header for the whole file.
    """
    return tuple(
        Ignore(name=name, span=span, comment=comment, start=start, end=end)
        for comment, names in _comments(source)
        for start, end in [_reach(source, comment.start)]
        for name, span in names
    )


def may_ignore(source: Source) -> bool:
    """Tell whether a file has a comment of this kind: few have."""
    return _COMMENT.search(source.text) is not None


def silenced(
    diagnostics: Sequence[Diagnostic], ignores: Sequence[Ignore]
) -> tuple[list[Diagnostic], set[Ignore]]:
    """Return the findings of one file that no comment silences, and the comments that did."""
    left: list[Diagnostic] = []
    used: set[Ignore] = set()
    for diagnostic in diagnostics:
        by = [ignore for ignore in ignores if ignore.silences(diagnostic)]
        used.update(by)
        if not by:
            left.append(diagnostic)
    return left, used


def report_bad(source: Source, sink: Sink) -> None:
    """Report comments that name nothing, and names that no finding has."""
    for comment, names in _comments(source):
        if sink.is_full(source):
            return
        if not names:
            sink.add(
                c.BAD_IGNORE,
                "the comment does not say what to ignore",
                comment,
                help="name the findings: `# m2her: ignore[M2H702]`",
            )
        for name, span in names:
            if sink.is_full(source):
                return
            named = _named(name)
            if not named:
                problem, advice = unknown_code(name)
                sink.add(c.BAD_IGNORE, problem, span, help=advice)
            elif all(code.severity is Severity.ERROR for code in named):
                advice = "mend what it names: a file with errors is not compiled"
                sink.add(c.BAD_IGNORE, f"`{name}` is an error, and not ignored", span, help=advice)


def report_unused(
    ignores: Sequence[Ignore],
    used: set[Ignore],
    sink: Sink,
    *,
    looked_for: Callable[[Code], bool],
) -> None:
    """Report names that silence nothing, of the findings that were looked for at all."""
    by_comment: dict[int, list[Ignore]] = {}
    for ignore in ignores:
        by_comment.setdefault(ignore.comment.start, []).append(ignore)
    for ignore in ignores:
        if sink.is_full(ignore.span.source):
            return
        if ignore in used or not any(looked_for(code) for code in _named(ignore.name)):
            continue
        sink.add(
            c.UNUSED_IGNORE,
            f"`{ignore.name}` is ignored here, and not found",
            ignore.span,
            help="remove it",
            edits=[_without(ignore, by_comment[ignore.comment.start])],
            safe=True,
        )


@lru_cache(maxsize=512)
def _named(name: str) -> tuple[Code, ...]:
    return tuple(code for code in c.ALL if names_code((name,), code))


def _without(ignore: Ignore, names: Sequence[Ignore]) -> Edit:
    """Return the edit that takes one of its names out of a comment, or the comment out of the file.

    `names` are all of the comment.
    """
    source, comment = ignore.span.source, ignore.comment
    if len(names) > 1:
        at = names.index(ignore)
        if at == 0:
            return Edit(Span(source, ignore.span.start, names[1].span.start), "")
        return Edit(Span(source, names[at - 1].span.end, ignore.span.end), "")
    line_start = 1 + max(source.text.rfind(sign, 0, comment.start) for sign in _BEFORE_COMMENT[3:])
    before = source.text[line_start : comment.start]
    if before.strip():
        return Edit(Span(source, line_start + len(before.rstrip()), comment.end), "")
    after = _BREAK.match(source.text, comment.end)
    return Edit(Span(source, line_start, after.end() if after else comment.end), "")


# --- finding comments


def _comments(source: Source) -> Iterator[tuple[Span, list[tuple[str, Span]]]]:
    if not _COMMENT.search(source.text):
        return
    texts = _texts(source)
    starts = [start for start, _ in texts]
    at = 0
    while found := _COMMENT.search(source.text, at):
        at = found.start() + 1
        if found.start() and source.text[found.start() - 1] not in _BEFORE_COMMENT:
            continue
        before = bisect_right(starts, found.start()) - 1
        if before >= 0 and found.start() < texts[before][1]:
            continue
        at = found.end()
        inner = found.start(1)
        names = [
            (name[0], Span(source, inner + name.start(), inner + name.end()))
            for name in _NAME.finditer(found[1] or "")
        ]
        yield Span(source, found.start(), found.end()), names


def _texts(source: Source) -> list[tuple[int, int]]:
    """Return the stretches of a file in which a `#` is no comment: none for what is no YAML."""
    if source.path.endswith((".toml", ".j2")):
        return []
    sink = Sink()
    tree = parse(source, sink)
    return [] if tree is None or sink.has_errors else sorted(_scalars(tree.root))


def _scalars(node: Node) -> Iterator[tuple[int, int]]:
    if node.is_map:
        for child in node.entries.values():
            yield from _scalars(child)
    elif node.is_list:
        for child in node.items:
            yield from _scalars(child)
    else:
        yield node.span.start, node.span.end


# --- what a comment reaches


def _reach(source: Source, at: int) -> tuple[int, int]:
    """Return the stretch that a comment at an offset holds for."""
    starts, text = source.line_starts(), source.text
    line = source.position(at)[0] - 1
    if text[starts[line] : at].strip(" \t{"):
        return starts[line], _line_end(source, line)
    blocks = _blocks(source)
    below = blocks.first_content[line]
    if below >= len(starts):
        return at, at
    if _HEADER.match(text, starts[below]) or source.path.endswith(".j2"):
        return 0, len(text) + 1
    return starts[below], _line_end(source, blocks.last_line[below])


def _line_end(source: Source, line: int) -> int:
    starts = source.line_starts()
    return starts[line + 1] if line + 1 < len(starts) else len(source.text) + 1


@frozen
class _Blocks:
    """By line, from 0: the first line from there on that is not blank, and its block's last."""

    first_content: list[int]
    last_line: list[int]


@lru_cache(maxsize=1)
def _blocks(source: Source) -> _Blocks:
    """Find blocks by indentation, in one pass, so that a broken file has them as well."""
    lines = [source.line(i + 1) for i in range(len(source.line_starts()))]
    first_content = [len(lines)] * (len(lines) + 1)
    last_line = list(range(len(lines)))
    open_lines: list[int] = []
    for i, line in enumerate(lines):
        if _is_blank(line):
            continue
        while open_lines and not _is_inside(line, lines[open_lines[-1]]):
            last_line[open_lines.pop()] = i - 1
        open_lines.append(i)
    for i in open_lines:
        last_line[i] = len(lines) - 1
    for i in range(len(lines) - 1, -1, -1):
        first_content[i] = first_content[i + 1] if _is_blank(lines[i]) else i
    return _Blocks(first_content=first_content, last_line=last_line)


def _is_inside(line: str, opening: str) -> bool:
    """Tell whether a line belongs to the block that another one opens."""
    depth, own = _indent(opening), _indent(line)
    if own != depth:
        return own > depth
    # A list may stand right below its key.
    items_below = not _ITEM.match(opening, depth) and _OPEN_KEY.fullmatch(opening) is not None
    return items_below and _ITEM.match(line, own) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_blank(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
