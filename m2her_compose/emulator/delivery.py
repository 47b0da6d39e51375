"""What is sent for a request: an answer after its fault, as pieces of bytes and how they end."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from ..frozen import frozen, replaced
from ..tokens import estimate
from ..wire.codes import service_code
from ..wire.endpoints import Endpoint
from .answers import (
    DONE_EVENT,
    EVENTS_TYPE,
    JSON_TYPE,
    Reply,
    complaint_body,
    event,
    http_error,
    json_bytes,
    stream_events,
    whole_body,
)
from .contract import Complaint
from .faults import Mishap
from .rehearsal import STOP

if TYPE_CHECKING:
    from .contract import ChatRequest
    from .faults import Fault
    from .rehearsal import Rehearsed


class Ending(Enum):
    """How an answer ends."""

    WHOLE = "whole"
    DROPPED = "dropped"  # the connection ends, and the answer does not
    SILENT = "silent"  # nothing more comes, and the connection stays


@frozen
class Delivery:
    """An answer on its way out. `begins` is false where the connection ends before its status.

    `pause_s` comes before each piece. A `streamed` answer is sent piece by piece.
    """

    status: int
    content_type: str
    pieces: tuple[bytes, ...]
    headers: tuple[tuple[str, str], ...] = ()
    ending: Ending = Ending.WHOLE
    begins: bool = True
    streamed: bool = False
    pause_s: float = 0.0


@frozen
class Stamp:
    """What tells one answer from the others: an id, and the time in seconds since 1970."""

    id: str
    created: int


_HTML_TYPE: Final = "text/html; charset=utf-8"
# Which of the service's codes goes with an HTTP status; 503 comes from a gateway and has none.
_CODES: Final = {400: 2013, 401: 1004, 402: 1008, 429: 1002, 500: 1000, 502: 1033, 504: 1001}
# As the service itself was seen to say it.
_SAID: Final = {1000: "unknown error, 999"}
_THOUGHT: Final = ("<thi", "nk>(rehearsal) ", "no model is thinking", "</th", "ink>\n\n")
_BROKEN_JSON: Final = b'{"id":"rehearsal","choices":[{"ind'
# Neither UTF-8 nor UTF-16.
_NO_TEXT: Final = b"\xff\xfe\xfa\x00\x9f\xc3(\x80"
_ENDINGS: Final = {
    Mishap.DROP_BEFORE: Ending.DROPPED,
    Mishap.DROP_WITHIN: Ending.DROPPED,
    Mishap.DROP_AFTER: Ending.DROPPED,
    Mishap.SILENT: Ending.SILENT,
}


def deliver(request: ChatRequest, rehearsed: Rehearsed, fault: Fault, stamp: Stamp) -> Delivery:
    """Return what is sent for a request, given what happens to it."""
    if fault.mishap is Mishap.STATUS:
        return _status(fault, request.endpoint, stamp)
    if fault.mishap is Mishap.CODE or (fault.mishap is Mishap.CODE_WITHIN and not request.stream):
        return _with_wait(refuse(_complaint(fault.number), request.endpoint, stamp.id), fault)
    reply = _reply(request, rehearsed, fault, stamp)
    if request.stream:
        pieces = _events(reply, request, fault)
    else:
        pieces = _body(json_bytes(whole_body(reply)), fault)
    return Delivery(
        status=200,
        content_type=EVENTS_TYPE if request.stream else JSON_TYPE,
        pieces=pieces,
        ending=_ENDINGS.get(fault.mishap, Ending.WHOLE),
        begins=fault.mishap is not Mishap.DROP_BEFORE,
        streamed=request.stream,
        pause_s=fault.pause_s,
    )


def refuse(complaint: Complaint, endpoint: Endpoint, request_id: str) -> Delivery:
    """Return an error of the service: HTTP 200 and `base_resp` on the native endpoint."""
    status = 200 if endpoint is Endpoint.NATIVE else complaint.status
    body = complaint_body(complaint, endpoint, request_id)
    return Delivery(status=status, content_type=JSON_TYPE, pieces=(json_bytes(body),))


def refuse_http(status: int, message: str, request_id: str, *, kind: str | None = None) -> Delivery:
    """Return an error of HTTP itself, in the service's shape: no such path, too large a body."""
    body = http_error(status, message, request_id, kind=kind)
    return Delivery(status=status, content_type=JSON_TYPE, pieces=(json_bytes(body),))


def _status(fault: Fault, endpoint: Endpoint, stamp: Stamp) -> Delivery:
    title = _title(fault.number)
    code = _CODES.get(fault.number)
    if fault.html:
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
        answer = Delivery(status=fault.number, content_type=_HTML_TYPE, pieces=(page.encode(),))
    elif code is None:
        answer = refuse_http(fault.number, title.lower(), stamp.id)
    else:
        complaint = replaced(_complaint(code), http_status=fault.number)
        answer = replaced(refuse(complaint, endpoint, stamp.id), status=fault.number)
    return _with_wait(answer, fault)


def _title(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Error"


def _with_wait(answer: Delivery, fault: Fault) -> Delivery:
    headers = (fault.retry_after,) if fault.retry_after is not None else ()
    return replaced(answer, headers=headers, pause_s=fault.pause_s)


def _complaint(code: int) -> Complaint:
    known = service_code(code)
    meaning = known.meaning if known is not None else "unknown error"
    return Complaint(code=code, message=_SAID.get(code, meaning))


def _reply(request: ChatRequest, rehearsed: Rehearsed, fault: Fault, stamp: Stamp) -> Reply:
    input_type = fault.number if fault.mishap is Mishap.SENSITIVE_INPUT else None
    output_type = fault.number if fault.mishap is Mishap.SENSITIVE_OUTPUT else None
    pieces = rehearsed.pieces
    # Source: the vendor's reference: on a severe violation the content is empty.
    is_empty = fault.mishap is Mishap.EMPTY or 1 in (input_type, output_type)
    if is_empty:
        pieces = ()
    elif fault.mishap is Mishap.THINK:
        pieces = (*_THOUGHT, *pieces)
    return Reply(
        id=stamp.id,
        created=stamp.created,
        model=request.model,
        pieces=pieces,
        speaker=rehearsed.speaker,
        finish_reason=STOP if is_empty else rehearsed.finish_reason,
        prompt_tokens=request.prompt_tokens,
        completion_tokens=estimate("".join(pieces)),
        input_type=input_type,
        output_type=output_type,
    )


def _events(reply: Reply, request: ChatRequest, fault: Fault) -> tuple[bytes, ...]:
    events = stream_events(reply, request.endpoint, include_usage=request.include_usage)
    begun = (*events.before, *events.texts[: _kept(fault, len(events.texts))])
    match fault.mishap:
        case Mishap.DROP_BEFORE:
            return ()
        case Mishap.DROP_WITHIN | Mishap.SILENT:
            return begun
        case Mishap.CODE_WITHIN:
            body = complaint_body(_complaint(fault.number), request.endpoint, reply.id)
            return (*begun, event(body))
        case Mishap.MALFORMED:
            return (*begun, b"data: " + _BROKEN_JSON + b"\n\n")
        case Mishap.GARBAGE:
            return (*begun, b"data: " + _NO_TEXT + b"\n\n")
        case Mishap.DUPLICATE:
            last = event(whole_body(reply))
            after = [each for each in events.after if each != DONE_EVENT]
            ended = () if request.endpoint is Endpoint.NATIVE else (DONE_EVENT,)
            return (*events.before, *events.texts, *after, last, *ended)
        case _:
            return (*events.before, *events.texts, *events.after)


def _kept(fault: Fault, count: int) -> int:
    """Return how many pieces of text come before a mishap: half, but one at least."""
    return min(count, fault.after) if fault.after is not None else (count + 1) // 2


def _body(body: bytes, fault: Fault) -> tuple[bytes, ...]:
    half = body[: 0 if fault.after == 0 else len(body) // 2]
    match fault.mishap:
        case Mishap.DROP_BEFORE:
            return ()
        case Mishap.DROP_WITHIN | Mishap.SILENT:
            return (half,)
        case Mishap.MALFORMED:
            return (half or _BROKEN_JSON,)
        case Mishap.GARBAGE:
            return (half + _NO_TEXT,)
        case _:
            return (body,)
