"""The client: sends requests, and gives replies, whole or in pieces."""

from __future__ import annotations

import math
import os
import random as system_random
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from .._version import __version__
from ..errors import UsageError
from ..wire.endpoints import Endpoint, endpoint_url
from ..wire.http import HttpRequest
from ..wire.json_text import compact_json
from .addresses import choose_base_url, read_address
from .clock import SystemClock
from .delivery import Order, Outcome, deliver
from .failures import case_of
from .keys import Key, find_key
from .retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping
    from types import TracebackType
    from typing import Self

    from ..wire.http import Transport
    from .clock import Clock
    from .replies import Reply

_DEFAULT_RETRY: Final = RetryPolicy()


class ReplyStream:
    """The pieces of a reply as they come; afterwards `reply` is the whole.

    Pieces are never empty; those that are thought (`show_thinking`) are `Thought`s. Whoever stops
    before the end closes it: by `async with`, `aclose()`, or by letting go of it; the connection
    is given up at once.
    """

    def __init__(self, pieces: AsyncGenerator[str, None], outcome: Outcome) -> None:
        self._pieces = pieces
        self._outcome = outcome

    @property
    def reply(self) -> Reply:
        """The whole reply. Raises `UsageError` before the last piece was fetched."""
        return self._outcome.whole

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        return await anext(self._pieces)

    async def aclose(self) -> None:
        """Give up the rest of the reply, and its connection."""
        await self._pieces.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class Client:
    """Sends requests to one endpoint; any number at once, from one event loop.

    Without a `base_url` it is `choose_base_url`'s, without a `key` it is `find_key`'s, both by
    this process's environment; a key that is given as text goes wherever the base URL points.
    `timeout_s` is for one reply with all its attempts and waits, `silence_s` for the pause before
    any piece of a streamed one. `starts_thinking` is for models whose replies begin within a
    thought, without the tag that opens it. A `transport` that is given is not closed. Raises
    `UsageError`.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        key: Key | str | None = None,
        endpoint: Endpoint = Endpoint.OPENAI,
        transport: Transport | None = None,
        timeout_s: float = 60.0,
        silence_s: float = 30.0,
        retry: RetryPolicy = _DEFAULT_RETRY,
        starts_thinking: bool = False,
        clock: Clock | None = None,
        random: Callable[[], float] = system_random.random,
    ) -> None:
        for name, value in (("timeout_s", timeout_s), ("silence_s", silence_s)):
            if not (math.isfinite(value) and value > 0):
                raise UsageError(f"`{name}` is a number of seconds above 0")
        self._address = read_address(base_url or choose_base_url(os.environ).url)
        given = Key(key) if isinstance(key, str) else key
        self.key = find_key(self._address.url, os.environ) if given is None else given
        self.endpoint = endpoint
        self._transport = transport
        self._own: Transport | None = None
        self._timeout_s = timeout_s
        self._silence_s = silence_s
        self._retry = retry
        self._starts_thinking = starts_thinking
        self._clock = clock or SystemClock()
        self._random = random
        self._streams: WeakSet[ReplyStream] = WeakSet()

    def __repr__(self) -> str:
        return f"Client({self.url}, {self.key!r})"

    @property
    def url(self) -> str:
        """Where requests are sent."""
        return endpoint_url(self._address.url, self.endpoint)

    def request(self, body: Mapping[str, Any], *, stream: bool) -> HttpRequest:
        """Return the exact request that is sent for a body. It holds the key.

        How the reply is fetched is decided here: what the body says of it does not count. Raises
        `UsageError` for a body that is no JSON.
        """
        sent = {name: value for name, value in body.items() if name != "stream"}
        options = sent.pop("stream_options", None)
        if stream:
            sent["stream"] = True
            if self.endpoint is Endpoint.OPENAI:
                given = options if isinstance(options, dict) else {}
                sent["stream_options"] = {**given, "include_usage": True}
        try:
            data = compact_json(sent).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError("the body of a request must be JSON") from error
        return HttpRequest(
            method="POST",
            url=self.url,
            headers=(
                ("authorization", self.key.authorization),
                ("content-type", "application/json"),
                ("accept", "text/event-stream" if stream else "application/json"),
                # Compressed pieces would wait for each other.
                ("accept-encoding", "identity"),
                ("user-agent", f"m2her/{__version__}"),
            ),
            body=data,
        )

    def stream(
        self,
        body: Mapping[str, Any],
        *,
        show_thinking: bool = False,
        on_restart: Callable[[], None] | None = None,
    ) -> ReplyStream:
        """Return the pieces of a reply; nothing is sent before the first is asked for.

        They raise `ServiceError`. `on_restart` is called when a reply of which pieces were given
        out begins anew, which only a policy with `retry_after_output` lets happen.
        """
        outcome = Outcome()
        order = self._order(body, stream=True, show_thinking=show_thinking, on_restart=on_restart)
        stream = ReplyStream(deliver(order, outcome), outcome)
        self._streams.add(stream)
        return stream

    async def send(self, body: Mapping[str, Any]) -> Reply:
        """Send a request and return its reply, fetched in one piece. Raises `ServiceError`."""
        outcome = Outcome()
        async with aclosing(deliver(self._order(body, stream=False), outcome)) as pieces:
            async for _ in pieces:
                pass
        return outcome.whole

    async def aclose(self) -> None:
        """Give up what is still open: streams, then connections."""
        for stream in list(self._streams):
            # Of one that another task is reading right now, the connection is closed below.
            with suppress(RuntimeError):
                await stream.aclose()
        own, self._own = self._own, None
        if own is not None:
            await own.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _order(self, body: Mapping[str, Any], *, stream: bool, **how: Any) -> Order:
        return Order(
            transport=self._transport or self._own_transport(),
            request=self.request(body, stream=stream),
            case=case_of(body, self._address, self.key),
            policy=self._retry,
            clock=self._clock,
            random=self._random,
            timeout_s=self._timeout_s,
            silence_s=self._silence_s if stream else None,
            is_streamed=stream,
            starts_thinking=self._starts_thinking,
            **how,
        )

    def _own_transport(self) -> Transport:
        if self._own is None:
            from .http import HttpTransport

            self._own = HttpTransport()
        return self._own
