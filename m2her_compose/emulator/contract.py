"""What the service takes: a request's JSON becomes a `ChatRequest`, or a `Complaint`.

Source of every rule: the vendor's reference of both endpoints; of the names, two public clients and
issue 126 of MiniMax-AI/MiniMax-M2. What no source says is passed over, as the service does.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ..frozen import frozen
from ..targets import M2_HER
from ..tokens import EstimateCounter, count_conversation
from ..wire.codes import service_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..wire.endpoints import Endpoint

MODEL: Final = M2_HER.models[0]
INVALID: Final = 2013
# A gateway was seen to stop at exactly as many tokens where none were asked for.
MOST_REPLY_TOKENS: Final = int(
    next(limits.high for name, limits in M2_HER.ranges if name == "max_completion_tokens")
)
# The service takes text and gives text.
_NOT_TAKEN: Final = ("tools", "tool_choice", "functions", "function_call", "response_format")
# OpenAI's SDKs have both names for one limit.
_RANGES: Final = (*M2_HER.ranges, ("max_tokens", dict(M2_HER.ranges)["max_completion_tokens"]))
_SHOWN: Final = 60
# Past this a number has no fraction, and past 1e308 no float.
_LARGEST: Final = 2**53


@frozen
class RequestMessage:
    """One message of a request. `name` is None where none was sent, or an empty one."""

    role: str
    name: str | None
    content: str


@frozen
class ChatRequest:
    """A request that keeps the contract. `reply_limit` is in tokens."""

    endpoint: Endpoint
    model: str
    messages: tuple[RequestMessage, ...]
    reply_limit: int
    stream: bool
    include_usage: bool
    prompt_tokens: int


@frozen
class Complaint:
    """Why a request gets no reply: the service's code, and what is wrong with it.

    `http_status` where it is not the one that belongs to the code.
    """

    code: int
    message: str
    http_status: int | None = None

    @property
    def status(self) -> int:
        """The HTTP status that the OpenAI-compatible endpoint sends."""
        known = service_code(self.code)
        return self.http_status or (known.http_status if known is not None else 500)


class _ContractError(ValueError):
    """Carries what is wrong out of the middle of a check."""


def read_request(
    data: Any, endpoint: Endpoint, *, models: Sequence[str] = M2_HER.models, lenient: bool = False
) -> ChatRequest | Complaint:
    """Return a body's request, or what is wrong with it.

    `models` are those that are served; `lenient` admits M2-her's own roles without a name, which
    the service refuses. The prompt is counted by the estimate, and never cut.
    """
    try:
        return _request(data, endpoint, models=models, lenient=lenient)
    except _ContractError as error:
        return invalid(str(error))


def invalid(message: str) -> Complaint:
    """Return a complaint about parameters."""
    return Complaint(code=INVALID, message=f"invalid params, {message}")


def _request(data: Any, endpoint: Endpoint, *, models: Sequence[str], lenient: bool) -> ChatRequest:
    if not isinstance(data, dict):
        raise _ContractError("the body is not a JSON object")
    model = _model(data.get("model"), models)
    for name in _NOT_TAKEN:
        if data.get(name) is not None:
            raise _ContractError(f"`{name}` is not supported: {MODEL} takes text and gives text")
    if data.get("n") not in (None, 1):
        raise _ContractError("`n` is not supported: a request has one reply")
    for name, limits in _RANGES:
        value = data.get(name)
        if value is not None and not (_is_number(value) and limits.holds(value)):
            raise _ContractError(f"`{name}` is {limits}, not {_shown(value)}")
    stream = _flag(data, "stream")
    messages = _messages(data.get("messages"), lenient=lenient)
    return ChatRequest(
        endpoint=endpoint,
        model=model,
        messages=messages,
        reply_limit=_reply_limit(data),
        stream=stream,
        include_usage=_include_usage(data.get("stream_options"), stream=stream),
        prompt_tokens=_prompt_tokens(messages),
    )


def _model(value: Any, models: Sequence[str]) -> str:
    if value is None:
        raise _ContractError(f"`model` is missing: it is `{MODEL}` here")
    if value not in models:
        case = " (upper and lower case matter)" if _is_like(value, MODEL) else ""
        raise _ContractError(f"unknown model {_shown(value)}: `{MODEL}` is served{case}")
    return str(value)


def _is_like(value: Any, name: str) -> bool:
    return isinstance(value, str) and value.casefold() == name.casefold()


def _messages(value: Any, *, lenient: bool) -> tuple[RequestMessage, ...]:
    if not isinstance(value, list) or not value:
        raise _ContractError("`messages` is not a list of at least one message")
    return tuple(_message(each, f"messages[{i}]", lenient=lenient) for i, each in enumerate(value))


def _message(value: Any, where: str, *, lenient: bool) -> RequestMessage:
    if not isinstance(value, dict):
        raise _ContractError(f"`{where}` is not an object")
    role = value.get("role")
    if not isinstance(role, str) or role not in M2_HER.roles:
        known = ", ".join(f"`{each}`" for each in M2_HER.roles)
        raise _ContractError(f"`{where}.role` is {_shown(role)}, and none of {known}")
    name = value.get("name")
    if name is not None:
        name = _text(name, f"{where}.name")
    if not name and role in M2_HER.named_roles and not lenient:
        raise _ContractError(f"`{where}` has no `name`: the role `{role}` needs one")
    return RequestMessage(
        role=role, name=name or None, content=_content(value.get("content"), f"{where}.content")
    )


def _content(value: Any, where: str) -> str:
    """Return a message's text; OpenAI's SDKs may send it as a list of parts."""
    if not isinstance(value, list):
        return _text(value, where)
    return "".join(_part(part, f"{where}[{i}]") for i, part in enumerate(value))


def _part(value: Any, where: str) -> str:
    if not isinstance(value, dict) or value.get("type") != "text":
        raise _ContractError(f"`{where}` is not a part of type `text`: {MODEL} takes text only")
    return _text(value.get("text"), f"{where}.text")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _ContractError(f"`{where}` is not text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise _ContractError(f"`{where}` has half of a surrogate pair") from error
    return value


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) <= _LARGEST


def _flag(data: dict[str, Any], name: str) -> bool:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise _ContractError(f"`{name}` is true or false, not {_shown(value)}")
    return bool(value)


def _include_usage(options: Any, *, stream: bool) -> bool:
    if options is None:
        return False
    if not isinstance(options, dict):
        raise _ContractError("`stream_options` is not an object")
    if not stream:
        raise _ContractError("`stream_options` needs `stream`")
    return _flag(options, "include_usage")


def _reply_limit(data: dict[str, Any]) -> int:
    asked = (data.get(name) for name in ("max_completion_tokens", "max_tokens"))
    return int(next((limit for limit in asked if limit is not None), MOST_REPLY_TOKENS))


def _prompt_tokens(messages: Iterable[RequestMessage]) -> int:
    pairs = ((message.name, message.content) for message in messages)
    count = count_conversation(EstimateCounter(), M2_HER, pairs)
    window = M2_HER.window_tokens
    if window is not None and count > window:
        raise _ContractError(f"the prompt has about {count:,} tokens, and the window {window:,}")
    return count


def _shown(value: Any) -> str:
    """Return a value for a message: short, on one line, in backticks."""
    if isinstance(value, int) and not _is_number(value) and not isinstance(value, bool):
        return "a number that large"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value[:_SHOWN] if isinstance(value, str) else value)
    return f"`{text}`"
