"""Tell a slip of the pen from another word: what may be mended without asking.

Stricter than a guess for a message: the author must have meant one word, and no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Words of fewer letters are one slip away from too many others.
_SHORTEST_WORD: Final = 4


def is_misspelling(word: str, meant: str, known: Iterable[str]) -> bool:
    """Tell whether a word is one slip away from what was meant, and from nothing else known."""
    near = [each for each in known if _is_one_slip(word.lower().replace("-", "_"), each.lower())]
    return near == [meant]


def _is_one_slip(word: str, other: str) -> bool:
    """Tell whether one letter was added, left out or changed, or two neighbours swapped."""
    shorter, longer = sorted((word, other), key=len)
    if len(shorter) < _SHORTEST_WORD or len(longer) - len(shorter) > 1:
        return False
    same = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    if same is None:
        return True
    if len(shorter) < len(longer):
        return shorter[same:] == longer[same + 1 :]
    changed = word[same + 1 :] == other[same + 1 :]
    swapped = word[same : same + 2] == other[same : same + 2][::-1]
    return changed or (swapped and word[same + 2 :] == other[same + 2 :])
