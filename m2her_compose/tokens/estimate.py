"""Estimate how many tokens a text is, by the scripts and the shapes of its words.

A vocabulary of 200,000 tokens is a few megabytes; its habits are a few pages. Byte-pair encoders
cut a text into words, runs of punctuation, numbers and white space first, and a word's tokens
depend on its length, its case, what stands before it and whether it stands in prose or in code.
That is what `shape` keeps of a word. Ideographs, kana, Cyrillic letters and emoji have a cost of
their own each, since what they merge with depends on how common they are.

All costs are in hundredths of a token, as whole numbers: the order of summation cannot matter.
They are fitted to o200k_base (benchmarks/tokens.md); M2-her's own vocabulary is not published.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

from .weights import CHARACTERS, RANGES, SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

HUNDREDTHS: Final = 100
_BLOCK: Final = 1 << 20  # characters looked at together: what bounds the memory
_CACHED_LENGTH: Final = 48  # longer chunks seldom repeat
_CACHED_COSTS: Final = 1 << 15

_ASCII: Final = bytes(range(0x80))
_CONTINUATION_BYTES: Final = bytes(range(0x80, 0xC0))


def _class_of(lead: int) -> int:
    """Return the letter that stands for a character, given the first byte of its UTF-8."""
    if lead < 0x80:  # noqa: PLR2004 - ASCII: letters and digits by class, all others as they are
        letter = chr(lead)
        return (
            ord("a" if letter.islower() else "A" if letter.isupper() else "0")
            if (letter.isalnum())
            else lead
        )
    bounds = ((0xC3, "\x01"), (0xCE, "e"), (0xD0, "o"), (0xD4, "r"), (0xE0, "o"))
    return ord(next((letter for bound, letter in bounds if lead < bound), "h"))


# ASCII stays itself but for `a` lower case, `A` upper case, `0` digit; of the others there is one
# byte a character: `\x01` sign, `e` accented Latin, `r` Cyrillic, `o` other alphabet, `h` the rest.
_CLASSES: Final = bytes(map(_class_of, range(256)))

_PIECE: Final = re.compile(
    rb"(?P<word>[^aAero0h \r\n]?(?:A*[ae]+|A+)(?:'a{1,2}(?![aA]))?)"
    rb"|(?P<cyrillic>[^aAero0h \r\n]?r+)"
    rb"|(?P<alphabet>[^aAero0h \r\n]?o+)"
    rb"|(?P<digits>0+)"
    rb"|(?P<marks>[^aAero0h\s]+[\r\n/]*)"
    rb"|(?P<space>\s+)"
    rb"|(?P<wide>h+)",
)
_CODE: Final = re.compile(rb"[_=(){}\[\]<>/\\|&$#@+`~^%]|aA|a\.[aA]|0[aA]|[aA]0")
_LINE_END: Final = re.compile(rb"[\r\n]")
_GAP: Final = re.compile(rb"  +")
_LEADS: Final[Mapping[int, str]] = {ord("."): "dot", ord("_"): "underscore", ord("\t"): "tab"}
_LETTERS: Final = frozenset(b"aAero")


def estimate(text: str) -> int:
    """Return about how many tokens a text is: 0 for the empty one, at least 1 for any other.

    The time is linear in the length of the text, whatever it holds.
    """
    blocks = (text[start : start + _BLOCK] for start in range(0, len(text), _BLOCK))
    cost = sum(map(_cost_of_block, blocks))
    return max(1, (cost + HUNDREDTHS // 2) // HUNDREDTHS) if text else 0


def estimate_at_most(texts: Sequence[str]) -> int:
    """Return a number that the sum of several texts' estimates does not exceed, and nearly is.

    Together they are looked at in a fraction of the time that each of them takes by itself.
    """
    joined = " ".join(texts)
    if len(joined) > _BLOCK:
        return sum(map(estimate, texts))
    # Each is rounded by itself, up to a whole token; and where two meet, two gaps may become one.
    seams = sum(text.endswith("  ") for text in texts)
    return _cost_of_block(joined) // HUNDREDTHS + len(texts) + seams


def _cost_of_block(text: str) -> int:
    shape = shape_of(text)
    cost = sum(map(_COSTS_OF_CHUNKS.__getitem__, shape.split(b" ")))
    if b"  " in shape:
        cost += _cost_of("gap", 1) * len(_GAP.findall(shape))
    if text.isascii():
        return cost
    return cost + sum(map(_COSTS_OF_CHARACTERS.__getitem__, beyond_ascii(text)))


def shape_of(text: str) -> bytes:
    """Return a text's shape: one byte a character, its class."""
    encoded = text.encode("utf-8", "surrogatepass")
    if len(encoded) == len(text):
        return encoded.translate(_CLASSES)
    return encoded.translate(_CLASSES, _CONTINUATION_BYTES)


def beyond_ascii(text: str) -> str:
    """Return the characters beyond ASCII."""
    encoded = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return encoded.decode("utf-8", "surrogatepass")


def pieces(chunk: bytes) -> Iterator[tuple[str, int]]:
    """Cut the shape of a text without spaces as encoders cut it: kinds of pieces, and lengths."""
    context = "code" if _CODE.search(chunk) else "prose"
    for found in _PIECE.finditer(chunk):
        piece = found[0]
        match found.lastgroup:
            case "word":
                lead = _lead(chunk, found.start())
                yield from _word(piece, f"{context} {lead}")
            case "cyrillic":
                lead = _lead(chunk, found.start())
                kind = "cyrillic" if lead == "break" else "cyrillic inner"
                yield kind, piece.count(b"r")
            case "alphabet":
                yield "alphabet", piece.count(b"o")
            case "digits":
                yield "number", (len(piece) + 2) // 3
            case "marks":
                yield from _marks(piece)
            case "space":
                yield "space", 1
            case _:
                yield "wide", 1


def _lead(chunk: bytes, start: int) -> str:
    """Say what stands before the letters of a word: its own sign, a break, a word, or signs."""
    if chunk[start] not in _LETTERS:
        return _LEADS.get(chunk[start], "sign")
    if start == 0 or chunk[start - 1] == ord("\n"):
        return "break"
    return "middle" if chunk[start - 1] in _LETTERS else "after"


def _word(piece: bytes, group: str) -> Iterator[tuple[str, int]]:
    letters = piece if piece[0] in _LETTERS else piece[1:]
    letters, apostrophe, _ = letters.partition(b"'")
    if apostrophe:
        yield "contraction", 1
    if accented := letters.count(b"e"):
        yield "accents", accented
    capitals = letters.count(b"A")
    case = "upper" if capitals == len(letters) else ("lower", "title", "mixed")[min(capitals, 2)]
    yield f"{group} {case}", len(letters)


def _marks(piece: bytes) -> Iterator[tuple[str, int]]:
    """Take a run of signs apart: encoders keep line ends with it, and slashes that follow them."""
    signs, *lines = _LINE_END.split(piece)
    alike = len(signs) > 1 and signs.count(signs[:1]) == len(signs)
    kind = "rule" if alike else "marks"
    yield (f"{kind} at the end" if lines else kind), len(signs)
    yield from (("slashes", len(line)) for line in lines if line)


def _cost_of_chunk(chunk: bytes) -> int:
    return max(0, sum(_cost_of(kind, length) for kind, length in pieces(chunk)))


def _cost_of(kind: str, length: int) -> int:
    """Return a piece's cost: by length as far as the table goes, and a rate for what is beyond."""
    if (found := SHAPES.get(kind)) is None:
        return HUNDREDTHS
    costs, rate = found
    known = min(length, len(costs))
    return costs[known - 1] + rate * (length - known)


def _cost_of_character(char: str) -> int:
    known = _characters().get(char)
    return known if known is not None else RANGES[bisect_right(_starts(), ord(char)) - 1][1]


@cache
def _characters() -> Mapping[str, int]:
    return {char: cost for cost, chars in CHARACTERS for char in chars}


@cache
def _starts() -> tuple[int, ...]:
    return tuple(start for start, _ in RANGES)


T = TypeVar("T", bound="str | bytes")


class _Costs(dict[T, int]):
    """What has been asked for and may be again: a dictionary answers without a call of Python."""

    def __init__(self, cost_of: Callable[[T], int]) -> None:
        super().__init__()
        self._cost_of: Callable[[T], int] = cost_of

    def __missing__(self, key: T) -> int:
        cost = self._cost_of(key)
        if len(key) <= _CACHED_LENGTH:
            if len(self) >= _CACHED_COSTS:
                self.clear()
            self[key] = cost
        return cost


_COSTS_OF_CHUNKS: Final = _Costs(_cost_of_chunk)
_COSTS_OF_CHARACTERS: Final = _Costs(_cost_of_character)
