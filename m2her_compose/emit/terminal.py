"""Text that goes to people: made harmless, measured, cut and coloured.

A terminal obeys some of the characters it is sent and hides others, and authors' files, model
replies and file names may hold any of them. What is written to a person goes through `visible`
first. Widths are in cells: the columns of a terminal, two for a Chinese character or an emoji.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ELLIPSIS = "…"
TAB = " " * 4
# Where a line of Chinese or Japanese does not begin, and where it does not end.
_CLOSING = frozenset("，。、；：！？）】》」』”’…％")
_OPENING = frozenset("（【《「『“‘")
# The most that goes to the next line for that.
_MOST_CARRIED = 3

# C0 but TAB, DEL and C1; what reorders text (the Trojan Source set), breaks lines or takes no
# room; halves of surrogate pairs, which no encoder accepts; and the tag characters.
_ALWAYS_HIDDEN = (
    r"\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f"
)
# Where ZWJ and ZWNJ change what is seen: the scripts from Hebrew to Vedic, and emoji. Between
# Latin or Chinese letters they are only a way to make two names that look the same.
_JOINED = (
    r"\u0590-\u061b\u061d-\u180d\u180f-\u1cff\u2190-\u2bff\ua800-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    r"\U00010800-\U00011fff\U0001e900-\U0001e95f\U0001f000-\U0001faff"
)
_SELECTOR = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"
_HIDDEN = re.compile(
    rf"[{_ALWAYS_HIDDEN}]"
    rf"|(?<![{_JOINED}\ufe0f])[\u200c\u200d]"
    rf"|[\u200c\u200d](?![{_JOINED}])"
    # One selector picks a form of the character before it; a run of them carries hidden data.
    rf"|(?<=[{_SELECTOR}])[{_SELECTOR}]+[\u200c\u200d]*"
)
_CHANGED = re.compile(rf"\t|{_HIDDEN.pattern}")
# How these are shown depends on what comes after them: joiners, selectors, half of a CR LF.
_UNDECIDED = "\u200c\u200d\r" + "".join(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
_MOST_UNDECIDED = 256

_ZWJ = "\u200d"
_MODIFIER = r"\U0001f3fb-\U0001f3ff"
_REGIONAL = r"\U0001f1e6-\U0001f1ff"
_PICTOGRAPH = r"\xa9\xae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_IS_MODIFIER = re.compile(rf"[{_MODIFIER}]")
_IS_REGIONAL = re.compile(rf"[{_REGIONAL}]")
_IS_PICTOGRAPH = re.compile(rf"[{_PICTOGRAPH}]")
# A character of one cell that what follows turns into an emoji of two.
_EMOJI_FORM = re.compile(rf"[0-9#*{_PICTOGRAPH}][^\ufe0f{_PICTOGRAPH}]*[\ufe0f{_PICTOGRAPH}]")
# Vowels and finals of decomposed Hangul are drawn into the block of the initial before them.
_HANGUL_JOINED = re.compile(r"[\u1160-\u11ff\ud7b0-\ud7fb]")

# Words, with a name in backticks as one.
_WORD = re.compile(r"(?:`[^`]*`|[^ `]|`)+")

# How many code points may stand in one cell before text counts as too long to show.
_POINTS_PER_CELL = 8


def visible(text: str, *, keep_newlines: bool = False) -> str:
    r"""Return text that shows what it holds: no character acts on the terminal or hides.

    Controls, direction marks, invisible and unpaired characters become escapes, as in
    `\u{202e}`; a TAB becomes four spaces. Joiners stay where a script or an emoji needs them.
    `keep_newlines` keeps LF, and turns CR LF into LF; otherwise the result is one line.
    """
    if keep_newlines:
        return "\n".join(map(visible, text.replace("\r\n", "\n").split("\n")))
    return _HIDDEN.sub(lambda found: _escaped(found[0]), text).replace("\t", TAB)


class VisibleStream:
    """Makes text visible that comes in pieces: together they give what the whole would.

    The last characters are held back where what follows decides how they are shown.
    """

    def __init__(self) -> None:
        self._before = ""
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what can be shown by now; newlines are kept."""
        text = self._held + text
        kept = text.rstrip(_UNDECIDED)
        if len(text) - len(kept) > _MOST_UNDECIDED:  # nobody writes so
            kept = text
        self._held = text[len(kept) :]
        return self._shown(kept)

    def finish(self) -> str:
        """Return what was held back."""
        text, self._held = self._held, ""
        return self._shown(text)

    def _shown(self, text: str) -> str:
        known = visible(self._before, keep_newlines=True)
        shown = visible(self._before + text, keep_newlines=True)[len(known) :]
        # One character before decides how a joiner or a selector is shown.
        self._before = (self._before + text)[-1:]
        return shown


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Split text into its smallest pieces that keep their width, each with how it is shown.

    The first of a pair is the text itself, so that the pairs map places in the text to places
    on the screen; the second is what `visible` makes of it.
    """
    done = 0
    for found in _CHANGED.finditer(text):
        yield from ((cluster, cluster) for cluster in clusters(text[done : found.start()]))
        yield from ((char, TAB if char == "\t" else _escaped(char)) for char in found[0])
        done = found.end()
    yield from ((cluster, cluster) for cluster in clusters(text[done:]))


def clusters(text: str) -> Iterator[str]:
    """Split text into what is drawn as one: a character and its marks, a flag, a joined emoji.

    A simpler rule than UAX #29, and on purpose: it only joins what terminals join.
    """
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not _continues(text, start, at):
            yield text[start:at]
            start = at


def cells(text: str) -> int:
    """Return the width of one line of `visible` text, in cells.

    East Asian wide and full-width characters take two, marks none, and an emoji two however it
    is put together. Characters of ambiguous width take one.
    """
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_cluster_cells, clusters(text)))


def padded(text: str, width: int) -> str:
    """Return `visible` text of at least `width` cells, with blanks behind it."""
    return text + " " * max(0, width - cells(text))


def clip(text: str, width: int, *, keep_end: bool = False) -> str:
    """Return `visible` text of at most `width` cells, with an ellipsis where it was cut.

    The beginning is kept, or with `keep_end` the end (of a path, say, the file's name).
    """
    if width <= 0:
        return ""
    points = _POINTS_PER_CELL * width
    near = text[max(len(text) - points, 0) :] if keep_end else text[:points]
    if len(near) == len(text) and cells(text) <= width:
        return text
    parts = list(clusters(near))
    if keep_end:
        return ELLIPSIS + "".join(reversed(_fitting(parts[::-1], width - 1)))
    return "".join(_fitting(parts, width - 1)) + ELLIPSIS


def wrap(text: str, room: int) -> list[str]:
    """Break a line of `visible` text into lines of at most `room` cells.

    Text that fits stays as it is. Otherwise it breaks between words, and inside a word or a
    name in backticks only if that alone is too long. All lines keep the indentation.
    """
    if cells(text) <= room:
        return [text]
    body = text.lstrip(" ")
    indent = " " * min(len(text) - len(body), room // 2)
    lines = [""]
    for word in _words(body, room - len(indent)):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(longer) <= room - len(indent):
            lines[-1] = longer
        else:
            lines.append(word)
    return [indent + line for line in lines]


def _words(text: str, room: int) -> Iterator[str]:
    for word in _WORD.findall(text):
        for part in [word] if cells(word) <= room else word.split():
            yield from _chunks(part, room)


def _chunks(word: str, room: int) -> Iterator[str]:
    """Cut a word that is wider than `room` cells into parts that are not.

    As Chinese and Japanese are set, no part begins with what closes, nor ends with what opens.
    """
    part: list[str] = []
    used = 0
    for cluster in clusters(word):
        size = cells(cluster)
        while part and used + size > room:
            at = _break(part, cluster)
            yield "".join(part[:at])
            part = part[at:]
            used = sum(map(cells, part))
        part.append(cluster)
        used += size
    yield "".join(part)


def _break(part: Sequence[str], following: str) -> int:
    """Return where to break a full line, at most a few characters before its end."""
    for at in range(len(part), max(1, len(part) - _MOST_CARRIED) - 1, -1):
        after = part[at] if at < len(part) else following
        if after not in _CLOSING and part[at - 1] not in _OPENING:
            return at
    return len(part)


class Style(Enum):
    """What a stretch of text is, by the parameters of its ANSI escape sequence."""

    ERROR = "1;31"
    WARNING = "1;33"
    NOTE = "1;36"
    GUTTER = "1;34"
    STRONG = "1"
    FAINT = "2"
    MODEL = "1;35"
    USER = "1;32"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that are on or off; off, text stays as it is."""

    enabled: bool

    def paint(self, style: Style, text: str) -> str:
        """Return text in a style. Measure before painting: escape sequences have no width."""
        return f"\x1b[{style.value}m{text}\x1b[0m" if self.enabled and text else text


def _escaped(text: str) -> str:
    return "".join(f"\\u{{{ord(char):x}}}" for char in text)


def _continues(text: str, start: int, at: int) -> bool:
    """Tell whether the character at `at` belongs to the cluster that began at `start`."""
    char, before = text[at], text[at - 1]
    if char < "\u0300":
        return False
    if _char_cells(char) == 0:
        return True
    if _IS_REGIONAL.match(char):
        return at - start == 1 and _IS_REGIONAL.match(before) is not None
    if not _IS_PICTOGRAPH.match(char) or not _IS_PICTOGRAPH.match(text[start]):
        return False
    return before == _ZWJ or bool(_IS_MODIFIER.match(char) and not _IS_MODIFIER.match(before))


@lru_cache(maxsize=4096)
def _char_cells(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me"} or _HIDDEN.match(char):
        return 0
    if _HANGUL_JOINED.match(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _cluster_cells(cluster: str) -> int:
    if len(cluster) > 1 and _EMOJI_FORM.match(cluster):
        return 2
    return _char_cells(cluster[0])


def _fitting(parts: list[str], width: int) -> list[str]:
    """Return the first clusters that together take at most `width` cells."""
    used = 0
    for count, part in enumerate(parts):
        used += _cluster_cells(part)
        if used > width:
            return parts[:count]
    return parts
