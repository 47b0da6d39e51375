"""How many files are checked: from a cache, in several processes, with a line on how far it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from .guard import Misuse
from .options import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..checker import Checker, FileResult
    from ..compiler import Input
    from ..survey import Cache, Survey, Workers
    from .console import Console

# Fewer are checked before a cache could be looked into.
_FEWEST_FOR_CACHE: Final = 50
_MOST_JOBS: Final = 64
# More processes than these do not wait for each other less: one of them gathers all results.
_MOST_AUTOMATIC: Final = 8


class Given(Protocol):
    """The part of a command line that says which files are checked, and how fast."""

    @property
    def paths(self) -> tuple[str, ...]: ...

    @property
    def fix(self) -> bool: ...

    @property
    def diff(self) -> bool: ...

    @property
    def add_ignores(self) -> bool: ...

    @property
    def jobs(self) -> str: ...

    @property
    def no_cache(self) -> bool: ...

    @property
    def cache_dir(self) -> str | None: ...

    @property
    def tokenizer(self) -> str | None: ...


def surveyed(
    checker: Checker, items: Sequence[Input], given: Given, console: Console
) -> tuple[FileResult, ...]:
    """Check files. Raises `Misuse` for one that cannot be read, and when a process dies."""
    from ..survey import UnreadableError, WorkerError

    if _is_plain(given):
        return tuple(_checked(checker, item) for item in items)
    with console.progress(len(items)) as tell:
        survey = open_survey(checker, items, given)
        survey.tell = tell
        try:
            return tuple(survey.results(items))
        except (UnreadableError, WorkerError) as error:
            raise Misuse(str(error)) from error


def _is_plain(given: Given) -> bool:
    """Tell whether files are to be changed, or are none that another process can read."""
    changes = given.fix or given.diff or given.add_ignores
    return changes or STDIN in given.paths


def _checked(checker: Checker, item: Input) -> FileResult:
    try:
        return checker.check_file(item)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Misuse(f"{item.path}: {error.strerror or error}") from error


def open_survey(checker: Checker, items: Sequence[Input], given: Given) -> Survey:
    """Return what checks files as a command line asks for it."""
    from ..survey import FEWEST_FOR_WORKERS, Survey

    workers = _workers(checker, given)
    is_automatic = given.jobs == "auto"
    return Survey(
        checker=checker,
        cache=_cache(workers, len(items), given),
        workers=workers if workers.count > 1 else None,
        fewest_for_workers=FEWEST_FOR_WORKERS if is_automatic else 2,
    )


def _workers(checker: Checker, given: Given) -> Workers:
    from ..survey import Workers

    compiler, demands = checker.compiler, checker.demands
    return Workers(
        count=chosen_jobs(given.jobs),
        base=compiler.base,
        root=compiler.root,
        environment=dict(compiler.environment),
        target=demands.target,
        select=demands.select,
        ignore=demands.ignore,
        tokenizer=given.tokenizer,
    )


def chosen_jobs(text: str) -> int:
    """Return how many processes `--jobs` asks for. Raises `Misuse`."""
    if text == "auto":
        return min(_processors(), _MOST_AUTOMATIC)
    if text.isascii() and text.isdigit() and 0 < int(text[:9]) <= _MOST_JOBS:
        return int(text)
    raise Misuse(f"`--jobs {text}` is neither `auto` nor a number from 1 to {_MOST_JOBS}")


def _processors() -> int:
    """Return how many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _cache(workers: Workers, count: int, given: Given) -> Cache | None:
    """Return the cache of results; None where none is wanted, or a few files need none."""
    from ..survey import Cache, cache_folder, context_of

    if given.no_cache:
        return None
    if given.cache_dir is not None:
        folder: Path | None = Path(given.cache_dir)
    else:
        folder = cache_folder(os.environ) if count >= _FEWEST_FOR_CACHE else None
    if folder is None:
        return None
    try:
        return Cache(folder, context_of(workers))
    except OSError:  # the program cannot be read, or the tokenizer no more
        return None
