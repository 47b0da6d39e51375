"""Evaluate the expressions of a template: names, fields, operators, filters, tests, calls.

A node is in the table of handlers or is refused; a field is in a table of ours or does not exist.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from jinja2 import nodes

from ..diagnostics import codes as c
from ..ir import Piece
from .fault import Fault, Unplaced
from .filters import FILTERS, METHODS, TESTS, Call
from .values import (
    Absent,
    Items,
    Macro,
    Namespace,
    Table,
    Traced,
    Value,
    View,
    computed,
    figure,
    joined,
    parts_of,
    plain,
    show,
    truth,
    weight,
)
from .wording import describe, forbidden, value_error

if TYPE_CHECKING:
    from ..ir import Origin
    from .fault import Meter

_MOST_BITS: Final = 4096
_MOST_RANGE: Final = 10_000
_MOST_ITEMS: Final = 100_000
_MOST_DEPTH: Final = 10
_COLLECTIONS: Final = frozenset({list, tuple, dict})

_COMPARE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda a, b: a in b,
    "notin": lambda a, b: a not in b,
}
_ARITHMETIC: Final[dict[type, Callable[[Any, Any], Any]]] = {
    nodes.Sub: operator.sub,
    nodes.Div: operator.truediv,
    nodes.FloorDiv: operator.floordiv,
    nodes.Mod: operator.mod,
}

Handler = Callable[[Any, Any], Any]


class Expressions:
    """The state of one run, and the value of any expression in it.

    `scope` gives the names that exist outside of the template, `frames` those that it sets.
    `origin_of` says where characters of the template itself were written.
    """

    def __init__(
        self,
        scope: Mapping[str, Callable[[], Value]],
        meter: Meter,
        origin_of: Callable[[int, int], Origin],
    ) -> None:
        self.scope = scope
        self.meter = meter
        self.origin_of = origin_of
        self.frames: tuple[dict[str, Any], ...] = ({},)

    def value(self, node: nodes.Node) -> Any:
        """Evaluate an expression."""
        self.meter.step(node.lineno)
        handler = self._HANDLERS.get(type(node))
        if handler is None:
            raise forbidden(node)
        try:
            result = handler(self, node)
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise Fault(
                c.TEMPLATE_VALUE, value_error(error), node.lineno, node.lineno + 1
            ) from error
        if type(result) in _COLLECTIONS:
            result = self._weighed(result, node)
        # Whatever is done with a value costs at least as much as there is of it.
        self.meter.step(node.lineno, weight(result))
        return result

    def _weighed(self, value: Any, node: nodes.Node) -> Items | Table:
        """Give a list or map its weight, so that lists of lists cannot grow unseen."""
        children = [
            self._weighed(child, node) if type(child) in _COLLECTIONS else child
            for child in ([*value.values()] if isinstance(value, dict) else value)
        ]
        total = 1 + sum(1 + weight(child) for child in children)
        depth = 1 + max((getattr(child, "depth", 0) for child in children), default=0)
        if total > _MOST_ITEMS or depth > _MOST_DEPTH:
            message = "a list of too many items"
            raise Fault(
                c.TEMPLATE_LIMIT, message, node.lineno, node.lineno + 1, f"at most {_MOST_ITEMS:,}"
            )
        weighed: Items | Table = Items(children)
        if isinstance(value, dict):
            weighed = Table(zip(value, children, strict=True))
        weighed.weight, weighed.depth = total, depth
        return weighed

    def _name(self, node: nodes.Name) -> Any:
        return self._lookup(node.name, node)

    def _lookup(self, name: str, node: nodes.Node) -> Any:
        for frame in reversed(self.frames):
            if name in frame:
                return frame[name]
        if name in self.scope:
            return self.scope[name]()
        raise Fault(c.UNKNOWN_NAME, f"unknown name `{name}`", node.lineno, node.lineno + len(name))

    def _getattr(self, node: nodes.Getattr) -> Any:
        return self.member(self.value(node.node), node.attr, node.lineno + 1)

    def _getitem(self, node: nodes.Getitem) -> Any:
        owner = self.value(node.node)
        if isinstance(node.arg, nodes.Slice):
            return self._slice(owner, node.arg)
        key = plain(self.value(node.arg))
        if isinstance(owner, View | Absent | Namespace) and isinstance(key, str):
            return self.member(owner, key, node.lineno)
        if isinstance(owner, Traced) and isinstance(key, int):
            return computed(owner.text[key], [owner])
        if isinstance(owner, dict) and isinstance(key, str | int | float | bool | None):
            if key not in owner:
                raise Fault(c.UNKNOWN_FIELD, f"unknown field `{key}`", node.lineno, node.lineno + 1)
            return owner[key]
        if isinstance(owner, str | list | tuple) and isinstance(key, int):
            return owner[key]
        raise Fault(
            c.TEMPLATE_VALUE, f"{describe(owner)} has no `[…]`", node.lineno, node.lineno + 1
        )

    def _slice(self, owner: Any, node: nodes.Slice) -> Any:
        ends = (
            None if each is None else plain(self.value(each))
            for each in (node.start, node.stop, node.step)
        )
        window = slice(*ends)
        if isinstance(owner, Traced):
            return computed(owner.text[window], [owner])
        if isinstance(owner, str | list | tuple):
            return owner[window]
        raise Fault(
            c.TEMPLATE_VALUE, f"{describe(owner)} cannot be sliced", node.lineno, node.lineno + 1
        )

    def member(self, owner: Any, name: str, at: int) -> Any:
        """Return a field of a value, from its table and from nowhere else."""
        if isinstance(owner, View):
            if name in owner.fields:
                try:
                    return owner.fields[name]()
                except Unplaced as fault:
                    raise fault.at(at, at + len(name)) from fault
            raise Fault(c.UNKNOWN_FIELD, f"{owner.what} has no `{name}`", at, at + len(name))
        if isinstance(owner, Namespace) and name in owner.values:
            return owner.values[name]
        if isinstance(owner, dict) and name in owner:
            return owner[name]
        raise Fault(
            c.UNKNOWN_FIELD,
            f"{describe(owner)} has no `{name}`",
            at,
            at + len(name),
            "what can be read are fields of characters, the persona, the group and the scenario",
        )

    def items_of(self, value: Any, at: int) -> list[Any]:
        """Return what a loop runs over."""
        match value:
            case list() | tuple():
                return list(value)
            case dict():
                return list(value)
            case View() if value.iterates:
                return list(value.fields)
            case Absent() | None:
                return []
            case Traced():
                self.meter.step(at, 2 * len(value.text))
                return list(parts_of(value, value.text))
            case str():
                self.meter.step(at, len(value))
                return list(value)
            case _:
                raise Fault(c.TEMPLATE_VALUE, f"{describe(value)} has no items", at, at + 1)

    def _const(self, node: nodes.Const) -> Any:
        value = node.value
        if not isinstance(value, str) or not value:
            return value
        origin = self.origin_of(node.lineno + 1, node.lineno + 1 + len(value))  # behind the quote
        piece = Piece(text=value, origins=(origin,), exact=origin.span.text == value)
        return Traced(value, (piece,))

    def _data(self, node: nodes.TemplateData) -> Any:
        return node.data

    def _concat(self, node: nodes.Concat) -> Any:
        return self._joined([show(self.value(each)) for each in node.nodes], node)

    def _joined(self, parts: list[Traced | str], node: nodes.Node) -> Traced | str:
        self.meter.text(sum(len(str(part)) for part in parts), node.lineno)
        return joined(parts, "")

    def _list(self, node: nodes.List | nodes.Tuple) -> list[Any]:
        return [self.value(each) for each in node.items]

    def _dict(self, node: nodes.Dict) -> dict[Any, Any]:
        return {plain(self.value(pair.key)): self.value(pair.value) for pair in node.items}

    def _and(self, node: nodes.And) -> Any:
        left = self.value(node.left)
        return self.value(node.right) if truth(left) else left

    def _or(self, node: nodes.Or) -> Any:
        left = self.value(node.left)
        return left if truth(left) else self.value(node.right)

    def _not(self, node: nodes.Not) -> bool:
        return not truth(self.value(node.node))

    def _condition(self, node: nodes.CondExpr) -> Any:
        if truth(self.value(node.test)):
            return self.value(node.expr1)
        return self.value(node.expr2) if node.expr2 is not None else ""

    def _compare(self, node: nodes.Compare) -> bool:
        left = plain(self.value(node.expr))
        for operand in node.ops:
            value = self.value(operand.expr)
            right = (
                list(value.fields) if isinstance(value, View) and value.iterates else plain(value)
            )
            if not _COMPARE[operand.op](left, right):
                return False
            left = right
        return True

    def _add(self, node: nodes.Add) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, str | Traced) and isinstance(right, str | Traced):
            return self._joined([left, right], node)
        if isinstance(left, list) and isinstance(right, list):
            self.meter.step(node.lineno, len(left) + len(right))
        total = operator.add(_number_or_list(left), _number_or_list(right))
        return figure(_bounded(total, node), left, right)

    def _mul(self, node: nodes.Mul) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(right, str | Traced):
            left, right = right, left
        if isinstance(left, str | Traced):
            times = plain(right)
            if not isinstance(times, int):
                raise Fault(
                    c.TEMPLATE_VALUE,
                    f"a text times {describe(right)}",
                    node.lineno,
                    node.lineno + 1,
                )
            self.meter.text(len(str(left)) * max(0, times), node.lineno)
            return computed(str(left) * times, [left])
        return figure(_bounded(_number(left) * _number(right), node), left, right)

    def _pow(self, node: nodes.Pow) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        base, exponent = _number(left), _number(right)
        if (
            isinstance(base, int)
            and isinstance(exponent, int)
            and base.bit_length() * abs(exponent) > _MOST_BITS
        ):
            raise Fault(
                c.TEMPLATE_LIMIT, "a number with too many digits", node.lineno, node.lineno + 1
            )
        return figure(_bounded(base**exponent, node), left, right)

    def _arithmetic(self, node: nodes.BinExpr) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        result = _ARITHMETIC[type(node)](_number(left), _number(right))
        return figure(_bounded(result, node), left, right)

    def _negative(self, node: nodes.Neg) -> Any:
        value = self.value(node.node)
        return figure(-_number(value), value)

    def _positive(self, node: nodes.Pos) -> Any:
        return +_number(self.value(node.node))

    def _filter(self, node: nodes.Filter) -> Any:
        if node.node is None:
            raise forbidden(node)
        return self.apply_filter(node.name, self.value(node.node), self._call_of(node))

    def _piped(self, node: nodes.Filter, value: Any) -> Any:
        """Send the output of a block through its filters, the innermost first."""
        if isinstance(node.node, nodes.Filter):
            value = self._piped(node.node, value)
        try:
            return self.apply_filter(node.name, value, self._call_of(node))
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            at = node.lineno
            raise Fault(c.TEMPLATE_VALUE, value_error(error), at, at + 1) from error

    def apply_filter(self, name: str, value: Any, call: Call) -> Any:
        """Apply a filter by name; `map` and `select` come here as well."""
        if name not in FILTERS:
            raise Fault(
                c.TEMPLATE_FORBIDDEN, f"no filter is called `{name}`", call.at, call.at + len(name)
            )
        return FILTERS[name](value, call)

    def _test(self, node: nodes.Test) -> bool:
        return self.apply_test(node.name, self.value(node.node), self._call_of(node))

    def apply_test(self, name: str, value: Any, call: Call) -> bool:
        """Apply a test by name."""
        if name not in TESTS:
            raise Fault(
                c.TEMPLATE_FORBIDDEN, f"no test is called `{name}`", call.at, call.at + len(name)
            )
        return TESTS[name](value, call)

    def _call_of(self, node: nodes.Filter | nodes.Test | nodes.Call) -> Call:
        if node.dyn_args is not None or node.dyn_kwargs is not None:
            raise forbidden(node)
        return Call(
            evaluation=self,
            at=node.lineno,
            args=[self.value(arg) for arg in node.args],
            kwargs={str(pair.key): self.value(pair.value) for pair in node.kwargs},
        )

    def _call(self, node: nodes.Call) -> Any:
        target = node.node
        if isinstance(target, nodes.Getattr):
            return self._method(target, node)
        if isinstance(target, nodes.Name):
            found = next(
                (frame[target.name] for frame in reversed(self.frames) if target.name in frame),
                None,
            )
            if isinstance(found, Macro):
                return found.run(self._call_of(node))
            if found is None and target.name == "range":
                return self._range(self._call_of(node))
            if found is None and target.name == "namespace":
                return Namespace(dict(self._call_of(node).kwargs))
        raise forbidden(node)

    def _method(self, target: nodes.Getattr, node: nodes.Call) -> Any:
        owner = self.value(target.node)
        if isinstance(owner, View) and owner.what == "loop" and target.attr == "cycle":
            call = self._call_of(node)
            index = owner.fields["index0"]()
            return call.args[int(index) % len(call.args)] if call.args else ""
        if (target.attr in METHODS and isinstance(owner, str | Traced | dict)) or (
            isinstance(owner, View)
            and owner.iterates
            and target.attr in ("items", "keys", "values")
        ):
            return METHODS[target.attr](owner, self._call_of(node))
        raise Fault(
            c.TEMPLATE_FORBIDDEN,
            f"`{target.attr}` cannot be called",
            target.lineno + 1,
            target.lineno + 1 + len(target.attr),
            f"methods of texts are {', '.join(f'`{name}`' for name in METHODS)}",
        )

    def _range(self, call: Call) -> list[int]:
        numbers = range(*[int(plain(arg)) for arg in call.args])
        if len(numbers) > _MOST_RANGE:
            message = f"a range of {len(numbers):,} numbers"
            raise Fault(c.TEMPLATE_LIMIT, message, call.at, call.at + 1, f"at most {_MOST_RANGE:,}")
        self.meter.step(call.at, len(numbers))
        return list(numbers)

    _HANDLERS: ClassVar[dict[type, Handler]] = {
        nodes.Name: _name,
        nodes.Getattr: _getattr,
        nodes.Getitem: _getitem,
        nodes.Const: _const,
        nodes.TemplateData: _data,
        nodes.Concat: _concat,
        nodes.List: _list,
        nodes.Tuple: _list,
        nodes.Dict: _dict,
        nodes.And: _and,
        nodes.Or: _or,
        nodes.Not: _not,
        nodes.CondExpr: _condition,
        nodes.Compare: _compare,
        nodes.Add: _add,
        nodes.Mul: _mul,
        nodes.Pow: _pow,
        nodes.Sub: _arithmetic,
        nodes.Div: _arithmetic,
        nodes.FloorDiv: _arithmetic,
        nodes.Mod: _arithmetic,
        nodes.Neg: _negative,
        nodes.Pos: _positive,
        nodes.Filter: _filter,
        nodes.Test: _test,
        nodes.Call: _call,
    }


def _number(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"{describe(value)} where a number is wanted"
        raise TypeError(message)
    return value


def _number_or_list(value: Any) -> Any:
    return value if isinstance(value, list) else _number(value)


def _bounded(value: Any, node: nodes.Node) -> Any:
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise Fault(c.TEMPLATE_LIMIT, "a number with too many digits", node.lineno, node.lineno + 1)
    if isinstance(value, complex):
        raise Fault(c.TEMPLATE_VALUE, "the root of a negative number", node.lineno, node.lineno + 1)
    return value
