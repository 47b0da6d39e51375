"""Make a conversation into what a target takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..ir import Conversation
    from ..targets import Target


def lower(conversation: Conversation, target: Target) -> Conversation:
    """Return the conversation as the target takes it, with what was lost on the way."""
    del target
    return conversation
