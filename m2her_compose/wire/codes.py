"""The service's own error codes: what each means, and whether trying again can help."""

from __future__ import annotations

from enum import Enum
from typing import Final

from ..frozen import frozen


class Trouble(Enum):
    """What kind of thing went wrong; one exception each (see `errors`)."""

    OUTAGE = "outage"
    LIMIT = "limit"
    KEY = "key"
    BALANCE = "balance"
    SENSITIVE = "sensitive"
    TOO_LONG = "too long"
    INVALID = "invalid"


@frozen
class ServiceCode:
    """One code. `http_status` is what the OpenAI-compatible endpoint sends with it.

    That status is documented for 1000 (500), 1004 (401) and 2013 (400), and an inference for the
    others.
    """

    code: int
    meaning: str
    trouble: Trouble
    http_status: int


# Source: the vendor's page of error codes; 1000 is also a passing outage, by public clients.
SERVICE_CODES: Final[tuple[ServiceCode, ...]] = tuple(
    ServiceCode(code=code, meaning=meaning, trouble=trouble, http_status=status)
    for code, meaning, trouble, status in (
        (1000, "unknown error", Trouble.OUTAGE, 500),
        (1001, "request timed out", Trouble.OUTAGE, 504),
        (1002, "rate limit", Trouble.LIMIT, 429),
        (1004, "not authorized", Trouble.KEY, 401),
        (1008, "insufficient balance", Trouble.BALANCE, 402),
        (1024, "internal error", Trouble.OUTAGE, 500),
        (1026, "sensitive input", Trouble.SENSITIVE, 400),
        (1027, "sensitive output", Trouble.SENSITIVE, 400),
        (1033, "downstream error", Trouble.OUTAGE, 502),
        (1039, "too many tokens", Trouble.TOO_LONG, 400),
        (1041, "connection limit", Trouble.LIMIT, 429),
        (1042, "too many invisible characters", Trouble.INVALID, 400),
        (2013, "invalid parameters", Trouble.INVALID, 400),
        (2045, "rate growth limit", Trouble.LIMIT, 429),
        (2049, "invalid key", Trouble.KEY, 401),
        (2056, "usage limit", Trouble.BALANCE, 402),
    )
)
_BY_CODE: Final = {each.code: each for each in SERVICE_CODES}


def service_code(code: int | None) -> ServiceCode | None:
    """Return what is known of a code; None where nothing is."""
    return _BY_CODE.get(code) if code is not None else None


# Source: the vendor's reference of responses.
SENSITIVE_TYPES: Final = {
    1: "severe violation",
    2: "pornography",
    3: "advertising",
    4: "prohibited content",
    5: "abuse",
    6: "violence or terrorism",
    7: "other",
}
