"""Requests as JSON text: whole bodies, message arrays, one request a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..wire.json_text import compact_json, pretty_json

if TYPE_CHECKING:
    from collections.abc import Sequence


def requests_json(bodies: Sequence[dict[str, Any]]) -> str:
    """Return one request as an object, several as an array."""
    return pretty_json(bodies[0] if len(bodies) == 1 else list(bodies))


def messages_json(bodies: Sequence[dict[str, Any]]) -> str:
    """Return the message array of one request, an array of such arrays for several."""
    arrays = [body["messages"] for body in bodies]
    return pretty_json(arrays[0] if len(arrays) == 1 else arrays)


def requests_jsonl(bodies: Sequence[dict[str, Any]]) -> str:
    """Return one request a line."""
    return "".join(compact_json(body) + "\n" for body in bodies)
