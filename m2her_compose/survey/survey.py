"""One check of many files: look up what is known, check what is not, and keep that.

Where a result comes from makes no difference to it, nor does how many processes there are. All
pass through the same form, and what could differ is checked here, in the order of the files.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..errors import M2herError
from ..frozen import frozen, replaced
from ..source import Disk
from ..source.asking import answer_to, answer_to_read
from .records import NoRecordError, Shelf, decoded, read_record, record_of, text_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from ..build import OpenLibrary
    from ..checker import Checker, FileResult
    from ..compiler import Input
    from ..source import Files
    from .cache import Cache
    from .workers import Workers

# Below this, starting processes costs more than it saves (benchmarks/library.md).
FEWEST_FOR_WORKERS: Final = 200
# As many files are looked up at a time: their texts are kept meanwhile.
_BATCH: Final = 500


class UnreadableError(M2herError):
    """A file that was named cannot be read; the message names it and says why."""


@frozen
class _Place:
    """Where a file really is, and what is known of its library."""

    path: Path
    library: _Library

    @property
    def is_inside(self) -> bool:
        return self.library.shelf.is_below(str(self.path))


class _Library:
    """A library in this run: its shelf, and what was asked of its files, with the answers now.

    Questions and answers are as records have them, so that these need not be unpacked.
    """

    __slots__ = ("answers", "shelf")

    def __init__(self, opened: OpenLibrary, text_of: Callable[[str], str]) -> None:
        self.shelf = Shelf(library=opened, text_of=text_of)
        self.answers: dict[str, str] = {}


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
    _files: Files = field(init=False)
    _libraries: dict[int, _Library] = field(default_factory=dict)
    _read: dict[str, bytes] = field(default_factory=dict)
    _new: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        files = self.checker.compiler.files
        # What is read to look a result up is among the paths that the result names.
        self._files = replaced(files, log=None) if isinstance(files, Disk) else files

    def results(self, items: Sequence[Input]) -> list[FileResult]:
        """Check files. Raises `UnreadableError` and `WorkerError`."""
        places = [self._place(item) for item in items]
        keys, done = self._known(items, places)
        left = [(number, item) for number, item in enumerate(items) if number not in done]
        if self.workers is not None and len(left) >= self.fewest_for_workers:
            for number, data in self.workers.records(left):
                found = _taken_up(data, places[number]) if data is not None else None
                if found is not None and data is not None:
                    done[number] = found
                    self._note(keys, number, data)
                self.tell(len(done))
        for number, item in left:
            if number not in done:
                result, data = self._checked(item, places[number])
                done[number] = result
                if data is not None:
                    self._note(keys, number, data)
                self.tell(len(done))
        if self.cache is not None:
            self.cache.keep(self._new)
        return [done[number] for number in range(len(items))]

    def _place(self, item: Input) -> _Place:
        path, opened = self.checker.compiler.opened(item)
        library = self._libraries.get(id(opened))
        if library is None:
            library = self._libraries[id(opened)] = _Library(opened, self._text_of)
        return _Place(path=path, library=library)

    def _text_of(self, shown: str) -> str:
        compiler = self.checker.compiler
        data = self._read.get(os.path.join(compiler.base, shown))  # noqa: PTH118 - for a dictionary
        return decoded(data) if data is not None else text_reader(compiler)(shown)

    # --- what is known

    def _known(
        self, items: Sequence[Input], places: Sequence[_Place]
    ) -> tuple[dict[int, str], dict[int, FileResult]]:
        """Return the key of each file that can be looked up, and the results that still hold.

        Files are read once, for their keys and for the texts that findings are shown in.
        """
        keys: dict[int, str] = {}
        done: dict[int, FileResult] = {}
        if self.cache is None:
            self.tell(0)
            return keys, done
        for start in range(0, len(items), _BATCH):
            some = range(start, min(start + _BATCH, len(items)))
            of_batch = {
                number: self._key(self.cache, items[number], places[number])
                for number in some
                if places[number].is_inside
            }
            records = self.cache.records(of_batch.values())
            for number, key in of_batch.items():
                found = self._proven(records.get(key), places[number])
                if found is not None:
                    done[number] = found
            keys.update(of_batch)
            self._read.clear()
            self.tell(len(done))
        return keys, done

    def _key(self, cache: Cache, item: Input, place: _Place) -> str:
        path, library = str(place.path), place.library
        question = f"read {library.shelf.put(place.path)}"
        contents = library.answers.get(question)
        if contents is None:
            contents = answer_to_read(place.path, self._files, self._read)
            library.answers[question] = contents
        named = "named" if item.folder is None else "found"
        return cache.key(library.shelf.digest, str(item.path), path, named, contents)

    def _proven(self, data: bytes | None, place: _Place) -> FileResult | None:
        """Return a record's result, when all that was asked for it has the same answers now."""
        return _taken_up(data, place, holds=self._holds) if data is not None else None

    def _holds(self, asked: Mapping[str, str], library: _Library) -> bool:
        """Tell whether questions have the same answers now; most were asked for others already."""
        known = library.answers
        for question, answer in asked.items():
            now = known.get(question)
            if now is None:
                now = known[question] = self._now(question, library.shelf)
            if now != answer:
                return False
        return True

    def _now(self, question: str, shelf: Shelf) -> str:
        """Return the answer to a packed question, packed."""
        found = answer_to(shelf.unpacked_question(question), self._files, self._read)
        return shelf.packed(found)

    # --- what is not

    def _checked(self, item: Input, place: _Place) -> tuple[FileResult, bytes | None]:
        """Check a file, and return its result with its record, if it can have one."""
        try:
            result = self.checker.check_file(item)
        except OSError as error:
            raise UnreadableError(f"{item.path}: {error.strerror or error}") from error
        self.checker.forget(result)
        data = record_of(result, place.library.shelf)
        if data is None:
            return result, None
        return _taken_up(data, place) or result, data

    def _note(self, keys: Mapping[int, str], number: int, data: bytes) -> None:
        if number in keys:
            self._new[keys[number]] = data


def _taken_up(
    data: bytes,
    place: _Place,
    *,
    holds: Callable[[Mapping[str, str], _Library], bool] = lambda *_: True,
) -> FileResult | None:
    """Return the result that a record has; None where it cannot be taken."""
    try:
        record = read_record(data, place.library.shelf)
        return record.result() if holds(record.asked, place.library) else None
    except NoRecordError:
        return None
