"""Requests as a Python program for the OpenAI SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..wire.requests import request_body
from .literals import python_literal
from .service import BASE_URL_VARIABLE
from .terminal import clip, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..ir import Conversation
    from .service import Service

_HEAD: Final = "import os\n\nfrom openai import OpenAI\n"
_WHOLE: Final = "print(response.choices[0].message.content)\n"
_STREAMED: Final = """\
for chunk in response:
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)
print()
"""
_LONGEST: Final = 120


def python_program(conversations: Sequence[tuple[Conversation, Service]]) -> str:
    """Return a program that sends each variant in turn, and prints what is replied."""
    parts = [_HEAD]
    before: str | None = None
    for conversation, service in conversations:
        client = _client(service)
        if client != before:
            parts.append(client)
        before = client
        parts.append(_call(conversation))
    return "\n".join(parts)


def _client(service: Service) -> str:
    url = f'os.environ["{BASE_URL_VARIABLE}"]'
    if service.base_url is not None:
        url = python_literal(service.base_url)
    key = f'os.environ["{service.key_variable}"]'
    return f"client = OpenAI(base_url={url}, api_key={key})\n"


def _call(conversation: Conversation) -> str:
    body = request_body(conversation)
    lines = [
        f"# {clip(visible(conversation.id), _LONGEST)}",
        "response = client.chat.completions.create(",
    ]
    for key, value in body.items():
        lines.extend(
            _messages(value) if key == "messages" else [f"    {key}={python_literal(value)},"]
        )
    reply = _STREAMED if body.get("stream") is True else _WHOLE
    return "\n".join([*lines, ")"]) + f"\n{reply}"


def _messages(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "    messages=["
    for message in messages:
        yield "        {"
        for key, value in message.items():
            yield f'            "{key}": {python_literal(value)},'
        yield "        },"
    yield "    ],"
