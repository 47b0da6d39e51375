"""What comes back: pieces of a reply, whole replies and refusals, in both of their shapes.

Source of every shape here: the vendor's reference, and what public clients of the service met.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from ..frozen import frozen

# How the OpenAI-compatible endpoint writes a code: at the end of the message, as in
# `unknown error, 999 (1000)`.
CODE_AT_END: Final = re.compile(r"\((\d{4})\)\s*\Z")
# The service's own codes have four digits; a smaller one is an HTTP status.
_LEAST_CODE: Final = 1_000
_ERROR_STATUSES: Final = range(400, 600)
_LONGEST_MESSAGE: Final = 2_000
_LONGEST_ID: Final = 200


class ShapeError(ValueError):
    """What came is JSON, but none of the shapes of an answer; or no JSON at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a request has cost, in tokens. `total_characters` comes from the native endpoint."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    total_characters: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """What the service found sensitive: `input_type` and `output_type` are of `SENSITIVE_TYPES`.

    None: not flagged. 0: flagged, and no type given.
    """

    input_type: int | None = None
    output_type: int | None = None

    @property
    def is_flagged(self) -> bool:
        return self.input_type is not None or self.output_type is not None


@frozen
class Refusal:
    """An error that the service sent. `status` is the HTTP status, `code` the service's own."""

    status: int
    code: int | None
    message: str
    kind: str | None = None
    request_id: str | None = None


@frozen
class Chunk:
    """One event of a stream, or a whole body: whatever of a reply it holds.

    `is_whole`: its text is the message from its beginning. The native stream ends with such a
    chunk, which repeats what came before. `thinking` is text that came beside the content, as
    `reasoning_content` of sibling models.
    """

    text: str = ""
    thinking: str = ""
    is_whole: bool = False
    finish_reason: str | None = None
    usage: Usage | None = None
    sensitivity: Sensitivity = Sensitivity()
    id: str | None = None
    model: str | None = None


def parse_json(text: str | bytes) -> Any:
    """Return what JSON stands for. Raises `ShapeError` when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ShapeError("it is not valid JSON") from error


def read_chunk(data: Any) -> Chunk:
    """Return what an event or a whole body holds of a reply. Raises `ShapeError`."""
    if not isinstance(data, dict):
        raise ShapeError("it is not a JSON object")
    choices = data.get("choices")
    usage = _usage(data.get("usage"))
    if not choices:
        # The event that only brings usage has an empty list.
        if usage is None and "choices" not in data and "base_resp" not in data:
            raise ShapeError("it has no `choices`")
        return Chunk(usage=usage, sensitivity=_sensitivity(data), id=_id(data), model=_model(data))
    choice = choices[0] if isinstance(choices, list) else None
    if not isinstance(choice, dict):
        raise ShapeError("`choices` is not a list of objects")
    whole, delta = choice.get("message"), choice.get("delta")
    part = whole if isinstance(whole, dict) else delta if isinstance(delta, dict) else {}
    return Chunk(
        text=_text(part, "content"),
        thinking=_text(part, "reasoning_content"),
        is_whole=isinstance(whole, dict),
        finish_reason=_reason(choice.get("finish_reason")),
        usage=usage,
        sensitivity=_sensitivity(data),
        id=_id(data),
        model=_model(data),
    )


def read_refusal(data: Any, status: int) -> Refusal | None:
    """Return the error that JSON holds, in either shape; None when it holds none.

    `base_resp` with a code other than 0, whatever the HTTP status; or `error`, an object or (of
    some gateways) a text. Some gateways give the HTTP status as the error's `code`, and a name for
    it where the vendor has `type`.
    """
    if not isinstance(data, dict):
        return None
    base = data.get("base_resp")
    if isinstance(base, dict) and _whole(base.get("status_code")):
        return Refusal(
            status=status,
            code=_whole(base["status_code"]),
            message=_message(base.get("status_msg")),
            request_id=_id(data),
        )
    error = data.get("error")
    if isinstance(error, str) and error:
        error = {"message": error}
    if not isinstance(error, dict):
        return None
    message = _message(error.get("message"))
    request_id = data.get("request_id")
    code, http_code = _code(error, message), _whole(error.get("http_code"))
    if code is not None and code < _LEAST_CODE:
        code, http_code = None, http_code or code
    return Refusal(
        status=http_code if http_code is not None and http_code in _ERROR_STATUSES else status,
        code=code,
        message=message,
        kind=_kind(error),
        request_id=_short(request_id) or _id(data),
    )


def _code(error: dict[str, Any], message: str) -> int | None:
    found = CODE_AT_END.search(message)
    return int(found[1]) if found else _whole(error.get("code"))


def _kind(error: dict[str, Any]) -> str | None:
    """Return what an error is called: `type`, and a `code` that is a name."""
    code = error.get("code")
    name = code if isinstance(code, str) and _whole(code) is None else None
    return _short(" ".join(filter(None, (_short(error.get("type")), _short(name)))))


def _usage(data: Any) -> Usage | None:
    if not isinstance(data, dict):
        return None
    prompt = _count(data.get("prompt_tokens")) or 0
    completion = _count(data.get("completion_tokens")) or 0
    return Usage(
        prompt_tokens=prompt,
        completion_tokens=completion,
        total_tokens=_count(data.get("total_tokens")) or prompt + completion,
        total_characters=_count(data.get("total_characters")),
    )


def _sensitivity(data: dict[str, Any]) -> Sensitivity:
    return Sensitivity(
        input_type=_flag(data, "input_sensitive"), output_type=_flag(data, "output_sensitive")
    )


def _flag(data: dict[str, Any], name: str) -> int | None:
    return (_count(data.get(f"{name}_type")) or 0) if data.get(name) is True else None


def _text(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ShapeError(f"`{name}` is not text")
    return value


def _reason(value: Any) -> str | None:
    return _short(value) or None


def _count(value: Any) -> int | None:
    number = _whole(value)
    return number if number is not None and number >= 0 else None


def _whole(value: Any) -> int | None:
    """Return an integer of a sensible size, also one that was sent as text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if abs(value) < 10**_DIGITS else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        return int(value)
    return None


_DIGITS: Final = 12


def _message(value: Any) -> str:
    return value[:_LONGEST_MESSAGE] if isinstance(value, str) else ""


def _short(value: Any) -> str | None:
    return value[:_LONGEST_ID] if isinstance(value, str) and value else None


def _id(data: dict[str, Any]) -> str | None:
    return _short(data.get("id"))


def _model(data: dict[str, Any]) -> str | None:
    return _short(data.get("model"))
