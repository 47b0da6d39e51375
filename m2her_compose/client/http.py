"""Requests over sockets, by httpx: the one module that knows it."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections import deque
from contextlib import asynccontextmanager, contextmanager, suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Final, NamedTuple

import httpx

from ..errors import UsageError
from ..wire.http import Breakdown, TransportError
from .addresses import is_loopback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from ..wire.http import HttpRequest

_MOST_IDLE: Final = 256
# Shorter than the 5 s after which common servers close, so that both do not happen at once.
_IDLE_S: Final = 4.0
_MOST_INFLATED: Final = 1024 * 1024
_GZIP: Final = zlib.MAX_WBITS | 16
# A host that IDNA does not know, or a port that there is not, comes as it was raised below httpx.
_BELOW: Final = (UnicodeError, OverflowError, ExceptionGroup)
_FOREIGN: Final = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, *_BELOW)
_NOTHING_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
    *_BELOW,
)


class HttpTransport:
    """Carries requests out over HTTP/1.1, with certificates verified and redirects not followed.

    `silence_s` is the longest wait for any bytes, None for whatever the caller allows; beyond
    `most_connections` requests wait for each other. Proxies of the environment are used, but not
    to this machine. Of compressed answers only gzip is read.
    """

    def __init__(
        self,
        *,
        connect_s: float = 10.0,
        silence_s: float | None = None,
        most_connections: int = 4_096,
    ) -> None:
        self._timeout = httpx.Timeout(silence_s, connect=connect_s)
        self._room = asyncio.Semaphore(most_connections)
        self._idle: dict[_Kind, deque[_Lane]] = {}
        self._busy: set[_Lane] = set()
        self._contexts: dict[bool, ssl.SSLContext] = {}
        self._is_closed = False

    @asynccontextmanager
    async def exchange(self, request: HttpRequest) -> AsyncIterator[_Response]:
        """Send a request; leaving the context gives the answer up.

        Raises `TransportError`, and `UsageError` once the transport was closed.
        """
        if self._is_closed:
            raise UsageError("the client was closed")
        async with self._room:
            with _mapped():
                lane = self._taken(httpx.URL(request.url))
            is_free = False
            try:
                with _mapped():
                    response = await lane.send(request)
                try:
                    yield _Response(response)
                finally:
                    # One that was read to its end has closed itself.
                    is_free = response.is_closed
                    with suppress(*_FOREIGN):
                        await response.aclose()
            finally:
                await self._put_back(lane, is_free=is_free)

    async def close(self) -> None:
        """Close all connections, also those on which answers are being read."""
        self._is_closed = True
        lanes = [*self._busy, *(lane for idle in self._idle.values() for lane in idle)]
        self._busy.clear()
        self._idle.clear()
        for lane in lanes:
            await lane.close()

    def _taken(self, url: httpx.URL) -> _Lane:
        kind = _Kind(url.scheme, url.host, url.port)
        idle = self._idle.get(kind)
        lane = idle.pop() if idle else self._new(kind)
        self._busy.add(lane)
        return lane

    async def _put_back(self, lane: _Lane, *, is_free: bool) -> None:
        """Keep a connection for the next request, and close those that waited too long for one."""
        if lane not in self._busy or not is_free:  # closed meanwhile, or given up
            self._busy.discard(lane)
            await lane.close()
            return
        self._busy.discard(lane)
        now = asyncio.get_running_loop().time()
        lane.idle_since = now
        idle = self._idle.setdefault(lane.kind, deque())
        idle.append(lane)
        while idle and (now - idle[0].idle_since > _IDLE_S or len(idle) > _MOST_IDLE):
            await idle.popleft().close()

    def _new(self, kind: _Kind) -> _Lane:
        is_local = is_loopback(kind.host)
        limits = httpx.Limits(max_connections=1, keepalive_expiry=_IDLE_S)
        context = self._context(is_encrypted=kind.scheme == "https")
        # A transport that is given goes by no proxy.
        transport = httpx.AsyncHTTPTransport(verify=context, limits=limits) if is_local else None
        try:
            client = httpx.AsyncClient(
                transport=transport,
                verify=context,
                limits=limits,
                timeout=self._timeout,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            )
        except (ImportError, ValueError) as error:
            message = "a proxy that the environment sets cannot be used"
            raise TransportError(Breakdown.UNREACHABLE, message) from error
        return _Lane(kind, client)

    def _context(self, *, is_encrypted: bool) -> ssl.SSLContext:
        """Return what decides about certificates.

        Reading those that are trusted takes longer than many a reply, and plain HTTP needs none.
        """
        if is_encrypted not in self._contexts:
            self._contexts[is_encrypted] = (
                _trusting() if is_encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            )
        return self._contexts[is_encrypted]


def _trusting() -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        message = f"the certificates to trust cannot be read: {error.strerror or 'they are none'}"
        raise TransportError(Breakdown.UNTRUSTED, message) from error


class _Kind(NamedTuple):
    """What a connection is for."""

    scheme: str
    host: str
    port: int | None


class _Lane:
    """One connection, opened when it is first used.

    httpx's own pool looks through all connections for each request, several times over: with a
    thousand of them that takes longer than the replies.
    """

    def __init__(self, kind: _Kind, client: httpx.AsyncClient) -> None:
        self.kind = kind
        self.idle_since = 0.0
        self._client = client

    async def send(self, request: HttpRequest) -> httpx.Response:
        sent = self._client.build_request(
            request.method, request.url, headers=request.headers, content=request.body
        )
        return await self._client.send(sent, stream=True, follow_redirects=False)

    async def close(self) -> None:
        with suppress(*_FOREIGN):
            await self._client.aclose()


class _Response:
    """An answer of httpx's, as a transport gives it."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        return {name.lower(): value for name, value in self._response.headers.items()}

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives, inflated."""
        inflater = _inflater(self.headers.get("content-encoding", ""))
        with _mapped():
            async for piece in self._response.aiter_raw():
                if inflater is None:
                    yield piece
                    continue
                for inflated in _inflated(inflater, piece):
                    yield inflated


def _inflater(encoding: str) -> zlib._Decompress | None:
    match encoding.strip().lower():
        case "" | "identity":
            return None
        case "gzip" | "x-gzip":
            return zlib.decompressobj(_GZIP)
        case _:
            message = "the answer is compressed in a way that was not asked for"
            raise TransportError(Breakdown.BROKEN, message)


def _inflated(inflater: zlib._Decompress, piece: bytes) -> Iterator[bytes]:
    """Yield what a piece holds, little by little: it may hold a thousand times its size."""
    try:
        while piece and not inflater.eof:
            found = inflater.decompress(piece, _MOST_INFLATED)
            if found:
                yield found
            piece = inflater.unconsumed_tail
    except zlib.error as error:
        raise TransportError(Breakdown.BROKEN, "the answer is no gzip") from error


@contextmanager
def _mapped() -> Iterator[None]:
    """Turn what httpx raises into `TransportError`."""
    try:
        yield
    except _FOREIGN as error:
        raise TransportError(_breakdown(error), _said(error)) from error


def _breakdown(error: Exception) -> Breakdown:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Breakdown.UNTRUSTED
    if isinstance(error, _NOTHING_SENT):
        return Breakdown.UNREACHABLE
    return Breakdown.SILENT if isinstance(error, httpx.TimeoutException) else Breakdown.BROKEN


def _said(error: Exception) -> str:
    known: dict[type[Exception], str] = {
        httpx.ConnectTimeout: "connecting took too long",
        httpx.ReadTimeout: "nothing came for too long",
        httpx.WriteTimeout: "the request could not be sent for too long",
    }
    text = str(error).strip().rstrip(".")
    return known.get(type(error)) or text or "the connection was closed"
