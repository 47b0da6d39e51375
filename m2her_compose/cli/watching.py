"""`check --watch`: check once, and again what a change touches, until Ctrl-C.

The findings of the files that are touched come at once. What compares all files with each other
follows, since it takes longer than typing a word.
"""

from __future__ import annotations

import sys
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..config import FILE_NAME
from ..emit.terminal import visible
from ..errors import UsageError
from ..frozen import replaced
from ..report import render_diagnostics, text_report
from ..source import shown_path
from ..survey.standing import Standing
from .guard import Misuse
from .surveying import surveyed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from ..checker import Checker, FileResult
    from ..compiler import Input
    from ..report import Report
    from ..survey.standing import Touched
    from .checking import Work

# A save is over when nothing has changed for so long; editors write twice and rename.
_STEP_MS: Final = 25
_QUIET_MS: Final = 200
_MOST_NAMED: Final = 3
_HIDDEN: Final = "."


@dataclass(slots=True)
class Watch:
    """A check that goes on."""

    work: Work
    items: tuple[Input, ...] = ()
    standing: Standing = field(default_factory=Standing)
    _missed: set[Path] = field(default_factory=set)

    def run(self) -> None:
        """Check, and check again with every change; ends with KeyboardInterrupt alone."""
        self.items = self.work.inputs.items
        changes = _changes(self._folders, self.standing)
        next(changes)  # from here on nothing is missed
        self._check_all()
        self.work.console.say(f"watching {_files(len(self.items))}; Ctrl-C ends it\n")
        for changed in filter(None, changes):
            try:
                self._after(changed | self._missed)
                self._missed.clear()
            except BrokenPipeError:
                raise
            except (Misuse, UsageError, OSError) as problem:  # a file may be half written
                self._missed |= changed
                self.work.console.say(f"m2her: {visible(str(problem))}\n")

    def _folders(self) -> set[Path]:
        """Return the folders to watch: those that were named, and the roots of their libraries."""
        compiler, items = self.work.fresh_checker().compiler, self.items
        folders = {compiler.files.resolve(item.folder or item.path.parent) for item in items}
        named = (Path(name) for name in self.work.given.paths or (".",))
        folders |= {compiler.files.resolve(path) for path in named if path.is_dir()}
        return folders | {compiler.opened(item)[1].root for item in items}

    def _check_all(self) -> None:
        """Check all files, and print the report."""
        checker = self.work.fresh_checker()
        self.items = self.work.find_again(checker)
        self._check(checker, self.items)
        self._print(self._report(checker, self.items))

    def _after(self, changed: set[Path]) -> None:
        """Check what changes touch, and print it."""
        touched = self.standing.touched(changed)
        if touched.paths or touched.everything or touched.others or touched.templates:
            self._check_touched(changed, touched)
        self.standing.settle()

    def _check_touched(self, changed: set[Path], touched: Touched) -> None:
        checker = self.work.fresh_checker()
        if touched.others:
            self.items = self.work.find_again(checker)
            self.standing.keep(self.items)
        known = self.standing.results
        wanted = [
            item
            for item in self.items
            if touched.everything or item.path in touched.paths or item.path not in known
        ]
        self._say_changed(changed, len(wanted))
        self._check(checker, wanted)
        if len(wanted) == len(self.items):
            self._print(self._report(checker, self.items))
            return
        first = self._report(checker, wanted, alone=True)
        if wanted:
            self._print(first)
        self._print_rest(self._report(checker, self.items), first, changed)

    def _check(self, checker: Checker, items: Sequence[Input]) -> None:
        results = surveyed(checker, items, self.work.given, self.work.console)
        self.standing.take(items, results)

    def _report(self, checker: Checker, items: Sequence[Input], *, alone: bool = False) -> Report:
        results: list[FileResult] = []
        roots: set[Path] = set()
        for item in items:
            result = self.standing.results[item.path]
            if result.library.root not in roots:
                roots.add(result.library.root)
                # The library as it is now: what its templates were is remembered in it.
                opened = checker.compiler.opened(item)[1]
                if opened.root == result.library.root:
                    result = replaced(result, library=opened)
            results.append(result)
        return checker.report(results, () if alone else items)

    def _say_changed(self, changed: Iterable[Path], count: int) -> None:
        names = sorted(self._shown(changed))
        listed = ", ".join(visible(name) for name in names[:_MOST_NAMED])
        more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
        self.work.console.say(f"\n{listed}{more} changed: {_files(count)} to check\n")

    def _shown(self, paths: Iterable[Path]) -> list[str]:
        return [shown_path(path, self.work.inputs.compiler.base) for path in paths]

    def _print(self, report: Report) -> None:
        console = self.work.console
        color, width = console.colored(sys.stdout), console.width(sys.stdout)
        console.result(text_report(report, color=color, width=width))

    def _print_rest(self, report: Report, told: Report, changed: Iterable[Path]) -> None:
        """Print what comparing all files says of those that were told of, and the sum of all."""
        shown = {*told.paths, *self._shown(changed)}
        console = self.work.console
        color, width = console.colored(sys.stdout), console.width(sys.stdout)
        known = {each.sort_key() for each in told.diagnostics}
        new = [
            each
            for each in report.diagnostics
            if each.span.path in shown and each.sort_key() not in known
        ]
        if new:
            console.result(f"{render_diagnostics(new, color=color, width=width)}\n")
        console.result(f"{_sum_of(report)}\n")


def _sum_of(report: Report) -> str:
    counts = [
        f"{count:,} {severity.value}{'s' * (count != 1)}"
        for severity, count in report.counts.items()
        if count
    ]
    return f"all {_files(len(report.paths))}: {', '.join(counts) or 'no findings'}"


def _files(count: int) -> str:
    return f"{count:,} file{'s' * (count != 1)}"


def _changes(folders_now: Callable[[], set[Path]], standing: Standing) -> Iterator[set[Path]]:
    """Yield what changes in and below folders, nothing when all is quiet. Raises `Misuse`.

    What is hidden counts where something was asked about it. Settings that come into a folder
    above, or go, may mean other folders; one that was taken away may be back as another.
    """
    try:
        from watchfiles import watch
    except ImportError as error:
        raise Misuse(
            "--watch needs the `watchfiles` package: pip install 'm2her[watch]'"
        ) from error
    folders: set[Path] = set()
    changed: set[Path] = set()
    while True:
        folders |= folders_now()
        outermost = {one for one in folders if not any(other in one.parents for other in folders)}
        surroundings = _surroundings(outermost)
        found = watch(
            *sorted(each for each in outermost if each.is_dir()),
            watch_filter=partial(_concerns, standing, outermost),
            step=_STEP_MS,
            rust_timeout=_QUIET_MS,
            yield_on_timeout=True,
        )
        with closing(_refused_as_misuse(found)) as steps:
            for changes in steps:
                changed |= {Path(name) for _, name in changes}
                now = _surroundings(outermost)
                others = {path for path, state in now.items() if state != surroundings[path]}
                if others:  # told when what is to be watched now is watched
                    changed |= others
                    break
                yield changed
                changed = set()


def _refused_as_misuse(found: Generator[Any]) -> Generator[Any]:
    """Yield what is found; a folder that may not be watched is told of in the system's words."""
    try:
        yield from found
    except OSError as error:
        raise Misuse(f"--watch: {error}") from error


def _concerns(standing: Standing, folders: set[Path], _: Any, name: str) -> bool:
    """Tell whether a change of a path may matter."""
    if standing.knows(name):
        return True
    path = Path(name)
    inner = (path.relative_to(each) for each in folders if path.is_relative_to(each))
    return not any(part.startswith(_HIDDEN) for part in next(inner, path).parts)


def _surroundings(folders: Iterable[Path]) -> dict[Path, Any]:
    """Return what nothing is told of by watching these folders: who they are, what is above."""
    found: dict[Path, Any] = {}
    for folder in folders:
        found[folder] = _identity(folder)
        for above in (folder, *folder.parents):
            found[above / FILE_NAME] = (above / FILE_NAME).exists()
    return found


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
