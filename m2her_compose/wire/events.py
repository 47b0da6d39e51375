"""Server-sent events: bytes as they arrive, and the data of each event as soon as it is whole.

Source: the "event stream interpretation" section of the HTML standard.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

DONE: Final = "[DONE]"  # how OpenAI-compatible services end a stream
# One event holds a whole reply at most, of some 2,048 tokens.
MOST_EVENT_SIZE: Final = 4 * 1024 * 1024
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


class EventError(ValueError):
    """The bytes are no stream of events: not UTF-8, or an event without an end."""


@dataclass(slots=True)
class EventDecoder:
    """Turns pieces of bytes into the data of events, however characters and lines are split.

    Comments (which keep a connection alive) and fields other than `data` are passed over.
    """

    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8-sig")("strict")
    )
    _line: list[str] = field(default_factory=list)
    _data: list[str] = field(default_factory=list)
    _size: int = 0
    _after_cr: bool = False

    def feed(self, piece: bytes, *, final: bool = False) -> Iterator[str]:
        """Yield the data of each event that a piece completes. Raises `EventError`."""
        try:
            text = self._decoder.decode(piece, final)
        except UnicodeDecodeError as error:
            raise EventError("the stream is not UTF-8") from error
        if not text:
            return
        # The second half of a CR LF whose first half has ended a line.
        start = 1 if self._after_cr and text[0] == "\n" else 0
        self._after_cr = text[-1] == "\r"
        for end in _LINE_END.finditer(text, start):
            self._keep(text[start : end.start()])
            start = end.end()
            line, self._line = "".join(self._line), []
            yield from self._take(line)
        self._keep(text[start:])

    def finish(self) -> Iterator[str]:
        """Yield the event that the end of the stream completes.

        The standard drops an event without an empty line after it; services that end so mean it.
        """
        self._after_cr = False
        yield from self.feed(b"\n\n", final=True)

    def _keep(self, text: str) -> None:
        self._size += len(text)
        if self._size > MOST_EVENT_SIZE:
            raise EventError(f"an event of more than {MOST_EVENT_SIZE:,} characters")
        if text:
            self._line.append(text)

    def _take(self, line: str) -> Iterator[str]:
        if not line:
            if self._data:
                yield "\n".join(self._data)
            self._data, self._size = [], 0
            return
        name, _, value = line.partition(":")
        if name == "data":
            self._data.append(value.removeprefix(" "))
        else:
            self._size -= len(line)
