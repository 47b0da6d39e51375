"""Takes keys out of what is recorded, however they are written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

IN_PLACE: Final = "[key]"
# A word such as `local` is no secret, and may stand anywhere.
SHORTEST_KEY: Final = 8


class Redaction:
    """Finds keys in texts and bytes: as they are, and escaped for JSON or for a URL."""

    __slots__ = ("_bytes", "_text")

    def __init__(self, keys: Iterable[str]) -> None:
        forms = [_written(key) for key in dict.fromkeys(keys) if len(key) >= SHORTEST_KEY]
        self._text = re.compile("|".join(forms)) if forms else None
        self._bytes = re.compile("|".join(forms).encode()) if forms else None

    def __repr__(self) -> str:
        return "Redaction()"

    def has_key(self, text: str) -> bool:
        """Say whether a text holds a key."""
        return self._text is not None and self._text.search(text) is not None

    def data(self, value: Any) -> Any:
        """Return JSON's value without keys, also in the names of fields.

        Raises `RecursionError` where it is nested too deep.
        """
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(name): self.data(each) for name, each in value.items()}
            case list():
                return [self.data(each) for each in value]
            case _:
                return value

    def text(self, text: str) -> str:
        """Return a text without keys."""
        return self._text.sub(IN_PLACE, text) if self._text is not None else text

    def pieces(self, pieces: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return pieces of one body without keys, also one that is split among them."""
        if self._bytes is None:
            return tuple(pieces)
        whole = b"".join(pieces)
        found = [match.span() for match in self._bytes.finditer(whole)]
        return _without(pieces, found) if found else tuple(pieces)


def _written(key: str) -> str:
    """Return a pattern of all ways to write a key."""
    return "".join(_character(char) for char in key)


def _character(char: str) -> str:
    code = ord(char)
    forms = [re.escape(char), rf"\\\\?u(?i:{code:04x})"]
    forms.append("".join(rf"%(?i:{byte:02x})" for byte in char.encode()))
    if not char.isalnum():
        forms.append(rf"\\\\?{re.escape(char)}")
    return f"(?:{'|'.join(forms)})"


def _without(pieces: Sequence[bytes], found: Sequence[tuple[int, int]]) -> tuple[bytes, ...]:
    """Cut stretches of the whole out of its pieces; each one's stand-in is where it begins."""
    kept: list[bytes] = []
    at = 0
    for piece in pieces:
        end = at + len(piece)
        rest = bytearray()
        here = at
        for start, stop in found:
            if stop <= at or start >= end:
                continue
            rest += piece[here - at : max(start, at) - at]
            if start >= at:
                rest += IN_PLACE.encode()
            here = min(stop, end)
        rest += piece[here - at :]
        kept.append(bytes(rest))
        at = end
    return tuple(kept)
