"""What came of requests, as JSON (schemas/run.v1.schema.json)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..wire.json_text import pretty_json
from .remarks import remarks_on
from .tracing import places_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import Reply
    from ..errors import ServiceError
    from ..wire.replies import Sensitivity, Usage
    from .asking import Exchange
    from .tracing import Traced

VERSION: Final = 1
_SECOND_DIGITS: Final = 4
_USD_DIGITS: Final = 8


def results_json(exchanges: Sequence[Exchange], *, url: str) -> str:
    """Return all exchanges as one document; `url` is where the requests went."""
    replies = [_exchange(each) for each in exchanges]
    return pretty_json({"version": VERSION, "url": url, "replies": replies})


def _exchange(exchange: Exchange) -> dict[str, Any]:
    conversation, reply = exchange.variant.conversation, exchange.reply
    return {
        "id": conversation.id,
        "request_hash": exchange.request_hash,
        "target": conversation.target,
        "model": conversation.model,
        **(_reply(reply) if reply is not None else _NO_REPLY),
        "cost_usd": _rounded(exchange.cost_usd, _USD_DIGITS),
        "error": _error(exchange.error, exchange) if exchange.error is not None else None,
    }


def _reply(reply: Reply) -> dict[str, Any]:
    return {
        "reply": reply.text,
        "thinking": reply.thinking,
        "finish_reason": reply.finish_reason,
        "remarks": [remark.kind.value for remark in remarks_on(reply)],
        "sensitive": _sensitive(reply.sensitivity),
        "usage": _usage(reply.usage),
        "latency_s": _rounded(reply.latency_s, _SECOND_DIGITS),
        "first_token_s": _rounded(reply.first_token_s, _SECOND_DIGITS),
        "attempts": reply.attempts,
        "request_id": reply.request_id,
    }


_NO_REPLY: Final[dict[str, Any]] = {
    "reply": None,
    "thinking": "",
    "finish_reason": None,
    "remarks": [],
    "sensitive": {"input": None, "output": None},
    "usage": None,
    "latency_s": None,
    "first_token_s": None,
    "attempts": None,
    "request_id": None,
}


def _sensitive(found: Sensitivity) -> dict[str, Any]:
    return {"input": found.input_type, "output": found.output_type}


def _usage(usage: Usage | None) -> dict[str, Any] | None:
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.total_tokens,
        "total_characters": usage.total_characters,
    }


def _error(error: ServiceError, exchange: Exchange) -> dict[str, Any]:
    return {
        "kind": type(error).__name__,
        "summary": str(error),
        "status": error.status,
        "code": error.code,
        "message": error.message,
        "request_id": error.request_id,
        "can_retry": error.can_retry,
        "attempts": error.attempts,
        "partial": error.partial,
        "help": error.advice,
        "places": [_place(each) for each in places_of(error, exchange.variant.conversation)],
    }


def _place(traced: Traced) -> dict[str, Any]:
    span = traced.span
    return {
        "message": traced.index,
        "role": traced.message.role.value,
        "file": span.path if span is not None else None,
        "line": span.line if span is not None else None,
        "column": span.column if span is not None else None,
    }


def _rounded(value: float | None, digits: int) -> float | None:
    return round(value, digits) if value is not None else None
