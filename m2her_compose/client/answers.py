"""One attempt: from a request to the chunks of a reply, or to the one error that ended it."""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..errors import DeadlineError
from ..frozen import frozen
from ..wire.events import DONE, EventDecoder, EventError
from ..wire.http import Breakdown, TransportError
from ..wire.replies import Refusal, ShapeError, parse_json, read_chunk, read_refusal
from .failures import bad_answer, refused, request_id_of, unanswered
from .retry import retry_after_s

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator

    from ..errors import ServiceError
    from ..wire.http import HttpRequest, HttpResponse, Transport
    from ..wire.replies import Chunk
    from .clock import Clock
    from .failures import Case

T = TypeVar("T")

MOST_BODY_BYTES: Final = 16 * 1024 * 1024
MOST_STREAM_BYTES: Final = 64 * 1024 * 1024
_MOST_ERROR_BYTES: Final = 1024 * 1024
# How long a service that has said that its reply ended may take to end the answer as well: the
# usage comes then, and a connection that was read to its end is used again.
_GRACE_S: Final = 5.0
_GRACE_AFTER_DONE_S: Final = 0.25
_REDIRECTS: Final = range(300, 400)
_FIRST_ERROR: Final = 400
# How an answer of events begins, whatever its type says, and how much of it is looked at.
_EVENT_STARTS: Final = (b"data:", b"event:", b"id:", b"retry:", b":")
_LEAST_LOOK: Final = 6
_MOST_LOOK: Final = 4_096
_LONGEST_PLAIN: Final = 200


@frozen
class Watch:
    """The time that a reply has left; `silence_s` is the longest pause, None for any."""

    clock: Clock
    timeout_s: float
    deadline: float
    silence_s: float | None

    @property
    def left_s(self) -> float:
        return self.deadline - self.clock.monotonic()

    async def wait(self, step: Callable[[], Awaitable[T]], most_s: float | None = None) -> T:
        """Do a step in the time that is left. Raises `DeadlineError`, or `TransportError`."""
        left_s = self.left_s
        pause_s = self.silence_s if most_s is None else most_s
        if left_s > 0:
            try:
                async with self.clock.limit(left_s if pause_s is None else min(left_s, pause_s)):
                    return await step()
            except TimeoutError as error:
                if pause_s is not None and pause_s < left_s:
                    message = f"nothing came for {pause_s:g} s"
                    raise TransportError(Breakdown.SILENT, message) from error
        raise DeadlineError(
            f"the reply took longer than {self.timeout_s:g} s",
            can_retry=True,
            advice="allow it more time, or ask for a shorter reply",
        )


class Attempt:
    """A request that is sent once. `request_id` is the service's, once its answer has begun."""

    def __init__(
        self, transport: Transport, request: HttpRequest, case: Case, watch: Watch
    ) -> None:
        self._transport = transport
        self._request = request
        self._case = case
        self._watch = watch
        self._has_ended = False
        self.request_id: str | None = None

    async def chunks(self) -> AsyncGenerator[Chunk, None]:
        """Yield what comes of the reply. Raises `ServiceError` when it is not all of one."""
        try:
            async with AsyncExitStack() as stack:
                exchange = self._transport.exchange(self._request)
                response = await self._watch.wait(lambda: stack.enter_async_context(exchange))
                pieces = response.pieces()
                if hasattr(pieces, "aclose"):
                    stack.push_async_callback(pieces.aclose)
                chunks = await stack.enter_async_context(aclosing(self._read(response, pieces)))
                async for chunk in chunks:
                    yield chunk
        except TransportError as error:
            failure = unanswered(error, self._case)
        except DeadlineError:
            if not self._has_ended:
                raise
            return
        else:
            return
        # Not within the handler, which would make what the key may be in a part of this.
        if not self._has_ended:
            raise failure

    async def _read(
        self, response: HttpResponse, pieces: AsyncIterator[bytes]
    ) -> AsyncGenerator[Chunk, None]:
        self.request_id = request_id_of(response.headers)
        if response.status in _REDIRECTS:
            raise self._bad(
                response,
                "it is a redirect, which is not followed: the key would go along",
                can_retry=False,
                advice="name the place where the service is now as the base URL",
            )
        if response.status >= _FIRST_ERROR:
            raise await self._refusal(response, pieces)
        start = await self._start(pieces)
        if _is_events(start, response):
            async with aclosing(self._events(response, start, pieces)) as chunks:
                async for chunk in chunks:
                    yield chunk
        else:
            body = await self._body(pieces, start, MOST_BODY_BYTES)
            if len(body) > MOST_BODY_BYTES:
                raise self._bad(response, f"it has more than {MOST_BODY_BYTES:,} bytes")
            self._has_ended = True
            yield self._chunk_of_body(response, body)

    # --- an answer of events

    async def _events(
        self, response: HttpResponse, start: bytes, pieces: AsyncIterator[bytes]
    ) -> AsyncGenerator[Chunk, None]:
        decoder, size = EventDecoder(), 0
        piece: bytes | None = start
        while piece is not None:
            size += len(piece)
            if size > MOST_STREAM_BYTES:
                raise self._bad(response, f"it has more than {MOST_STREAM_BYTES:,} bytes")
            for data in self._decoded(response, decoder.feed(piece)):
                if data == DONE:
                    self._has_ended = True
                    await self._drain(pieces)
                    return
                chunk = self._chunk_of_event(response, data)
                if chunk is not None:
                    yield chunk
            piece = await self._next(pieces, _GRACE_S if self._has_ended else None)
        for chunk in self._last_chunks(decoder):
            yield chunk
        if not self._has_ended:
            raise TransportError(Breakdown.BROKEN, "the stream ended before the reply did")

    def _decoded(self, response: HttpResponse, events: Iterator[str]) -> Iterator[str]:
        try:
            yield from events
        except EventError as error:
            what = str(error)
        else:
            return
        raise self._bad(response, what)

    def _chunk_of_event(self, response: HttpResponse, data: str) -> Chunk | None:
        found = _found(data, response)
        if isinstance(found, Refusal):
            raise self._refused(response, found)
        if not isinstance(found, str):
            return self._noted(found)
        if self._has_ended:  # what follows a whole reply does it no harm
            return None
        raise self._bad(response, f"in an event of the stream, {found}")

    def _last_chunks(self, decoder: EventDecoder) -> Iterator[Chunk]:
        """Yield what an event without an end holds; of one that was cut in two, nothing."""
        try:
            for data in decoder.finish():
                if data == DONE:
                    self._has_ended = True
                else:
                    yield self._noted(read_chunk(parse_json(data)))
        except (EventError, ShapeError):
            return

    def _noted(self, chunk: Chunk) -> Chunk:
        self._has_ended |= chunk.is_whole or chunk.finish_reason is not None
        return chunk

    async def _drain(self, pieces: AsyncIterator[bytes]) -> None:
        """Read what follows the end of a stream, so that its connection can be used again."""
        left = _MOST_LOOK
        while left > 0:
            piece = await self._next(pieces, _GRACE_AFTER_DONE_S)
            if piece is None:
                return
            left -= max(len(piece), 1)

    # --- an answer of one body

    def _chunk_of_body(self, response: HttpResponse, body: bytes) -> Chunk:
        found = _found(body, response)
        if isinstance(found, Refusal):
            raise self._refused(response, found)
        if not isinstance(found, str):
            return found
        if _type_of(response) == "text/html":
            raise self._bad(response, "it is a page of HTML", can_retry=False)
        raise self._bad(response, found if body.strip() else "it is empty")

    async def _refusal(self, response: HttpResponse, pieces: AsyncIterator[bytes]) -> ServiceError:
        """Return the error that an answer with the status of one tells."""
        body = b""
        with suppress(TransportError):  # its status says enough
            body = await self._body(pieces, b"", _MOST_ERROR_BYTES)
        refusal = _read_error(body[:_MOST_ERROR_BYTES], response)
        return self._refused(response, refusal)

    async def _body(self, pieces: AsyncIterator[bytes], start: bytes, most: int) -> bytes:
        """Return a body, or somewhat more than the most of it that is read."""
        found, size = [start], len(start)
        while size <= most:
            piece = await self._next(pieces)
            if piece is None:
                break
            found.append(piece)
            size += len(piece)
        return b"".join(found)

    async def _start(self, pieces: AsyncIterator[bytes]) -> bytes:
        """Return as much of an answer as shows what it is made of."""
        start = b""
        while len(start.lstrip()) < _LEAST_LOOK and len(start) < _MOST_LOOK:
            piece = await self._next(pieces)
            if piece is None:
                break
            start += piece
        return start

    async def _next(
        self, pieces: AsyncIterator[bytes], most_s: float | None = None
    ) -> bytes | None:
        async def step() -> bytes | None:
            return await anext(pieces, None)

        return await self._watch.wait(step, most_s)

    # --- errors

    def _refused(self, response: HttpResponse, refusal: Refusal) -> ServiceError:
        wait_s = retry_after_s(response.headers, self._watch.clock.now())
        return refused(refusal, self._case, retry_after_s=wait_s, request_id=self.request_id)

    def _bad(self, response: HttpResponse, what: str, **more: Any) -> ServiceError:
        status, request_id = response.status, self.request_id
        return bad_answer(what, self._case, status=status, request_id=request_id, **more)


def _found(data: str | bytes, response: HttpResponse) -> Chunk | Refusal | str:
    """Return what JSON is: a part of a reply, an error, or in words why it is neither.

    No exception, since one of JSON holds all that was read, which may hold the key.
    """
    try:
        value = parse_json(data)
        return read_refusal(value, response.status) or read_chunk(value)
    except ShapeError as error:
        return str(error)


def _type_of(response: HttpResponse) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_events(start: bytes, response: HttpResponse) -> bool:
    """Tell by how an answer begins, and by its type only where that says nothing.

    Gateways send JSON for a stream that was asked for, and errors as JSON of the wrong type.
    """
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"{", b"[", b"<")):
        return False
    return _type_of(response) == "text/event-stream" or start.startswith(_EVENT_STARTS)


def _read_error(body: bytes, response: HttpResponse) -> Refusal:
    for text in _json_of(body):
        try:
            value = parse_json(text)
        except ShapeError:
            continue
        refusal = read_refusal(value, response.status)
        if refusal is not None:
            return refusal
        for name in ("message", "detail"):  # of gateways, and of FastAPI
            said = value.get(name) if isinstance(value, dict) else None
            if isinstance(said, str):
                return Refusal(status=response.status, code=None, message=said[:_LONGEST_PLAIN])
    plain = ""
    if _type_of(response) == "text/plain":
        plain = body[:_LONGEST_PLAIN].decode("utf-8", "replace").strip()
    return Refusal(status=response.status, code=None, message=plain)


def _json_of(body: bytes) -> Iterator[str | bytes]:
    yield body
    try:
        decoder = EventDecoder()
        yield from decoder.feed(body)
        yield from decoder.finish()
    except EventError:
        return
