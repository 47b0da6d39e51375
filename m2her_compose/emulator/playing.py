"""Sends an answer, piece by piece, through ASGI; and ends connections that shall not last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from ..frozen import frozen
from .delivery import Delivery, Ending
from .gate import given_key

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, MutableMapping

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    Pause = Callable[[float], Awaitable[None]]

DROP: Final = "m2her.drop"  # the extension of ASGI that ends the connection at once
_ID: Final = "m2her.request_id"


def numbered(scope: Scope, number: int) -> str:
    """Give a request its id, from its number, and return it."""
    scope[_ID] = request_id = f"m2her-{number}"
    return request_id


def id_of(scope: Scope) -> str:
    """Return the id that a request was given."""
    return str(scope[_ID])


@frozen
class Connection:
    """One request's way back: what ASGI gives, and what pauses are waited by, in seconds."""

    scope: Scope
    receive: Receive
    send: Send
    pause: Pause

    @property
    def id(self) -> str:
        return id_of(self.scope)

    @property
    def key(self) -> str:
        """The key that came with the request; empty where none did."""
        return (given_key(self.scope["headers"]) or b"").decode("latin-1")

    async def begin(self, status: int, headers: Iterable[tuple[str, str]]) -> None:
        """Send the status and the headers."""
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self.send({"type": "http.response.start", "status": status, "headers": encoded})

    async def send_piece(self, piece: bytes) -> None:
        """Send a piece of a body, and let others have their turn."""
        await self.send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0)

    async def end(self) -> None:
        """Say that the body is whole."""
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def drop(self) -> None:
        """End the connection without ending the answer, where the server can do that."""
        cut = self.scope.get("extensions", {}).get(DROP)
        if cut is not None:
            cut()
            # A server takes an application that returns now for one that has forgotten the rest.
            await self.left()

    async def left(self) -> None:
        """Wait until the client has left, or the connection is gone."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


async def play(delivery: Delivery, connection: Connection) -> None:
    """Send an answer as it is meant to be sent. Ends early when the client leaves."""
    if not delivery.pause_s and delivery.ending is not Ending.SILENT:
        await _play(delivery, connection, None)
        return
    left = asyncio.ensure_future(connection.left())
    try:
        await _play(delivery, connection, left)
    finally:
        left.cancel()


async def _play(
    delivery: Delivery, connection: Connection, left: asyncio.Future[None] | None
) -> None:
    if delivery.begins:
        await connection.begin(delivery.status, _headers(delivery))
    for piece in delivery.pieces:
        if left is not None and await _left_while(connection.pause(delivery.pause_s), left):
            return
        await connection.send_piece(piece)
    match delivery.ending:
        case Ending.WHOLE:
            await connection.end()
        case Ending.DROPPED:
            if left is not None:
                left.cancel()
            await connection.drop()
        case Ending.SILENT if left is not None:
            await left


async def _left_while(pause: Awaitable[None], left: asyncio.Future[None]) -> bool:
    """Wait for a pause to end; return true at once when the client leaves before."""
    resting = asyncio.ensure_future(pause)
    try:
        await asyncio.wait((resting, left), return_when=asyncio.FIRST_COMPLETED)
        return left.done()
    finally:
        resting.cancel()


def _headers(delivery: Delivery) -> list[tuple[str, str]]:
    headers = [("content-type", delivery.content_type), ("cache-control", "no-store")]
    if delivery.ending is Ending.WHOLE and not delivery.streamed:
        headers.append(("content-length", str(sum(map(len, delivery.pieces)))))
    return [*headers, *delivery.headers]
