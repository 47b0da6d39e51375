"""Guess what a misspelt word was meant to be."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_KNOWN: Final = 300
_LONGEST: Final = 100


def close_matches(word: str, known: Iterable[str], cutoff: float = 0.66) -> list[str]:
    """Return the known word that is most like this one, or nothing.

    `cutoff` is how like it must be, from 0 to 1. Comparing takes time that grows with both: of
    endless lists only the beginning is looked at, and endless words are like nothing.
    """
    if len(word) > _LONGEST:
        return []
    return get_close_matches(word, list(islice(known, _MOST_KNOWN)), n=1, cutoff=cutoff)
