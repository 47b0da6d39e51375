"""Reading files: through one small protocol, bounded, decoded, and never outside the library."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from ..diagnostics import Source, Span
from ..diagnostics import codes as c
from ..frozen import frozen
from .build import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Sink


_CHUNK: Final = 1 << 12


class Files(Protocol):
    """Where files come from: the disk, an editor's unsaved text, a revision."""

    def read(self, path: Path) -> bytes:
        """Return a regular file's bytes, at most one more than the limit; raise OSError."""

    def resolve(self, path: Path) -> Path:
        """Return the absolute path with every symlink followed; the file need not exist."""

    def is_folder(self, path: Path) -> bool:
        """Tell whether a path is a folder."""

    def names(self, folder: Path) -> list[str]:
        """Return the names in a folder, sorted; none when it cannot be listed."""


class NotRegularError(OSError):
    """The path names a folder, a device or a pipe where a file is wanted."""


@frozen
class Disk:
    """The files on disk, with `texts` in place of some of them (standard input, an editor).

    `log` takes the paths of what is read, symlinks resolved. `folders` remembers where folders
    really are: then links to them must not change while it is used.
    """

    max_bytes: int = DEFAULT_LIMITS.bytes
    texts: Mapping[Path, bytes] = MappingProxyType({})
    log: set[Path] | None = None
    folders: dict[str, str] | None = None

    def read(self, path: Path) -> bytes:
        if self.log is not None:
            self.log.add(self.resolve(path))
        if self.texts and path in self.texts:
            return self.texts[path]
        # Opening a pipe would wait for its writer, and reading a device might never end.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            found = os.fstat(descriptor)
            if stat.S_ISDIR(found.st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISREG(found.st_mode):
                message = "not a regular file"
                raise NotRegularError(message)
            return _contents(descriptor, found.st_size, self.max_bytes + 1)
        finally:
            os.close(descriptor)

    def resolve(self, path: Path) -> Path:
        name = str(path)
        real = real_path(name, self.folders)
        return path if real == name else Path(real)

    def is_folder(self, path: Path) -> bool:
        return path.is_dir()

    def names(self, folder: Path) -> list[str]:
        try:
            return sorted(entry.name for entry in folder.iterdir())
        except OSError:
            return []


def _contents(descriptor: int, size: int, most: int) -> bytes:
    """Return an open file's bytes, at most so many; it may have become longer than its size."""
    parts: list[bytes] = []
    while most > 0 and (part := os.read(descriptor, min(most, max(size + 1, _CHUNK)))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def decode(
    data: bytes, path: str, sink: Sink, max_bytes: int = DEFAULT_LIMITS.bytes
) -> Source | None:
    """Decode a file's bytes; None, with a finding, when they are too many or not UTF-8."""
    if len(data) > max_bytes:
        empty = Source(path=path, text="")
        sink.add(
            c.YAML_LIMIT,
            f"the file is larger than {max_bytes:,} bytes",
            Span(empty, 0, 0),
            help="split the file",
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        source = Source(path=path, text=data.decode("utf-8-sig", "replace"))
        wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
        what = "the file is UTF-16" if wide else f"the byte 0x{data[error.start]:02X} is not UTF-8"
        sink.add(
            c.ENCODING,
            what,
            Span(source, len(before), len(before) + 1),
            help="save the file as UTF-8",
        )
        return None
    return Source(path=path, text=text)


def real_path(path: str, folders: dict[str, str] | None = None) -> str:
    """Return an absolute path with every symlink followed, as `os.path.realpath` does.

    `folders` remembers where folders really are: looking up each step of each path anew takes
    longer than reading a file.
    """
    folder, name = os.path.split(path)
    if folders is None or os.name == "nt" or name in ("", os.curdir, os.pardir):
        return os.path.realpath(path)
    real = folders.get(folder)
    if real is None:
        real = folders[folder] = os.path.realpath(folder)
    found = os.path.join(real, name)  # noqa: PTH118 - a Path takes longer to make
    try:
        is_link = stat.S_ISLNK(os.lstat(found).st_mode)
    except OSError:  # it need not exist
        return found
    return os.path.realpath(path) if is_link else found


def shown_path(path: Path, base: Path) -> str:
    """Return a path as people are shown it: relative to `base` where it lies under it."""
    name, folder = str(path), str(base)
    if not folder.endswith(os.sep):
        folder += os.sep
    if name.startswith(folder):
        return name[len(folder) :].replace(os.sep, "/")
    try:
        return path.relative_to(base).as_posix()
    except ValueError:
        return path.as_posix()
