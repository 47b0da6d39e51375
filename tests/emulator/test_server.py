"""The emulator on a real socket, and how it starts and ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest

from m2her_compose.emulator import (
    DEFAULT_HOST,
    EmulatorSettings,
    available,
    read_faults,
    running,
    serve,
    server,
)
from m2her_compose.errors import UsageError
from tests.processes import PATIENCE_S, started

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = {"authorization": "Bearer any"}
BODY = {"model": "M2-her", "messages": [{"role": "user", "content": "Hello"}]}
STREAM = {**BODY, "stream": True}
PATHS = ("/v1/chat/completions", "/v1/text/chatcompletion_v2")
PROGRAM = """
import sys
from m2her_compose.emulator import EmulatorSettings, read_faults, serve
settings = EmulatorSettings(faults=read_faults(sys.argv[1:]))
serve(settings, on_ready=lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running(EmulatorSettings()) as found:
        yield found


@pytest.fixture
def program() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the emulator as a program whose replies never end; give it and its URL."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM, "silent:after=1"]
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()


def test_nothing_is_missing() -> None:
    assert available() is None


@pytest.mark.parametrize("path", PATHS)
def test_replies_come_over_a_socket(url: str, path: str) -> None:
    answer = httpx.post(url + path, json=BODY, headers=HEADERS, timeout=PATIENCE_S)

    assert answer.status_code == 200
    assert answer.headers["x-m2her-rehearsal"] == "true"
    assert "server" not in answer.headers
    assert answer.json()["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("path", PATHS)
def test_streams_come_over_a_socket(url: str, path: str) -> None:
    with httpx.stream(
        "POST", url + path, json=STREAM, headers=HEADERS, timeout=PATIENCE_S
    ) as answer:
        lines = [line for line in answer.iter_lines() if line]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert all(line.startswith("data: ") for line in lines)
    assert (lines[-1] == "data: [DONE]") is (path == PATHS[0])


def test_a_connection_is_used_again_after_a_refusal(url: str) -> None:
    with httpx.Client(base_url=url, headers=HEADERS, timeout=PATIENCE_S) as client:
        statuses = [client.post(PATHS[0], json=body).status_code for body in ({}, BODY, {}, BODY)]

    assert statuses == [400, 200, 400, 200]


@pytest.mark.parametrize("size", [5, 30])
def test_too_large_a_body_gets_its_refusal(url: str, size: int) -> None:
    answer = httpx.post(
        url + PATHS[0], content=b"x" * size * 1024 * 1024, headers=HEADERS, timeout=PATIENCE_S
    )

    assert answer.status_code == 413


def test_what_is_no_http_ends_the_connection_and_nothing_else(url: str) -> None:
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 30) as raw:
        raw.sendall(b"\x16\x03\x01\x00\xa5\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")
    assert httpx.get(f"{url}/v1/models", headers=HEADERS, timeout=PATIENCE_S).status_code == 200


@pytest.mark.parametrize("asked_before", [False, True])
@pytest.mark.parametrize("begun", [b"", b"GET /v1/models HTTP/1.1\r\nhost: local"])
def test_headers_that_do_not_come_are_not_waited_for(
    asked_before: bool, begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_HEADERS_TIME_S", 1)
    monkeypatch.setattr(server, "_KEEP_ALIVE_S", 1)
    with (
        running(EmulatorSettings()) as url,
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 30) as raw,
    ):
        if asked_before:
            raw.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
            found = b""
            while not found.endswith(b"}"):
                part = raw.recv(10_000)
                assert part
                found += part
        with suppress(ConnectionError):
            raw.sendall(begun)
            assert raw.recv(100) == b""


def test_bodies_and_replies_may_take_longer_than_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_HEADERS_TIME_S", 1)

    def slowly() -> Iterator[bytes]:
        yield json.dumps(BODY).encode()
        time.sleep(1.2)
        yield b" "

    with running(EmulatorSettings(faults=read_faults(["slow=1200ms"]))) as url:
        answer = httpx.post(url + PATHS[0], content=slowly(), headers=HEADERS, timeout=PATIENCE_S)

    assert answer.status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [BODY, STREAM], ids=["whole", "streamed"])
def test_dropped_connections_are_seen_as_such(
    path: str, body: dict[str, object], capfd: pytest.CaptureFixture[str]
) -> None:
    faults = read_faults(["script=drop-before,drop-within,drop-after,ok"])
    seen: list[tuple[bool, bool]] = []

    def read(client: httpx.Client, url: str) -> None:
        seen.append((False, False))
        with client.stream("POST", url + path, json=body) as answer:
            for piece in answer.iter_raw():
                seen[-1] = (True, bool(piece))

    with (
        running(EmulatorSettings(faults=faults)) as url,
        httpx.Client(headers=HEADERS, timeout=PATIENCE_S) as client,
    ):
        for _ in range(3):
            with pytest.raises(httpx.RemoteProtocolError):
                read(client, url)
        last = client.post(url + path, json=body)

    assert seen == [(False, False), (True, True), (True, True)]
    assert last.status_code == 200
    assert capfd.readouterr() == ("", "")


def test_many_streams_are_held_at_once() -> None:
    """The short form of benchmarks/serve: no stream ends before all have begun."""
    count = 100

    async def read(client: httpx.AsyncClient, url: str, barrier: asyncio.Barrier) -> bytes:
        async with client.stream("POST", url + PATHS[0], json=STREAM) as answer:
            pieces = answer.aiter_raw()
            first = await anext(pieces)
            await barrier.wait()
            return first + b"".join([piece async for piece in pieces])

    async def read_all(url: str) -> list[bytes]:
        barrier = asyncio.Barrier(count)
        limits = httpx.Limits(max_connections=count)
        async with httpx.AsyncClient(headers=HEADERS, limits=limits, timeout=PATIENCE_S) as client:
            return await asyncio.gather(*(read(client, url, barrier) for _ in range(count)))

    with running(EmulatorSettings(faults=read_faults(["slow=5ms"]))) as url:
        bodies = asyncio.run(read_all(url))

    assert len(bodies) == count
    assert all(body.endswith(b"data: [DONE]\n\n") for body in bodies)
    assert len({body.split(b'"id":"')[1].split(b'"')[0] for body in bodies}) == count


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_a_signal_ends_it_at_once_also_with_open_streams(
    number: signal.Signals, program: tuple[subprocess.Popen[str], str]
) -> None:
    process, url = program
    with (
        httpx.Client(headers=HEADERS, timeout=PATIENCE_S) as client,
        client.stream("POST", url + PATHS[0], json=STREAM) as answer,
    ):
        pieces = answer.iter_raw()
        next(pieces)
        process.send_signal(number)
        with pytest.raises(httpx.TransportError):
            list(pieces)
    out, err = process.communicate()

    assert (out, err, process.returncode) == ("ended\n", "", 0)


def test_a_port_that_is_taken_is_said_to_be(url: str) -> None:
    port = int(url.rpartition(":")[2])

    with pytest.raises(OSError, match=rf"cannot listen on `127.0.0.1`, port {port}: ") as caught:
        serve(EmulatorSettings(), port=port)

    assert "in use" in str(caught.value)


@pytest.mark.parametrize("port", [65_536, 10**30, -1])
def test_a_port_that_there_is_not_is_said_to_be_none(port: int) -> None:
    with pytest.raises(UsageError, match="a port is a number from 0 to 65535"):
        serve(EmulatorSettings(), port=port)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "example.com"])  # noqa: S104 - refused
def test_only_this_machine_is_served_unless_more_is_allowed(host: str) -> None:
    with pytest.raises(UsageError, match="`--allow-remote`"):
        serve(EmulatorSettings(), host=host)


def test_an_address_of_others_cannot_be_had_even_where_it_is_allowed() -> None:
    with pytest.raises(OSError, match=r"cannot listen on `192\.0\.2\.1`"):
        serve(EmulatorSettings(), host="192.0.2.1", allow_remote=True)


def test_a_server_for_others_answers_to_addresses_and_its_own_name() -> None:
    program = PROGRAM.replace("settings,", "settings, host='0.0.0.0', allow_remote=True,")
    with started([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        shown = process.stdout.readline().strip()
        url = shown.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - the address shown
        hosts = ["10.1.2.3:80", socket.gethostname(), "evil.example"]
        statuses = [
            httpx.get(
                f"{url}/v1/models", headers={**HEADERS, "host": host}, timeout=PATIENCE_S
            ).status_code
            for host in hosts
        ]
        process.send_signal(signal.SIGINT)
        process.communicate()

    assert statuses == [200, 200, 403]
    assert process.returncode == 0


def test_ipv6_is_served_as_well() -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    program = PROGRAM.replace("settings,", "settings, host='::1',")
    with started([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        status = httpx.get(f"{url}/v1/models", headers=HEADERS, timeout=PATIENCE_S).status_code
        process.send_signal(signal.SIGTERM)
        process.communicate()

    assert url.startswith("http://[::1]:")
    assert status == 200


def test_importing_the_emulator_imports_no_server() -> None:
    code = (
        "import sys, m2her_compose.emulator; "
        "print({'starlette', 'uvicorn', 'httpx', 'm2her_compose.client'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )

    assert done.stdout.strip() == "set()"
    assert DEFAULT_HOST == "127.0.0.1"
