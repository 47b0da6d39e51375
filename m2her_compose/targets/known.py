"""The targets that are known: M2-her itself, and other ways to a chat model.

Every fact has its source and the date on which it was noted; what no source says is None or
empty, and never guessed. Nothing here is asked of a service at run time.
"""

from __future__ import annotations

from typing import Final

from .model import Examples, Price, Range, Source, Target

BASIC_ROLES: Final = ("system", "user", "assistant")
NAMED_ROLES: Final = ("user_system", "group", "sample_message_user", "sample_message_ai")
# What every service that takes names takes.
ASCII_NAMES: Final = r"[a-zA-Z0-9_-]{1,64}"

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
_MAX_TOKENS: Final = Source(
    about="reply_limit",
    says="local servers take `max_tokens`; Ollama passes over `max_completion_tokens` without a "
    "word (ollama/ollama issue 7125, in version 0.32.5), and llama.cpp did until pull request "
    "19831",
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
    sends_names=False,
    reply_limit="max_tokens",
    sources=(
        Source(about="roles", says="what all OpenAI-compatible chat endpoints have in common"),
        Source(
            about="per_message_tokens, counts_names, sends_names",
            says="role and fences, as in OpenAI's published counting; many chat templates leave "
            "names out",
        ),
        _MAX_TOKENS,
    ),
)

OPENAI: Final = Target(
    id="openai",
    title="OpenAI chat completions",
    roles=BASIC_ROLES,
    named_roles=(),
    name_rule=ASCII_NAMES,
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
    examples=Examples.NAMED,
    sources=(
        Source(about="roles, ranges", says="OpenAI's reference of chat completions"),
        Source(
            about="name_rule",
            says="the service's own refusal, quoted in thread 703341 of its forum; newer models "
            "are reported to take more, so this is what all of them take",
        ),
        Source(
            about="examples",
            says="OpenAI's cookbook on formatting inputs: examples as system messages that are "
            "named example_user and example_assistant",
        ),
        Source(
            about="reply_limit",
            says="OpenAI's reference: `max_tokens` is deprecated, and newer models refuse it",
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
    reply_limit="max_tokens",
    sources=(
        Source(about="roles", says="public clients of OpenRouter fold the advanced roles"),
        Source(about="models, price", says="OpenRouter's page of the model"),
        Source(about="reply_limit", says="OpenRouter's reference of requests lists `max_tokens`"),
        _HER_LIMITS,
        _HER_WINDOW,
        _HER_PREFIX,
        _HEADER,
    ),
)

TARGETS: Final[tuple[Target, ...]] = (M2_HER, BASIC, OPENAI, OPENROUTER)


def target_by_id(target_id: str) -> Target | None:
    """Return the target of an id; None where there is none of this id."""
    return next((target for target in TARGETS if target.id == target_id), None)
