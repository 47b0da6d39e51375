"""What the library's own rules need to know of a file: little, and nothing that is large."""

from __future__ import annotations

import re
from heapq import nsmallest
from typing import TYPE_CHECKING, Final
from zlib import crc32

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ..diagnostics import Span
    from ..schema import Kind

SKETCH: Final = 64
# A word, or one sign of a script that is written without blanks.
_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+")


@frozen
class Facts:
    """One file, for the rules that compare files.

    `path` is absolute; `builds_on` are the files that it uses and extends, at any depth.
    `id_span` is where its id stands, else its header. `sketch` are the smallest hashes of what it
    says in its own words: two of them tell how much two files have in common.
    """

    path: Path
    kind: Kind
    id: str
    abstract: bool
    language: str
    id_span: Span
    builds_on: tuple[Path, ...]
    sketch: Sequence[int]


def sketch(texts: Iterable[str]) -> tuple[int, ...]:
    """Return the smallest hashes of a file's runs of three words, at most `SKETCH` of them."""
    hashes: set[int] = set()
    for text in texts:
        words = [each.encode("utf-8", "replace") for each in _WORD.findall(text.casefold())]
        runs = zip(words, words[1:], words[2:], strict=False)
        hashes.update([crc32(b"%b %b %b" % run) for run in runs])
    return tuple(nsmallest(SKETCH, hashes))


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """Estimate which share of their runs of words two files have in common, from 0 to 1."""
    smallest = sorted({*one, *other})[:SKETCH]
    return len({*one} & {*other} & {*smallest}) / len(smallest) if smallest else 0.0
