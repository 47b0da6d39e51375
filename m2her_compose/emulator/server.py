"""Serves the emulator on a socket, with uvicorn."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ..errors import UsageError
from .app import application
from .gate import is_loopback
from .playing import DROP

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    from .app import Emulator
    from .playing import Receive, Scope, Send
    from .settings import EmulatorSettings

DEFAULT_HOST: Final = "127.0.0.1"
_BACKLOG: Final = 2_048
# Idle ones as well. Past it, uvicorn itself answers with a 503.
_MOST_CONNECTIONS: Final = 4_096
_PORTS: Final = range(65_536)
_KEEP_ALIVE_S: Final = 30
# For the line and the headers of a request, from its first byte or the connection's beginning.
_HEADERS_TIME_S: Final = 30.0
_START_TIME_S: Final = 30.0
# A connection takes a file; many systems allow a process 1,024, and more when it asks.
_WANTED_FILES: Final = 8_192


def available() -> str | None:
    """Return what is missing to serve, as the name of a module; None where all is there."""
    from importlib.util import find_spec

    return next((name for name in ("starlette", "uvicorn") if find_spec(name) is None), None)


def serve(
    settings: EmulatorSettings,
    *,
    host: str = DEFAULT_HOST,
    port: int = 0,
    allow_remote: bool = False,
    on_ready: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until Ctrl-C or SIGTERM, which end all connections at once; prints nothing.

    Port 0 takes a free one; `on_ready` is called with the base URL, as `http://127.0.0.1:8080`.
    Raises `UsageError` for no port, and for a host that is not this machine's own without
    `allow_remote`; `OSError` where the port cannot be had.
    """
    listener = _listener(host, port, allow_remote=allow_remote)
    try:
        app = application(_reachable(settings, host, allow_remote=allow_remote))
        try:
            _raise_file_limit()
            _server(app, lambda: on_ready(_url(listener))).run([listener])
        finally:
            app.close()
    finally:
        listener.close()


@contextmanager
def running(settings: EmulatorSettings) -> Iterator[str]:
    """Serve in a thread, on a free port of this machine; give the base URL, and stop at the end."""
    listener = _listener(DEFAULT_HOST, 0, allow_remote=False)
    try:
        app = application(settings)
        ready = threading.Event()
        try:
            server = _server(app, ready.set)
            thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
            thread.start()
            try:
                if not ready.wait(_START_TIME_S):
                    raise TimeoutError("the emulator did not start")
                yield _url(listener)
            finally:
                server.should_exit = server.force_exit = True
                thread.join()
        finally:
            app.close()
    finally:
        listener.close()


def _reachable(settings: EmulatorSettings, host: str, *, allow_remote: bool) -> EmulatorSettings:
    """Add to the settings the names by which a server on a host is called."""
    if not allow_remote:
        return settings
    names = (host, socket.gethostname())
    return replace(settings, hosts=(*settings.hosts, *names), any_address=True)


def _listener(host: str, port: int, *, allow_remote: bool) -> socket.socket:
    """Return a socket that is bound. Raises `OSError`, whose text names the address."""
    if not allow_remote and not is_loopback(host):
        raise UsageError(f"`{host}` is not this machine alone: that takes `--allow-remote`")
    if port not in _PORTS:
        raise UsageError(f"a port is a number from 0 to {_PORTS[-1]}, and not {port}")
    try:
        family, kind, protocol, _, address = _addresses(host, port)[0]
        listener = socket.socket(family, kind, protocol)
        try:
            # Windows lets others take the port of a socket that is reused.
            if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
        except BaseException:
            listener.close()
            raise
    except OSError as error:
        message = f"cannot listen on `{host}`, port {port}: {error.strerror}"
        raise OSError(message) from error
    listener.setblocking(False)  # noqa: FBT003 - its own signature
    return listener


def _addresses(host: str, port: int) -> list[Any]:
    """Return a host's addresses, those of IPv4 first."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return sorted(found, key=lambda each: each[0] != socket.AF_INET)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if listener.family == socket.AF_INET6 else host
    return f"http://{shown}:{port}"


def _raise_file_limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows, which has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _WANTED_FILES if hard == resource.RLIM_INFINITY else min(_WANTED_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _server(app: Emulator, on_ready: Callable[[], None]) -> uvicorn.Server:
    """Return a server that logs nothing, and ends at the first signal."""
    import uvicorn

    class Server(uvicorn.Server):
        """Says when it is ready, and waits for nobody when it shall end."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            on_ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            for connection in list(self.server_state.connections):
                connection.transport.abort()
            for task in list(self.server_state.tasks):
                task.cancel()
            await super().shutdown(sockets)
            await app.aclose()

        def handle_exit(self, sig: int, frame: Any) -> None:
            del sig, frame
            # Nothing is raised afterwards: to be told to end is how a server ends.
            self.should_exit = self.force_exit = True

    return Server(
        uvicorn.Config(
            app,
            http=_protocol(),
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=_KEEP_ALIVE_S,
            timeout_graceful_shutdown=1,
        )
    )


def _protocol() -> type[H11Protocol]:
    """Return what reads a connection: it can be ended, and its headers have to come in time."""
    import h11
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Protocol(H11Protocol):
        """uvicorn itself waits for a begun request as long as its client likes."""

        _limit: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.app = _with_drop(self.app, transport.close)
            self._limit = self.loop.call_later(_HEADERS_TIME_S, transport.abort)

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.conn.their_state is h11.IDLE:
                if self._limit is None:
                    self._limit = self.loop.call_later(_HEADERS_TIME_S, self.transport.abort)
            elif self._limit is not None:
                self._limit.cancel()
                self._limit = None

    return Protocol


def _with_drop(app: Any, cut: Callable[[], None]) -> Any:
    """Return an application whose requests can end their connection."""

    async def with_drop(scope: Scope, receive: Receive, send: Send) -> None:
        await app(
            {**scope, "extensions": {**scope.get("extensions", {}), DROP: cut}}, receive, send
        )

    return with_drop
