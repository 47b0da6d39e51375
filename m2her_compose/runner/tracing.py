"""From an error of the service back to the lines that it is about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..errors import RolesError
from ..frozen import frozen
from ..targets import NAMED_ROLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..diagnostics import Span
    from ..errors import ServiceError
    from ..ir import Conversation, Message

# How services name a message in what they say: `messages[3]`, `messages.3`, `message 3`.
_INDEX: Final = re.compile(r"\bmessages?\s*(?:\[\s*|\.\s*|\s+)(\d{1,6})\b", re.IGNORECASE)
_MOST: Final = 10


@frozen
class Traced:
    """A message that an error is about, and where its text was written first."""

    index: int
    message: Message
    span: Span | None


def places_of(error: ServiceError, conversation: Conversation) -> tuple[Traced, ...]:
    """Return the messages that an error is about, as far as it says or its kind does."""
    found = dict.fromkeys(_indices(error, conversation))
    return tuple(_traced(index, conversation) for index in list(found)[:_MOST])


def _indices(error: ServiceError, conversation: Conversation) -> Iterator[int]:
    for found in _INDEX.finditer(error.message):
        if int(found[1]) < len(conversation.messages):
            yield int(found[1])
    if isinstance(error, RolesError):
        own = [i for i, each in enumerate(conversation.messages) if each.role.value in NAMED_ROLES]
        nameless = [i for i in own if conversation.messages[i].name is None]
        yield from nameless or own


def _traced(index: int, conversation: Conversation) -> Traced:
    message = conversation.messages[index]
    origins = [origin for piece in message.pieces for origin in piece.origins] or message.reads
    return Traced(index=index, message=message, span=origins[0].span if origins else None)
