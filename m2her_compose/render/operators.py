"""What the operators of templates compute: on texts, numbers and lists, and within limits."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final

from ..diagnostics import codes as c
from .fault import Fault
from .values import Traced, computed, figure, joined, length_of, plain
from .wording import describe

if TYPE_CHECKING:
    from .evaluate import Evaluation

_MOST_BITS: Final = 4096


def concatenated(run: Evaluation, parts: list[Traced | str], at: int) -> Traced | str:
    """Return texts in a row as one."""
    run.meter.text(sum(map(length_of, parts)), at)
    return joined(parts, "")


def add(run: Evaluation, left: Any, right: Any, at: int) -> Any:
    """Return the sum of numbers, or texts or lists in a row."""
    if isinstance(left, str | Traced) and isinstance(right, str | Traced):
        return concatenated(run, [left, right], at)
    if isinstance(left, list) and isinstance(right, list):
        run.meter.step(at, len(left) + len(right))
    total = operator.add(_number_or_list(left), _number_or_list(right))
    return figure(bounded(total, at), left, right)


def multiply(run: Evaluation, left: Any, right: Any, at: int) -> Any:
    """Return the product of numbers, or a text so many times."""
    if isinstance(right, str | Traced):
        left, right = right, left
    if isinstance(left, str | Traced):
        times = plain(right)
        if not isinstance(times, int):
            raise Fault(c.TEMPLATE_VALUE, f"a text times {describe(right)}", at, at + 1)
        run.meter.text(len(str(left)) * max(0, times), at)
        return computed(str(left) * times, [left])
    return figure(bounded(number(left) * number(right), at), left, right)


def raise_to(_: Evaluation, left: Any, right: Any, at: int) -> Any:
    """Return a number to the power of another."""
    base, exponent = number(left), number(right)
    if (
        isinstance(base, int)
        and isinstance(exponent, int)
        and base.bit_length() * abs(exponent) > _MOST_BITS
    ):
        raise Fault(c.TEMPLATE_LIMIT, "a number with too many digits", at, at + 1)
    return figure(bounded(base**exponent, at), left, right)


def number(value: Any) -> Any:
    """Return the bare number of a value. Raises TypeError for what is none."""
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"{describe(value)} where a number is wanted"
        raise TypeError(message)
    return value


def _number_or_list(value: Any) -> Any:
    return value if isinstance(value, list) else number(value)


def bounded(value: Any, at: int) -> Any:
    """Return a result of arithmetic. Raises `Fault` for one that is too long, or no real number."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise Fault(c.TEMPLATE_LIMIT, "a number with too many digits", at, at + 1)
    if isinstance(value, complex):
        raise Fault(c.TEMPLATE_VALUE, "the root of a negative number", at, at + 1)
    return value
