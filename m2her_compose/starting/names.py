"""What a new file is called: its own name from the one that the author gives."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ..emit.files import file_names
from ..errors import UsageError
from ..frozen import frozen
from ..schema import Kind
from ..source.writing import is_plain

_LONGEST: Final = 100
_LONGEST_STEM: Final = 60
_ENDING: Final = re.compile(r"\.ya?ml\Z", re.IGNORECASE)
_PLAIN: Final = re.compile(r"[a-z0-9]+(?:[_-]+[a-z0-9]+)*")
_TEMPLATE: Final = re.compile(r"\{[{%#]")
_APOSTROPHES: Final = re.compile("['`\u2018\u2019\u02bc]")
# How a transliteration shows where a syllable ends: TingYuChaGuan.
_SYLLABLE: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_REFUSED: Final = re.compile(r"[^a-z0-9-]+")
# Words that stand for somebody in every scenario, or for something at a turn.
_KEPT: Final = ("user", "ai", "narrator", "thought", "keep", "raw")


@frozen
class Named:
    """A new file's name without its ending, and the title or name that is written into it."""

    stem: str
    title: str


def named(text: str, kind: Kind, title: str | None = None) -> Named:
    """Return what the file of a scenario, character or persona of this name is called.

    The file's name is in small ASCII letters, so that it is the same on every system: other
    scripts are transliterated, and stay as they are in the title. Raises `UsageError` for what
    cannot be a name.
    """
    given = _ENDING.sub("", unicodedata.normalize("NFC", text).strip())
    shown = unicodedata.normalize("NFC", title).strip() if title is not None else None
    _refuse(given, f"the name of the {kind.value}")
    if shown is not None:
        _refuse(shown, "the title")
    if "/" in given or "\\" in given or given in (".", ".."):
        raise UsageError(f"`{given}` is a path: give a name, and the library says where it belongs")
    stem = _stem(given, kind)
    if not stem:
        raise UsageError(f"`{given}` gives no file name: use letters or digits")
    if file_names((stem,), "")[stem] != stem:
        raise UsageError(f"no file can be called `{stem}` on Windows: choose another name")
    if kind is Kind.CHARACTER and stem in _KEPT:
        raise UsageError(f"no character can be called `{stem}`: the format keeps this word")
    if kind is Kind.CHARACTER and not is_plain(stem):
        raise UsageError(f"no character can be called `{stem}`: YAML does not read it as a word")
    return Named(stem=stem, title=shown or _title(given, kind))


def _refuse(text: str, what: str) -> None:
    if not text:
        raise UsageError(f"{what} is empty")
    if len(text) > _LONGEST:
        raise UsageError(f"{what} has {len(text):,} characters: it may have {_LONGEST}")
    if not text.isprintable():
        raise UsageError(f"{what} holds a character that cannot be shown")
    if _TEMPLATE.search(text):
        raise UsageError(f"{what} would be read as a template: leave the braces out")


def _stem(given: str, kind: Kind) -> str:
    text = given
    if not text.isascii():
        from anyascii import anyascii

        text = _SYLLABLE.sub("_", anyascii(text))
    plain = _REFUSED.sub("_", _APOSTROPHES.sub("", text).lower())
    if kind is not Kind.SCENARIO:  # their names serve as keys, where no hyphen may stand
        plain = plain.replace("-", "_")
    return plain.strip("_-")[:_LONGEST_STEM].rstrip("_-")


def _title(given: str, kind: Kind) -> str:
    """Return a name for people: of `night_train`, which is one for files, Night train."""
    if not _PLAIN.fullmatch(given):
        return given
    words = re.split(r"[_-]+", given)
    if kind is Kind.SCENARIO:
        return " ".join(words).capitalize()
    return " ".join(word.capitalize() for word in words)
