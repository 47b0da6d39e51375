"""Rules about size: what fits into the window, and what takes the most of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..diagnostics import Related
from ..diagnostics import codes as c
from ..frozen import frozen
from ..ir import Role
from ..tokens import (
    Counter,
    EstimateCounter,
    Kind,
    count_conversation,
    count_message,
    estimated_at_most,
)
from .places import header, own_key
from .references import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..diagnostics import Code, Sink, Span
    from ..ir import Conversation, Message
    from ..source import Node
    from .subject import Subject, Variant

_PARTS: Final = 3
# A part of less than a fiftieth is not worth shortening.
_SMALLEST_SHARE: Final = 50
_HEAVY_TOKENS: Final = 500
_FEW_VARIANTS: Final = 4
_DIGITS: Final = 3
_EXAMPLES: Final = (Role.SAMPLE_USER, Role.SAMPLE_AI)
# Parts that are told as a whole, however many items they have.
_WHOLE: Final = ("examples", "history", "instructions")


def sizes(subject: Subject, sink: Sink) -> None:
    """Count the prompt of every variant; report the largest where it is too large."""
    if not subject.variants or _are_small(subject):
        return
    counter = _Once(subject.limits.counter)
    counts = [_count(subject, counter, variant) for variant in subject.variants]
    tokens = max(counts)
    measured = _Measured(
        subject=subject,
        counter=counter,
        variant=subject.variants[counts.index(tokens)],
        tokens=tokens,
    )
    _prompt_size(measured, sink)
    _room_for_reply(measured, sink)
    _heavy_examples(measured, sink)


def _are_small(subject: Subject) -> bool:
    """Tell whether an estimate cannot give anything to say: most prompts are not worth counting.

    Many variants are counted all the same: what they have in common is then looked at once.
    """
    is_estimate = isinstance(subject.limits.counter, EstimateCounter)
    few = is_estimate and len(subject.variants) <= _FEW_VARIANTS
    return few and all(_is_small(subject, each.conversation) for each in subject.variants)


def _is_small(subject: Subject, conversation: Conversation) -> bool:
    limits, target = subject.limits, subject.target
    reply = subject.scenario.parameters.get("max_completion_tokens", 0)
    bounds = (_window_tokens(subject) - reply, target.warn_window_tokens, limits.budget_tokens)
    examples: list[tuple[str | None, str]] = []
    others: list[tuple[str | None, str]] = []
    for message in conversation.messages:
        part = examples if message.role in _EXAMPLES else others
        part.append((message.name, message.content))
    heavy = estimated_at_most(target, examples) - target.prefix_tokens
    tokens = heavy + estimated_at_most(target, others)
    return heavy <= _HEAVY_TOKENS and tokens <= min(each for each in bounds if each is not None)


def _window_tokens(subject: Subject) -> int:
    """Return how many tokens a prompt may have: one that has more is refused."""
    own, setting = subject.target.window_tokens, subject.limits.window_tokens
    return setting if own is None else min(own, setting)


class _Once:
    """Counts as another counter does, each distinct text once: variants share most of theirs."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._counts: dict[str, int] = {}

    @property
    def kind(self) -> Kind:
        return self._counter.kind

    @property
    def name(self) -> str:
        return self._counter.name

    def count(self, text: str) -> int:
        if text not in self._counts:
            self._counts[text] = self._counter.count(text)
        return self._counts[text]


@frozen
class _Measured:
    """The largest variant of a scenario, and how large it is."""

    subject: Subject
    counter: _Once
    variant: Variant
    tokens: int

    @property
    def window_tokens(self) -> int:
        """The prompt that is refused is larger than this."""
        return _window_tokens(self.subject)

    @property
    def whose(self) -> str:
        """The prompt in words: of which variant it is, where there are several."""
        several = len(self.subject.variants) > 1
        return f"the prompt of `{self.variant.conversation.id}`" if several else "the prompt"

    def figure(self, tokens: int) -> str:
        """Return a number of tokens in words: an estimate is rounded up to three digits."""
        if self.counter.kind == "exact":
            return f"{tokens:,} tokens"
        unit = 10 ** max(0, len(str(tokens)) - _DIGITS)
        return f"about {-(-tokens // unit) * unit:,} tokens"


def _count(subject: Subject, counter: Counter, variant: Variant) -> int:
    messages = ((message.name, message.content) for message in variant.conversation.messages)
    return count_conversation(counter, subject.target, messages)


# --- the window


def _prompt_size(measured: _Measured, sink: Sink) -> None:
    limits, target = measured.subject.limits, measured.subject.target
    window, small = measured.window_tokens, target.warn_window_tokens
    budget = limits.budget_tokens
    if measured.tokens > window and (budget is None or budget > window):
        _report(measured, c.OVER_WINDOW, f"at most {window:,} are taken", sink)
        return
    if small is not None and measured.tokens > small:
        words = f"the smallest window that is published for the model is {small:,}"
        _report(measured, c.SMALL_WINDOW, words, sink)
    if budget is not None and measured.tokens > budget and measured.subject.fits:
        words = f"the budget is {budget:,}: what has the lowest `keep` is left out"
        _report(measured, c.OVER_BUDGET, words, sink)


def _report(measured: _Measured, code: Code, limit: str, sink: Sink) -> None:
    parts = sorted(_parts(measured), key=lambda part: -part[1])[:_PARTS]
    parts = [part for part in parts if part[1] * _SMALLEST_SHARE > measured.tokens]
    sink.add(
        code,
        f"{measured.whose} has {measured.figure(measured.tokens)}, and {limit}",
        header(measured.subject),
        help="shorten the largest parts"
        + ("" if measured.counter.kind == "exact" else "; `--tokenizer` counts exactly"),
        related=[Related(place, f"{name}: {measured.figure(n)}") for name, n, place in parts],
    )


def _parts(measured: _Measured) -> Iterator[tuple[str, int, Span]]:
    """Yield the fields of the prompt, each with its tokens and the place of its key."""
    texts: dict[tuple[str, ...], list[str]] = {}
    places: dict[tuple[str, ...], Span] = {}
    for message in measured.variant.conversation.messages:
        for piece in message.pieces:
            origin = next((each for each in piece.origins if each.pointer), None)
            if origin is not None:
                field = _field(origin.pointer)
                texts.setdefault(field, []).append(piece.text)
                places.setdefault(field, origin.span)
    for field, found in texts.items():
        node = value_at(measured.subject.scenario.node, field)
        place = node.key_span if node is not None else places[field]
        yield f"`{'.'.join(field)}`", measured.counter.count("".join(found)), place


def _field(pointer: str) -> tuple[str, ...]:
    """Return the field that a pointer leads to or into, without numbers of items."""
    path = pointer.strip("/").split("/")
    if path[0] in _WHOLE:
        return (path[0],)
    if path[0] == "characters":
        return tuple(path[:3])
    return tuple(path[:2])


# --- the reply, and the examples


def _room_for_reply(measured: _Measured, sink: Sink) -> None:
    reply = measured.subject.scenario.parameters.get("max_completion_tokens", 0)
    window = measured.window_tokens
    if not measured.tokens <= window < measured.tokens + reply:
        return
    node = measured.subject.scenario.node.entries["parameters"].entries["max_completion_tokens"]
    sink.add(
        c.NO_ROOM,
        f"{measured.whose} has {measured.figure(measured.tokens)}, and with {reply:,} more for "
        f"the reply they are over {window:,}",
        own_key(measured.subject, node),
        help=f"{window - measured.tokens:,} are left: lower it, or shorten the prompt",
    )


def _heavy_examples(measured: _Measured, sink: Sink) -> None:
    heavy = others = 0
    for message in measured.variant.conversation.messages:
        tokens = _count_one(measured, message)
        if message.role in _EXAMPLES:
            heavy += tokens
        else:
            others += tokens
    if heavy <= max(others, _HEAVY_TOKENS):
        return
    sink.add(
        c.HEAVY_EXAMPLES,
        f"the examples take {measured.figure(heavy)}, and all the rest of {measured.whose} "
        f"{measured.figure(others)}",
        own_key(measured.subject, _examples(measured)),
        help="keep the one to three shortest that show how the character speaks",
    )


def _count_one(measured: _Measured, message: Message) -> int:
    return count_message(
        measured.counter, measured.subject.target, name=message.name, content=message.content
    )


def _examples(measured: _Measured) -> Node | None:
    """Return the examples of the scenario, else those of the speaker."""
    root = measured.subject.scenario.node
    speaker = measured.variant.plan.speaker or ""
    return value_at(root, ("examples",)) or value_at(root, ("characters", speaker, "examples"))
