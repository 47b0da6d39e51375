"""The JSON of answers: bodies, events and errors, in the shapes of both endpoints.

Sources: the vendor's reference of responses; the types of errors are as public clients met them
(`bad_request_error`, `authorized_error`, `insufficient_balance_error`), the others an inference.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ..frozen import frozen
from ..wire.codes import Trouble, service_code
from ..wire.endpoints import Endpoint
from ..wire.events import DONE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .contract import Complaint

JSON_TYPE: Final = "application/json; charset=utf-8"
EVENTS_TYPE: Final = "text/event-stream; charset=utf-8"
DONE_EVENT: Final = f"data: {DONE}\n\n".encode()
_ERROR_TYPES: Final = {
    Trouble.OUTAGE: "api_error",
    Trouble.LIMIT: "rate_limit_error",
    Trouble.KEY: "authorized_error",
    Trouble.BALANCE: "insufficient_balance_error",
    Trouble.SENSITIVE: "bad_request_error",
    Trouble.TOO_LONG: "bad_request_error",
    Trouble.INVALID: "bad_request_error",
}
_NAMELESS: Final = "AI"
# No model list says since when there is one; an SDK wants a number.
_MODEL_CREATED: Final = 0


@frozen
class Reply:
    """A reply as it is sent. `pieces` together are the content.

    `input_type` and `output_type` are of the service's sensitive types; None where nothing is
    flagged.
    """

    id: str
    created: int
    model: str
    pieces: tuple[str, ...]
    speaker: str | None
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    input_type: int | None = None
    output_type: int | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces)


@frozen
class Events:
    """A stream: what comes before the text, the text, one event a piece, and what comes after."""

    before: tuple[bytes, ...]
    texts: tuple[bytes, ...]
    after: tuple[bytes, ...]


def json_bytes(data: Any) -> bytes:
    """Return JSON as it is sent: UTF-8, no blanks."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def event(data: Any) -> bytes:
    """Return one event of a stream."""
    return b"data: " + json_bytes(data) + b"\n\n"


def whole_body(reply: Reply) -> dict[str, Any]:
    """Return a whole reply: the body of one that is not streamed, the native stream's end."""
    message = {
        "role": "assistant",
        "name": reply.speaker or _NAMELESS,
        "content": reply.text,
        "audio_content": "",
    }
    choice = {"finish_reason": reply.finish_reason, "index": 0, "message": message}
    return {
        **_head(reply, "chat.completion", [choice]),
        "usage": _usage(reply),
        **_flags(reply),
        "base_resp": {"status_code": 0, "status_msg": ""},
    }


def stream_events(reply: Reply, endpoint: Endpoint, *, include_usage: bool) -> Events:
    """Return the events of a streamed reply."""
    if endpoint is Endpoint.NATIVE:
        return _native_events(reply)
    return _openai_events(reply, include_usage=include_usage)


def error_body(complaint: Complaint, request_id: str) -> dict[str, Any]:
    """Return an error as the OpenAI-compatible endpoint writes it: its code ends the message."""
    known = service_code(complaint.code)
    return http_error(
        complaint.status,
        f"{complaint.message} ({complaint.code})",
        request_id,
        kind=_ERROR_TYPES[known.trouble] if known is not None else None,
    )


def http_error(
    status: int, message: str, request_id: str, *, kind: str | None = None
) -> dict[str, Any]:
    """Return an error in the same shape that has no code of the service."""
    kind = kind or ("api_error" if status >= 500 else "bad_request_error")  # noqa: PLR2004 - HTTP
    error = {"type": kind, "message": message, "http_code": str(status)}
    return {"type": "error", "error": error, "request_id": request_id}


def refusal_body(complaint: Complaint, request_id: str) -> dict[str, Any]:
    """Return an error as the native endpoint writes it."""
    status = {"status_code": complaint.code, "status_msg": complaint.message}
    return {"id": request_id, "choices": None, "base_resp": status}


def complaint_body(complaint: Complaint, endpoint: Endpoint, request_id: str) -> dict[str, Any]:
    """Return an error as an endpoint writes it."""
    write = refusal_body if endpoint is Endpoint.NATIVE else error_body
    return write(complaint, request_id)


def models_body(models: Iterable[str]) -> dict[str, Any]:
    """Return the list of models."""
    return {"object": "list", "data": [model_body(model) for model in models]}


def model_body(model: str) -> dict[str, Any]:
    """Return one model, as it stands in the list."""
    return {"id": model, "object": "model", "created": _MODEL_CREATED, "owned_by": "m2her"}


def _openai_events(reply: Reply, *, include_usage: bool) -> Events:
    """Return a role, the text, an end and, where it was asked for, the usage without choices."""
    after = [
        event({**_chunk(reply, {}, reply.finish_reason), **_flags(reply)}),
        *([event({**_head(reply, _CHUNK, []), "usage": _usage(reply)})] if include_usage else []),
        DONE_EVENT,
    ]
    role = {"role": "assistant", "content": ""}
    return Events(
        before=(event(_chunk(reply, role, None)),),
        texts=tuple(event(_chunk(reply, {"content": piece}, None)) for piece in reply.pieces),
        after=tuple(after),
    )


def _native_events(reply: Reply) -> Events:
    """Return the text, and an event that repeats all of it; no `[DONE]` follows."""
    last = len(reply.pieces) - 1
    texts = (
        event(
            _chunk(
                reply,
                {"role": "assistant", "name": reply.speaker or _NAMELESS, "content": piece},
                reply.finish_reason if i == last else None,
            )
        )
        for i, piece in enumerate(reply.pieces)
    )
    return Events(before=(), texts=tuple(texts), after=(event(whole_body(reply)),))


_CHUNK: Final = "chat.completion.chunk"


def _head(reply: Reply, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": reply.id,
        "object": kind,
        "created": reply.created,
        "model": reply.model,
        "choices": choices,
    }


def _chunk(reply: Reply, delta: dict[str, str], finish_reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _head(reply, _CHUNK, [choice])


def _usage(reply: Reply) -> dict[str, int]:
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": reply.prompt_tokens + reply.completion_tokens,
        "total_characters": 0,
    }


def _flags(reply: Reply) -> dict[str, bool | int]:
    return {
        "input_sensitive": reply.input_type is not None,
        "output_sensitive": reply.output_type is not None,
        "input_sensitive_type": reply.input_type or 0,
        "output_sensitive_type": reply.output_type or 0,
        "output_sensitive_int": reply.output_type or 0,
    }
