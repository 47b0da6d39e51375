"""Reads the bodies of requests: as large, as slow and as many as there is room for."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .playing import Receive, Scope

MOST_BODY_SIZE: Final = 4 * 1024 * 1024
# All bodies that are being read or answered at one time, together.
MOST_HELD_SIZE: Final = 256 * 1024 * 1024
# How much of a body that is too large is still read, so that its sender gets to read the refusal.
_READ_PAST: Final = 4 * MOST_BODY_SIZE
_TIME_S: Final = 30.0


class BodyError(Exception):
    """A body was not read. `status` is the HTTP status that says so."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ClientLeftError(Exception):
    """The client has left before its request was whole."""


class Bodies:
    """Reads bodies, and counts the bytes of those that are held."""

    def __init__(self, *, time_s: float = _TIME_S) -> None:
        self._time_s = time_s
        self._held = 0

    @asynccontextmanager
    async def body(self, scope: Scope, receive: Receive) -> AsyncIterator[bytes]:
        """Read a request's body, and hold it meanwhile.

        Raises `BodyError` for one that is too large or too slow, `ClientLeftError` for none.
        """
        body = bytearray()
        try:
            try:
                async with asyncio.timeout(self._time_s):
                    await self._read(scope, receive, body)
            except TimeoutError as error:
                raise BodyError(408, "the body did not come in time") from error
            yield bytes(body)
        finally:
            self._held -= len(body)

    async def _read(self, scope: Scope, receive: Receive, body: bytearray) -> None:
        if _declared(scope) > _READ_PAST:
            raise _too_large()
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                raise ClientLeftError
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            if size > _READ_PAST:
                break
            if size <= MOST_BODY_SIZE:
                self._hold(piece, body)
        if size > MOST_BODY_SIZE:
            raise _too_large()

    def _hold(self, piece: bytes, body: bytearray) -> None:
        if self._held + len(piece) > MOST_HELD_SIZE:
            raise BodyError(503, "too many large requests at once")
        body += piece
        self._held += len(piece)


def _too_large() -> BodyError:
    return BodyError(413, f"the body has more than {MOST_BODY_SIZE:,} bytes")


def _declared(scope: Scope) -> int:
    """Return the size that a request says it has; 0 where it says none."""
    values = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(values[0]) if values and values[0].isdigit() and len(values[0]) <= 20 else 0  # noqa: PLR2004 - digits of 64 bits
