"""What changes in a text, by words; in scripts without spaces, by characters."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from .sequences import Effort, align

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NO_SPACES: Final = (
    r"\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
_WORD: Final = re.compile(
    rf"[{_NO_SPACES}]|[^\W{_NO_SPACES}]+(?:['’][^\W{_NO_SPACES}]+)*|\n|[^\S\n]+|[^\w\s]"
)
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
_SAYS_SOMETHING: Final = re.compile(r"\w")
# Between two changes, so short a stretch that is no word is a part of both.
_SHORT: Final = 3
# Where less than this share of two long texts is the same, one was written in place of the other.
_LEAST_ALIKE: Final = 0.25
_LONG: Final = 40
# Texts of more characters are aligned by lines first.
_MANY: Final = 4_000


class Kind(Enum):
    """What became of a stretch of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class Edit(NamedTuple):
    """A stretch of text, and what became of it."""

    kind: Kind
    text: str


def words(text: str) -> list[str]:
    """Split a text into words, blanks, line breaks and marks, which together are the text."""
    return _WORD.findall(text)


def edits(old: str, new: str, effort: Effort) -> tuple[Edit, ...]:
    """Return what leads from one text to the other: all of both, in order.

    Between two stretches that stay the same, what is gone comes before what is new.
    """
    if len(old) + len(new) <= _MANY:
        return tuple(_tidied(_by_words(old, new, effort)))
    old_lines, new_lines = _LINE.findall(old), _LINE.findall(new)
    found: list[Edit] = []
    for block in align(old_lines, new_lines, effort):
        before = "".join(old_lines[block.old.start : block.old.stop])
        if block.same:
            found.append(Edit(Kind.SAME, before))
            continue
        after = "".join(new_lines[block.new.start : block.new.stop])
        found.extend(_by_words(before, after, effort))
    return tuple(_tidied(found))


def _by_words(old: str, new: str, effort: Effort) -> list[Edit]:
    old_words, new_words = words(old), words(new)
    found: list[Edit] = []
    same = 0
    for block in align(old_words, new_words, effort):
        before = "".join(old_words[block.old.start : block.old.stop])
        if block.same:
            found.append(Edit(Kind.SAME, before))
            same += len(before)
            continue
        after = "".join(new_words[block.new.start : block.new.stop])
        found += [Edit(Kind.GONE, before), Edit(Kind.NEW, after)]
    shorter = min(len(old), len(new))
    if shorter > _LONG and same < _LEAST_ALIKE * shorter:
        return [Edit(Kind.GONE, old), Edit(Kind.NEW, new)]
    return found


def _tidied(found: Sequence[Edit]) -> Iterator[Edit]:
    """Put changes together that only blanks or marks stand between."""
    gone: list[str] = []
    new: list[str] = []
    for number, edit in enumerate(found):
        if edit.kind is Kind.GONE:
            gone.append(edit.text)
        elif edit.kind is Kind.NEW:
            new.append(edit.text)
        elif (gone or new) and number < len(found) - 1 and _joins(edit.text):
            gone.append(edit.text)
            new.append(edit.text)
        else:
            yield from _told(gone, new)
            yield edit
            gone, new = [], []
    yield from _told(gone, new)


def _joins(text: str) -> bool:
    return len(text) <= _SHORT and "\n" not in text and not _SAYS_SOMETHING.search(text)


def _told(gone: Sequence[str], new: Sequence[str]) -> Iterator[Edit]:
    if any(gone):
        yield Edit(Kind.GONE, "".join(gone))
    if any(new):
        yield Edit(Kind.NEW, "".join(new))
