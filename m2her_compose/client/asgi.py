"""Requests to an application in this process: no socket, and each piece as soon as it is sent."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from ..wire.http import Breakdown, TransportError

if TYPE_CHECKING:
    from collections.abc import (
        AsyncGenerator,
        AsyncIterator,
        Awaitable,
        Callable,
        Mapping,
        MutableMapping,
    )

    from ..wire.http import HttpRequest

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

DROP: Final = "m2her.drop"
# Pieces that an application may be ahead of who reads them.
_MOST_AHEAD: Final = 16
# How often an application that was told of the end may still run before it is cancelled.
_TURNS: Final = 3
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class AsgiTransport:
    """Carries requests out by calling an ASGI application, which may be of any framework.

    It gets no lifespan events. Its `scope["extensions"]["m2her.drop"]` is a function that drops
    the connection at once, as a server that dies does.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def exchange(self, request: HttpRequest) -> AsyncIterator[_Call]:
        """Call the application; leaving the context gives up. Raises `TransportError`."""
        call = _Call(request)
        task = asyncio.create_task(call.run(self._app))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await call.begin()
            yield call
        finally:
            await call.leave(task)

    async def close(self) -> None:
        """Cancel what still runs."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class _Call:
    """One request to the application, and its answer while it is read."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_AHEAD)
        self._begun = asyncio.Event()
        self._gone = asyncio.Event()
        self._was_sent = False
        self._is_complete = False
        self._failure: TransportError | None = None
        self.status = 0
        self.headers: Mapping[str, str] = {}

    # --- what the application gets

    async def run(self, app: App) -> None:
        try:
            await app(self._scope(), self._receive, self._send)
        except asyncio.CancelledError:
            self._fail("the application was cancelled")
            raise
        except Exception as error:  # noqa: BLE001 - whatever an application raises ends its answer
            self._fail(f"the application failed: {type(error).__name__}", error)
        else:
            self._fail("the application ended before its answer did")

    def _scope(self) -> MutableMapping[str, Any]:
        url = urlsplit(self._request.url)
        host = url.hostname or "localhost"
        port = url.port or _DEFAULT_PORTS.get(url.scheme, 80)
        own = {"host": url.netloc, "content-length": str(len(self._request.body))}
        headers = {**own, **dict(self._request.headers)}
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": self._request.method,
            "scheme": url.scheme,
            "path": unquote(url.path) or "/",
            "raw_path": url.path.encode("ascii") or b"/",
            "query_string": url.query.encode("ascii"),
            "root_path": "",
            "headers": [
                (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
            ],
            "client": ("127.0.0.1", 0),
            "server": (host, port),
            "state": {},
            "extensions": {DROP: self._drop},
        }

    async def _receive(self) -> Message:
        if not self._was_sent:
            self._was_sent = True
            return {"type": "http.request", "body": self._request.body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if self._gone.is_set() or self._is_complete:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {
                bytes(name).decode("latin-1").lower(): bytes(value).decode("latin-1")
                for name, value in message.get("headers", ())
            }
            return
        if message["type"] != "http.response.body":
            return
        # The beginning of an answer goes out with its first piece, as servers do it.
        self._begun.set()
        body = bytes(message.get("body", b""))
        if body:
            await self._queue.put(body)
        if not message.get("more_body", False) and not self._gone.is_set():
            await self._queue.put(None)
            self._is_complete = True
            self._gone.set()

    def _drop(self) -> None:
        self._fail("the connection was dropped")

    def _fail(self, what: str, error: Exception | None = None) -> None:
        """End an answer that is not complete; whoever reads it finds out after its last piece."""
        if self._is_complete or self._failure is not None:
            return
        self._failure = TransportError(Breakdown.BROKEN, what)
        self._failure.__cause__ = error
        self._gone.set()
        self._begun.set()
        with suppress(asyncio.QueueFull):
            self._queue.put_nowait(None)

    # --- what the reader gets

    async def begin(self) -> None:
        """Wait for the beginning of the answer."""
        await self._begun.wait()
        if self._failure is not None and not self.status:
            raise self._failure

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body, each piece when it is sent."""
        while True:
            if self._failure is not None and self._queue.empty():
                raise self._failure
            piece = await self._queue.get()
            if piece is None:
                break
            yield piece
        if self._failure is not None:
            raise self._failure

    async def leave(self, task: asyncio.Task[None]) -> None:
        """Tell the application that nobody reads any more, and end it if its answer has not."""
        self._gone.set()
        try:
            for _ in range(_TURNS):
                if task.done() or self._is_complete:
                    break
                await asyncio.sleep(0)
        finally:
            # What it does after its answer is its own affair.
            if not self._is_complete:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
