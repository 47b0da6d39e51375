"""Write results to disk: whole or not at all, under safe names, and never through a link."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_UNSAFE: Final = re.compile(r"[^\w.=,\[\] -]+")
_LONGEST_BYTES: Final = 180  # file systems take 255, and a hash and an ending follow
# Names that Windows keeps for devices, whatever their ending.
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


class RefusedError(OSError):
    """Nothing may be written there; the message says why."""


def file_names(ids: Iterable[str], ending: str) -> Mapping[str, str]:
    """Return a file name for each id: readable, safe on every system, and unique without case."""
    names: dict[str, str] = {}
    taken: dict[str, str] = {}
    for each in ids:
        name = _slug(each)
        if name != each or taken.get(name.casefold(), each) != each:
            import hashlib

            digest = hashlib.sha256(each.encode("utf-8", "surrogatepass")).hexdigest()[:8]
            name = f"{name}-{digest}"
        taken[name.casefold()] = each
        names[each] = name + ending
    return names


def _slug(text: str) -> str:
    safe = _UNSAFE.sub("_", text).encode()[:_LONGEST_BYTES]
    name = safe.decode(errors="ignore").strip(" .")
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


def write_file(path: Path, text: str) -> None:
    """Write a file whole: to a temporary file beside it, which then takes its place.

    Raises `RefusedError` when the path is a link or no regular file, OSError when writing fails.
    """
    if path.is_symlink():
        raise RefusedError(f"{path} is a link: nothing is written through links")
    if path.exists() and not path.is_file():
        raise RefusedError(f"{path} is not a regular file")
    import tempfile

    descriptor, temporary = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part"
    )
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        _take_mode(Path(temporary), path)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def _take_mode(temporary: Path, path: Path) -> None:
    """Give the file the mode that it had, or that any new file would have."""
    if path.exists():
        mode = path.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    temporary.chmod(mode)
