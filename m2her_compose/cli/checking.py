"""What `check` does beside checking: changes to files, known findings, changes since a revision."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..checker import Checker, Demands
from ..compiler import Compiler
from ..diagnostics import Severity
from ..diagnostics.codes import ALL
from ..diagnostics.policy import names_code, unknown_code
from ..emit.terminal import visible
from ..errors import M2herError
from ..frozen import frozen, replaced
from ..source import Disk
from .counting import chosen_counter
from .guard import Misuse
from .inputs import found_files, open_inputs
from .surveying import Given as Surveyed
from .surveying import surveyed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..checker import FileResult
    from ..compiler import Input
    from ..fixing import Change
    from ..report import Report
    from .console import Console
    from .inputs import Inputs


@frozen
class Found:
    """The report so far, and the files that it is about with their results."""

    report: Report
    items: tuple[Input, ...]
    results: tuple[FileResult, ...]


class Given(Surveyed, Protocol):
    """The part of a command line that says what is checked, and what is done with the findings."""

    @property
    def root(self) -> str | None: ...

    @property
    def stdin_filename(self) -> str | None: ...

    @property
    def target(self) -> str | None: ...

    @property
    def select(self) -> str | None: ...

    @property
    def ignore(self) -> str | None: ...

    @property
    def fail_on(self) -> str | None: ...

    @property
    def since(self) -> str | None: ...

    @property
    def baseline(self) -> str | None: ...

    @property
    def write_baseline(self) -> bool: ...

    @property
    def output(self) -> str | None: ...


@dataclass(slots=True)
class Work:
    """One run of `check`. `changed`: whether a file was changed, or would have been."""

    given: Given
    demands: Demands
    inputs: Inputs
    console: Console
    changed: bool = False

    def report(self) -> Report:
        """Do everything that was asked for, and return what is left to report."""
        given = self.given
        found = self.checked()
        if given.since is not None:
            found = self.limited(found, given.since)
        if given.fix or (given.diff and not given.add_ignores):
            found = self.fixed(found)
        if given.baseline is not None:
            found = self.without_known(found, given.baseline, write=given.write_baseline)
        if given.add_ignores:
            found = self.silenced(found)
        return found.report

    def checked(self) -> Found:
        """Check all files."""
        checker = Checker(compiler=self.inputs.compiler, demands=self.demands)
        items = self.inputs.items
        results = surveyed(checker, items, self.given, self.console)
        if self.given.output is not None or self.given.baseline is not None:
            # What another process or an earlier run has read must not be overwritten either.
            self.inputs.read.update(path for each in results for path in each.read_paths)
        return Found(report=checker.report(results, items), items=items, results=results)

    def limited(self, found: Found, revision: str) -> Found:
        """Keep what files that changed since a revision have changed."""
        from ..changes import affected, changed_files, limited

        try:
            changed = frozenset(
                path
                for folder in self._repositories(found)
                for path in changed_files(folder, revision)
            )
        except M2herError as error:
            raise Misuse(f"--since {revision}: {error}") from error
        results = affected(found.results, changed)
        kept = {id(result) for result in results}
        pairs = zip(found.items, found.results, strict=True)
        return Found(
            report=limited(found.report, results),
            items=tuple(item for item, result in pairs if id(result) in kept),
            results=results,
        )

    def _repositories(self, found: Found) -> Iterable[Path]:
        """Return a folder of each library: each may be a repository of its own."""
        roots = dict.fromkeys(result.library.root for result in found.results)
        return roots or [self.inputs.compiler.base]

    def fixed(self, found: Found) -> Found:
        """Mend what can be mended safely, or show how."""
        from ..fixing import fix

        made = fix(self._checker_for, found.items)
        self._apply(made.changes)
        for path in made.refused:
            self.console.say(
                f"m2her: {visible(path)} was left as it is: mending it would bring errors\n"
            )
        for path in made.links:
            self.console.say(
                f"m2her: {visible(path)} is a link: nothing is written through links\n"
            )
        for path in made.unfinished:
            self.console.say(f"m2her: {visible(path)} has more to mend: run it again\n")
        report = made.report
        if self.given.since is not None:
            from ..changes import limited

            report = limited(report, made.results)
        return Found(report=report, items=found.items, results=made.results)

    def _checker_for(self, texts: Mapping[Path, bytes]) -> Checker:
        compiler = self.inputs.compiler
        files = Disk(texts={**self.inputs.files.texts, **texts}, log=self.inputs.read, folders={})
        fresh = Compiler(
            files=files,
            base=compiler.base,
            root=compiler.root,
            environment=compiler.environment,
        )
        return Checker(compiler=fresh, demands=self.demands)

    def fresh_checker(self) -> Checker:
        """Return a checker that knows nothing yet of any file."""
        return self._checker_for({})

    def find_again(self, checker: Checker) -> tuple[Input, ...]:
        """Return the files that the command line stands for now. Raises `Misuse`."""
        return tuple(found_files(self.given.paths or (".",), checker.compiler, None))

    def silenced(self, found: Found) -> Found:
        """Write a comment at each finding that comments can silence, or show where."""
        from ..fixing import add_ignores

        changes, left = add_ignores(self.inputs.files, found.items, found.results, found.report)
        self._apply(changes)
        return replaced(found, report=replaced(found.report, diagnostics=left))

    def _apply(self, changes: Iterable[Change]) -> None:
        from ..emit.files import RefusedError
        from ..fixing import write

        for change in changes:
            self.changed = True
            if self.given.diff:
                self.console.result(change.diff())
                continue
            try:
                write(change)
            except (RefusedError, OSError) as error:
                raise Misuse(f"{change.shown} could not be changed: {error}") from error
            self.console.say(
                f"changed {visible(change.shown)} ({_findings(len(change.findings))})\n"
            )

    def without_known(self, found: Found, name: str, *, write: bool) -> Found:
        """Leave out the findings that a baseline holds, or write the baseline of all of them."""
        from ..baseline import MAX_BYTES, baseline_of, read_baseline
        from .outputs import write_output

        place = Path(os.path.realpath(name)).parent

        def path_of(shown: str) -> str:
            return Path(os.path.relpath(self.inputs.compiler.base / shown, place)).as_posix()

        if write:
            made = baseline_of(found.report.diagnostics, path_of=path_of)
            write_output(name, made.data().decode(), self.inputs.read, option="--baseline")
            self.console.say(f"{_findings(sum(made.counts.values()))} written to {visible(name)}\n")
            known = made
        else:
            try:
                known = read_baseline(Disk(max_bytes=MAX_BYTES).read(Path(name)))
            except FileNotFoundError as error:
                raise Misuse(
                    f"--baseline {name} does not exist: write it with --write-baseline"
                ) from error
            except OSError as error:
                raise Misuse(f"--baseline {name}: {error.strerror or error}") from error
            except M2herError as error:
                raise Misuse(f"--baseline {name}: {error}") from error
        left, gone = known.remove_known(
            found.report.diagnostics, path_of=path_of, among=found.report.paths
        )
        if not write:
            count = len(found.report.diagnostics) - len(left)
            self.console.say(f"{_findings(count)} known from {visible(name)} and left out\n")
        if gone:
            advice = "--write-baseline writes it anew"
            self.console.say(f"{_findings(gone)} of {visible(name)} no longer there: {advice}\n")
        return replaced(found, report=replaced(found.report, diagnostics=left))


def open_work(given: Given, console: Console) -> Work:
    """Find the files to check. Raises `Misuse` for a path or a code that does not exist."""
    inputs = open_inputs(
        given.paths or (".",), root=given.root, stdin_filename=given.stdin_filename
    )
    return Work(given=given, demands=_demands(given), inputs=inputs, console=console)


def _demands(given: Given) -> Demands:
    return Demands(
        target=given.target,
        counter=chosen_counter(given.tokenizer),
        select=_names("--select", given.select),
        ignore=_names("--ignore", given.ignore),
        fail_on=Severity(given.fail_on) if given.fail_on is not None else None,
    )


def _names(option: str, given: str | None) -> tuple[str, ...] | None:
    """Split a list of codes, and refuse what names no finding."""
    if given is None:
        return None
    names = tuple(filter(None, (part.strip() for part in given.split(","))))
    for name in names:
        if not any(names_code((name,), code) for code in ALL):
            problem, advice = unknown_code(name)
            raise Misuse(f"{option}: {problem}; {advice}")
    return names


def _findings(count: int) -> str:
    return f"{count:,} finding{'s' * (count != 1)}"
