"""Files that remember what was asked of them: that is what findings depend on.

A question and its answer are texts: `read <path>` and the hash of the contents, `real <path>` and
where the path leads, `names <folder>` and the hash of the names in it, `folder <path>` and yes or
no. What is absent has an answer as well. Whoever keeps a result for others keeps what was asked
for it, and says so `again` when it is used.
"""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .files import Disk, real_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .files import Files

_DIGEST_BYTES: Final = 16
_YES: Final = "yes"
_NO: Final = "no"


def digest(data: bytes) -> str:
    """Return the hash by which contents are told apart: 128 bits, as 32 hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()


class Asking:
    """Files, with what was asked of them in each scope that is open."""

    __slots__ = ("_scopes", "files")

    def __init__(self, files: Files) -> None:
        self.files = files
        self._scopes: list[dict[str, str]] = []

    @contextmanager
    def scope(self, *, apart: bool = False) -> Iterator[Mapping[str, str]]:
        """Gather what is asked meanwhile; for the scope around it counts too, unless `apart`."""
        asked: dict[str, str] = {}
        self._scopes.append(asked)
        try:
            yield asked
        finally:
            self._scopes.pop()
            if not apart:
                self.again(asked)

    def again(self, asked: Mapping[str, str]) -> None:
        """Note what was asked before for a result that is used once more."""
        if self._scopes:
            self._scopes[-1].update(asked)

    def read(self, path: Path) -> bytes:
        """Return a regular file's bytes, at most one more than the limit; raise OSError."""
        try:
            data = self.files.read(path)
        except OSError as error:
            self._note("read", path, _refusal(error))
            raise
        if self._scopes:
            self._note("read", path, digest(data))
        return data

    def resolve(self, path: Path) -> Path:
        """Return the absolute path with every symlink followed; the file need not exist."""
        real = self.files.resolve(path)
        self._note("real", path, str(real))
        return real

    def is_folder(self, path: Path) -> bool:
        """Tell whether a path is a folder."""
        found = self.files.is_folder(path)
        self._note("folder", path, _YES if found else _NO)
        return found

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, sorted; none when it cannot be listed."""
        found = self.files.names(folder)
        if self._scopes:
            self._note("names", folder, _digest_of(found))
        return found

    def _note(self, what: str, path: Path, answer: str) -> None:
        if self._scopes:
            self._scopes[-1][f"{what} {path}"] = answer


def answer_to(question: str, files: Files, contents: dict[str, bytes] | None = None) -> str:
    """Ask a question again: the answer is the same as long as nothing has changed.

    What is read goes into `contents` as well, under the path that was asked for.
    """
    what, _, name = question.partition(" ")
    if what == "real" and isinstance(files, Disk):  # one of two questions: without a Path
        return real_path(name, files.folders)
    path = Path(name)
    match what:
        case "read":
            return answer_to_read(path, files, contents)
        case "real":
            return str(files.resolve(path))
        case "names":
            return _digest_of(files.names(path))
        case _:
            return _YES if files.is_folder(path) else _NO


def answer_to_read(path: Path, files: Files, contents: dict[str, bytes] | None = None) -> str:
    """Return the answer to `read` of a path, as `answer_to` does."""
    try:
        data = files.read(path)
    except OSError as error:
        return _refusal(error)
    if contents is not None:
        contents[str(path)] = data
    return digest(data)


def is_refusal(answer: str) -> bool:
    """Tell whether the answer to `read` was that there is nothing to be read."""
    return ": " in answer


def _digest_of(names: list[str]) -> str:
    return digest("\0".join(names).encode("utf-8", "surrogatepass"))


def _refusal(error: OSError) -> str:
    """Return what findings may say of an error: its kind and the system's words."""
    return f"{type(error).__name__}: {error.strerror or error}"
