"""A reply in pieces: attempt after attempt, until one gives it or none is left."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ServiceError, UsageError
from ..frozen import frozen
from .answers import Attempt, Watch
from .draft import Draft
from .failures import after_last_attempt, flagged_empty
from .retry import Attempts
from .thinking import Thought

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from ..wire.http import HttpRequest, Transport
    from .clock import Clock
    from .failures import Case
    from .replies import Reply
    from .retry import RetryPolicy


@frozen
class Order:
    """What is wanted: the request, and how it is carried out."""

    transport: Transport
    request: HttpRequest
    case: Case
    policy: RetryPolicy
    clock: Clock
    random: Callable[[], float]
    timeout_s: float
    silence_s: float | None
    is_streamed: bool
    starts_thinking: bool
    show_thinking: bool = False
    on_restart: Callable[[], None] | None = None


@dataclass(slots=True)
class Outcome:
    """Where the reply is put when it has ended."""

    reply: Reply | None = None

    @property
    def whole(self) -> Reply:
        """The reply. Raises `UsageError` before it has ended."""
        if self.reply is None:
            raise UsageError("the reply has not ended: fetch all of its pieces first")
        return self.reply


async def deliver(order: Order, outcome: Outcome) -> AsyncGenerator[str, None]:
    """Yield the pieces of a reply, then put the whole into `outcome`. Raises `ServiceError`.

    Once a piece was given out, an error is raised and not retried, unless the policy says so.
    """
    clock = order.clock
    watch = Watch(
        clock=clock,
        timeout_s=order.timeout_s,
        deadline=clock.monotonic() + order.timeout_s,
        silence_s=order.silence_s,
    )
    attempts = Attempts(policy=order.policy, random=order.random)
    has_output = False
    while True:
        attempts.count += 1
        draft = Draft(order.case.key, starts_thinking=order.starts_thinking)
        try:
            async with aclosing(_attempt(order, watch, draft, outcome, attempts.count)) as pieces:
                async for piece in pieces:
                    has_output = True
                    yield piece
        except ServiceError as error:
            wait_s = attempts.wait_s(error, left_s=watch.left_s, has_output=has_output)
            if wait_s is None:
                final = error
                if attempts.are_used_up(error):
                    final = after_last_attempt(error, order.case)
                final.attempts = attempts.count
                for piece in _shown(draft.finish(), order):
                    yield piece
                final.partial = order.case.key.redact(draft.text)
                if final is error:
                    raise
                raise final from error
        else:
            return
        await clock.sleep(wait_s)
        if has_output and order.on_restart is not None:
            order.on_restart()
        has_output = False


async def _attempt(
    order: Order, watch: Watch, draft: Draft, outcome: Outcome, count: int
) -> AsyncGenerator[str, None]:
    clock = order.clock
    begun = clock.monotonic()
    first_token_s: float | None = None
    attempt = Attempt(order.transport, order.request, order.case, watch)
    async with aclosing(attempt.chunks()) as chunks:
        async for chunk in chunks:
            if first_token_s is None and order.is_streamed and (chunk.text or chunk.thinking):
                first_token_s = clock.monotonic() - begun
            for piece in _shown(draft.take(chunk), order):
                yield piece
    latency_s = clock.monotonic() - begun
    for piece in _shown(draft.finish(), order):
        yield piece
    if draft.is_empty and draft.sensitivity.is_flagged:
        raise flagged_empty(draft.sensitivity, order.case, attempt.request_id)
    outcome.reply = draft.reply(
        latency_s=latency_s,
        first_token_s=first_token_s,
        attempts=count,
        request_id=attempt.request_id,
    )


def _shown(pieces: Iterator[str], order: Order) -> Iterator[str]:
    return (piece for piece in pieces if order.show_thinking or not isinstance(piece, Thought))
