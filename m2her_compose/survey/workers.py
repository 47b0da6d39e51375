"""Check files in several processes, which hand over records.

Each is a fresh interpreter that is told what to do through a pipe. It is given some neighbouring
files at a time, so that what they share is read once in each process. Who dies is missed at once.
"""

from __future__ import annotations

import signal
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from ..errors import M2herError
from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from pathlib import Path

    from ..checker import Checker
    from ..compiler import Input

# Enough that handing over costs little, and few enough that all end at about the same time.
_BATCH: Final = 25
_LAST_WORDS_S: Final = 5


class WorkerError(M2herError):
    """A worker process ended before its work did; the message says how."""


@frozen
class Workers:
    """How many processes there are to be, and what each needs to know to check as we do.

    `tokenizer` is the path of a tokenizer's file.
    """

    count: int
    base: Path
    root: Path | None
    environment: Mapping[str, str]
    target: str | None
    select: tuple[str, ...] | None
    ignore: tuple[str, ...] | None
    tokenizer: str | None

    def checker(self) -> Checker:
        """Return a checker as the process that started the workers has it."""
        from ..checker import Checker, Demands
        from ..compiler import Compiler
        from ..source import Disk
        from ..tokens import load_tokenizer

        counter = load_tokenizer(self.tokenizer) if self.tokenizer is not None else None
        return Checker(
            compiler=Compiler(
                files=Disk(folders={}),
                base=self.base,
                root=self.root,
                environment=self.environment,
            ),
            demands=Demands(
                target=self.target, counter=counter, select=self.select, ignore=self.ignore
            ),
        )

    def records(self, items: Sequence[tuple[int, Input]]) -> Iterator[tuple[int, bytes | None]]:
        """Yield the record of each numbered file, in any order; None where it has none.

        So it is where something went wrong as well: whoever checks the file then finds out.
        Raises `WorkerError` when a process dies.
        """
        from multiprocessing import get_context

        # Not `fork`: a process with threads may not be copied, and macOS forbids it altogether.
        context = get_context("spawn")
        program = _program(self)
        staff: list[_Worker] = []
        try:
            for _ in range(self.count):
                ours, theirs = context.Pipe()
                process = context.Process(target=serve, args=(self, program, theirs), daemon=True)
                with _deaf_to_ctrl_c():
                    process.start()
                theirs.close()
                staff.append(_Worker(process, ours))
            yield from _handed_out(staff, deque(_batches(items)))
        finally:
            for worker in staff:
                worker.end()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Hold interruptions back, so that a process that is started now does so from its beginning.

    Ctrl-C reaches every process of a terminal, and the one that started the others ends them. What
    comes meanwhile is not lost: it interrupts at the end.
    """
    from multiprocessing import resource_tracker

    if not hasattr(signal, "pthread_sigmask"):  # on Windows, where a worker says so itself
        yield
        return
    # It would be started with the first worker, and let interruptions in when it is.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _program(workers: Workers) -> str | None:
    """Return a hash of the program as this process has it, and of what it is told to do."""
    from .context import context_of

    try:
        return context_of(workers)
    except OSError:
        return None


class _Worker:
    """A process, and our end of the pipe to it."""

    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self.process = process
        self.pipe = pipe

    def give(self, batch: Any) -> None:
        try:
            self.pipe.send(batch)
        except OSError as error:
            raise self.missed() from error

    def take(self) -> list[tuple[int, bytes | None]]:
        try:
            return self.pipe.recv()  # type: ignore[no-any-return]
        except (EOFError, OSError) as error:
            raise self.missed() from error

    def missed(self) -> WorkerError:
        self.process.join(_LAST_WORDS_S)
        code = self.process.exitcode
        how = f"was ended by signal {-code}" if code is not None and code < 0 else f"ended ({code})"
        return WorkerError(f"a worker process {how}; `--jobs 1` works without any")

    def end(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()


def _batches(items: Sequence[tuple[int, Input]]) -> Iterator[Any]:
    for start in range(0, len(items), _BATCH):
        some = items[start : start + _BATCH]
        yield [(number, item.path, item.folder) for number, item in some]


def _handed_out(
    staff: Iterable[_Worker], batches: deque[Any]
) -> Iterator[tuple[int, bytes | None]]:
    """Give each worker something to do whenever it has nothing, and yield what they hand over."""
    from multiprocessing.connection import wait

    busy: dict[Any, _Worker] = {}
    for worker in staff:
        if batches:
            worker.give(batches.popleft())
            busy[worker.pipe] = worker
    while busy:
        for pipe in wait(list(busy)):
            worker = busy.pop(pipe)
            made = worker.take()
            if batches:
                worker.give(batches.popleft())
                busy[pipe] = worker
            yield from made


# --- in the other process


def serve(workers: Workers, program: str | None, pipe: Connection) -> None:
    """Check what comes through a pipe until nothing more does.

    `program` is what the process that started this one is: what goes on for long (`--watch`) may
    be older than its files. Nothing is checked by another one.
    """
    # Where that is not inherited.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    record_of = _recorder(workers) if _program(workers) == program else lambda *_: None
    while True:
        try:
            batch = pipe.recv()
        except (EOFError, OSError):
            return
        made = [(number, record_of(path, folder)) for number, path, folder in batch]
        try:
            pipe.send(made)
        except OSError:  # who wanted it was ended
            return


def _recorder(workers: Workers) -> Callable[[Path, Path | None], bytes | None]:
    from ..compiler import Input
    from .records import Shelf, record_of, text_reader

    checker = workers.checker()
    read = text_reader(checker.compiler)

    def record(path: Path, folder: Path | None) -> bytes | None:
        try:
            result = checker.check_file(Input(path=path, folder=folder))
            checker.forget(result)
            return record_of(result, Shelf(library=result.library, text_of=read))
        except Exception:  # noqa: BLE001 - checked once more where it can be told
            return None

    return record
