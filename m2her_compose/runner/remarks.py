"""What there is to say of a reply that came: that it was cut, flagged, or says nothing."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from ..frozen import frozen
from ..wire.codes import SENSITIVE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..client import Reply


class RemarkKind(Enum):
    """What is not as it should be."""

    CUT = "cut"
    FLAGGED = "flagged"
    EMPTY = "empty"


@frozen
class Remark:
    """One thing to say of a reply, and what to do about it."""

    kind: RemarkKind
    text: str
    help: str


def remarks_on(reply: Reply) -> tuple[Remark, ...]:
    """Return what there is to say of a reply; nothing when it is whole."""
    return tuple(_remarks(reply))


def _remarks(reply: Reply) -> Iterator[Remark]:
    if not reply.text.strip():
        yield _empty(reply)
    elif reply.is_cut:
        count = reply.usage.completion_tokens if reply.usage is not None else 0
        used = f" after {count:,} token{'s' * (count != 1)}" if count else ""
        yield Remark(
            kind=RemarkKind.CUT,
            text=f"the reply was cut at its limit{used} (finish reason `length`)",
            help="allow more with `--max-tokens`, or ask for shorter replies in the scenario",
        )
    for side, number in (
        ("input", reply.sensitivity.input_type),
        ("output", reply.sensitivity.output_type),
    ):
        if number is not None:
            yield Remark(
                kind=RemarkKind.FLAGGED,
                text=f"the service flagged the {side} as sensitive{_type(number)}",
                help="see what the request holds with `m2her compile --format text`",
            )


def _empty(reply: Reply) -> Remark:
    if reply.thinking.strip():
        return Remark(
            kind=RemarkKind.EMPTY,
            text="the reply holds nothing but thoughts",
            help="see them with `--show-thinking`; more tokens (`--max-tokens`) may bring a reply",
        )
    return Remark(
        kind=RemarkKind.EMPTY,
        text=f"the reply is empty (finish reason `{reply.finish_reason or 'none'}`)",
        help="try again; when it stays so, look at what is sent with `--dry-run`",
    )


def _type(number: int) -> str:
    known = SENSITIVE_TYPES.get(number)
    return f": {known} (type {number})" if known is not None else ""
