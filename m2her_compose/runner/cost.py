"""What a request may cost before it is sent, and what it has cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..frozen import frozen
from ..tokens import EstimateCounter, count_conversation

if TYPE_CHECKING:
    from ..ir import Conversation
    from ..targets import Price, Target
    from ..tokens import Counter
    from ..wire.replies import Usage

_MILLION: Final = 1_000_000
# How the known targets call the limit of a reply's tokens.
_REPLY_LIMITS: Final = ("max_completion_tokens", "max_tokens")


@frozen
class Estimate:
    """What one request may cost at most.

    `prompt_tokens` are counted, `reply_tokens` the most that the request or the target allows;
    None where neither says. `usd` is None where that or the price is not known.
    """

    prompt_tokens: int
    reply_tokens: int | None
    price: Price | None

    @property
    def usd(self) -> float | None:
        if self.price is None or self.reply_tokens is None:
            return None
        return _usd(self.price, self.prompt_tokens, self.reply_tokens)


def estimate(conversation: Conversation, target: Target, counter: Counter | None) -> Estimate:
    """Return what sending a conversation may cost; without a counter tokens are estimated."""
    pairs = ((message.name, message.content) for message in conversation.messages)
    return Estimate(
        prompt_tokens=count_conversation(counter or EstimateCounter(), target, pairs),
        reply_tokens=_most_reply_tokens(conversation, target),
        price=target.price_of(conversation.model),
    )


def cost_usd(usage: Usage | None, price: Price | None) -> float | None:
    """Return what a reply has cost by its usage, in USD; None where either is not known."""
    if usage is None or price is None:
        return None
    return _usd(price, usage.prompt_tokens, usage.completion_tokens)


def _most_reply_tokens(conversation: Conversation, target: Target) -> int | None:
    for name in _REPLY_LIMITS:
        if name in conversation.parameters:
            return int(conversation.parameters[name])
    allowed = target.range_of(_REPLY_LIMITS[0])
    return int(allowed.high) if allowed is not None else None


def _usd(price: Price, prompt_tokens: int, reply_tokens: int) -> float:
    return (prompt_tokens * price.input_usd + reply_tokens * price.output_usd) / _MILLION
