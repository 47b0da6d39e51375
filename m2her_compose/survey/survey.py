"""One check of many files: look up what is known, check what is not, and keep that.

Where a result comes from makes no difference to it, nor does how many processes there are. All
pass through the same form, and what could differ is checked here, in the order of the files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..errors import M2herError
from ..source.asking import answer_to, digest
from .records import NoRecordError, Shelf, read_record, record_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ..build import OpenLibrary
    from ..checker import Checker, FileResult
    from ..compiler import Compiler, Input
    from .cache import Cache
    from .workers import Workers

# Below this, starting processes costs more than it saves (benchmarks/library.md).
FEWEST_FOR_WORKERS: Final = 200


class UnreadableError(M2herError):
    """A file that was named cannot be read; the message names it and says why."""


@dataclass(slots=True, kw_only=True)
class Survey:
    """Checks many files.

    Workers are used when so many files are left. `tell` is called with how many are done.
    """

    checker: Checker
    cache: Cache | None = None
    workers: Workers | None = None
    fewest_for_workers: int = FEWEST_FOR_WORKERS
    tell: Callable[[int], None] = lambda _: None
    _answers: dict[str, str] = field(default_factory=dict)
    _places: dict[Path, tuple[Path, OpenLibrary]] = field(default_factory=dict)
    _libraries: dict[int, str] = field(default_factory=dict)
    _new: dict[str, bytes] = field(default_factory=dict)

    def results(self, items: Sequence[Input]) -> list[FileResult]:
        """Check files. Raises `UnreadableError` and `WorkerError`."""
        keys = self._keys(items)
        done = self._known(items, keys)
        self.tell(len(done))
        left = [(number, item) for number, item in enumerate(items) if number not in done]
        if self.workers is not None and len(left) >= self.fewest_for_workers:
            for number, data in self.workers.records(left):
                found = self._taken_up(items[number], data) if data is not None else None
                if found is not None and data is not None:
                    done[number] = found
                    self._note(keys, number, data)
                self.tell(len(done))
        for number, item in left:
            if number not in done:
                done[number] = self._checked(item, keys, number)
                self.tell(len(done))
        if self.cache is not None:
            self.cache.keep(self._new)
        return [done[number] for number in range(len(items))]

    # --- what is known

    def _keys(self, items: Sequence[Input]) -> dict[int, str]:
        """Return the key of each file that can be looked up, by its number."""
        if self.cache is None:
            return {}
        keys: dict[int, str] = {}
        for number, item in enumerate(items):
            path, library = self._opened(item)
            if not path.is_relative_to(library.root):
                continue
            contents = self._now(f"read {path}")
            named = "named" if item.folder is None else "found"
            of_library = self._digest_of(library)
            keys[number] = self.cache.key(of_library, str(item.path), str(path), named, contents)
        return keys

    def _digest_of(self, library: OpenLibrary) -> str:
        if id(library) not in self._libraries:
            parts = [str(library.root), *(f"{q}\0{a}" for q, a in sorted(library.asked.items()))]
            whole = "\0\0".join(parts).encode("utf-8", "surrogatepass")
            self._libraries[id(library)] = digest(whole)
        return self._libraries[id(library)]

    def _known(self, items: Sequence[Input], keys: Mapping[int, str]) -> dict[int, FileResult]:
        if self.cache is None:
            return {}
        records = self.cache.records(keys.values())
        done: dict[int, FileResult] = {}
        for number, key in keys.items():
            data = records.get(key)
            found = self._taken_up(items[number], data, proof=True) if data is not None else None
            if found is not None:
                done[number] = found
        return done

    def _taken_up(self, item: Input, data: bytes, *, proof: bool = False) -> FileResult | None:
        """Return the result that a record holds; None where it cannot be taken.

        `proof`: all that was asked for it must have the same answers now.
        """
        try:
            record = read_record(data, self._shelf(item))
            if proof and not self._holds(record.asked()):
                return None
            return record.result()
        except NoRecordError:
            return None

    def _shelf(self, item: Input) -> Shelf:
        compiler = self.checker.compiler
        _, library = self._opened(item)
        return Shelf(library=library, text_of=text_reader(compiler))

    def _opened(self, item: Input) -> tuple[Path, OpenLibrary]:
        if item.path not in self._places:
            self._places[item.path] = self.checker.compiler.opened(item)
        return self._places[item.path]

    def _holds(self, asked: Mapping[str, str]) -> bool:
        return all(self._now(question) == answer for question, answer in asked.items())

    def _now(self, question: str) -> str:
        if question not in self._answers:
            self._answers[question] = answer_to(question, self.checker.compiler.files)
        return self._answers[question]

    # --- what is not

    def _checked(self, item: Input, keys: Mapping[int, str], number: int) -> FileResult:
        try:
            result = self.checker.check_file(item)
        except OSError as error:
            raise UnreadableError(f"{item.path}: {error.strerror or error}") from error
        self.checker.forget(result)
        data = record_of(result, self._shelf(item))
        if data is None:
            return result
        self._note(keys, number, data)
        return self._taken_up(item, data) or result

    def _note(self, keys: Mapping[int, str], number: int, data: bytes) -> None:
        if number in keys:
            self._new[keys[number]] = data


def text_reader(compiler: Compiler) -> Callable[[str], str]:
    """Return what reads the text of the file that a source's path names. It raises OSError."""

    def read(shown: str) -> str:
        data = compiler.files.read(compiler.base / shown)
        return data.decode("utf-8-sig", "replace")

    return read
