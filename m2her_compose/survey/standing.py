"""What is known of a library while it is watched, and what a change of files touches.

A result is out of date when one of the questions that were asked for it may have another answer:
those about a path that changed, and about the names in a folder in which one came or went.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from ..config import FILE_NAME
from ..frozen import frozen
from ..source import Disk
from ..source.asking import answer_to, is_refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from ..build import OpenLibrary
    from ..checker import FileResult
    from ..compiler import Input

_YAML: Final = (".yaml", ".yml")
_MOST_LINKS: Final = 40


@frozen
class Touched:
    """What changes of files concern. `everything`: all must be checked again.

    `others`: files have come or gone, so that they must be looked for again. `templates`: so
    may templates have that no file was looking for.
    """

    paths: frozenset[Path]
    everything: bool = False
    others: bool = False
    templates: bool = False


@dataclass(slots=True)
class Standing:
    """The latest result of each file, by the path that it was found under."""

    results: dict[Path, FileResult] = field(default_factory=dict)
    _users: dict[str, set[Path]] = field(default_factory=lambda: defaultdict(set))
    # Whose change concerns all: folders of what was asked for, and what settings depend on.
    _of_all: set[str] = field(default_factory=set)
    _libraries: dict[Path, OpenLibrary] = field(default_factory=dict)
    # What was there, and which names were in folders, when it was last looked at.
    _kinds: dict[str, _Kind] = field(default_factory=dict)
    _listings: dict[str, str] = field(default_factory=dict)
    _seen: dict[str, _Kind] = field(default_factory=dict)

    def take(self, items: Sequence[Input], results: Sequence[FileResult]) -> None:
        """Note the results of files, in place of earlier ones."""
        for item, result in zip(items, results, strict=True):
            self.results[item.path] = result
            self._take_place(item, result)
            self._take_library(result.library)
            for question, answer in result.asked.items():
                for name in _places(question, answer):
                    self._users[name].add(item.path)
                    self._of_all.add(os.path.dirname(name))  # noqa: PTH120 - thousands of them
                what, _, name = question.partition(" ")
                if what == "read":
                    self._kinds[name] = _Kind.NOTHING if is_refusal(answer) else _Kind.FILE
                elif what == "names":
                    self._listings[name] = answer

    def _take_place(self, item: Input, result: FileResult) -> None:
        """Note the links that a file was found through."""
        path = os.path.abspath(item.path)  # noqa: PTH100 - thousands of them
        if path != str(result.path) or os.path.islink(path):  # noqa: PTH114
            self._kinds[path] = _kind_of(path)
            for name in _links(path):
                self._users[name].add(item.path)

    def _take_library(self, library: OpenLibrary) -> None:
        if self._libraries.get(library.root) is library:
            return
        self._libraries[library.root] = library
        for question, answer in library.asked.items():
            self._of_all.update(_places(question, answer))

    def keep(self, items: Iterable[Input]) -> None:
        """Forget the results of all other files."""
        wanted = {item.path for item in items}
        for path in [path for path in self.results if path not in wanted]:
            del self.results[path]

    def knows(self, name: str) -> bool:
        """Tell whether something was asked about a path."""
        return name in self._users or name in self._of_all

    def touched(self, changed: Iterable[Path]) -> Touched:
        """Return what a change of these paths, absolute ones, concerns."""
        found: set[Path] = set()
        everything = others = templates = False
        for path in changed:
            name = str(path)
            kind = self._seen[name] = _kind_of(name)
            if path.name == FILE_NAME or name in self._of_all or self._is_or_was_folder(path, kind):
                everything = True
                continue
            found |= self._users.get(name, set())
            found |= self._looked_around(str(path.parent))
            if path.suffix in _YAML and (
                kind is _Kind.LINK or kind is not self._kinds.get(name, _Kind.NOTHING)
            ):
                others = True
            templates = templates or self._is_template(path)
        if everything:
            # Noted anew with all results: nothing was told of what went with its folder.
            self._kinds.clear()
            return Touched(paths=frozenset(), everything=True, others=True)
        paths = frozenset(found & self.results.keys())
        return Touched(paths=paths, others=others, templates=templates)

    def settle(self) -> None:
        """Take it that all was checked that the latest changes concern."""
        self._kinds.update(self._seen)
        self._seen.clear()

    def _is_or_was_folder(self, path: Path, kind: _Kind) -> bool:
        """Tell whether a path is a folder, or was one: nothing tells of what was moved with it."""
        if kind is not _Kind.NOTHING:
            return path.is_dir()
        below = f"{path}{os.sep}"
        return any(name.startswith(below) for name in self._of_all)

    def _looked_around(self, folder: str) -> set[Path]:
        """Return who was told of names in a folder, if these have changed."""
        before = self._listings.get(folder)
        if before is None or answer_to(f"names {folder}", Disk()) == before:
            return set()
        return self._users.get(folder + os.sep, set())

    def _is_template(self, path: Path) -> bool:
        folders = (each.templates for each in self._libraries.values())
        return any(each is not None and path.is_relative_to(each.folder) for each in folders)


class _Kind(Enum):
    """What there is under a path."""

    NOTHING = "nothing"
    FILE = "file"
    LINK = "link"


def _kind_of(name: str) -> _Kind:
    if os.path.islink(name):  # noqa: PTH114 - thousands of them
        return _Kind.LINK
    return _Kind.FILE if os.path.lexists(name) else _Kind.NOTHING


def _links(path: str) -> Iterator[str]:
    """Yield the links that an absolute path leads through, as it is written and as each leads on.

    So many as systems follow: a circle of links has no end.
    """
    place, left = _steps(path)
    followed = 0
    while left and followed < _MOST_LINKS:
        part = left.pop()
        if part == os.pardir:
            place = os.path.dirname(place)  # noqa: PTH120 - thousands of them
            continue
        here = os.path.join(place, part)  # noqa: PTH118
        try:
            target = os.readlink(here)  # noqa: PTH115
        except OSError:  # none, and perhaps nothing at all
            place = here
            continue
        yield here
        followed += 1
        start, more = _steps(target)
        left += more
        if os.path.isabs(target):  # noqa: PTH117
            place = start


def _steps(path: str) -> tuple[str, list[str]]:
    """Return where an absolute path starts, and the names in it, the last one first."""
    drive, rest = os.path.splitdrive(path)
    parts = rest.split(os.sep)  # noqa: PTH206 - a Path takes longer
    return drive + os.sep, [part for part in reversed(parts) if part not in ("", os.curdir)]


def _places(question: str, answer: str) -> tuple[str, ...]:
    """Return the paths whose change may change an answer; a folder's names end with a slash."""
    what, _, path = question.partition(" ")
    match what:
        case "names":
            return (path + os.sep,)
        case "real":
            plain = os.path.normpath(path)
            return (plain, answer, *(_links(path) if plain != answer else ()))
        case _:
            return (path,)
