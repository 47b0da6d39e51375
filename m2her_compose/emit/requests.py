"""Requests as JSON text: whole bodies, message arrays, one request a line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

# Valid in JSON as they are, but a terminal obeys or hides them: written as escapes, which
# every JSON reader turns back.
_RISKY: Final = re.compile(
    "[\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\U000e0000-\\U000e007f]"
)


def requests_json(bodies: Sequence[dict[str, Any]]) -> str:
    """Return one request as an object, several as an array."""
    return _pretty(bodies[0] if len(bodies) == 1 else list(bodies))


def messages_json(bodies: Sequence[dict[str, Any]]) -> str:
    """Return the message array of one request, an array of such arrays for several."""
    arrays = [body["messages"] for body in bodies]
    return _pretty(arrays[0] if len(arrays) == 1 else arrays)


def requests_jsonl(bodies: Sequence[dict[str, Any]]) -> str:
    """Return one request a line."""
    return "".join(_compact(body) for body in bodies)


def _pretty(value: Any) -> str:
    return _safe(json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def _compact(value: Any) -> str:
    return _safe(json.dumps(value, ensure_ascii=False, separators=(",", ":"))) + "\n"


def _safe(text: str) -> str:
    return _RISKY.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
