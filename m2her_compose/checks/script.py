"""Which writing a text is in, and which writings a language has."""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Writing(Enum):
    """A way of writing, and how a message calls it. Japanese is told by its kana."""

    LATIN = "Latin letters"
    GREEK = "Greek letters"
    CYRILLIC = "Cyrillic letters"
    ARMENIAN = "Armenian letters"
    HEBREW = "Hebrew letters"
    ARABIC = "Arabic letters"
    DEVANAGARI = "Devanagari"
    BENGALI = "Bengali letters"
    TAMIL = "Tamil letters"
    TELUGU = "Telugu letters"
    THAI = "Thai letters"
    GEORGIAN = "Georgian letters"
    HANGUL = "Hangul"
    KANA = "Japanese"
    HAN = "Chinese characters"


_RANGES: Final[Mapping[Writing, str]] = MappingProxyType(
    {
        Writing.LATIN: "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
        Writing.GREEK: "\u0370-\u03ff\u1f00-\u1fff",
        Writing.CYRILLIC: "\u0400-\u052f",
        Writing.ARMENIAN: "\u0530-\u058f",
        Writing.HEBREW: "\u0590-\u05ff",
        Writing.ARABIC: "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
        Writing.DEVANAGARI: "\u0900-\u097f",
        Writing.BENGALI: "\u0980-\u09ff",
        Writing.TAMIL: "\u0b80-\u0bff",
        Writing.TELUGU: "\u0c00-\u0c7f",
        Writing.THAI: "\u0e00-\u0e7f",
        Writing.GEORGIAN: "\u10a0-\u10ff",
        Writing.HANGUL: "\u1100-\u11ff\uac00-\ud7af",
        Writing.KANA: "\u3040-\u30ff",
        Writing.HAN: "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd",
    }
)
# The most common ones are tried first.
_TRIED: Final = dict.fromkeys((Writing.LATIN, Writing.HAN, Writing.CYRILLIC, *Writing))
_RUN: Final = re.compile("|".join(f"(?P<{w.name}>[{_RANGES[w]}]+)" for w in _TRIED))
# One such sign says about as much as three letters.
_DENSE: Final = frozenset({Writing.HANGUL, Writing.KANA, Writing.HAN})
_DENSITY: Final = 3
# Chinese prose has hardly any kana, Japanese prose at least one sign in five.
_KANA_SHARE: Final = 0.1
_MAJORITY: Final = 0.75

_LANGUAGES: Final[Mapping[Writing, str]] = MappingProxyType(
    {
        Writing.LATIN: "en de fr es it pt nl sv da nb nn no fi et lv lt pl cs sk sl hr hu ro tr id"
        " ms vi tl fil sw af ca gl eu is ga cy mt eo la lb sq",
        Writing.GREEK: "el",
        Writing.CYRILLIC: "ru uk be bg mk ky tg",
        Writing.ARMENIAN: "hy",
        Writing.HEBREW: "he yi",
        Writing.ARABIC: "ar fa ur ps",
        Writing.DEVANAGARI: "hi mr ne",
        Writing.BENGALI: "bn as",
        Writing.TAMIL: "ta",
        Writing.TELUGU: "te",
        Writing.THAI: "th",
        Writing.GEORGIAN: "ka",
        Writing.HANGUL: "ko",
        Writing.KANA: "ja",
        Writing.HAN: "zh yue ja ko",
    }
)
_SCRIPT_SUBTAG: Final = re.compile(r"[A-Za-z]{4}")
_CHINESE_SUBTAGS: Final = ("hans", "hant")


@lru_cache(maxsize=64)
def writings_of(language: str) -> frozenset[Writing]:
    """Return the writings of a BCP 47 language tag; none when they are not known."""
    primary, *subtags = language.lower().split("-")
    named = next((each for each in subtags if _SCRIPT_SUBTAG.fullmatch(each)), None)
    if named is not None and named not in _CHINESE_SUBTAGS:
        return frozenset()
    return frozenset(w for w, languages in _LANGUAGES.items() if primary in languages.split())


def language_in(writing: Writing) -> str | None:
    """Return the one language that is written so, where it is safe to guess."""
    match writing:
        case Writing.HAN:
            return "zh"
        case Writing.LATIN | Writing.CYRILLIC | Writing.ARABIC | Writing.DEVANAGARI:
            return None
        case _:
            return _LANGUAGES[writing].split()[0]


def weigh(texts: Iterable[str]) -> Counter[Writing]:
    """Return how much of some texts is in each writing, in letters."""
    signs: dict[str, int] = dict.fromkeys(Writing.__members__, 0)
    for run in _RUN.finditer("\n".join(texts)):
        signs[run.lastgroup or ""] += run.end() - run.start()
    found: Counter[Writing] = Counter()
    for name, count in signs.items():
        if count:
            writing = Writing[name]
            found[writing] = count * (_DENSITY if writing in _DENSE else 1)
    kana, han = found[Writing.KANA], found[Writing.HAN]
    if kana > _KANA_SHARE * (kana + han):
        found[Writing.KANA] += found.pop(Writing.HAN, 0)
    return found


def main_writing(found: Counter[Writing]) -> Writing | None:
    """Return the writing that nearly all is in; None where two are mixed, or there is nothing."""
    if not found.total():
        return None
    [(writing, weight)] = found.most_common(1)
    return writing if weight >= _MAJORITY * found.total() else None
