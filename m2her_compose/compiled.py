"""What compiling gives: one file's variants, and what there is to say of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import ScenarioError, SeveralVariantsError, UsageError
from .wire.requests import content_hash, request_body

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .diagnostics import Diagnostic, Span
    from .ir import Conversation, Drop, Loss, Message
    from .schema import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledVariant:
    """One variant of a scenario, compiled."""

    conversation: Conversation

    @property
    def id(self) -> str:
        """`<scenario>`, or `<scenario>[axis=label,…]` where there are several."""
        return self.conversation.id

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages in the order in which they are sent."""
        return self.conversation.messages

    @property
    def parameters(self) -> Mapping[str, int | float | bool]:
        """The sampling parameters that the author set."""
        return self.conversation.parameters

    @property
    def dropped(self) -> tuple[Drop, ...]:
        """What was left out to keep to the budget, in the order of the conversation."""
        return self.conversation.dropped

    @property
    def losses(self) -> tuple[Loss, ...]:
        """What the target did not take as it was."""
        return self.conversation.losses

    def request(self) -> dict[str, Any]:
        """Return the body of the request, ready to be sent as JSON."""
        return request_body(self.conversation)

    @property
    def content_hash(self) -> str:
        """`sha256:…` of the request: the same request has the same hash, on every machine."""
        return content_hash(self.request())


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledScenario:
    """One file, compiled: its variants, none when it has errors, and what there is to say of it.

    `path` is for people; `file` and `root`, the library's folder, are absolute. `kind` is None
    for a file that is none of ours. `extensions` are the author's own top-level keys (`x-…`),
    inherited ones included, as plain data.
    """

    path: str
    file: Path
    root: Path
    id: str
    id_span: Span
    kind: Kind | None
    abstract: bool
    variants: tuple[CompiledVariant, ...]
    diagnostics: tuple[Diagnostic, ...]
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it has no errors."""
        return not any(d.is_error for d in self.diagnostics)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages of its one variant; none when it has errors."""
        return self._only().messages if self.ok else ()

    @property
    def parameters(self) -> Mapping[str, int | float | bool]:
        """The parameters of its one variant; none when it has errors."""
        return self._only().parameters if self.ok else {}

    def request(self) -> dict[str, Any]:
        """Return the request of its one variant.

        Raises `ScenarioError` when the scenario has errors, and `SeveralVariantsError` when it
        has more than one variant.
        """
        return self._only().request()

    def _only(self) -> CompiledVariant:
        if not self.ok:
            raise ScenarioError(self.path, self.diagnostics)
        if not self.variants:
            raise UsageError(f"{self.path} is not a scenario that can be compiled by itself")
        if len(self.variants) > 1:
            raise SeveralVariantsError(self.path, tuple(variant.id for variant in self.variants))
        return self.variants[0]
