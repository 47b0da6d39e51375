"""What each model or endpoint accepts: roles, names, limits, parameters and prices.

Every fact has its source and the date on which it was noted; what no source says is None or
empty, and never guessed. Nothing here is asked of a service at run time.
"""

from __future__ import annotations

from typing import Final

from .frozen import frozen

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
        if isinstance(value, bool) or (self.whole and not float(value).is_integer()):
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


@frozen
class Target:
    """A model's service, as far as it is known.

    `roles` are what a message's role may be, in the order of sending; `named_roles` those that
    are refused without a name. `name_rule` is a regular expression for the whole name, None where
    any text goes. `models` are ids; none known means that any id may be right.

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

    def range_of(self, parameter: str) -> Range | None:
        """Return a parameter's range; None where none is known."""
        return dict(self.ranges).get(parameter)


BASIC_ROLES: Final = ("system", "user", "assistant")
NAMED_ROLES: Final = ("user_system", "group", "sample_message_user", "sample_message_ai")

_HER_RANGES: Final = (
    ("temperature", Range(low=0, high=1, low_exclusive=True, default=1.0)),
    ("top_p", Range(low=0, high=1, low_exclusive=True, default=0.95)),
    ("max_completion_tokens", Range(low=1, high=2048, whole=True)),
)
_HER_LIMITS: Final = Source(
    about="ranges",
    says="the vendor's documentation; a gateway was seen to stop at exactly 2,048 tokens",
)
_HER_WINDOW: Final = Source(
    about="window_tokens, warn_window_tokens",
    says="the vendor's guide has said 2,048 in one edition and 64 K in a later one; OpenRouter "
    "lists 65,536; a public client measured 65,344; a longer prompt is a 400, never cut",
)
_HER_PREFIX: Final = Source(
    about="prefix_tokens",
    says="`你好` alone was counted as 176 and 181 prompt tokens",
)
_HEADER: Final = Source(
    about="per_message_tokens, counts_names",
    says="the chat templates published with MiniMax-Text-01 and M2: each turn is fenced by control "
    "words, and the name stands in its header; four tokens are an inference",
)

M2_HER: Final = Target(
    id="m2-her",
    title="MiniMax M2-her",
    roles=("system", "user_system", "group", *NAMED_ROLES[2:], "user", "assistant"),
    named_roles=NAMED_ROLES,
    name_rule=None,
    models=("M2-her",),
    window_tokens=65_344,
    warn_window_tokens=2_048,
    prefix_tokens=170,
    per_message_tokens=4,
    counts_names=True,
    ranges=_HER_RANGES,
    price=None,
    sources=(
        Source(about="roles, models", says="the vendor's guide to M2-her; ids are case-sensitive"),
        Source(
            about="named_roles",
            says="two public clients and issue 126 of MiniMax-AI/MiniMax-M2: without a name, code "
            "2013 on one endpoint and 999 (1000) on the other",
        ),
        _HER_LIMITS,
        _HER_WINDOW,
        _HER_PREFIX,
        _HEADER,
    ),
)

BASIC: Final = Target(
    id="basic",
    title="any endpoint with the roles system, user and assistant",
    roles=BASIC_ROLES,
    named_roles=(),
    name_rule=None,
    models=(),
    window_tokens=None,
    warn_window_tokens=None,
    prefix_tokens=0,
    per_message_tokens=4,
    counts_names=False,
    ranges=(),
    price=None,
    sources=(
        Source(about="roles", says="what all OpenAI-compatible chat endpoints have in common"),
        Source(
            about="per_message_tokens, counts_names",
            says="role and fences, as in OpenAI's published counting; many chat templates leave "
            "names out",
        ),
    ),
)

OPENAI: Final = Target(
    id="openai",
    title="OpenAI chat completions",
    roles=BASIC_ROLES,
    named_roles=(),
    name_rule=r"[a-zA-Z0-9_-]{1,64}",
    models=(),
    window_tokens=None,
    warn_window_tokens=None,
    prefix_tokens=3,
    per_message_tokens=3,
    counts_names=True,
    ranges=(
        ("temperature", Range(low=0, high=2, default=1.0)),
        ("top_p", Range(low=0, high=1, default=1.0)),
    ),
    price=None,
    sources=(
        Source(about="roles, ranges", says="OpenAI's reference of chat completions"),
        Source(
            about="name_rule",
            says="the service's own refusal, quoted in thread 703341 of its forum; newer models "
            "are reported to take more, so this is what all of them take",
        ),
        Source(
            about="prefix_tokens, per_message_tokens, counts_names",
            says="OpenAI's cookbook on counting: three tokens a message, one more with a name, "
            "three that begin the reply",
        ),
    ),
)

OPENROUTER: Final = Target(
    id="openrouter",
    title="M2-her through OpenRouter",
    roles=BASIC_ROLES,
    named_roles=(),
    name_rule=None,
    models=("minimax/minimax-m2-her",),
    window_tokens=65_344,
    warn_window_tokens=2_048,
    prefix_tokens=170,
    per_message_tokens=4,
    counts_names=True,
    ranges=_HER_RANGES,
    price=Price(input_usd=0.30, output_usd=1.20),
    sources=(
        Source(about="roles", says="public clients of OpenRouter fold the advanced roles"),
        Source(about="models, price", says="OpenRouter's page of the model"),
        _HER_LIMITS,
        _HER_WINDOW,
        _HER_PREFIX,
        _HEADER,
    ),
)

TARGETS: Final = (M2_HER, BASIC, OPENAI, OPENROUTER)


def target_by_id(target_id: str) -> Target | None:
    """Return the target of an id; None where there is none of this id."""
    return next((target for target in TARGETS if target.id == target_id), None)
