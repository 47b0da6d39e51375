"""What is known of a service: its roles, names, limits, parameters and prices."""

from __future__ import annotations

from enum import Enum
from typing import Final

from ..frozen import frozen

NOTED: Final = "2026-11"


@frozen
class Source:
    """Where a fact is from. `about` names the fields it supports, `noted` is year and month."""

    about: str
    says: str
    noted: str = NOTED


@frozen
class Range:
    """The values a parameter may have: from `low` to `high`, and neither where `exclusive` says so.

    `whole` parameters are integers. `default` is what the service takes where none is sent.
    """

    low: float
    high: float
    low_exclusive: bool = False
    whole: bool = False
    default: float | None = None

    def holds(self, value: float) -> bool:
        """Say whether a value is in the range; no boolean is, and no NaN."""
        if isinstance(value, bool):
            return False
        if self.whole and value % 1 != 0:  # without a conversion that large integers do not survive
            return False
        above = value > self.low if self.low_exclusive else value >= self.low
        return above and value <= self.high

    def __str__(self) -> str:
        kind = "an integer " if self.whole else ""
        bracket = "(" if self.low_exclusive else "["
        return f"{kind}in {bracket}{self.low:g}, {self.high:g}]"


@frozen
class Price:
    """What tokens cost, in USD a million."""

    input_usd: float
    output_usd: float


class Examples(Enum):
    """Where examples go, when a target has no roles for them.

    Into a block of the first system message; into turns before the history; or into system
    messages that are named `example_user` and `example_assistant`.
    """

    BLOCK = "block"
    TURNS = "turns"
    NAMED = "named"


@frozen
class Target:
    """A model's service, as far as it is known.

    `roles` are what a message's role may be, in the order of sending; `named_roles` those that
    are refused without a name. `sends_names`: messages may have names at all; `name_rule` is a
    regular expression for the whole name, None where any text goes. `models` are ids; none known
    means that any id may be right. `reply_limit` is what the parameter is called that limits the
    tokens of a reply.

    Tokens: over `warn_window_tokens` of prompt may be too much, over `window_tokens` is; both are
    None where they depend on the model. `prefix_tokens` are the service's own, once a request;
    `per_message_tokens` each message's header; `counts_names`: names are part of the prompt.
    """

    id: str
    title: str
    roles: tuple[str, ...]
    named_roles: tuple[str, ...]
    name_rule: str | None
    models: tuple[str, ...]
    window_tokens: int | None
    warn_window_tokens: int | None
    prefix_tokens: int
    per_message_tokens: int
    counts_names: bool
    ranges: tuple[tuple[str, Range], ...]
    price: Price | None
    sources: tuple[Source, ...]
    examples: Examples = Examples.BLOCK
    sends_names: bool = True
    reply_limit: str = "max_completion_tokens"

    def range_of(self, parameter: str) -> Range | None:
        """Return a parameter's range; None where none is known."""
        return dict(self.ranges).get(parameter)

    def price_of(self, model: str) -> Price | None:
        """Return what a model's tokens cost; None where that is not known, as of other models."""
        return self.price if not self.models or model in self.models else None
