"""What only sockets show: connections that break, certificates, proxies, redirects."""

from __future__ import annotations

import ast
import asyncio
import gzip
import logging
import socket
import ssl
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import m2her_compose
from m2her_compose import (
    BadAnswerError,
    Client,
    NoAnswerError,
    Reply,
    RetryPolicy,
    ServiceError,
    UsageError,
)
from m2her_compose.client.http import HttpTransport
from m2her_compose.wire.http import Breakdown, HttpRequest, TransportError
from tests.client.scripted import BODY, SECRET, delta, event, read, whole
from tests.processes import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

HERE = Path(__file__).parent
EVENTS = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
ONCE = RetryPolicy(retries=0)


class Server:
    """Answers each connection's request as it is told to; remembers the requests."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self.requests: list[bytes] = []
        self.port = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                await self._handler(reader, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(handler: Handler, **how: Any) -> AsyncIterator[Server]:
    server = Server(handler)
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0, **how)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


def sends(*pieces: bytes, close: bool = True) -> Handler:
    async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if close:
            writer.close()

    return handler


def body_answer(text: str = "Yes.", status: str = "200 OK", more: str = "") -> bytes:
    import json

    data = json.dumps(whole(text)).encode()
    head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{more}"
    return f"{head}content-length: {len(data)}\r\n\r\n".encode() + data


def client_at(port: int, scheme: str = "http", **how: Any) -> Client:
    how = {"retry": ONCE, "timeout_s": PATIENCE_S, **how}
    return Client(base_url=f"{scheme}://127.0.0.1:{port}", key=SECRET, **how)


def error_with(handler: Handler) -> ServiceError:
    async def main() -> ServiceError:
        async with serving(handler) as server, client_at(server.port) as client:
            with pytest.raises(ServiceError) as caught:
                await read(client)
            return caught.value

    return asyncio.run(main())


def test_a_stream_arrives_whatever_the_pieces() -> None:
    data = event(delta("\u4f60")) + event(delta("\u597d", "stop")) + event("[DONE]")

    async def main() -> None:
        handler = sends(EVENTS, *[data[i : i + 7] for i in range(0, len(data), 7)])
        async with serving(handler) as server, client_at(server.port) as client:
            assert "\u4f60\u597d" == "".join(await read(client))
            head = server.requests[0].lower()
            assert b"authorization: bearer sk-very" in head
            assert b"accept-encoding: identity" in head

    asyncio.run(main())


def test_connections_are_used_again() -> None:
    data = event(delta("Yes.", "stop")) + event("[DONE]")
    chunked = (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    )
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)
    connections: set[int] = set()

    async def main() -> None:
        answer = sends(chunked, b"\r\n", chunks, close=False)

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connections.add(id(writer))
            await answer(reader, writer)

        async with serving(handler) as server, client_at(server.port) as client:
            for _ in range(3):
                assert ["Yes."] == await read(client)

    asyncio.run(main())
    assert 1 == len(connections)


@pytest.mark.parametrize(
    ("handler", "says"),
    [
        pytest.param(sends(), "broke", id="before the answer"),
        pytest.param(sends(EVENTS), "the stream ended before the reply did", id="before events"),
        pytest.param(sends(EVENTS, event(delta("Yes"))), "ended before", id="within events"),
        pytest.param(
            sends(EVENTS.replace(b"connection: close", b"transfer-encoding: chunked"), b"5\r\nab"),
            "broke",
            id="within a chunk",
        ),
        pytest.param(sends(b"SSH-2.0-OpenSSH_9.6\r\n"), "broke", id="no HTTP"),
    ],
)
def test_connections_that_break(handler: Handler, says: str) -> None:
    error = error_with(handler)

    assert isinstance(error, NoAnswerError)
    assert says in str(error)
    assert error.can_retry


def test_a_server_that_sends_the_key_back_as_no_http_is_not_quoted() -> None:
    error = error_with(sends(f"HTTP/1.1 {SECRET}\r\n\r\n".encode()))

    left: BaseException | None = error
    while left is not None:
        assert "very" not in f"{left} {left!r} {vars(left)!r}"
        left = left.__cause__ or left.__context__


def test_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        async def main() -> None:
            async with client_at(port) as client:
                with pytest.raises(NoAnswerError, match=f"cannot reach http://127.0.0.1:{port}"):
                    await client.send(BODY)

        asyncio.run(main())


def test_redirects_are_not_followed() -> None:
    async def main() -> None:
        redirect = b"HTTP/1.1 307 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"
        async with serving(sends(redirect)) as server, client_at(server.port) as client:
            with pytest.raises(BadAnswerError, match="the key would go along"):
                await client.send(BODY)
            assert 1 == len(server.requests)

    asyncio.run(main())


def test_cookies_are_not_kept() -> None:
    async def main() -> None:
        answer = sends(body_answer(more="set-cookie: a=b\r\n"), close=False)
        async with serving(answer) as server, client_at(server.port) as client:
            await client.send(BODY)
            await client.send(BODY)
            assert b"cookie" not in server.requests[1].lower()

    asyncio.run(main())


def test_no_proxy_is_asked_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)

    async def main() -> Reply:
        async with serving(sends(body_answer())) as server, client_at(server.port) as client:
            return await client.send(BODY)

    assert "Yes." == asyncio.run(main()).text


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:{port}", "socks5://127.0.0.1:1", "nonsense://x"]
)
def test_elsewhere_the_proxy_of_the_environment_is_asked(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    async def main() -> None:
        asked: list[bytes] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n")
            writer.close()

        listening = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", proxy.format(port=port))
        async with Client(base_url="https://api.minimax.io", key=SECRET, retry=ONCE) as client:
            with pytest.raises(NoAnswerError, match="cannot reach"):
                await client.send(BODY)
        listening.close()
        if "{port}" in proxy:
            assert asked[0].startswith(b"CONNECT api.minimax.io:443 ")
            assert b"very" not in asked[0]

    asyncio.run(main())


def test_a_certificate_that_nobody_signed_is_not_trusted() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "data" / "self_signed.pem")

    async def main() -> None:
        async with serving(sends(body_answer()), ssl=context) as server:
            async with client_at(server.port, "https") as client:
                with pytest.raises(NoAnswerError, match="is not trusted") as caught:
                    await client.send(BODY)
            assert not caught.value.can_retry
            assert server.requests == []

    asyncio.run(main())


def test_a_server_without_tls_gets_nothing_over_https() -> None:
    async def main() -> None:
        got: list[bytes] = []

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            got.append(await reader.read(4_096))
            writer.write(b"HTTP/1.1 400 No\r\n\r\n")
            writer.close()

        listening = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        async with client_at(port, "https") as client:
            with pytest.raises(NoAnswerError, match="cannot reach"):
                await client.send(BODY)
        listening.close()
        assert b"very" not in got[0]

    asyncio.run(main())


async def fetched(answer: bytes, **how: Any) -> list[bytes]:
    """Return the pieces of an answer, by the transport alone."""
    transport = HttpTransport(**how)
    async with serving(sends(answer)) as server:
        request = HttpRequest(
            method="POST", url=f"http://127.0.0.1:{server.port}/", headers=(), body=b"{}"
        )
        try:
            async with transport.exchange(request) as response:
                return [piece async for piece in response.pieces()]
        finally:
            await transport.close()


def test_gzip_is_inflated_little_by_little() -> None:
    data = gzip.compress(b"x" * (3 << 20))
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(data)
    pieces = asyncio.run(fetched(head + data))

    assert b"x" * (3 << 20) == b"".join(pieces)
    assert max(map(len, pieces)) <= 1 << 20


@pytest.mark.parametrize("encoding", [b"br", b"zstd", b"deflate", b"gzip, gzip", b"gzip"])
def test_other_compression_is_refused(encoding: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: %s\r\ncontent-length: 5\r\n\r\nplain" % encoding
    with pytest.raises(TransportError) as caught:
        asyncio.run(fetched(head))

    assert Breakdown.BROKEN is caught.value.breakdown


def test_whoever_stops_closes_the_connection() -> None:
    async def main() -> None:
        was_closed, has_request = asyncio.Event(), asyncio.Event()

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            has_request.set()
            writer.write(EVENTS + event(delta("Yes")))
            await writer.drain()
            await reader.read()
            was_closed.set()

        async with serving(handler) as server, client_at(server.port) as client:
            async for _ in client.stream(BODY):
                break
            await was_closed.wait()
            was_closed.clear()
            has_request.clear()
            task = asyncio.create_task(client.send(BODY))
            await has_request.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await was_closed.wait()

    asyncio.run(main())


def test_closing_ends_what_other_tasks_read_and_nothing_is_sent_afterwards() -> None:
    async def main() -> None:
        is_streaming = asyncio.Event()

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(EVENTS + event(delta("")))
            await writer.drain()
            is_streaming.set()
            await reader.read()

        async with serving(handler) as server:
            client = client_at(server.port, retry=RetryPolicy(base_s=0))
            task = asyncio.create_task(read(client))
            await is_streaming.wait()
            await client.aclose()
            with pytest.raises((NoAnswerError, UsageError)):
                await task
            assert 1 == len(server.requests)

    asyncio.run(main())


def test_connections_that_were_given_up_are_not_used_again() -> None:
    async def main() -> None:
        async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            data = event(delta("Yes"))
            writer.write(b"%x\r\n%s\r\n" % (len(data), data))

        async with serving(handler) as server, client_at(server.port) as client:
            for _ in range(3):
                async with client.stream(BODY) as stream:
                    assert "Yes" == await anext(stream)
            assert 3 == len(server.requests)

    asyncio.run(main())


def test_silence_ends_a_wait() -> None:
    """With a limit so short that nothing can come: a real clock, and next to no waiting."""

    async def main() -> None:
        async def handler(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()

        async with serving(handler) as server:
            async with client_at(server.port, silence_s=0.05) as client:
                with pytest.raises(NoAnswerError, match="nothing came for"):
                    await read(client)
            transport = HttpTransport(silence_s=0.05)
            request = HttpRequest(
                method="POST", url=f"http://127.0.0.1:{server.port}/", headers=(), body=b"{}"
            )
            with pytest.raises(TransportError) as caught:
                async with transport.exchange(request):
                    pass
            assert Breakdown.SILENT is caught.value.breakdown
            await transport.close()

    asyncio.run(main())


def test_many_streams_at_once_over_sockets() -> None:
    async def main() -> None:
        async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(EVENTS + event(delta("Yes")))
            await writer.drain()
            streaming.append(writer)
            if len(streaming) == 100:
                everybody.set()
            await everybody.wait()
            writer.write(event(delta("!", "stop")))
            writer.close()

        streaming: list[asyncio.StreamWriter] = []
        everybody = asyncio.Event()
        async with serving(handler, backlog=200) as server, client_at(server.port) as client:
            found = await asyncio.gather(*[read(client) for _ in range(100)])
        assert [["Yes", "!"]] * 100 == [found[0]] * 100 == found

    asyncio.run(main())


def test_logs_hold_no_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def main() -> None:
        async with serving(sends(body_answer())) as server, client_at(server.port) as client:
            await client.send(BODY)

    asyncio.run(main())
    assert caplog.records
    assert "very" not in caplog.text


def test_httpx_is_imported_by_one_module_and_only_when_it_is_needed() -> None:
    package = Path(m2her_compose.__file__).parent
    found = []
    for path in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            if any(name.partition(".")[0] in {"httpx", "httpcore"} for name in names):
                found.append(path.relative_to(package).as_posix())

    assert ["client/http.py"] == found


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("HTTPS_PROXY", "http://127.0.0.1:99999", ""),
        ("SSL_CERT_FILE", "/nowhere/certificates.pem", "the certificates to trust cannot be read"),
    ],
)
def test_an_environment_that_cannot_be_used_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str
) -> None:
    monkeypatch.setenv(variable, value)

    async def main() -> ServiceError:
        async with Client(base_url="https://example.invalid", key=SECRET, retry=ONCE) as client:
            with pytest.raises(NoAnswerError) as caught:
                await read(client)
            return caught.value

    assert says in str(asyncio.run(main()))
