"""`--fix`: apply the safe edits of findings, check again, and go on until nothing changes.

Edits are put into the author's text and nothing else of it is touched. A file that is the worse
for its edits, by itself or in the eyes of a file that uses it, is left as it was.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ..diagnostics import Sink, Source
from ..frozen import frozen
from ..report import Report
from ..source import parse
from .change import Change, bytes_of, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from ..checker import Checker, FileResult
    from ..compiler import Input
    from ..diagnostics import Diagnostic, Edit

    CheckerFor = Callable[[Mapping[Path, bytes]], Checker]

MOST_ROUNDS: Final = 10
_NOTHING: Final = Report(diagnostics=(), paths=())


def fixed_text(
    source: Source, diagnostics: Iterable[Diagnostic]
) -> tuple[str, tuple[Diagnostic, ...]]:
    """Return a source's text with the safe edits of findings, and the findings that were applied.

    In the order of their places; one whose edits touch those of another before it is left out
    whole, as is one that also edits another file.
    """
    taken: list[tuple[int, int, str]] = []
    applied: list[Diagnostic] = []
    for diagnostic in sorted(diagnostics, key=lambda each: each.sort_key()):
        edits = _edits_in(source, diagnostic)
        if edits and _fit(edits, taken):
            for edit in edits:
                insort(taken, edit)
            applied.append(diagnostic)
    parts: list[str] = []
    at = 0
    for start, end, text in taken:
        parts += (source.text[at:start], text)
        at = end
    parts.append(source.text[at:])
    return "".join(parts), tuple(applied)


def _edits_in(source: Source, diagnostic: Diagnostic) -> list[tuple[int, int, str]]:
    """Return a finding's edits; none when they are not safe, not all here, or change nothing."""
    edits = diagnostic.edits
    if not diagnostic.safe or not all(_is_in(source, edit) for edit in edits):
        return []
    found = sorted({(edit.span.start, edit.span.end, edit.text) for edit in edits})
    if all(source.text[start:end] == text for start, end, text in found):
        return []
    return found


def _is_in(source: Source, edit: Edit) -> bool:
    span = edit.span
    same = span.source is source or span.source == source
    return same and 0 <= span.start <= span.end <= len(source.text)


def _fit(edits: Sequence[tuple[int, int, str]], taken: Sequence[tuple[int, int, str]]) -> bool:
    """Tell whether edits leave each other and those before them alone."""
    if any(_touch(before, after) for before, after in pairwise(edits)):
        return False
    for edit in edits:
        place = bisect_left(taken, edit)
        if any(_touch(*sorted((each, edit))) for each in taken[max(0, place - 1) : place + 1]):
            return False
    return True


def _touch(before: tuple[int, int, str], after: tuple[int, int, str]) -> bool:
    return before[0] == after[0] or before[1] > after[0]


@frozen
class Fixed:
    """What fixing comes to: changes that nobody has written yet, and what is left to report.

    `refused` are the shown paths of files that their edits would have made worse.
    """

    changes: tuple[Change, ...]
    refused: tuple[str, ...]
    report: Report
    results: tuple[FileResult, ...]


def fix(checker_for: CheckerFor, items: Sequence[Input], rounds: int = MOST_ROUNDS) -> Fixed:
    """Fix files as far as it is safe; writes nothing.

    `checker_for` makes a checker that reads given bytes in place of some files, by their real
    paths. Only `items` that lie under their library's root, and are no links, are changed.
    Raises OSError when an item that was named itself cannot be read.
    """
    work = _Work(checker_for=checker_for, items=tuple(items))
    work.check({})
    for _ in range(rounds):
        proposed = work.proposal()
        if not proposed:
            break
        if not work.accept(proposed):
            work.check(work.texts)
    return work.fixed()


@dataclass(slots=True, kw_only=True)
class _Work:
    """The state of the files between two rounds."""

    checker_for: CheckerFor
    items: tuple[Input, ...]
    texts: dict[Path, bytes] = field(default_factory=dict)
    originals: dict[Path, bytes] = field(default_factory=dict)
    applied: dict[Path, list[Diagnostic]] = field(default_factory=dict)
    refused: dict[Path, str] = field(default_factory=dict)
    results: list[FileResult] = field(default_factory=list)
    report: Report = _NOTHING

    def check(self, texts: Mapping[Path, bytes]) -> None:
        self.texts = dict(texts)
        checker = self.checker_for(self.texts)
        self.results = [checker.check_file(item) for item in self.items]
        self.report = checker.report(self.results, self.items)

    def proposal(self) -> dict[Path, tuple[bytes, tuple[Diagnostic, ...]]]:
        """Return what files would become next."""
        by_path: dict[str, list[Diagnostic]] = {}
        for diagnostic in self.report.diagnostics:
            if diagnostic.safe:
                by_path.setdefault(diagnostic.span.path, []).append(diagnostic)
        proposed: dict[Path, tuple[bytes, tuple[Diagnostic, ...]]] = {}
        for item, result in zip(self.items, self.results, strict=True):
            found = by_path.get(result.source.path)
            if not found or result.path in proposed or not self._may_change(item, result):
                continue
            text, applied = fixed_text(result.source, found)
            before = self._before(result)
            if applied and before is not None:
                proposed[result.path] = (encoded(before, text), applied)
        return proposed

    def _may_change(self, item: Input, result: FileResult) -> bool:
        inside = result.path.is_relative_to(result.library.root)
        return inside and result.path not in self.refused and not item.path.is_symlink()

    def _before(self, result: FileResult) -> bytes | None:
        """Return the bytes that were checked; None when the file has changed since."""
        if result.path in self.texts:
            return self.texts[result.path]
        data = bytes_of(self.checker_for({}).compiler.files, result.path, result.source.text)
        if data is not None:
            self.originals[result.path] = data
        return data

    def accept(self, proposed: Mapping[Path, tuple[bytes, tuple[Diagnostic, ...]]]) -> bool:
        """Take a proposal over, unless some files are the worse for it: these are given up."""
        texts = {**self.texts, **{path: data for path, (data, _) in proposed.items()}}
        checker = self.checker_for(texts)
        results = [
            checker.check_file(item) if _is_concerned(result, proposed.keys()) else result
            for item, result in zip(self.items, self.results, strict=True)
        ]
        worse = _worse(self.results, results, proposed.keys())
        if worse:
            for result in self.results:
                if result.path in worse:
                    self.refused[result.path] = result.source.path
                    self.texts.pop(result.path, None)
                    self.applied.pop(result.path, None)
            return False
        for path, (_, applied) in proposed.items():
            self.applied.setdefault(path, []).extend(applied)
        self.texts, self.results = texts, results
        self.report = checker.report(results, self.items)
        return True

    def fixed(self) -> Fixed:
        shown = {result.path: result.source.path for result in self.results}
        return Fixed(
            changes=tuple(
                Change(
                    path=path,
                    shown=shown[path],
                    before=self.originals[path],
                    after=data,
                    findings=tuple(self.applied[path]),
                )
                for path, data in sorted(self.texts.items())
                if data != self.originals[path]
            ),
            refused=tuple(sorted(self.refused.values())),
            report=self.report,
            results=tuple(self.results),
        )


def _worse(
    before: Sequence[FileResult], after: Sequence[FileResult], changed: Iterable[Path]
) -> set[Path]:
    """Return the changed files that are to blame for errors that were not there before.

    Where an error is gone, others may come to light that it hid: a file with a wrong header is
    not looked at. But what could be read as YAML stays so, and what had no error has none.
    """
    among = set(changed)
    worse: set[Path] = set()
    for old, new in zip(before, after, strict=True):
        if old is new:
            continue
        had, has = _errors(old), _errors(new)
        if has - had and not had - has:
            worse |= among.intersection((*old.depends_on, *new.depends_on))
        if new.path in among and _misread(new.source) > _misread(old.source):
            worse.add(new.path)
    return worse


def _is_concerned(result: FileResult, changed: Iterable[Path]) -> bool:
    """Tell whether changes may change a result: one with errors may not name all it depends on."""
    return not set(changed).isdisjoint(result.depends_on) or bool(_errors(result))


def _errors(result: FileResult) -> Counter[tuple[str, str, str]]:
    return Counter((d.code.id, d.span.path, d.message) for d in result.findings if d.is_error)


def _misread(source: Source) -> int:
    """Return how many errors there are in a file as YAML; more than any when it is none."""
    sink = Sink()
    tree = parse(source, sink)
    errors = sum(each.is_error for each in sink.sorted())
    return errors if tree is not None or not errors else errors + len(source.text) + 1
