"""What holds for a whole run and can change what is found: the program, and how it was called."""

from __future__ import annotations

import json
import sys
import unicodedata
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..source.asking import digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .workers import Workers

_PACKAGE: Final = Path(__file__).resolve().parent.parent
# Whose words or ways findings depend on.
_LIBRARIES: Final = ("anyascii", "jinja2", "jsonschema", "jsonschema-rs", "PyYAML", "tokenizers")
_ENDINGS: Final = (".py", ".j2", ".json")


def context_of(workers: Workers) -> str:
    """Return a hash of all that holds for a run. Raises OSError when the program is not there.

    The program counts by its own files: while it is worked on, its version stays the same.
    """
    given = [
        str(workers.base),
        str(workers.root),
        sorted(workers.environment.items()),
        workers.target,
        workers.select,
        workers.ignore,
        workers.tokenizer and _digest_of(Path(workers.tokenizer)),
    ]
    about = [sys.version, unicodedata.unidata_version, *_versions(), *_own_files(), given]
    return digest(json.dumps(about).encode("ascii"))


def _versions() -> Iterator[str]:
    for name in _LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"no {name}"


@cache
def _digest_of(path: Path) -> str:
    """Return the hash of a tokenizer's file; once, since it is loaded once as well."""
    return digest(path.read_bytes())


@cache
def _own_files() -> tuple[str, ...]:
    """Return the names and hashes of this program's files; its schemas may stand beside it.

    Once: what goes on for long (`--watch`) stays the program that it was started as.
    """
    beside = (_PACKAGE.parent / "schemas").glob("*.schema.json")
    return tuple(
        f"{path.relative_to(_PACKAGE.parent).as_posix()} {digest(path.read_bytes())}"
        for path in sorted((*_PACKAGE.rglob("*"), *beside))
        if path.suffix in _ENDINGS
    )
