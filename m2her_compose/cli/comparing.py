"""What `diff` does beside printing: both sides found, compiled and compared."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ..comparison import Comparer, Comparison, Version
from ..compiler import Compiler, with_unique_ids
from ..config import environment
from ..diagnostics import Sink
from ..errors import M2herError, UsageError
from ..frozen import frozen, replaced
from ..schema import Kind
from ..source import shown_path
from .guard import Misuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from ..build import Wishes
    from ..charges import Charges
    from ..compiled import CompiledScenario
    from ..compiler import Input
    from ..diagnostics import Diagnostic
    from ..ir import Conversation
    from ..revision import Revision
    from ..scenario import Overrides
    from ..source import Disk, Files
    from ..targets import Target
    from ..tokens import Counter
    from .console import Console

_NOW: Final = "the working tree"


@frozen
class Compared:
    """What differs; `failed` says whether a side has errors."""

    comparison: Comparison
    failed: bool


@frozen
class _Side:
    """One side: what it is called, and where its files are found."""

    name: str
    compiler: Compiler
    items: tuple[Input, ...]


class Given(Protocol):
    """The part of a command line that says what is compared."""

    @property
    def paths(self) -> tuple[str, ...]: ...
    @property
    def git(self) -> str | None: ...
    @property
    def root(self) -> str | None: ...
    @property
    def variants(self) -> tuple[str, ...]: ...


@frozen
class _Result:
    """What came of one side's files; `targets` are those that its conversations are made for."""

    versions: tuple[Version, ...]
    errors: tuple[Diagnostic, ...]
    targets: tuple[Target, ...]


def compare(
    given: Given, overrides: Overrides, disk: Disk, wishes: Wishes, console: Console
) -> Compared:
    """Compile both sides, report their errors, and compare.

    Raises `Misuse` when a file cannot be read, and when there is nothing to compare.
    """
    with ExitStack() as stack:
        sides = _Sides(given, disk, wishes)
        old_side, new_side = sides.of_paths() if given.git is None else sides.of_git(stack)
        old, new = _compiled(old_side, overrides), _compiled(new_side, overrides)
    if not (old.versions or new.versions or old.errors or new.errors):
        raise Misuse(
            "nothing to compare: no scenario that is not abstract on either side "
            "(characters and bases show in the scenarios that use them: name their folder)"
        )
    _report_errors(old_side.name, old.errors, new_side.name, new.errors, console)
    versions = _wanted(old.versions, new.versions, given.variants)
    comparer = Comparer(
        charge=_charge(wishes.counter, (*old.targets, *new.targets)),
        same_scenario=given.git is None and not Path(given.paths[0]).is_dir(),
    )
    return Compared(comparison=comparer.compare(*versions), failed=bool(old.errors or new.errors))


def _report_errors(
    old_name: str,
    old: tuple[Diagnostic, ...],
    new_name: str,
    new: tuple[Diagnostic, ...],
    console: Console,
) -> None:
    """Say which errors each side has; those that were there before are told once."""
    known = {(each.code.id, each.span.path, each.message) for each in new}
    before = tuple(d for d in old if (d.code.id, d.span.path, d.message) not in known)
    from ..emit.terminal import visible

    for name, errors in ((old_name, before), (new_name, new)):
        if errors:
            console.say(f"m2her: errors in {visible(name)}:\n")
            console.report(errors)


def check_sides(given: Given) -> None:
    """Refuse a root that is no folder, and paths that are too many or too few.

    Raises `Misuse`.
    """
    if given.root is not None and not (given.root and Path(given.root).is_dir()):
        raise Misuse(f"--root {given.root} is no folder")
    if given.git is not None:
        return
    if len(given.paths) != 2:  # noqa: PLR2004 - the old one and the new one
        raise Misuse("name two files or two folders, the old one first; or a revision: --git REV")
    for name in given.paths:
        _refuse_missing(name)
    if Path(given.paths[0]).is_dir() is not Path(given.paths[1]).is_dir():
        raise Misuse("a file and a folder cannot be compared: name two files or two folders")


def _refuse_missing(name: str) -> None:
    if not name or "\0" in name or not Path(name).exists():
        raise Misuse(f"{name or 'an empty path'} does not exist")


# --- the two sides


class _Sides:
    """Finds the files of both sides."""

    def __init__(self, given: Given, disk: Disk, wishes: Wishes) -> None:
        self._given = given
        self._disk = disk
        self._wishes = wishes

    def of_paths(self) -> tuple[_Side, _Side]:
        """Return the sides of two files or folders."""
        first, second = (
            _Side(name=name, compiler=compiler, items=tuple(_found(compiler, (name,))))
            for name in self._given.paths
            for compiler in (self._compiler(self._disk),)
        )
        return first, second

    def of_git(self, stack: ExitStack) -> tuple[_Side, _Side]:
        """Return a revision's side, which is read for as long as the stack stands, and the disk's.

        A path may be on one side alone.
        """
        name = self._given.git or ""
        paths = self._given.paths or (".",)
        revision = stack.enter_context(self._revision(name, paths))
        before = tuple(p for p in paths if p and "\0" not in p and revision.exists(Path(p)))
        for path in paths:
            if path not in before:
                _refuse_missing(path)
        now = tuple(path for path in paths if Path(path).exists())
        old, new = self._compiler(revision), self._compiler(self._disk)
        return (
            _Side(name=name, compiler=old, items=tuple(_found(old, before))),
            _Side(name=_NOW, compiler=new, items=tuple(_found(new, now))),
        )

    def _revision(self, name: str, paths: Sequence[str]) -> Revision:
        from ..revision import open_revision

        folder = Path(os.path.realpath(paths[0].replace("\0", "")))
        while not folder.is_dir():
            folder = folder.parent
        try:
            revision = open_revision(folder, name, os.environ)
        except M2herError as error:
            raise Misuse(f"--git {name}: {error}") from error
        for path in paths:
            if not Path(os.path.realpath(path.replace("\0", ""))).is_relative_to(revision.top):
                raise Misuse(f"{path} lies outside of the repository {revision.top}")
        return revision

    def _compiler(self, files: Files) -> Compiler:
        root = self._given.root
        return Compiler(
            files=files,
            base=Path(os.path.realpath(".")),
            root=Path(os.path.realpath(root)) if root is not None else None,
            environment=environment(),
            wishes=self._wishes,
        )


def _found(compiler: Compiler, names: Iterable[str]) -> Iterator[Input]:
    """Yield the files that paths stand for, each once."""
    seen: set[Path] = set()
    for name in names:
        try:
            found = compiler.find(Path(name))
        except OSError as error:
            raise Misuse(f"{error.filename}: {error.strerror}") from error
        for item in found:
            real = compiler.files.resolve(item.path)
            if real not in seen:
                seen.add(real)
                yield item


def _compiled(side: _Side, overrides: Overrides) -> _Result:
    """Compile the files of one side. Raises `Misuse` when one that was named cannot be read."""
    compiler = side.compiler
    results: list[CompiledScenario] = []
    for item in side.items:
        try:
            results.append(compiler.compile(item, overrides))
        except UsageError as error:
            raise Misuse(str(error)) from error
        except OSError as error:
            raise Misuse(f"{item.path}: {error.strerror or error}") from error
    scenarios = with_unique_ids(results)
    sink = Sink()
    for each in scenarios:
        sink.extend(each.diagnostics)
    roots = dict.fromkeys(each.root for each in scenarios if each.variants)
    settings = [compiler.settings(root, Sink()) for root in roots]
    return _Result(
        versions=tuple(
            _version(each, item, compiler.files)
            for each, item in zip(scenarios, side.items, strict=True)
            if _is_compared(each)
        ),
        errors=tuple(each for each in sink.sorted() if each.is_error),
        targets=tuple(compiler.wishes.destination(each).target for each in settings),
    )


def _is_compared(scenario: CompiledScenario) -> bool:
    """Tell whether a file is a scenario of its own, or may have been meant to be one."""
    if scenario.kind is None:
        return not scenario.ok
    return scenario.kind is Kind.SCENARIO and not scenario.abstract


def _version(scenario: CompiledScenario, item: Input, files: Files) -> Version:
    folder = item.folder if item.folder is not None else item.path.parent
    return Version(
        id=scenario.id,
        path=scenario.path,
        place=shown_path(files.resolve(item.path), files.resolve(folder)),
        conversations=tuple(variant.conversation for variant in scenario.variants),
        errors=tuple(each for each in scenario.diagnostics if each.is_error),
    )


def _wanted(
    old: tuple[Version, ...], new: tuple[Version, ...], names: Sequence[str]
) -> tuple[tuple[Version, ...], tuple[Version, ...]]:
    """Keep the variants that are asked for: they may be on one side alone."""
    if not names:
        return old, new
    ids = {each.id for version in (*old, *new) for each in version.conversations}
    wanted = {
        each
        for each in ids
        for name in names
        if each == name or each.endswith(f"[{name.removeprefix('[').removesuffix(']')}]")
    }
    if not wanted:
        raise Misuse(f"--variant {names[0]}: neither side has such a variant")
    return _of(old, wanted), _of(new, wanted)


def _of(versions: Iterable[Version], wanted: set[str]) -> tuple[Version, ...]:
    kept = (
        replaced(v, conversations=tuple(each for each in v.conversations if each.id in wanted))
        for v in versions
    )
    return tuple(each for each in kept if each.conversations or each.errors)


def _charge(
    counter: Counter | None, targets: Iterable[Target]
) -> Callable[[Conversation], Charges]:
    """Return what counts a conversation for the target that it is made for."""
    from ..charges import Charger
    from ..tokens import EstimateCounter

    chosen = counter or EstimateCounter()
    chargers = {each.id: Charger(counter=chosen, overhead=each) for each in targets}

    def charge(conversation: Conversation) -> Charges:
        return chargers[conversation.target].charge(conversation)

    return charge
