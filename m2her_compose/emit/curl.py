"""Requests as commands for a POSIX shell.

The body stands in a here-document whose delimiter is quoted, so that the shell reads nothing in
it, and goes to curl's standard input: as an argument it could be longer than a system takes.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from ..wire.json_text import pretty_json
from ..wire.requests import request_body
from .service import BASE_URL_VARIABLE
from .terminal import clip, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..ir import Conversation
    from .service import Service

# No line of JSON text begins with a letter.
_END: Final = "JSON"
_LONGEST: Final = 120


def curl_commands(conversations: Sequence[tuple[Conversation, Service]]) -> str:
    """Return a command for each variant, below a comment with its id."""
    return "\n".join(_command(conversation, service) for conversation, service in conversations)


def _command(conversation: Conversation, service: Service) -> str:
    url = f'"${BASE_URL_VARIABLE}/chat/completions"'
    if service.url is not None:
        url = shlex.quote(service.url)
    lines = [
        f"# {clip(visible(conversation.id), _LONGEST)}",
        f"curl {url} \\",
        f'  --header "Authorization: Bearer ${service.key_variable}" \\',
        "  --header 'Content-Type: application/json' \\",
        f"  --data-binary @- <<'{_END}'",
    ]
    return "\n".join(lines) + f"\n{pretty_json(request_body(conversation))}{_END}\n"
