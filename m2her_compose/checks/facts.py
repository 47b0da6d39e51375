"""What the library's own rules need to know of a file: little, and nothing that is large."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from zlib import crc32

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from ..diagnostics import Span
    from ..schema import Kind

SKETCH: Final = 64
_HASHES: Final = 1 << 32
# A word, or signs of a script that is written without blanks: each of them counts as a word.
_SIGNS: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_WORD: Final = re.compile(rf"{_SIGNS.pattern}|[^\W_]+")


# What makes words of ASCII: letters become small, digits stay, and all else parts them.
_ASCII_WORDS: Final = bytes(
    ord(chr(i).lower()) if bytes([i]).isalnum() else ord(" ") for i in range(256)
)


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
    hashes: list[int] = []
    for text in texts:
        words = _words(text)
        runs = zip(words, words[1:], words[2:], strict=False)
        hashes.extend(map(crc32, map(b" ".join, runs)))
    # They are spread evenly, so that of many only those below a bound need to be put in order.
    bound = 3 * SKETCH * _HASHES // max(1, len(hashes))
    small = {each for each in hashes if each < bound}
    return tuple(sorted(small if len(small) >= SKETCH else set(hashes))[:SKETCH])


def _words(text: str) -> list[bytes]:
    if text.isascii():
        return text.encode().translate(_ASCII_WORDS).split()
    found = _WORD.findall(text.casefold())
    words = [" ".join(each) if _SIGNS.match(each) else each for each in found]
    return " ".join(words).encode("utf-8", "replace").split()


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """Estimate which share of their runs of words two files have in common, from 0 to 1."""
    smallest = sorted({*one, *other})[:SKETCH]
    return len({*one} & {*other} & {*smallest}) / len(smallest) if smallest else 0.0
