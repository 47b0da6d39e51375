"""The JSON of requests: what a conversation is on the wire."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..ir import Conversation

# The order in which parameters are sent, whatever order they were written in.
_PARAMETERS: Final = ("temperature", "top_p", "max_completion_tokens", "max_tokens", "stream")


def request_body(conversation: Conversation) -> dict[str, Any]:
    """Return the body of a request: `model`, `messages`, then the parameters that are set.

    Source: the vendor's reference of `POST /v1/text/chatcompletion_v2` and `/v1/chat/completions`.
    """
    parameters = {
        key: conversation.parameters[key] for key in _PARAMETERS if key in conversation.parameters
    }
    return {
        "model": conversation.model,
        "messages": [message.to_dict() for message in conversation.messages],
        **parameters,
    }


def content_hash(body: dict[str, Any]) -> str:
    """Return `sha256:` and the hash of the request as JSON: sorted keys, no blanks, UTF-8."""
    import hashlib

    canonical = json.dumps(body, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return "sha256:" + hashlib.sha256(canonical.encode()).hexdigest()
