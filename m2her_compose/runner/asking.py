"""One compiled variant, sent once: its reply, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ServiceError
from ..frozen import frozen
from .cost import cost_usd

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..client import Client, Reply
    from ..compiled import CompiledVariant
    from ..targets import Price


@frozen
class Exchange:
    """What came of a request: a reply or an error, never both.

    `request_hash` is that of the compiled request, as `compile` and `lock` have it. `cost_usd` is
    None where no usage came, or no price is known.
    """

    variant: CompiledVariant
    request_hash: str
    reply: Reply | None = None
    error: ServiceError | None = None
    cost_usd: float | None = None


async def ask(
    client: Client,
    variant: CompiledVariant,
    *,
    price: Price | None,
    show: Callable[[str], None] | None,
    show_thinking: bool = False,
) -> Exchange:
    """Send a variant's request. With `show` the reply is streamed, and shown as it comes."""
    body, request_hash = variant.request(), variant.content_hash
    # How it is fetched is decided here, and no part of what the model gets.
    body.pop("stream", None)
    try:
        if show is None:
            reply = await client.send(body)
        else:
            async with client.stream(body, show_thinking=show_thinking) as stream:
                async for piece in stream:
                    show(piece)
            reply = stream.reply
    except ServiceError as error:
        return Exchange(variant=variant, request_hash=request_hash, error=error)
    return Exchange(
        variant=variant,
        request_hash=request_hash,
        reply=reply,
        cost_usd=cost_usd(reply.usage, price),
    )
