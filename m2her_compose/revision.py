"""The files of a git revision, read as if they were on disk: `Files` over a tree of git.

Links within the repository are followed; what lies outside of it is not there. Contents are what
was committed: filters that would change them on their way to the disk are not run.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from .git import Blobs, Git, GitError
from .source import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

MOST_FILES: Final = 500_000
_LINK: Final = "120000"
_REGULAR: Final = ("100644", "100755", "100664")
# What systems allow to stand behind each other, and how long a path may be.
_MOST_LINKS: Final = 40
_LONGEST_PATH: Final = 4096
_NO_NAMES: Final = frozenset(("", ".", ".."))


class _Entry(NamedTuple):
    """A file or link of the tree."""

    mode: str
    digest: str


class Revision:
    """The files of a commit, under the paths that they have or would have on disk.

    A context manager: git runs for as long as files are read. `top` is the repository's
    uppermost folder.
    """

    def __init__(
        self,
        top: Path,
        entries: Mapping[str, _Entry],
        blobs: Blobs,
        max_bytes: int = DEFAULT_LIMITS.bytes,
    ) -> None:
        self.top = top
        self._entries = entries
        self._blobs = blobs
        self._max_bytes = max_bytes
        self._targets: dict[str, str] = {}
        self._folders: dict[str, list[str]] = {"": []}
        for name in entries:
            self._list(name)
        for names in self._folders.values():
            names.sort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._blobs.close()

    def read(self, path: Path) -> bytes:
        """Return a regular file's bytes, at most one more than the limit; raise OSError."""
        name = self._name(self.resolve(path))
        entry = self._entries.get(name) if name is not None else None
        if entry is None:
            if name in self._folders:
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        if entry.mode not in _REGULAR:
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        return self._blobs.read(entry.digest, self._max_bytes + 1)

    def resolve(self, path: Path) -> Path:
        """Return the absolute path with every symlink followed; the file need not exist.

        Above the repository the disk's links hold, in it the revision's.
        """
        whole = path if path.is_absolute() else Path.cwd() / path
        # No link leads to `top`, which most paths begin with.
        inside = whole.is_relative_to(self.top)
        here = self.top if inside else Path(whole.anchor)
        todo = list(reversed(whole.parts[len(here.parts) :]))
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                here = here.parent
                continue
            here = here / part
            name = self._name(here)
            if name is None:
                here = Path(os.path.realpath(here)) if "\0" not in part else here
                continue
            target = self._target(name)
            if target is None:
                continue
            links += 1
            if links > _MOST_LINKS:  # reading it says that there is no such file
                return here
            to = Path(target)
            here = Path(to.anchor) if to.is_absolute() else here.parent
            todo.extend(reversed(to.parts[1:] if to.is_absolute() else to.parts))
        return here

    def is_folder(self, path: Path) -> bool:
        """Tell whether a path is a folder that holds a file of the revision."""
        return self._name(self.resolve(path)) in self._folders

    def exists(self, path: Path) -> bool:
        """Tell whether there is a file or folder of this path."""
        name = self._name(self.resolve(path))
        return name in self._folders or name in self._entries

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, sorted; none when it is none."""
        name = self._name(self.resolve(folder))
        return list(self._folders.get(name, ())) if name is not None else []

    def _name(self, path: Path) -> str | None:
        """Return what git calls a path; None outside of the repository."""
        try:
            name = path.relative_to(self.top).as_posix()
        except ValueError:
            return None
        return "" if name == "." else name

    def _target(self, name: str) -> str | None:
        """Return what a link points to; None for what is no link, or none that can be followed."""
        entry = self._entries.get(name)
        if entry is None or entry.mode != _LINK:
            return None
        if name not in self._targets:
            try:
                data = self._blobs.read(entry.digest, _LONGEST_PATH + 1)
            except OSError:
                data = b""
            followed = 0 < len(data) <= _LONGEST_PATH and b"\0" not in data
            self._targets[name] = os.fsdecode(data) if followed else ""
        return self._targets[name] or None

    def _list(self, name: str) -> None:
        """Put a file into its folder, and that into its own as far as it is new."""
        folder, _, last = name.rpartition("/")
        known = folder in self._folders
        self._folders.setdefault(folder, []).append(last)
        if not known:
            self._list(folder)


def open_revision(folder: Path, revision: str, environment: Mapping[str, str]) -> Revision:
    """Open the files of a revision of the repository that a folder is in. Raises `GitError`."""
    git = Git(environment)
    top = git.top(folder)
    listed = git.run(top, "ls-tree", "-r", "-z", "--full-tree", git.commit(top, revision))
    entries: dict[str, _Entry] = {}
    if listed.count(b"\0") > MOST_FILES:
        raise GitError(f"the revision has more than {MOST_FILES:,} files")
    for line in filter(None, listed.split(b"\0")):
        about, _, raw = line.partition(b"\t")
        mode, kind, digest = about.decode("ascii").split(" ")
        name = os.fsdecode(raw)
        # git refuses such names where it checks them; a tree that was made by hand may have them.
        if kind == "blob" and _NO_NAMES.isdisjoint(name.split("/")):
            entries[name] = _Entry(mode, digest)
    return Revision(top, entries, Blobs(git, top))
