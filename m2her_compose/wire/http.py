"""An HTTP exchange as values: what a transport takes and gives, whatever library carries it out."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Protocol

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager


@frozen
class HttpRequest:
    """A request as it is sent; header names in lower case. `body` is empty where there is none."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class HttpResponse(Protocol):
    """The beginning of an answer; its body comes in pieces while it is read."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, by their names in lower case."""
        ...

    def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises `TransportError`. To be read once."""
        ...


class Transport(Protocol):
    """What carries requests out: a socket, or an application in this process."""

    def exchange(self, request: HttpRequest) -> AbstractAsyncContextManager[HttpResponse]:
        """Send a request; leaving the context gives the answer up.

        Entering and reading raise `TransportError`; redirects are not followed.
        """
        ...

    async def close(self) -> None:
        """Give up what is held: connections, tasks."""
        ...


class Breakdown(Enum):
    """Why there is no answer, or no whole one."""

    UNREACHABLE = "unreachable"  # nothing was sent: no such host, refused, no TLS
    SILENT = "silent"  # no byte for too long
    BROKEN = "broken"  # the connection ended too early, or what came is no HTTP


class TransportError(Exception):
    """There was no answer, or not all of it. Its text says what happened, and holds no headers."""

    def __init__(self, breakdown: Breakdown, message: str) -> None:
        super().__init__(message)
        self.breakdown = breakdown
