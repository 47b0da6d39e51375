"""What goes wrong on purpose: `--fault` by rate or by script, the same in every run.

    SPEC   = FAULT ["@" RATE]  |  "script=" FAULT {"," FAULT}  |  "seed=" N
    FAULT  = KIND ["=" VALUE] {":" OPTION ["=" VALUE]}
    RATE   = N "%"

A request has one fault at most, and a pause beside it. The kinds are in `KINDS`.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Final

from ..errors import UsageError
from ..frozen import frozen, replaced
from ..wire.codes import SENSITIVE_TYPES, SERVICE_CODES, Trouble, service_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Mishap(Enum):
    """What can happen to a reply."""

    NONE = "ok"
    STATUS = "status"
    CODE = "code"
    CODE_WITHIN = "code-within"
    DROP_BEFORE = "drop-before"
    DROP_WITHIN = "drop-within"
    DROP_AFTER = "drop-after"
    SILENT = "silent"
    SLOW = "slow"
    MALFORMED = "malformed"
    GARBAGE = "garbage"
    DUPLICATE = "duplicate"
    SENSITIVE_INPUT = "sensitive-input"
    SENSITIVE_OUTPUT = "sensitive-output"
    EMPTY = "empty"
    THINK = "think"
    RETRYABLE = "retryable"


class Value(Enum):
    """What a kind of fault takes after `=`."""

    NONE = ""
    CODE = "CODE"
    PAUSE = "PAUSE"
    TYPE = "TYPE"


@frozen
class Kind:
    """One kind of fault: how it is spelled, and what it does, for people."""

    mishap: Mishap
    does: str
    value: Value = Value.NONE
    is_optional: bool = False
    options: tuple[str, ...] = ()

    @property
    def spelling(self) -> str:
        name = "STATUS" if self.mishap is Mishap.STATUS else self.mishap.value
        value = f"={self.value.value}" if self.value is not Value.NONE else ""
        return f"{name}[{value}]" if self.is_optional else name + value


@frozen
class Fault:
    """What happens to one request. `number` is a status, a code or a sensitive type.

    `pause_s` comes before each piece. `after` is how many pieces of text are sent before the
    mishap; None stands for half of them. `retry_after` is a header, and `html` sends a gateway's
    page in place of the service's own error.
    """

    mishap: Mishap = Mishap.NONE
    number: int = 0
    pause_s: float = 0.0
    after: int | None = None
    retry_after: tuple[str, str] | None = None
    html: bool = False


@frozen
class FaultPlan:
    """What happens to which request. Rates are shares of all requests, and add up to 1 at most."""

    rates: tuple[tuple[Fault, float], ...] = ()
    pauses: tuple[tuple[Fault, float], ...] = ()
    script: tuple[Fault, ...] = ()
    seed: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.rates or self.pauses or self.script)

    def fault_for(self, number: int) -> Fault:
        """Return what happens to a request, by its number from 1: the same in every run.

        The script comes first; what is behind its end goes by the rates.
        """
        if number <= len(self.script):
            return self._chosen(self.script[number - 1], number)
        fault = _hit(self.rates, self._draw(number, "rate")) or OK
        pause = _hit(self.pauses, self._draw(number, "pause"))
        if pause is not None:
            fault = replaced(fault, pause_s=pause.pause_s)
        return self._chosen(fault, number)

    def _chosen(self, fault: Fault, number: int) -> Fault:
        if fault.mishap is not Mishap.RETRYABLE:
            return fault
        one = RETRYABLE[int(self._draw(number, "kind") * len(RETRYABLE))]
        return replaced(one, pause_s=fault.pause_s)

    def _draw(self, number: int, purpose: str) -> float:
        """Return a number in [0, 1) that looks random."""
        from hashlib import blake2b

        digest = blake2b(f"{self.seed}:{number}:{purpose}".encode(), digest_size=6).digest()
        return int.from_bytes(digest, "big") / 2**48


class FaultError(UsageError):
    """A `--fault` that says nothing, or too much."""


OK: Final = Fault()
NO_FAULTS: Final = FaultPlan()
OPTIONS: Final = {
    "retry-after": "seconds, in a `Retry-After` header",
    "retry-after-ms": "milliseconds, in a `retry-after-ms` header",
    "html": "a gateway's page of HTML in place of the service's error",
    "after": "how many pieces of text come before; half of them where it is left out",
}
_WAITS: Final = ("retry-after", "retry-after-ms")
KINDS: Final = (
    Kind(
        mishap=Mishap.STATUS,
        does="an HTTP status from 400 to 599, as `429` or `503`, with the code that goes with it",
        options=(*_WAITS, "html"),
    ),
    Kind(
        mishap=Mishap.CODE,
        value=Value.CODE,
        does="an error code of the service, as the endpoint writes it",
        options=_WAITS,
    ),
    Kind(
        mishap=Mishap.CODE_WITHIN,
        value=Value.CODE,
        does="an error code inside the stream, in place of the rest",
        options=("after",),
    ),
    Kind(mishap=Mishap.DROP_BEFORE, does="the connection ends before anything was sent"),
    Kind(
        mishap=Mishap.DROP_WITHIN,
        does="the connection ends in the middle of the reply",
        options=("after",),
    ),
    Kind(
        mishap=Mishap.DROP_AFTER,
        does="the whole reply, but the connection ends as if there were more",
    ),
    Kind(
        mishap=Mishap.SILENT,
        does="part of the reply, then nothing until the client leaves",
        options=("after",),
    ),
    Kind(
        mishap=Mishap.SLOW,
        value=Value.PAUSE,
        does="a pause before each piece, as `200ms` or `1.5s`; goes together with other faults",
    ),
    Kind(mishap=Mishap.MALFORMED, does="JSON that breaks off", options=("after",)),
    Kind(mishap=Mishap.GARBAGE, does="bytes that are no text", options=("after",)),
    Kind(
        mishap=Mishap.DUPLICATE,
        does="the stream's last event twice; on the OpenAI-compatible endpoint one that repeats "
        "the whole message",
    ),
    Kind(
        mishap=Mishap.SENSITIVE_INPUT,
        value=Value.TYPE,
        is_optional=True,
        does="the input is flagged as sensitive; of type 1, the default, the content is empty",
    ),
    Kind(
        mishap=Mishap.SENSITIVE_OUTPUT,
        value=Value.TYPE,
        is_optional=True,
        does="the reply is flagged as sensitive; of type 1, the default, the content is empty",
    ),
    Kind(mishap=Mishap.EMPTY, does="a reply without content"),
    Kind(mishap=Mishap.THINK, does="a `<think>` block before the content, its tags cut in two"),
    Kind(mishap=Mishap.RETRYABLE, does="any of the faults after which another attempt may succeed"),
    Kind(mishap=Mishap.NONE, does="nothing; for scripts"),
)
_BY_NAME: Final = {kind.mishap.value: kind for kind in KINDS}
_RETRIED_CODES: Final = tuple(
    each.code for each in SERVICE_CODES if each.trouble in (Trouble.OUTAGE, Trouble.LIMIT)
)
# No text has been shown when one of these comes, so that a client may begin anew.
RETRYABLE: Final = (
    Fault(mishap=Mishap.STATUS, number=429),
    Fault(mishap=Mishap.STATUS, number=429, retry_after=("retry-after", "0.01")),
    Fault(mishap=Mishap.STATUS, number=429, retry_after=("retry-after-ms", "10")),
    *(Fault(mishap=Mishap.STATUS, number=status) for status in (500, 502, 503, 504)),
    Fault(mishap=Mishap.STATUS, number=502, html=True),
    *(Fault(mishap=Mishap.CODE, number=code) for code in _RETRIED_CODES),
    *(Fault(mishap=Mishap.CODE_WITHIN, number=code, after=0) for code in (1002, 1033)),
    Fault(mishap=Mishap.DROP_BEFORE),
    Fault(mishap=Mishap.DROP_WITHIN, after=0),
    Fault(mishap=Mishap.MALFORMED, after=0),
    Fault(mishap=Mishap.GARBAGE, after=0),
)
_RATE: Final = re.compile(r"(?P<share>[0-9]{1,3}(?:\.[0-9]{1,6})?)%")
_PAUSE: Final = re.compile(r"(?P<count>[0-9]{1,6}(?:\.[0-9]{1,6})?)(?P<unit>ms|s)")
_STATUS: Final = re.compile(r"[45][0-9][0-9]")
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")
_LONGEST_PAUSE_S: Final = 60.0
_WHOLE: Final = 1.0 + 1e-9


def read_faults(specs: Sequence[str]) -> FaultPlan:
    """Return the plan that `--fault` options make together. Raises `FaultError`."""
    rates: list[tuple[Fault, float]] = []
    pauses: list[tuple[Fault, float]] = []
    scripts: list[tuple[Fault, ...]] = []
    seeds: list[int] = []
    for spec in specs:
        name, _, value = spec.partition("=")
        if name == "seed":
            seeds.append(int(_matching(_NUMBER, value, spec, "`seed` takes a whole number")))
        elif name == "script":
            scripts.append(tuple(_fault(each, spec) for each in value.split(",")))
        else:
            fault, rate = _rated(spec)
            (pauses if fault.mishap is Mishap.SLOW else rates).append((fault, rate))
    for given, what in ((seeds, "seed"), (scripts, "script")):
        if len(given) > 1:
            raise FaultError(f"`--fault {what}=…` stands {len(given)} times: once is enough")
    for shares, what in ((rates, "faults"), (pauses, "pauses")):
        if sum(share for _, share in shares) > _WHOLE:
            raise FaultError(f"the rates of the {what} add up to more than 100 %")
    return FaultPlan(
        rates=tuple(rates),
        pauses=tuple(pauses),
        script=scripts[0] if scripts else (),
        seed=seeds[0] if seeds else 0,
    )


def kinds_listed() -> str:
    """Return the kinds of faults, for messages and help."""
    return ", ".join(f"`{kind.spelling}`" for kind in KINDS)


def _hit(shares: Iterable[tuple[Fault, float]], draw: float) -> Fault | None:
    bound = 0.0
    for fault, share in shares:
        bound += share
        if draw < bound:
            return fault
    return None


def _rated(spec: str) -> tuple[Fault, float]:
    text, at, rate = spec.rpartition("@")
    if not at:
        return _fault(spec, spec), 1.0
    share = float(
        _matching(_RATE, rate, spec, "a rate is a share of all requests, as `@5%`").rstrip("%")
    )
    if not 0 < share <= 100:  # noqa: PLR2004 - per cent
        raise _wrong(spec, "a rate is more than 0 % and at most 100 %")
    return _fault(text, spec), share / 100


def _fault(text: str, spec: str) -> Fault:
    head, *options = text.split(":")
    name, equals, value = head.partition("=")
    if "@" in text:
        raise _wrong(spec, "a script goes by number, and takes no rate")
    if _STATUS.fullmatch(name):
        kind, value, equals = _BY_NAME[Mishap.STATUS.value], "", equals and "extra"
    elif name in _BY_NAME and name != Mishap.STATUS.value:
        kind = _BY_NAME[name]
    else:
        raise _wrong(spec, f"unknown fault {_quoted(name)}: the kinds are {kinds_listed()}")
    if equals and (kind.value is Value.NONE):
        raise _wrong(spec, f"`{name}` takes no value")
    fault = Fault(mishap=kind.mishap, number=int(name) if name.isdigit() else 0)
    fault = _with_value(fault, kind, value, spec)
    for option in options:
        fault = _with_option(fault, kind, option, spec)
    return fault


def _with_value(fault: Fault, kind: Kind, value: str, spec: str) -> Fault:
    match kind.value:
        case Value.NONE:
            return fault
        case Value.PAUSE:
            return replaced(fault, pause_s=_pause(value, spec))
        case Value.CODE:
            known = ", ".join(str(each.code) for each in SERVICE_CODES)
            code = int(_matching(_NUMBER, value, spec, f"a code is one of {known}"))
            if service_code(code) is None:
                raise _wrong(spec, f"unknown code {code}: the codes are {known}")
            return replaced(fault, number=code)
        case Value.TYPE:
            if not value:
                return replaced(fault, number=1)
            says = f"a type is a number from 1 to {max(SENSITIVE_TYPES)}"
            number = int(_matching(_NUMBER, value, spec, says))
            if number not in SENSITIVE_TYPES:
                raise _wrong(spec, says)
            return replaced(fault, number=number)


def _pause(value: str, spec: str) -> float:
    found = _PAUSE.fullmatch(value)
    if found is None:
        raise _wrong(spec, "a pause is a number of `ms` or `s`, as `slow=200ms`")
    pause_s = float(found["count"]) / (1_000 if found["unit"] == "ms" else 1)
    if pause_s > _LONGEST_PAUSE_S:
        raise _wrong(spec, f"a pause is at most {_LONGEST_PAUSE_S:g} s")
    return pause_s


def _with_option(fault: Fault, kind: Kind, option: str, spec: str) -> Fault:
    name, _, value = option.partition("=")
    if name not in kind.options:
        known = ", ".join(f"`{each}`" for each in kind.options) or "none"
        raise _wrong(spec, f"unknown option {_quoted(name)}: here they are {known}")
    if name == "html":
        return replaced(fault, html=True)
    if name == "after":
        count = _matching(_NUMBER, value, spec, "`after` takes a number of pieces")
        return replaced(fault, after=int(count))
    pattern = _SECONDS if name == "retry-after" else _NUMBER
    return replaced(
        fault, retry_after=(name, _matching(pattern, value, spec, f"`{name}` takes a number"))
    )


def _matching(pattern: re.Pattern[str], value: str, spec: str, says: str) -> str:
    if not value.isascii() or pattern.fullmatch(value) is None:
        raise _wrong(spec, says)
    return value


def _quoted(text: str) -> str:
    return f"`{text[:40]}`"


def _wrong(spec: str, says: str) -> FaultError:
    return FaultError(f"`--fault {spec[:80]}`: {says}")
