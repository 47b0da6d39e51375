"""What the emulator's tests share: asking it inside the process, and reading what it says."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from m2her_compose.emulator import EmulatorSettings, application
from m2her_compose.wire.endpoints import VERSION_PATH, Endpoint
from m2her_compose.wire.events import DONE, EventDecoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

KEY = "a-key-of-the-tests"
HEADERS = {"host": "localhost", "authorization": f"Bearer {KEY}"}


@dataclass(slots=True)
class Answer:
    """What came back. `dropped`: the connection was ended; `whole`: the answer was."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    dropped: bool = False
    whole: bool = False
    pauses: list[float] = field(default_factory=list)

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> list[str]:
        decoder = EventDecoder()
        return [*decoder.feed(self.body), *decoder.finish()]

    @property
    def events(self) -> list[Any]:
        return [json.loads(each) for each in self.data if each != DONE]


class Asker:
    """Sends requests to an emulator inside the process."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self.pauses: list[float] = []
        self.app = application(settings, clock=lambda: 1_800_000_000.5, pause=self._pause)

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def chat(
        self, endpoint: Endpoint = Endpoint.OPENAI, /, *, leaves: bool = False, **body: Any
    ) -> Answer:
        """Post a request to an endpoint; what is not given is a small conversation."""
        data = {"model": "M2-her", "messages": [{"role": "user", "content": "Hello"}], **body}
        path = VERSION_PATH + endpoint.path
        return self.ask("POST", path, body=json.dumps(data).encode(), leaves=leaves)

    def ask(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: dict[str, str] | Sequence[tuple[str, str]] | None = None,
        pieces: Iterable[bytes] | None = None,
        leaves: bool = False,
    ) -> Answer:
        """Send a request; `leaves` is a client that goes as soon as it has sent it."""
        given = HEADERS if headers is None else headers
        pairs = given.items() if isinstance(given, dict) else given
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "server": ("localhost", 80),
            "headers": [(n.encode(), v.encode("latin-1")) for n, v in pairs],
        }
        sent = [body] if pieces is None else list(pieces)
        return asyncio.run(self._asked(scope, sent, leaves=leaves))

    async def _asked(self, scope: dict[str, Any], sent: list[bytes], *, leaves: bool) -> Answer:
        answer = Answer()
        gone = asyncio.Event()
        waiting = list(sent)
        if leaves:
            gone.set()

        async def receive() -> dict[str, Any]:
            if waiting:
                piece = waiting.pop(0)
                return {"type": "http.request", "body": piece, "more_body": bool(waiting)}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {n.decode(): v.decode() for n, v in message["headers"]}
                return
            if message.get("body"):
                answer.pieces.append(message["body"])
            answer.whole = not message.get("more_body", False)

        def drop() -> None:
            answer.dropped = True
            gone.set()

        await self.app({**scope, "extensions": {"m2her.drop": drop}}, receive, send)
        return answer


@pytest.fixture
def asker() -> Callable[..., Asker]:
    """Return a function that makes an emulator, by its settings, and asks it."""

    def make(**settings: Any) -> Asker:
        return Asker(EmulatorSettings(**settings))

    return make
