"""A file on disk, read and formatted as the program does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from m2her_compose.compiler import Compiler, Input
from m2her_compose.formatting import Formatted, format_file
from m2her_compose.source import Disk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from m2her_compose.formatting.work import Style


def outcome(path: Path, style: Style | None = None) -> Formatted:
    """Return what comes of a file that was named."""

    def compiler_for(texts: Mapping[Path, bytes]) -> Compiler:
        return Compiler(base=path.parent, files=Disk(texts=texts))

    made = format_file(compiler_for, compiler_for({}), Input(path=path), style)
    assert made is not None
    return made
