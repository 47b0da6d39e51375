"""What `lock` does: whole libraries compiled, their locks written or compared."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..compiler import Compiler, Input, with_unique_ids
from ..config import FILE_NAME as SETTINGS_NAME
from ..config import environment, find_root
from ..diagnostics import Sink
from ..errors import M2herError, UsageError
from ..frozen import frozen
from ..lockfile import FILE_NAME, MAX_BYTES, Lock, drifts, lock_of, read_lock
from ..source import Disk, shown_path
from .console import is_terminal
from .guard import Misuse
from .outputs import write_output

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..build import Wishes
    from ..compiled import CompiledScenario
    from ..lockfile import Drift
    from ..scenario import Overrides
    from .console import Console

_MOST_SHOWN: Final = 200


@frozen
class Library:
    """A library's root, and what came of its scenarios."""

    root: Path
    scenarios: tuple[CompiledScenario, ...]

    @property
    def lock(self) -> Lock:
        return lock_of(
            variant.conversation for scenario in self.scenarios for variant in scenario.variants
        )

    @property
    def broken(self) -> tuple[str, ...]:
        """The ids of scenarios with errors; by their files' names where nothing says them."""
        return tuple(each.id or each.file.stem for each in self.scenarios if not each.ok)


def report_errors(libraries: Iterable[Library], console: Console) -> bool:
    """Say which errors the scenarios have; tell whether there are any."""
    sink = Sink()
    for library in libraries:
        for scenario in library.scenarios:
            sink.extend(each for each in scenario.diagnostics if each.is_error)
    console.report(sink.sorted())
    return sink.has_errors


def open_compiler(root: str | None, files: Disk, wishes: Wishes) -> Compiler:
    """Return what compiles the files of a root. Raises `Misuse` where that is no folder."""
    if root is not None and not (root and Path(root).is_dir()):
        raise Misuse(f"--root {root} is no folder")
    return Compiler(
        files=files,
        base=Path(os.path.realpath(".")),
        root=Path(os.path.realpath(root)) if root is not None else None,
        environment=environment(),
        wishes=wishes,
    )


def find_libraries(
    paths: Sequence[str], compiler: Compiler, overrides: Overrides
) -> tuple[Library, ...]:
    """Compile the libraries that paths belong to: all of each, and those below them.

    Raises `Misuse` for a path that cannot be read, and when there is nothing to lock.
    """
    roots = dict.fromkeys(_root(name, compiler) for name in paths)
    items: dict[Path, Input] = {}
    for root in roots:
        try:
            for item in compiler.find(root):
                items.setdefault(compiler.files.resolve(item.path), item)
        except OSError as error:
            raise Misuse(f"{error.filename}: {error.strerror}") from error
    results = with_unique_ids(_compiled(compiler, items.values(), overrides))
    found: dict[Path, list[CompiledScenario]] = {root: [] for root in roots}
    for each in results:
        found.setdefault(each.root, []).append(each)
    libraries = tuple(Library(root=root, scenarios=tuple(of)) for root, of in found.items())
    kept = tuple(each for each in libraries if _is_of_use(each))
    if not kept:
        raise Misuse(f"nothing to lock in {', '.join(paths)}: no scenario that is not abstract")
    return kept


def _root(name: str, compiler: Compiler) -> Path:
    if not name or "\0" in name or not Path(name).exists():
        raise Misuse(f"{name or 'an empty path'} does not exist")
    if compiler.root is not None:
        return compiler.root
    path = compiler.files.resolve(Path(name))
    if compiler.files.is_folder(path):
        return find_root(path / SETTINGS_NAME, path, compiler.files)
    return find_root(path, None, compiler.files)


def _compiled(
    compiler: Compiler, items: Iterable[Input], overrides: Overrides
) -> list[CompiledScenario]:
    results: list[CompiledScenario] = []
    for item in items:
        try:
            results.append(compiler.compile(item, overrides))
        except UsageError as error:
            raise Misuse(str(error)) from error
        except OSError as error:
            raise Misuse(f"{item.path}: {error.strerror or error}") from error
    return results


def _is_of_use(library: Library) -> bool:
    """Tell whether a folder has a lock, or something to lock."""
    compiled = any(each.variants or not each.ok for each in library.scenarios)
    return compiled or (library.root / FILE_NAME).exists()


def _shown(library: Library, compiler: Compiler) -> str:
    return shown_path(library.root / FILE_NAME, compiler.base)


# --- writing


def write_locks(libraries: Sequence[Library], compiler: Compiler, console: Console) -> None:
    """Write the lock of each library, and say so. Raises `Misuse` when that cannot be done."""
    from ..emit.terminal import visible

    for library in libraries:
        lock, name = library.lock, _shown(library, compiler)
        write_output(str(library.root / FILE_NAME), lock.text(), set(), option="the lock")
        count = len(lock.entries)
        console.say(f"{count} request{'s' * (count != 1)} locked in {visible(name)}\n")


# --- checking


def check_locks(libraries: Sequence[Library], compiler: Compiler, console: Console) -> bool:
    """Say which requests are others than those that were locked, and how; tell whether none is.

    Raises `Misuse` when a lock cannot be read.
    """
    lines: list[str] = []
    for library in libraries:
        locked = _read(library, compiler)
        found = drifts(locked, library.lock, broken=library.broken)
        if found:
            lines.extend(_told(found, _shown(library, compiler)))
    if lines:
        console.result(_page(lines, console))
    return not lines


def _read(library: Library, compiler: Compiler) -> Lock:
    path, name = library.root / FILE_NAME, _shown(library, compiler)
    if not compiler.files.resolve(path).is_relative_to(library.root):
        raise Misuse(f"{name} is a link that leads out of the library")
    try:
        return read_lock(Disk(max_bytes=MAX_BYTES).read(path))
    except FileNotFoundError as error:
        raise Misuse(f"there is no {name}: write it with `m2her lock`") from error
    except OSError as error:
        raise Misuse(f"{name}: {error.strerror or error}") from error
    except M2herError as error:
        raise Misuse(f"{name} is no lock: {error}") from error


def _told(found: Sequence[Drift], name: str) -> list[str]:
    count = len(found)
    advice = "`m2her diff --git HEAD` shows the words, `m2her lock` accepts what is new"
    lines = [f"{each.id}: {', '.join(each.what)}" for each in found[:_MOST_SHOWN]]
    if count > _MOST_SHOWN:
        lines.append(f"and {count - _MOST_SHOWN:,} more")
    return [
        *lines,
        f"{count:,} request{'s' * (count != 1)} not as {name} has: {advice}",
    ]


def _page(lines: Sequence[str], console: Console) -> str:
    from ..emit.terminal import visible, wrap

    shown = [visible(line) for line in lines]
    if is_terminal(sys.stdout):
        width = console.width(sys.stdout)
        shown = [part for line in shown for part in wrap(line, width)]
    return "\n".join(shown) + "\n"
