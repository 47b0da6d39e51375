"""What a service wrote, before anybody sees it: without the key, and with whole characters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .keys import Key

# A character outside the basic plane, written as the two halves that JSON escapes it by.
_PAIR: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_REMEMBERED: Final = 3
_FIRST_HALF: Final = re.compile("[\ud800-\udbff]\\Z")


def whole(text: str) -> str:
    """Return text in which halves of characters that stand side by side are one character."""
    return _PAIR.sub(
        lambda found: found[0].encode("utf-16", "surrogatepass").decode("utf-16"), text
    )


class Clearing:
    """Takes the key out of text that comes in pieces, and joins characters cut in two.

    What looks like the beginning of either is held back, until the next piece or the end decides
    it. The first three characters of a key are no more than what many words end with: they are
    given out, and only the rest of the key is not.
    """

    def __init__(self, key: Key) -> None:
        self._key = key
        self._before = ""  # the last that was given out, where the key may begin
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what can be given out by now."""
        text = whole(self._held + text)
        if ended := self._key.ended_at_beginning(self._before, text):
            text, self._before = self._key.placeholder + text[ended:], ""
        text = self._key.cleared(text)
        kept = max(len(text) - self._key.begun_at_end(self._before + text), 0)
        if kept == len(text) and _FIRST_HALF.search(text):
            kept -= 1
        self._held = text[kept:]
        return self._given(text[:kept])

    def finish(self) -> str:
        """Return what was held back; of a key that was cut off, the placeholder."""
        text, self._held = self._held, ""
        if self._key.begun_at_end(self._before + text):
            text = self._key.placeholder
        return self._given(text)

    def _given(self, text: str) -> str:
        self._before = (self._before + text)[-_REMEMBERED:]
        return text
