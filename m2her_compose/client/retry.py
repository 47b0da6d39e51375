"""When a request is sent again, and how long to wait before."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..errors import ServiceError

# What a service asks for beyond a day is taken for a day.
MOST_RETRY_AFTER_S: Final = 86_400.0
# Code 1000 is a passing outage at times, and else what one endpoint says of roles that it does
# not take: more tries would not help (docs/client.md).
UNCLEAR_CODE: Final = 1000
MOST_UNCLEAR_RETRIES: Final = 2
_MOST_RETRIES: Final = 100
_NUMBER: Final = re.compile(r"\s*([+-]?\d{1,300}(?:\.\d{0,30})?)\s*")
_LONGEST_DATE: Final = 60
# Beyond that the exponent alone exceeds every cap.
_MOST_DOUBLINGS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often a failed request is sent again, and how long is waited before.

    The wait before retry n (from 0) is a random part of `base_s * 2**n`, which is capped at
    `cap_s`; where the service says when to come back, it is not shorter than that.
    `retry_after_output` also begins anew when a part of the reply was given out already.
    """

    retries: int = 3
    base_s: float = 0.5
    cap_s: float = 20.0
    retry_after_output: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.retries <= _MOST_RETRIES:
            raise UsageError(f"`retries` is a number from 0 to {_MOST_RETRIES}")
        for name, value in (("base_s", self.base_s), ("cap_s", self.cap_s)):
            if not (math.isfinite(value) and value >= 0):
                raise UsageError(f"`{name}` is a number of seconds from 0")

    def wait_s(self, retry: int, retry_after_s: float | None, random: float) -> float:
        """Return the seconds to wait before a retry, counted from 0; `random` is in [0, 1)."""
        backoff = self.base_s * 2.0 ** min(retry, _MOST_DOUBLINGS)
        return max(random * min(self.cap_s, backoff), retry_after_s or 0.0)


@dataclass(slots=True)
class Attempts:
    """The attempts of one request so far: decides by each error whether there is another."""

    policy: RetryPolicy
    random: Callable[[], float]
    count: int = 0
    _unclear: int = 0

    def wait_s(self, error: ServiceError, *, left_s: float, has_output: bool) -> float | None:
        """Return how long to wait before the next attempt; None when there is none.

        A wait that would pass the deadline, `left_s` from now, is not begun.
        """
        self._unclear += error.code == UNCLEAR_CODE
        if not error.can_retry or self.are_used_up(error):
            return None
        if has_output and not self.policy.retry_after_output:
            return None
        wait_s = self.policy.wait_s(self.count - 1, error.retry_after_s, self.random())
        return wait_s if wait_s < left_s else None

    def are_used_up(self, error: ServiceError) -> bool:
        """Whether no attempt is left for an error of this code, however much time there is."""
        unclear = error.code == UNCLEAR_CODE and self._unclear > MOST_UNCLEAR_RETRIES
        return unclear or self.count > self.policy.retries


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Return in how many seconds the service wants to be asked again; None where it does not say.

    Read are `retry-after-ms`, and `retry-after` as seconds or as a date, which is held against the
    answer's own `date` if it has one, else against `now` (seconds since 1970). The result is from
    0 to `MOST_RETRY_AFTER_S`. Source: RFC 9110, section 10.2.3; the first is OpenAI's.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _capped(milliseconds / 1000)
    text = headers.get("retry-after", "")
    seconds = _number(text)
    if seconds is not None:
        return _capped(seconds)
    then = _timestamp(text)
    if then is None:
        return None
    sent = _timestamp(headers.get("date", ""))
    return _capped(then - (now if sent is None else sent))


def _capped(seconds: float) -> float:
    return min(max(seconds, 0.0), MOST_RETRY_AFTER_S)


def _number(text: str) -> float | None:
    found = _NUMBER.fullmatch(text)
    return float(found[1]) if found else None


def _timestamp(text: str) -> float | None:
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    if not text or len(text) > _LONGEST_DATE:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
