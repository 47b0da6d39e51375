"""A reply: what came, how it ended, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..wire.replies import Sensitivity

if TYPE_CHECKING:
    from ..wire.replies import Usage

_CUT: Final = "length"
_NOT_FLAGGED: Final = Sensitivity()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole reply.

    `text` is what the model says; a history is made of that. `thinking` is what it thought, in
    `<think>` blocks or beside the content, and `raw` the content as it came. `finish_reason` is
    `stop`, `length`, or None where the service gave none. `latency_s` is from sending the request
    to the end of the reply, `first_token_s` to its first text (None when it was not streamed);
    both are of the attempt that succeeded, `attempts` says how many there were.
    """

    text: str
    thinking: str = ""
    raw: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None
    sensitivity: Sensitivity = _NOT_FLAGGED
    id: str | None = None
    model: str | None = None
    latency_s: float = 0.0
    first_token_s: float | None = None
    attempts: int = 1
    request_id: str | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the reply ended where it may not be longer, and not where the model ended it."""
        return self.finish_reason == _CUT
