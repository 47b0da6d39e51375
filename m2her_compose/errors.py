"""The exceptions that users of the library can meet.

    M2herError
    ├── ScenarioError            a scenario has errors, and its messages were asked for all the same
    ├── SeveralVariantsError     a scenario has several variants, and one was asked for
    ├── UsageError               a call that makes no sense: no such path, a wrong id
    └── ServiceError             a reply did not come, or not all of it
        ├── NoAnswerError        nothing came, or the connection ended too early
        │   └── DeadlineError    it took longer than it may
        ├── BadAnswerError       what came is none of the shapes of an answer
        ├── OutageError          the service failed: 408, 5xx, codes 1000, 1001, 1024, 1033
        ├── LimitError           too much at once: 429, codes 1002, 1041, 2045
        ├── KeyRefusedError      401, 403, codes 1004, 2049
        ├── BalanceError         402, codes 1008, 2056
        ├── SensitiveError       the service found the input or its reply sensitive: 1026, 1027
        └── InvalidRequestError  other 4xx, codes 1042, 2013
            ├── TooLongError     more tokens than the model takes: 413, code 1039
            └── RolesError       the endpoint does not take M2-her's own roles

An author's mistake is never an exception: it is a `Diagnostic` of the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .diagnostics import Diagnostic


class M2herError(Exception):
    """The root of all exceptions that this package raises on purpose."""


class ScenarioError(M2herError):
    """A scenario has errors; `diagnostics` are all its findings."""

    def __init__(self, path: str, diagnostics: tuple[Diagnostic, ...]) -> None:
        errors = [d for d in diagnostics if d.is_error]
        shown = "\n".join(f"{d.span}: {d.message} [{d.code.id}]" for d in errors[:10])
        super().__init__(f"{path} has {len(errors)} error{'s' * (len(errors) != 1)}\n{shown}")
        self.diagnostics = diagnostics


class SeveralVariantsError(M2herError):
    """A scenario has several variants; `ids` are theirs."""

    def __init__(self, path: str, ids: tuple[str, ...]) -> None:
        super().__init__(f"{path} has {len(ids)} variants: name one of them, or use `.variants`")
        self.ids = ids


class UsageError(M2herError):
    """A call that makes no sense, whatever the files hold."""


class ServiceError(M2herError):
    """A reply did not come, or not all of it; the text is for people, and holds no key.

    `status` is the HTTP status (or the one that the error itself names), `code` the service's own,
    `message` what it said; None or empty where it sent none. `can_retry`: the same request may
    succeed later, in `retry_after_s` seconds where the service said when. `advice` is what to do,
    `partial` the text that had come by then, `attempts` how often it was tried.
    """

    def __init__(
        self,
        summary: str,
        *,
        status: int | None = None,
        code: int | None = None,
        message: str = "",
        request_id: str | None = None,
        can_retry: bool = False,
        retry_after_s: float | None = None,
        advice: str = "",
        partial: str = "",
        attempts: int = 1,
    ) -> None:
        super().__init__(summary)
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.can_retry = can_retry
        self.retry_after_s = retry_after_s
        self.advice = advice
        self.partial = partial
        self.attempts = attempts


class NoAnswerError(ServiceError):
    """Nothing came: no such host, refused, no TLS; or the connection ended or fell silent."""


class DeadlineError(NoAnswerError):
    """The reply, with all attempts, took longer than it may."""


class BadAnswerError(ServiceError):
    """What came is none of the shapes of an answer: no JSON, no events, a redirect."""


class OutageError(ServiceError):
    """The service failed, and may be back soon."""


class LimitError(ServiceError):
    """Too many requests, connections or tokens in too short a time."""


class KeyRefusedError(ServiceError):
    """There was no key, or none that the service takes."""


class BalanceError(ServiceError):
    """The account has nothing left to pay with."""


class SensitiveError(ServiceError):
    """The service found the input or its own reply sensitive, and gives no text."""


class InvalidRequestError(ServiceError):
    """The service does not take the request as it is."""


class TooLongError(InvalidRequestError):
    """The prompt has more tokens than the model takes; it is never cut."""


class RolesError(InvalidRequestError):
    """The endpoint does not take M2-her's own roles, or not without names."""
