"""Charge a conversation's tokens to its messages, and those to the values they were made of.

A message is counted whole, as the model gets it. What it is made of gets parts of that count: in
proportion to what its texts count by themselves, rounded so that they add up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from .frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .diagnostics import Span
    from .ir import Conversation, Message, Origin, Piece, Role
    from .tokens import Counter, Kind, Overhead

# Where a text is from that neither an author nor a template wrote: `AI`, `User`, `Narrator`.
BUILT_IN: Final = "<built-in>"
# Variants repeat most of their texts. Long texts are counted anew: what is kept stays small.
_KEPT_TEXTS: Final = 4096
_KEPT_LENGTH: Final = 2048

# What a text is charged to: a value's pointer and its file's path, or "" and a template's path.
_Account: TypeAlias = tuple[str, str]


@frozen
class MessageCharge:
    """What one message costs beside its header; `name_tokens` is 0 where names do not count."""

    role: Role
    name: str | None
    unit: str
    content_tokens: int
    name_tokens: int

    @property
    def tokens(self) -> int:
        return self.content_tokens + self.name_tokens


@frozen
class FieldCharge:
    """What one value of a scenario costs, over all messages.

    `pointer` is its JSON pointer in the merged scenario, `span` the first stretch of it that is
    known to be looked at.
    """

    pointer: str
    span: Span
    tokens: int


@frozen
class TemplateCharge:
    """What a template's own words cost, over all messages; `path` may be `BUILT_IN`."""

    path: str
    tokens: int


@frozen
class Charges:
    """What a request's prompt consists of, in tokens.

    The messages, with `prefix_tokens` and `header_tokens`, add up to `total_tokens`; so do the
    fields and the templates instead of the messages. Both are sorted, the largest first.
    """

    prefix_tokens: int
    header_tokens: int
    messages: tuple[MessageCharge, ...]
    fields: tuple[FieldCharge, ...]
    templates: tuple[TemplateCharge, ...]

    @property
    def message_tokens(self) -> int:
        return sum(message.tokens for message in self.messages)

    @property
    def total_tokens(self) -> int:
        return self.prefix_tokens + self.header_tokens + self.message_tokens


@frozen
class Budget:
    """How many prompt tokens a request may have, and the setting that says so."""

    tokens: int
    setting: str


@frozen
class Bill:
    """What one variant costs, beside what it may cost.

    `counted_by` names what counted the texts, and `kind` says how; prefix and headers are what is
    known of the target, and never exact. `path` is the scenario's file, for people.
    """

    id: str
    path: str
    target: str
    kind: Kind
    counted_by: str
    budget: Budget
    charges: Charges

    @property
    def excess_tokens(self) -> int:
        """How many tokens there are too many; 0 when all fit."""
        return max(0, self.charges.total_tokens - self.budget.tokens)

    def share(self, tokens: int) -> float:
        """Return the share of the budget that tokens are."""
        return tokens / self.budget.tokens


@dataclass(slots=True, kw_only=True)
class Charger:
    """Charges conversations; what they have in common is counted once."""

    counter: Counter
    overhead: Overhead
    _counts: dict[str, int] = field(default_factory=dict)

    def charge(self, conversation: Conversation) -> Charges:
        """Return what the prompt of a conversation consists of."""
        ledger = _Ledger()
        messages = tuple(self._message(message, ledger) for message in conversation.messages)
        return Charges(
            prefix_tokens=self.overhead.prefix_tokens,
            header_tokens=self.overhead.per_message_tokens * len(messages),
            messages=messages,
            fields=ledger.fields(),
            templates=ledger.templates(),
        )

    def _message(self, message: Message, ledger: _Ledger) -> MessageCharge:
        ledger.note(message.reads)
        named = message.name_pieces if self.overhead.counts_names else ()
        return MessageCharge(
            role=message.role,
            name=message.name,
            unit=message.unit,
            content_tokens=self._pieces(message.pieces, message.template, ledger),
            name_tokens=self._pieces(named, None, ledger),
        )

    def _pieces(self, pieces: Sequence[Piece], template: str | None, ledger: _Ledger) -> int:
        """Count the text that pieces are, and charge it to what they were made of."""
        total = self._count("".join(piece.text for piece in pieces))
        texts: dict[tuple[_Account, ...], list[str]] = {}
        for piece in pieces:
            ledger.note(piece.origins)
            texts.setdefault(_accounts(piece, template), []).append(piece.text)
        alone = {accounts: "".join(parts) for accounts, parts in texts.items()}
        weights = [self._count(text) for text in alone.values()] if len(alone) != 1 else [1]
        if not any(weights):
            weights = [len(text) for text in alone.values()]
        for accounts, tokens in zip(alone, shared(total, weights), strict=True):
            ledger.charge(accounts, tokens)
        return total

    def _count(self, text: str) -> int:
        known = self._counts.get(text)
        if known is not None:
            return known
        count = self.counter.count(text) if text else 0
        if len(text) <= _KEPT_LENGTH and len(self._counts) < _KEPT_TEXTS:
            self._counts[text] = count
        return count


@dataclass(slots=True)
class _Ledger:
    """Sums by account, and where each value begins."""

    _sums: dict[_Account, int] = field(default_factory=dict)
    _spans: dict[_Account, Span] = field(default_factory=dict)

    def note(self, origins: Iterable[Origin]) -> None:
        """Remember where values begin: a piece may be from the middle of one."""
        for origin in origins:
            key = (origin.pointer, origin.span.path)
            known = self._spans.get(key)
            if known is None or origin.span.start < known.start:
                self._spans[key] = origin.span

    def charge(self, accounts: Sequence[_Account], tokens: int) -> None:
        """Charge tokens to several accounts in equal parts."""
        for account, part in zip(accounts, shared(tokens, [1] * len(accounts)), strict=True):
            self._sums[account] = self._sums.get(account, 0) + part

    def fields(self) -> tuple[FieldCharge, ...]:
        charges = [
            FieldCharge(pointer=account[0], span=self._spans[account], tokens=tokens)
            for account, tokens in self._sums.items()
            if account[0]
        ]
        return tuple(sorted(charges, key=_order))

    def templates(self) -> tuple[TemplateCharge, ...]:
        charges = [
            TemplateCharge(path=path, tokens=tokens)
            for (pointer, path), tokens in self._sums.items()
            if not pointer
        ]
        return tuple(sorted(charges, key=lambda c: (-c.tokens, c.path)))


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """Divide a whole number in proportion to weights; the parts add up to it.

    What is left over goes to the largest remainders, the first of those that are alike. Without
    any weight there is nothing to divide by: all parts are 0.
    """
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: -(total * weights[n] % whole))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def _order(charge: FieldCharge) -> tuple[int, str, int, str]:
    return -charge.tokens, charge.span.path, charge.span.start, charge.pointer


def _accounts(piece: Piece, template: str | None) -> tuple[_Account, ...]:
    """Return what a piece is charged to: the values it was made of, else its template."""
    values = dict.fromkeys(
        (origin.pointer, origin.span.path) for origin in piece.origins if origin.pointer
    )
    if values:
        return tuple(values)
    written = next((origin.span.path for origin in piece.origins), None)
    return (("", written or template or BUILT_IN),)
