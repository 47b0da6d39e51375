"""Passes requests on to a real service, and keeps what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..frozen import frozen
from ..wire.endpoints import endpoint_url
from ..wire.events import EventDecoder, EventError
from ..wire.http import HttpRequest, TransportError
from ..wire.replies import ShapeError, parse_json, read_chunk
from .contract import Complaint, invalid
from .delivery import refuse, refuse_http
from .playing import play
from .recording import Exchange, is_header
from .redaction import Redaction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..wire.endpoints import Endpoint
    from ..wire.http import HttpResponse
    from .playing import Connection
    from .recording import Recorder
    from .settings import Upstream

_DOWNSTREAM: Final = 1033
_MOST_ANSWER_SIZE: Final = 16 * 1024 * 1024
_NO_TYPE: Final = "application/octet-stream"
# Of an answer's headers, what a client needs; none is recorded.
_PASSED_ON: Final = ("retry-after", "retry-after-ms")


@frozen
class Relay:
    """What passes requests on: the service, and where exchanges are kept."""

    upstream: Upstream
    recorder: Recorder

    async def answer(self, endpoint: Endpoint, body: bytes, connection: Connection) -> None:
        """Send a service's answer to a client as it comes, and keep it once it is whole.

        The client's key, like the service's own, is taken out of what is kept.
        """
        redaction = Redaction((connection.key, self.upstream.authorization.split(" ")[-1]))
        request = _recorded(body, redaction)
        if request is None:
            complaint = invalid("the body is not a JSON object")
            await play(refuse(complaint, endpoint, connection.id), connection)
        elif self.recorder.trouble is not None:
            await play(refuse_http(507, self.recorder.trouble, connection.id), connection)
        else:
            await self._ask(endpoint, body, request, redaction, connection)

    async def _ask(
        self,
        endpoint: Endpoint,
        body: bytes,
        request: dict[str, Any],
        redaction: Redaction,
        connection: Connection,
    ) -> None:
        begun = False
        try:
            async with self.upstream.transport.exchange(self._request(endpoint, body)) as response:
                begun = True
                pieces = await _passed_on(response, connection)
        except TransportError as error:
            if begun:
                await connection.drop()
                return
            message = redaction.text(f"no answer to record: {error}")
            complaint = Complaint(code=_DOWNSTREAM, message=message)
            await play(refuse(complaint, endpoint, connection.id), connection)
            return
        if pieces is None:
            await connection.drop()
            return
        self._keep(endpoint, request, response, redaction, pieces)
        await connection.end()

    def _request(self, endpoint: Endpoint, body: bytes) -> HttpRequest:
        return HttpRequest(
            method="POST",
            url=endpoint_url(self.upstream.base_url, endpoint),
            headers=(
                ("authorization", self.upstream.authorization),
                ("content-type", "application/json"),
                ("accept", "application/json, text/event-stream"),
                # What is recorded is text.
                ("accept-encoding", "identity"),
            ),
            body=body,
        )

    def _keep(
        self,
        endpoint: Endpoint,
        request: dict[str, Any],
        response: HttpResponse,
        redaction: Redaction,
        pieces: tuple[bytes, ...],
    ) -> None:
        kept = redaction.pieces(pieces)
        # A key that was spread over the events of a reply stands in no single place.
        if redaction.has_key(_said(kept)):
            self.recorder.left_out += 1
            return
        self.recorder.keep(
            Exchange(
                endpoint=endpoint,
                request=request,
                status=response.status,
                content_type=redaction.text(_content_type(response)),
                pieces=kept,
            )
        )


def _recorded(body: bytes, redaction: Redaction) -> dict[str, Any] | None:
    """Return a request as it is kept; None where it is no JSON object."""
    try:
        request = redaction.data(parse_json(body))
    except (ShapeError, RecursionError):
        return None
    return request if isinstance(request, dict) else None


async def _passed_on(response: HttpResponse, connection: Connection) -> tuple[bytes, ...] | None:
    """Send an answer on and return its pieces; None where there is too much of it."""
    headers = [("content-type", _content_type(response)), ("cache-control", "no-store")]
    headers += [(n, response.headers[n]) for n in _PASSED_ON if n in response.headers]
    await connection.begin(response.status, headers)
    pieces: list[bytes] = []
    size = 0
    async for piece in response.pieces():
        size += len(piece)
        if size > _MOST_ANSWER_SIZE:
            return None
        pieces.append(piece)
        await connection.send_piece(piece)
    return tuple(pieces)


def _content_type(response: HttpResponse) -> str:
    value = response.headers.get("content-type", _NO_TYPE).strip()
    return value if is_header(value) else _NO_TYPE


def _said(pieces: Iterable[bytes]) -> str:
    """Return the text that the events of a stream make together, as far as they are events."""
    decoder = EventDecoder()
    texts: list[str] = []
    try:
        for piece in (*pieces, b"\n\n"):
            texts.extend(map(_text_of, decoder.feed(piece)))
    except EventError:
        pass
    return "".join(texts)


def _text_of(data: str) -> str:
    try:
        return read_chunk(parse_json(data)).text
    except ShapeError:
        return ""
