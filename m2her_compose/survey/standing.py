"""What is known of a library while it is watched, and what a change of files touches.

A result is out of date when one of the questions that were asked for it may have another answer:
those about a path that changed, and about the names in a folder in which one came or went.
"""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ..config import FILE_NAME
from ..frozen import frozen
from ..source.asking import is_refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ..checker import FileResult
    from ..compiler import Input

_YAML: Final = (".yaml", ".yml")


@frozen
class Touched:
    """What changes of files concern. `everything`: all must be checked again.

    `others`: files have come or gone, so that they must be looked for again.
    """

    paths: frozenset[Path]
    everything: bool = False
    others: bool = False


@dataclass(slots=True)
class Standing:
    """The latest result of each file, by the path that it was found under."""

    results: dict[Path, FileResult] = field(default_factory=dict)
    _users: dict[str, set[Path]] = field(default_factory=lambda: defaultdict(set))
    _folders: set[str] = field(default_factory=set)
    _present: dict[str, bool] = field(default_factory=dict)

    def take(self, items: Sequence[Input], results: Sequence[FileResult]) -> None:
        """Note the results of files, in place of earlier ones."""
        for item, result in zip(items, results, strict=True):
            self.results[item.path] = result
            for question, answer in result.asked.items():
                for name in _places(question, answer):
                    self._users[name].add(item.path)
                    self._folders.add(os.path.dirname(name))  # noqa: PTH120 - thousands of them
                if question.startswith("read "):
                    self._present[question[len("read ") :]] = not is_refusal(answer)

    def keep(self, items: Iterable[Input]) -> None:
        """Forget the results of all other files."""
        wanted = {item.path for item in items}
        for path in [path for path in self.results if path not in wanted]:
            del self.results[path]

    def touched(self, changed: Iterable[Path]) -> Touched:
        """Return what a change of these paths, absolute ones, concerns."""
        found: set[Path] = set()
        others = False
        for path in changed:
            name = str(path)
            if path.name == FILE_NAME or path.is_dir() or name in self._folders:
                return Touched(paths=frozenset(), everything=True, others=True)
            found |= self._users.get(name, set())
            if path.exists() is not self._present.get(name, False):
                found |= self._users.get(f"{path.parent}{os.sep}", set())
                others = others or path.suffix in _YAML
        return Touched(paths=frozenset(found & self.results.keys()), others=others)


def _places(question: str, answer: str) -> tuple[str, ...]:
    """Return the paths whose change may change an answer; a folder's names end with a slash."""
    what, _, path = question.partition(" ")
    match what:
        case "names":
            return (path + os.sep,)
        case "real":
            return (os.path.normpath(path), answer)
        case _:
            return (path,)
