"""What went wrong, as exceptions: their kind, their text, and what the user should do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ..emit.terminal import visible
from ..errors import (
    BadAnswerError,
    BalanceError,
    InvalidRequestError,
    KeyRefusedError,
    LimitError,
    NoAnswerError,
    OutageError,
    RolesError,
    SensitiveError,
    ServiceError,
    TooLongError,
)
from ..frozen import frozen
from ..targets import NAMED_ROLES
from ..wire.codes import SENSITIVE_TYPES, Trouble, service_code
from ..wire.http import Breakdown
from ..wire.replies import CODE_AT_END
from .keys import KeySource
from .retry import UNCLEAR_CODE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..wire.http import TransportError
    from ..wire.replies import Refusal, Sensitivity
    from .addresses import Address
    from .keys import Key

_SHOWN: Final = 300
_LONGEST: Final = 2_000
_FIRST_ERROR: Final = 400
_FIRST_SERVER_ERROR: Final = 500
_NOT_FOUND: Final = 404
_ID_HEADERS: Final = ("x-request-id", "trace-id", "request-id")
_LONGEST_ID: Final = 200

_BY_STATUS: Final = {
    401: Trouble.KEY,
    402: Trouble.BALANCE,
    403: Trouble.KEY,
    408: Trouble.OUTAGE,
    413: Trouble.TOO_LONG,
    429: Trouble.LIMIT,
}
# What other OpenAI-compatible services call their errors, in `type` or `code`.
_BY_KIND: Final = (
    (re.compile(r"insufficient_quota|billing"), Trouble.BALANCE),
    (re.compile(r"rate_limit|too_many_requests"), Trouble.LIMIT),
    (re.compile(r"auth|permission|invalid_api_key"), Trouble.KEY),
    (re.compile(r"context_length|too_large"), Trouble.TOO_LONG),
    (re.compile(r"invalid_request|bad_?request|not_found", re.IGNORECASE), Trouble.INVALID),
)
_TOO_LONG: Final = re.compile(
    r"context (?:length|window)|too (?:long|many tokens)|maximum context"
    r"|(?:prompt|input|message)[^.]{0,60}exceed|tokens?[^.]{0,40}exceed"
    r"|exceed[^.]{0,60}(?:context|token)",
    re.IGNORECASE,
)
_ABOUT_ROLES: Final = re.compile(
    r"\b(?:roles?|names?|user_system|group|sample_message_\w+)\b", re.IGNORECASE
)
_ABOUT_ELSE: Final = re.compile(
    r"model|temperature|top_?p|tokens?\b|stream|length|json|content|characters?|tool", re.IGNORECASE
)
_ABOUT_MODEL: Final = re.compile(r"\bmodel\b", re.IGNORECASE)

_KINDS: Final[dict[Trouble, tuple[type[ServiceError], str, bool]]] = {
    Trouble.OUTAGE: (OutageError, "the service failed", True),
    Trouble.LIMIT: (LimitError, "the service has too much to do for this account", True),
    Trouble.KEY: (KeyRefusedError, "the service refused the key", False),
    Trouble.BALANCE: (BalanceError, "the account has nothing left to pay with", False),
    Trouble.SENSITIVE: (SensitiveError, "the service found the text sensitive", False),
    Trouble.TOO_LONG: (TooLongError, "the prompt is too long for the model", False),
    Trouble.INVALID: (InvalidRequestError, "the service refused the request", False),
}
_NAMES_NEEDED: Final = (
    "messages of M2-her's own roles need a name: give each a `name`, as `names: always` does"
)
_BASIC: Final = (
    "the endpoint may not take M2-her's own roles: compile with `--target basic`, which folds "
    "them into the roles that every service takes"
)


@frozen
class Case:
    """What errors of one request speak of: whom it went to, with which key, and its roles."""

    address: Address
    key: Key
    has_named_roles: bool
    has_nameless: bool

    def safe(self, text: str, most: int = _LONGEST) -> str:
        """Return text of the service without the key, and not too long."""
        return self.key.redact(text)[:most]


def case_of(body: Mapping[str, Any], address: Address, key: Key) -> Case:
    """Return what errors of a request will speak of; the body may be of any shape."""
    messages = body.get("messages")
    named = [
        message
        for message in (messages if isinstance(messages, list | tuple) else ())
        if isinstance(message, dict) and message.get("role") in NAMED_ROLES
    ]
    return Case(
        address=address,
        key=key,
        has_named_roles=bool(named),
        has_nameless=any(not message.get("name") for message in named),
    )


def refused(
    refusal: Refusal, case: Case, *, retry_after_s: float | None, request_id: str | None
) -> ServiceError:
    """Return the exception for an error that the service sent."""
    trouble = _trouble(refusal)
    kind, what, can_retry = _KINDS[trouble]
    if trouble is Trouble.INVALID and _is_about_roles(refusal, case):
        kind = RolesError
    message = case.safe(refusal.message)
    return kind(
        _summary(what, message, refusal),
        status=refusal.status,
        code=refusal.code,
        message=message,
        request_id=_safe_id(refusal.request_id or request_id, case),
        can_retry=can_retry,
        retry_after_s=retry_after_s if can_retry else None,
        advice=_advice(kind, refusal, case, retry_after_s),
    )


def unanswered(error: TransportError, case: Case) -> NoAnswerError:
    """Return the exception for an answer that did not come, or not all of it.

    It comes from the transport's, unless that holds the key: a server may send it back as what is
    no HTTP, which is then told.
    """
    found = _unanswered(error, case)
    if not _holds_key(error, case):
        found.__cause__ = error
    return found


def _holds_key(error: BaseException, case: Case) -> bool:
    """Whether the key is in the texts of an exception, or of those that it comes from."""
    left, seen = [error], set[int]()
    while left:
        each = left.pop()
        seen.add(id(each))
        text = f"{each} {each!r} {vars(each)!r}"
        if case.key.redact(text) != text:
            return True
        causes = (each.__cause__, each.__context__)
        left += [cause for cause in causes if cause is not None and id(cause) not in seen]
    return False


def _unanswered(error: TransportError, case: Case) -> NoAnswerError:
    said = visible(case.safe(str(error), _SHOWN))
    origin = case.address.origin
    if error.breakdown is Breakdown.UNREACHABLE:
        start = "start a server there, as `m2her serve` does; or check the base URL"
        network = "check the network, a proxy that is set, and the base URL"
        advice = start if case.address.is_loopback else network
        return NoAnswerError(f"cannot reach {origin}: {said}", can_retry=True, advice=advice)
    if error.breakdown is Breakdown.UNTRUSTED:
        return NoAnswerError(
            f"the certificate of {origin} is not trusted: {said}",
            advice="check the base URL; a certificate of your own is named by `SSL_CERT_FILE`",
        )
    if error.breakdown is Breakdown.SILENT:
        summary = f"no more came from {origin}: {said}"
        return NoAnswerError(summary, can_retry=True, advice="try again later")
    return NoAnswerError(
        f"the connection to {origin} broke: {said}", can_retry=True, advice="try again"
    )


def bad_answer(
    what: str,
    case: Case,
    *,
    status: int,
    request_id: str | None = None,
    can_retry: bool = True,
    advice: str = "check the base URL and the endpoint: is this a service for chats?",
) -> BadAnswerError:
    """Return the exception for an answer of no known shape."""
    return BadAnswerError(
        f"the answer of {case.address.origin} makes no sense: {visible(case.safe(what, _SHOWN))}",
        status=status,
        request_id=_safe_id(request_id, case),
        can_retry=can_retry,
        advice=advice,
    )


def flagged_empty(sensitivity: Sensitivity, case: Case, request_id: str | None) -> SensitiveError:
    """Return the exception for a reply that was flagged, and holds nothing."""
    sides = (("input", sensitivity.input_type), ("reply", sensitivity.output_type))
    found = [f"the {side}{_type(number)}" for side, number in sides if number is not None]
    return SensitiveError(
        f"the service found {' and '.join(found)} sensitive, and gave no text",
        status=200,
        request_id=_safe_id(request_id, case),
        advice=_SENSITIVE,
    )


def after_last_attempt(error: ServiceError, case: Case) -> ServiceError:
    """Return what to raise when no attempt is left.

    Code 1000 that stays is what one endpoint says of roles that it does not take, or not without
    names (MiniMax-AI/MiniMax-M2 issue 126).
    """
    if error.code != UNCLEAR_CODE or not case.has_named_roles:
        return error
    return RolesError(
        str(error),
        status=error.status,
        code=error.code,
        message=error.message,
        request_id=error.request_id,
        can_retry=error.can_retry,
        advice=_NAMES_NEEDED if case.has_nameless else f"{_BASIC}; or try again later",
        partial=error.partial,
        attempts=error.attempts,
    )


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Return what the service calls the request in its headers."""
    found = next((headers[name] for name in _ID_HEADERS if headers.get(name)), None)
    return found[:_LONGEST_ID] if found is not None else None


def _trouble(refusal: Refusal) -> Trouble:
    """Return the kind of an error: by its code, else its name, else its HTTP status."""
    known = service_code(refusal.code)
    if known is not None:
        is_long = known.trouble is Trouble.INVALID and _TOO_LONG.search(refusal.message)
        return Trouble.TOO_LONG if is_long else known.trouble
    kind = refusal.kind or ""
    named = next((trouble for pattern, trouble in _BY_KIND if pattern.search(kind)), None)
    trouble = _BY_STATUS.get(refusal.status)
    if named is Trouble.BALANCE or trouble is None:
        trouble = named or _unnamed(refusal)
    if trouble is Trouble.INVALID and _TOO_LONG.search(refusal.message):
        return Trouble.TOO_LONG
    return trouble


def _unnamed(refusal: Refusal) -> Trouble:
    """Return the kind of an error that only a status speaks of; within an answer not even that."""
    if refusal.status >= _FIRST_SERVER_ERROR:
        return Trouble.OUTAGE
    if refusal.status >= _FIRST_ERROR or refusal.code is not None:
        return Trouble.INVALID
    return Trouble.OUTAGE


def _is_about_roles(refusal: Refusal, case: Case) -> bool:
    if not case.has_named_roles or refusal.status == _NOT_FOUND:
        return False
    if _ABOUT_ROLES.search(refusal.message):
        return True
    # Other services say what they do not take; 2013 often says nothing.
    return refusal.code == _INVALID_CODE and not _ABOUT_ELSE.search(refusal.message)


_INVALID_CODE: Final = 2013
_SENSITIVE: Final = "say it in other words; `--dry-run` shows all that is sent"


def _summary(what: str, message: str, refusal: Refusal) -> str:
    said = visible(CODE_AT_END.sub("", " ".join(message.split())).rstrip())
    said = said if len(said) <= _SHOWN else f"{said[:_SHOWN]}…"
    known = service_code(refusal.code)
    text = said or (known.meaning if known is not None else "")
    numbers = [f"HTTP {refusal.status}"] if refusal.status >= _FIRST_ERROR else []
    if refusal.code is not None:
        numbers.append(f"code {refusal.code}")
    end = f" ({', '.join(numbers)})" if numbers else ""
    return f"{what}: {text}{end}" if text else f"{what}{end}"


def _advice(
    kind: type[ServiceError], refusal: Refusal, case: Case, retry_after_s: float | None
) -> str:
    if kind is RolesError:
        return _NAMES_NEEDED if case.has_nameless else _BASIC
    if kind is KeyRefusedError:
        return _key_advice(case)
    if kind is LimitError:
        wait = f"wait {retry_after_s:,.0f} s" if retry_after_s else "wait a minute"
        return f"{wait}, or send fewer requests at once"
    if kind is InvalidRequestError:
        return _invalid_advice(refusal, case)
    return _ADVICE[kind]


_ADVICE: Final[dict[type[ServiceError], str]] = {
    OutageError: "try again later",
    BalanceError: "top up the account, or wait until its allowance is renewed",
    SensitiveError: _SENSITIVE,
    TooLongError: "leave out what matters least with `--budget`, or shorten the history",
}


def _key_advice(case: Case) -> str:
    source = case.key.source
    if source is KeySource.LOCAL:
        return (
            "this server wants a key: set `OPENAI_API_KEY`, and `OPENAI_BASE_URL` to its URL, or "
            "name a `--key-file`"
        )
    which = f"`{source.value}`"
    if source in {KeySource.GIVEN, KeySource.FILE}:
        which = f"the key of {source.value}" if source is KeySource.GIVEN else "the key file"
    if not case.address.is_vendor:
        return f"check {which}, and that it is a key for {case.address.origin}"
    site = case.address.host.replace("api.", "platform.")
    return (
        f"check {which}: keys are made at https://{site}, and a key of one `--region` is not "
        "known in the other"
    )


def _invalid_advice(refusal: Refusal, case: Case) -> str:
    if refusal.status == _NOT_FOUND and not _ABOUT_MODEL.search(refusal.message):
        return f"check the base URL and the endpoint: is {case.address.url} right?"
    if _ABOUT_MODEL.search(refusal.message):
        return "check the model's name: `--model` gives another"
    return "see what is sent with `--dry-run`"


def _type(number: int) -> str:
    known = SENSITIVE_TYPES.get(number)
    return f" ({known}, type {number})" if known is not None else ""


def _safe_id(text: str | None, case: Case) -> str | None:
    return visible(case.safe(text, _LONGEST_ID)) if text else None
