"""`--fix`: apply the safe edits of findings, check again, and go on until nothing changes.

Edits are put into the author's text and nothing else of it is touched. Where a file is the worse
for them, by itself or in the eyes of a file that uses it, the findings to blame are searched for
and left; where that does not help, the file stays as it was.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from ..diagnostics import Sink, Source
from ..frozen import frozen, replaced
from ..report import Report
from ..source import parse, shown_path
from .change import Change, bytes_of, encoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from ..checker import Checker, FileResult
    from ..compiler import Input
    from ..diagnostics import Diagnostic, Edit

    CheckerFor = Callable[[Mapping[Path, bytes]], Checker]
    # A file's path, the finding's code, message and line.
    Name = tuple[str, str, str, int]
    Proposal = Mapping[Path, tuple[bytes, tuple[Diagnostic, ...]]]

MOST_ROUNDS: Final = 10
# Of small files many edits are tried one by one, of large ones few; a check of an empty file
# counts like one of so many characters.
_TRIED_CHARACTERS: Final = 5_000_000
_CHARACTERS_OF_A_CHECK: Final = 2_000
# Small libraries are checked again in every round, large ones about so many times as a whole.
_CHECKED_AGAIN_CHARACTERS: Final = 2_000_000
_CHECKED_AGAIN_TIMES: Final = 3
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

    `refused` are the shown paths of files that stay as they are, since their edits would have made
    them worse; `links` those of links, through which nothing is written. In the report, what either
    holds and what was tried and left is no longer safe to mend. `unfinished` are the shown paths of
    files in which more can be mended in another run.
    """

    changes: tuple[Change, ...]
    refused: tuple[str, ...]
    links: tuple[str, ...]
    unfinished: tuple[str, ...]
    report: Report
    results: tuple[FileResult, ...]


def fix(checker_for: CheckerFor, items: Sequence[Input], rounds: int = MOST_ROUNDS) -> Fixed:
    """Fix files as far as it is safe; writes nothing.

    `checker_for` makes a checker that reads given bytes in place of some files, by their real
    paths. Only `items` that lie under their library's root, and are no links, are changed. It ends
    after so many rounds, and earlier where each of them takes long. Raises OSError when an item
    that was named itself cannot be read.
    """
    work = _Work(checker_for=checker_for, items=tuple(items))
    work.check({})
    proposed = work.proposal()
    for _ in range(rounds):
        if not proposed or work.again_left <= 0:
            break
        work.accept(proposed)
        proposed = work.proposal()
    return work.fixed(unfinished=proposed)


@dataclass(slots=True, kw_only=True)
class _Work:
    """The state of the files between two rounds."""

    checker_for: CheckerFor
    items: tuple[Input, ...]
    texts: dict[Path, bytes] = field(default_factory=dict)
    originals: dict[Path, bytes] = field(default_factory=dict)
    applied: dict[Path, list[Diagnostic]] = field(default_factory=dict)
    refused: dict[Path, str] = field(default_factory=dict)
    left: set[Name] = field(default_factory=set)
    results: list[FileResult] = field(default_factory=list)
    report: Report = _NOTHING
    characters_left: int = _TRIED_CHARACTERS
    again_left: int = 0

    def check(self, texts: Mapping[Path, bytes]) -> None:
        self.texts = dict(texts)
        checker = self.checker_for(self.texts)
        self.results = [checker.check_file(item) for item in self.items]
        self.report = checker.report(self.results, self.items)
        whole = sum(map(_cost, self.results))
        self.again_left = max(_CHECKED_AGAIN_CHARACTERS, _CHECKED_AGAIN_TIMES * whole)

    def proposal(self) -> Proposal:
        """Return what files would become next."""
        by_path: dict[str, list[Diagnostic]] = {}
        for diagnostic in self.report.diagnostics:
            if diagnostic.safe and _name(diagnostic) not in self.left:
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

    def accept(self, proposed: Proposal) -> None:
        """Take a proposal over, without the edits that would make some files worse."""
        self.again_left -= self._cost_of(proposed.keys())
        checker, results = self._tried(proposed)
        worse = _worse(self.results, results, proposed.keys())
        if worse:
            proposed = dict(self._without_harm(proposed, worse))
            checker, results = self._tried(proposed)
            worse = _worse(self.results, results, proposed.keys())
        if worse:  # together, and not each by itself
            self._refuse(worse)
            return
        for path, (data, applied) in proposed.items():
            self.applied.setdefault(path, []).extend(applied)
            self.texts[path] = data
        self.results = results
        self.report = checker.report(results, self.items)

    def _tried(self, proposed: Proposal) -> tuple[Checker, list[FileResult]]:
        """Return what the files would come to."""
        texts = {**self.texts, **{path: data for path, (data, _) in proposed.items()}}
        checker = self.checker_for(texts)
        return checker, [
            checker.check_file(item) if _is_concerned(result, proposed.keys()) else result
            for item, result in zip(self.items, self.results, strict=True)
        ]

    def _refuse(self, paths: Iterable[Path]) -> None:
        shown = {result.path: result.source.path for result in self.results}
        self.refused.update((path, shown[path]) for path in paths)

    def _without_harm(
        self, proposed: Proposal, worse: set[Path]
    ) -> Iterator[tuple[Path, tuple[bytes, tuple[Diagnostic, ...]]]]:
        """Yield a proposal again, of the files in question with what does no harm."""
        sources = {result.path: result.source for result in self.results}
        for path, (data, applied) in proposed.items():
            if path not in worse:
                yield path, (data, applied)
                continue
            kept = self._harmless(path, sources[path], data, applied)
            if len(kept) == len(applied):
                self._refuse((path,))
                continue
            self.left.update(_name(each) for each in applied if each not in kept)
            if kept:
                yield path, (encoded(data, fixed_text(sources[path], kept)[0]), kept)
            elif path not in self.texts:
                self._refuse((path,))

    def _harmless(
        self, path: Path, source: Source, data: bytes, found: tuple[Diagnostic, ...]
    ) -> tuple[Diagnostic, ...]:
        """Return as many of a file's findings as can be mended together without harm."""

        def grown(
            kept: tuple[Diagnostic, ...], more: tuple[Diagnostic, ...]
        ) -> tuple[Diagnostic, ...]:
            both = (*kept, *more)
            if not more or self._is_harmless(path, encoded(data, fixed_text(source, both)[0])):
                return both
            half = len(more) // 2
            return grown(grown(kept, more[:half]), more[half:]) if half else kept

        half = len(found) // 2
        return grown(grown((), found[:half]), found[half:])

    def _is_harmless(self, path: Path, data: bytes) -> bool:
        self.characters_left -= self._cost_of({path})
        if self.characters_left < 0:
            return False
        _, results = self._tried({path: (data, ())})
        return not _worse(self.results, results, (path,))

    def _cost_of(self, paths: AbstractSet[Path]) -> int:
        """Return what it costs to check again what changes of these files concern."""
        return sum(_cost(result) for result in self.results if _is_concerned(result, paths))

    def fixed(self, unfinished: Proposal) -> Fixed:
        """Return what was made of the files, with what another round would have changed."""
        shown = {result.path: result.source.path for result in self.results}
        links = dict(self._links())
        never = {*self.refused.values(), *links.values()}

        def is_left(each: Diagnostic) -> bool:
            return each.span.path in never or _name(each) in self.left

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
            links=tuple(sorted(links)),
            unfinished=tuple(sorted(shown[path] for path in unfinished)),
            report=replaced(
                self.report,
                diagnostics=tuple(
                    replace(each, safe=False) if each.safe and is_left(each) else each
                    for each in self.report.diagnostics
                ),
            ),
            results=tuple(self.results),
        )

    def _links(self) -> Iterator[tuple[str, str]]:
        """Yield the links to files that hold what could be mended, and the files' shown paths."""
        base = self.checker_for({}).compiler.base
        pairs = list(zip(self.items, self.results, strict=True))
        themselves = {result.path for item, result in pairs if not item.path.is_symlink()}
        fixable = {each.span.path for each in self.report.diagnostics if each.safe}
        for item, result in pairs:
            if result.path not in themselves and result.source.path in fixable:
                yield shown_path(base / item.path, base), result.source.path


def _name(diagnostic: Diagnostic) -> Name:
    """Return what tells a finding from others, whatever the edits before it in its file."""
    line, _ = diagnostic.span.source.position(diagnostic.span.start)
    return diagnostic.span.path, diagnostic.code.id, diagnostic.message, line


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


def _cost(result: FileResult) -> int:
    return len(result.source.text) + _CHARACTERS_OF_A_CHECK


def _is_concerned(result: FileResult, changed: AbstractSet[Path]) -> bool:
    """Tell whether changes may change a result: one with errors may not name all it depends on."""
    return not changed.isdisjoint(result.depends_on) or any(d.is_error for d in result.findings)


def _errors(result: FileResult) -> Counter[tuple[str, str, str]]:
    return Counter((d.code.id, d.span.path, d.message) for d in result.findings if d.is_error)


def _misread(source: Source) -> int:
    """Return how many errors there are in a file as YAML; more than any when it is none."""
    sink = Sink()
    tree = parse(source, sink)
    errors = sum(each.is_error for each in sink.sorted())
    return errors if tree is not None or not errors else errors + len(source.text) + 1
