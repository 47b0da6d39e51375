"""The emulator as a web application: paths, the checks of a request, and who is answered how."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from ..frozen import replaced
from ..wire.endpoints import VERSION_PATH, Endpoint
from ..wire.replies import ShapeError, parse_json
from .answers import JSON_TYPE, json_bytes, model_body, models_body
from .bodies import Bodies, BodyError, ClientLeftError
from .contract import Complaint, invalid, read_request
from .delivery import Delivery, Stamp, deliver, refuse, refuse_http
from .gate import Gate
from .playing import Connection, id_of, numbered, play
from .recording import Recorder, read_recording
from .redaction import Redaction
from .rehearsal import rehearse
from .relay import Relay

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from .playing import Message, Pause, Receive, Scope, Send
    from .recording import Recording
    from .settings import EmulatorSettings, Upstream

    Application = Callable[[Scope, Receive, Send], Any]

MOST_REQUESTS: Final = 2_048
_BUSY: Final = Complaint(code=1041, message="connection limit, too many requests at once")
_MODELS_PATH: Final = f"{VERSION_PATH}/models"
_ENDPOINTS: Final = {f"{VERSION_PATH}{each.path}": each for each in Endpoint}


def application(
    settings: EmulatorSettings,
    *,
    clock: Callable[[], float] = time.time,
    pause: Pause = asyncio.sleep,
) -> Emulator:
    """Return the emulator as an ASGI application. Needs starlette, of the extra `serve`.

    A recording is read, or opened, at once: raises `RecordingError`. `clock` gives the seconds
    since 1970, and `pause` is what slow replies wait by.
    """
    from starlette.applications import Starlette
    from starlette.routing import Route

    gate = Gate(hosts=settings.hosts, any_address=settings.any_address, key=settings.key)
    recorder = Recorder(settings.record) if settings.record is not None else None
    answering, mode = _answering(settings, recorder, clock)
    chat = _Room(_Chat(gate, answering).answer, pause)
    models = _Room(_Models(gate, settings.models).answer, pause)
    routes = [Route(path, chat, methods=["POST"]) for path in _ENDPOINTS]
    routes += [
        Route(path, models, methods=["GET"])
        for path in (_MODELS_PATH, _MODELS_PATH + "/{model:path}")
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={404: _no_such_path, 405: _wrong_method, 500: _own_mistake},
    )
    app.router.redirect_slashes = False
    return Emulator(app, gate, mode, pause, recorder=recorder, upstream=settings.upstream)


def _answering(
    settings: EmulatorSettings, recorder: Recorder | None, clock: Callable[[], float]
) -> tuple[_Answering, str]:
    """Return what answers requests, and the header that says which it was."""
    if recorder is not None and settings.upstream is not None:
        return Relay(upstream=settings.upstream, recorder=recorder), "x-m2her-recording"
    if settings.replay is not None:
        return _Replaying(read_recording(settings.replay)), "x-m2her-replay"
    return _Rehearsing(settings, clock), "x-m2her-rehearsal"


class Emulator:
    """The emulator as an ASGI application.

    Looks at who asks, numbers the requests, and names them in the headers of their answers.
    """

    def __init__(
        self,
        app: Application,
        gate: Gate,
        mode: str,
        pause: Pause,
        *,
        recorder: Recorder | None,
        upstream: Upstream | None,
    ) -> None:
        self._app = app
        self._gate = gate
        self._mode = mode.encode()
        self._pause = pause
        self._recorder = recorder
        self._upstream = upstream
        self._count = 0
        self._open = 0

    def close(self) -> None:
        """Close the recording, where one is being made."""
        if self._recorder is not None:
            self._recorder.close()

    async def aclose(self) -> None:
        """Close the recording, and the connections to the service that is recorded."""
        self.close()
        if self._upstream is not None:
            await self._upstream.transport.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._count += 1
        named = self._naming(send, numbered(scope, self._count))
        self._open += 1
        try:
            connection = Connection(scope=scope, receive=receive, send=named, pause=self._pause)
            refusal = self._refusal(connection)
            if refusal is not None:
                await play(refusal, connection)
            else:
                await self._app(scope, receive, named)
        finally:
            self._open -= 1

    def _refusal(self, connection: Connection) -> Delivery | None:
        barred = self._gate.bars(connection.scope["headers"])
        if barred is not None:
            return refuse_http(403, barred, connection.id, kind="permission_error")
        if self._open > MOST_REQUESTS:
            endpoint = _ENDPOINTS.get(connection.scope["path"], Endpoint.OPENAI)
            return refuse(_BUSY, endpoint, connection.id)
        return None

    def _naming(self, send: Send, request_id: str) -> Send:
        headers = [(b"x-request-id", request_id.encode()), (self._mode, b"true")]

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *headers]}
            await send(message)

        return named


class _Room:
    """What is behind a path: an ASGI application that answers on a connection."""

    def __init__(self, answer: Callable[[Connection], Awaitable[None]], pause: Pause) -> None:
        self._answer = answer
        self._pause = pause

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(Connection(scope=scope, receive=receive, send=send, pause=self._pause))


class _Models:
    """Answers `GET /v1/models`, and one of them."""

    def __init__(self, gate: Gate, models: tuple[str, ...]) -> None:
        self._gate = gate
        self._models = models

    async def answer(self, connection: Connection) -> None:
        await play(self._delivery(connection), connection)

    def _delivery(self, connection: Connection) -> Delivery:
        complaint = self._gate.key_complaint(connection.scope["headers"])
        if complaint is not None:
            return refuse(complaint, Endpoint.OPENAI, connection.id)
        model = connection.scope["path_params"].get("model")
        if model is not None and model not in self._models:
            return refuse_http(404, "no such model", connection.id, kind="not_found_error")
        body = models_body(self._models) if model is None else model_body(model)
        return Delivery(status=200, content_type=JSON_TYPE, pieces=(json_bytes(body),))


class _Answering(Protocol):
    """What answers a request whose key is fine: by rehearsing, from a recording, or by asking."""

    async def answer(self, endpoint: Endpoint, body: bytes, connection: Connection) -> None: ...


class _Chat:
    """Answers the requests of both endpoints."""

    def __init__(self, gate: Gate, answering: _Answering) -> None:
        self._gate = gate
        self._answering = answering
        self._bodies = Bodies()

    async def answer(self, connection: Connection) -> None:
        scope = connection.scope
        endpoint = _ENDPOINTS[scope["path"]]
        complaint = self._gate.key_complaint(scope["headers"])
        try:
            async with self._bodies.body(scope, connection.receive) as body:
                if complaint is not None:
                    await play(refuse(complaint, endpoint, connection.id), connection)
                else:
                    await self._answering.answer(endpoint, body, connection)
        except BodyError as error:
            refusal = refuse_http(error.status, str(error), connection.id)
            # What is left of the body is not read.
            await play(replaced(refusal, headers=(("connection", "close"),)), connection)
        except ClientLeftError:
            return


class _Rehearsing:
    """Answers by rehearsing, with the faults of a plan.

    Requests are numbered for the plan, from 1, when they turn out to keep the contract.
    """

    def __init__(self, settings: EmulatorSettings, clock: Callable[[], float]) -> None:
        self._lenient = settings.lenient
        self._models = settings.models
        self._faults = settings.faults
        self._clock = clock
        self._count = 0

    async def answer(self, endpoint: Endpoint, body: bytes, connection: Connection) -> None:
        stamp = Stamp(id=connection.id, created=int(self._clock()))
        await play(self._delivery(endpoint, body, stamp), connection)

    def _delivery(self, endpoint: Endpoint, body: bytes, stamp: Stamp) -> Delivery:
        try:
            data = parse_json(body)
        except ShapeError:
            return refuse(invalid("the body is not valid JSON"), endpoint, stamp.id)
        request = read_request(data, endpoint, models=self._models, lenient=self._lenient)
        if isinstance(request, Complaint):
            return refuse(request, endpoint, stamp.id)
        self._count += 1
        return deliver(request, rehearse(request), self._faults.fault_for(self._count), stamp)


class _Replaying:
    """Answers from a recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    async def answer(self, endpoint: Endpoint, body: bytes, connection: Connection) -> None:
        await play(self._delivery(endpoint, body, connection), connection)

    def _delivery(self, endpoint: Endpoint, body: bytes, connection: Connection) -> Delivery:
        try:
            # As it was recorded: without the key.
            request = Redaction((connection.key,)).data(parse_json(body))
            exchange = self._recording.answer(endpoint, request)
        except (ShapeError, RecursionError):
            return refuse(invalid("the body is not valid JSON"), endpoint, connection.id)
        if exchange is None:
            return refuse_http(404, self._unknown(), connection.id, kind="not_found_error")
        return Delivery(
            status=exchange.status,
            content_type=exchange.content_type,
            pieces=exchange.pieces,
            streamed=len(exchange.pieces) > 1,
        )

    def _unknown(self) -> str:
        count = len(self._recording)
        return f"this request is not in the recording ({count:,} exchanges): record it once more"


def _no_such_path(request: Request, _: Exception) -> Response:
    paths = ", ".join(f"`{path}`" for path in (*_ENDPOINTS, _MODELS_PATH))
    return _response(request, 404, f"no such path: there are {paths}", "not_found_error")


def _wrong_method(request: Request, _: Exception) -> Response:
    path = request.url.path
    method = "POST" if path in _ENDPOINTS else "GET"
    response = _response(request, 405, f"`{path}` takes {method} only", "bad_request_error")
    response.headers["allow"] = method
    return response


def _own_mistake(request: Request, _: Exception) -> Response:
    return _response(request, 500, "the emulator has failed: this is a mistake of its own", None)


def _response(request: Request, status: int, message: str, kind: str | None) -> Response:
    from starlette.responses import Response

    body = refuse_http(status, message, id_of(request.scope), kind=kind)
    return Response(
        b"".join(body.pieces), status_code=status, headers={"content-type": body.content_type}
    )
