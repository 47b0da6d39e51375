"""How many files are checked: from a cache, in several processes, with a line on how far it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .guard import Misuse
from .options import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..checker import Checker, FileResult
    from ..compiler import Input
    from ..survey import Cache, Survey, Workers
    from .commands.check import Arguments
    from .console import Console

# Fewer are checked before a cache could be looked into.
_FEWEST_FOR_CACHE: Final = 50
_MOST_JOBS: Final = 64
# More processes than these do not wait for each other less: one of them gathers all results.
_MOST_AUTOMATIC: Final = 8


def surveyed(
    checker: Checker, items: Sequence[Input], arguments: Arguments, console: Console
) -> tuple[FileResult, ...]:
    """Check files. Raises `Misuse` for one that cannot be read, and when a process dies."""
    from ..survey import UnreadableError, WorkerError

    if _is_plain(arguments):
        return tuple(_checked(checker, item) for item in items)
    with console.progress(len(items)) as tell:
        survey = open_survey(checker, items, arguments)
        survey.tell = tell
        try:
            return tuple(survey.results(items))
        except (UnreadableError, WorkerError) as error:
            raise Misuse(str(error)) from error


def _is_plain(arguments: Arguments) -> bool:
    """Tell whether files are to be changed, or are none that another process can read."""
    changes = arguments.fix or arguments.diff or arguments.add_ignores
    return changes or STDIN in arguments.paths


def _checked(checker: Checker, item: Input) -> FileResult:
    try:
        return checker.check_file(item)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Misuse(f"{item.path}: {error.strerror or error}") from error


def open_survey(checker: Checker, items: Sequence[Input], arguments: Arguments) -> Survey:
    """Return what checks files as a command line asks for it."""
    from ..survey import FEWEST_FOR_WORKERS, Survey

    workers = _workers(checker, arguments)
    is_automatic = arguments.jobs == "auto"
    return Survey(
        checker=checker,
        cache=_cache(workers, len(items), arguments),
        workers=workers if workers.count > 1 else None,
        fewest_for_workers=FEWEST_FOR_WORKERS if is_automatic else 2,
    )


def _workers(checker: Checker, arguments: Arguments) -> Workers:
    from ..survey import Workers

    compiler, demands = checker.compiler, checker.demands
    return Workers(
        count=chosen_jobs(arguments.jobs),
        base=compiler.base,
        root=compiler.root,
        environment=dict(compiler.environment),
        target=demands.target,
        select=demands.select,
        ignore=demands.ignore,
        tokenizer=arguments.tokenizer,
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


def _cache(workers: Workers, count: int, arguments: Arguments) -> Cache | None:
    """Return the cache of results; None where none is wanted, or a few files need none."""
    from ..survey import Cache, cache_folder, context_of

    if arguments.no_cache:
        return None
    if arguments.cache_dir is not None:
        folder: Path | None = Path(arguments.cache_dir)
    else:
        folder = cache_folder(os.environ) if count >= _FEWEST_FOR_CACHE else None
    if folder is None:
        return None
    try:
        return Cache(folder, context_of(workers))
    except OSError:  # the program cannot be read, or the tokenizer no more
        return None
