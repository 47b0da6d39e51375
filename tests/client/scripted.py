"""A service of values: answers that are written down, and a clock that nobody waits for."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from m2her_compose.client import Client, Key
from m2her_compose.wire.http import TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from m2her_compose.wire.http import HttpRequest

SECRET: Final = "sk-very/secret+key=1234"
URL: Final = "https://api.minimax.io"
BODY: Final[dict[str, Any]] = {"model": "M2-her", "messages": [{"role": "user", "content": "Hi"}]}
NAMED: Final[dict[str, Any]] = {
    "model": "M2-her",
    "messages": [
        {"role": "group", "name": "Inn", "content": "At the inn"},
        {"role": "user", "name": "Mara", "content": "Hi"},
    ],
}
NAMELESS: Final[dict[str, Any]] = {
    "model": "M2-her",
    "messages": [
        {"role": "group", "content": "At the inn"},
        {"role": "user", "content": "Hi"},
    ],
}


class FakeClock:
    """Time that passes only where somebody sleeps, or a limit is waited for."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self._limits: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def now(self) -> float:
        return 1_700_000_000.0 + self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await self.passes(seconds)

    async def passes(self, seconds: float) -> None:
        """Let time pass, until the first limit that it would pass."""
        await asyncio.sleep(0)
        end = self.time + seconds
        if self._limits and min(self._limits) < end:
            self.time = min(self._limits)
            raise TimeoutError
        self.time = end

    @asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        end = self.time + seconds
        self._limits.append(end)
        try:
            yield
        finally:
            self._limits.remove(end)


@dataclass
class Pause:
    """Time that passes before the next piece."""

    seconds: float


Step = bytes | Pause | TransportError


@dataclass
class Answer:
    """One answer: what it begins with, and what comes of its body."""

    steps: Sequence[Step] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    clock: FakeClock | None = None
    was_closed: bool = False

    async def pieces(self) -> AsyncIterator[bytes]:
        for step in self.steps:
            if isinstance(step, Pause):
                assert self.clock is not None
                await self.clock.passes(step.seconds)
            elif isinstance(step, TransportError):
                raise step
            else:
                yield step


class Script:
    """A transport that gives its answers one after the other."""

    def __init__(self, *answers: Answer | TransportError) -> None:
        self.answers = list(answers)
        self.clock = FakeClock()
        self.requests: list[HttpRequest] = []
        self.was_closed = False

    @asynccontextmanager
    async def exchange(self, request: HttpRequest) -> AsyncIterator[Answer]:
        self.requests.append(request)
        answer = self.answers[len(self.requests) - 1]
        if isinstance(answer, TransportError):
            raise answer
        answer.clock = self.clock
        try:
            yield answer
        finally:
            answer.was_closed = True

    async def close(self) -> None:
        self.was_closed = True

    def client(self, **how: Any) -> Client:
        how = {"base_url": URL, "key": Key(SECRET), "random": lambda: 0.5, **how}
        return Client(transport=self, clock=self.clock, **how)


def event(data: object) -> bytes:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return f"data: {text}\n\n".encode()


def delta(text: str | None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return {"id": "r1", "object": "chat.completion.chunk", "choices": [choice], **more}


def whole(text: str | None, finish: str | None = "stop", **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "name": "Mara", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    base = {"base_resp": {"status_code": 0, "status_msg": ""}}
    return {"id": "r1", "model": "M2-her", "choices": [choice], **base, **more}


USAGE: Final = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
EVENTS: Final = {"content-type": "text/event-stream; charset=utf-8"}
JSON: Final = {"content-type": "application/json"}


def streamed(*events: object, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer of events; transport errors and pauses stand between them."""
    steps = [
        each if isinstance(each, Pause | TransportError | bytes) else event(each) for each in events
    ]
    return Answer(steps=steps, headers={**EVENTS, **(headers or {})})


def told(*texts: str) -> Answer:
    """Return a whole stream of the OpenAI-compatible endpoint."""
    deltas = [delta(text) for text in texts]
    usage = {"choices": [], "usage": USAGE}
    return streamed(*deltas, delta("", "stop"), usage, "[DONE]")


def body(value: object, status: int = 200, **headers: str) -> Answer:
    """Return an answer of one JSON body."""
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(steps=[json.dumps(value).encode()], status=status, headers={**JSON, **names})


def native_error(code: int, message: str = "") -> dict[str, Any]:
    return {"id": "e1", "base_resp": {"status_code": code, "status_msg": message}}


def openai_error(status: int, code: int, message: str = "refused") -> dict[str, Any]:
    error = {"type": "api_error", "message": f"{message} ({code})", "http_code": str(status)}
    return {"type": "error", "error": error, "request_id": "e1"}


async def read(client: Client, request: Mapping[str, Any] = BODY, **how: Any) -> list[str]:
    """Return the pieces of a streamed reply."""
    return [piece async for piece in client.stream(request, **how)]
