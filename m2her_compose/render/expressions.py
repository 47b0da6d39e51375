"""Make code of the expressions of a template: names, fields, operators, filters, tests, calls.

Each node of a tree becomes one function that takes the run (`evaluate.Evaluation`) and gives the
node's value: what a node is, and which nodes it has, is looked at once, and not at each step. A
node is in the table of makers, or its code refuses it.
"""

from __future__ import annotations

import operator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes

from ..diagnostics import codes as c
from .fault import Fault
from .filters import FILTERS, METHODS, Call
from .operators import add, bounded, concatenated, multiply, number, raise_to
from .values import (
    WEIGHTLESS,
    Absent,
    Macro,
    Namespace,
    Traced,
    View,
    computed,
    figure,
    plain,
    show,
    truth,
)
from .wording import describe, forbidden, value_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .evaluate import Code, Evaluation

_MOST_RANGE: Final = 10_000
# What Python raises at values that do not suit an operator, a filter or a test.
_REFUSALS: Final = (TypeError, ValueError, ArithmeticError, LookupError)

_COMPARE: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda a, b: a in b,
    "notin": lambda a, b: a not in b,
}


def code_of(node: nodes.Node) -> Code:
    """Return the code of an expression: it counts its steps, and raises `Fault`."""
    at = place_of(node)
    if isinstance(node, nodes.Const):
        return _const(node, at)
    if isinstance(node, nodes.Name):
        return _name(node, at)
    maker = _MAKERS.get(type(node))
    make = maker(node) if maker is not None else refusing(node)

    def code(run: Evaluation) -> Any:
        meter = run.meter
        meter.steps -= 1
        if meter.steps < 0:
            meter.stop(at)
        try:
            value = make(run)
        except _REFUSALS as error:
            raise Fault(c.TEMPLATE_VALUE, value_error(error), at, at + 1) from error
        return value if type(value) in WEIGHTLESS else run.measured(value, at)

    return code


def place_of(node: nodes.Node) -> int:
    """Return the offset of a node; the parser makes some without one."""
    return node.lineno or 0


def refusing(node: nodes.Node) -> Code:
    """Return the code of what templates do not have: it is refused when it is come upon."""

    def code(_: Evaluation) -> Any:
        raise forbidden(node)

    return code


# --- constants, names and fields


def _const(node: nodes.Const, at: int) -> Code:
    value = node.value
    if not isinstance(value, str) or not value:

        def bare(run: Evaluation) -> Any:
            run.meter.step(at)
            return value

        return bare
    steps = 1 + _weight_of_constant(value)

    def code(run: Evaluation) -> Traced:
        run.meter.step(at, steps)
        return run.written.constant(at, value)

    return code


def _weight_of_constant(value: str) -> int:
    """Return the weight of a text of one piece with one origin (`values.weight`)."""
    return 2 + (len(value) >> 6)


def _name(node: nodes.Name, at: int) -> Code:
    name = node.name

    def code(run: Evaluation) -> Any:
        meter = run.meter
        meter.steps -= 1
        if meter.steps < 0:
            meter.stop(at)
        value = run.lookup(name, at)
        return value if type(value) in WEIGHTLESS else run.measured(value, at)

    return code


def _getattr(node: nodes.Getattr) -> Code:
    owner, name, at = code_of(node.node), node.attr, place_of(node) + 1
    return lambda run: run.member(owner(run), name, at)


def _getitem(node: nodes.Getitem) -> Code:
    owner_of, at = code_of(node.node), place_of(node)
    if isinstance(node.arg, nodes.Slice):
        return _slice(owner_of, node.arg)
    key_of = code_of(node.arg)

    def make(run: Evaluation) -> Any:
        owner = owner_of(run)
        key = plain(key_of(run))
        if isinstance(owner, View | Absent | Namespace) and isinstance(key, str):
            return run.member(owner, key, at)
        if isinstance(owner, Traced) and isinstance(key, int):
            return computed(owner.text[key], [owner])
        if isinstance(owner, dict) and isinstance(key, str | int | float | bool | None):
            if key not in owner:
                raise Fault(c.UNKNOWN_FIELD, f"unknown field `{key}`", at, at + 1)
            return owner[key]
        if isinstance(owner, str | list | tuple) and isinstance(key, int):
            return owner[key]
        raise Fault(c.TEMPLATE_VALUE, f"{describe(owner)} has no `[…]`", at, at + 1)

    return make


def _slice(owner_of: Code, node: nodes.Slice) -> Code:
    at = place_of(node)
    ends_of = [
        None if each is None else code_of(each) for each in (node.start, node.stop, node.step)
    ]

    def make(run: Evaluation) -> Any:
        owner = owner_of(run)
        window = slice(*[None if end_of is None else plain(end_of(run)) for end_of in ends_of])
        if isinstance(owner, Traced):
            return computed(owner.text[window], [owner])
        if isinstance(owner, str | list | tuple):
            return owner[window]
        raise Fault(c.TEMPLATE_VALUE, f"{describe(owner)} cannot be sliced", at, at + 1)

    return make


# --- lists and maps


def _list(node: nodes.List | nodes.Tuple) -> Code:
    codes = [code_of(each) for each in node.items]
    return lambda run: [code(run) for code in codes]


def _dict(node: nodes.Dict) -> Code:
    pairs = [(code_of(pair.key), code_of(pair.value)) for pair in node.items]
    return lambda run: {plain(key(run)): value(run) for key, value in pairs}


# --- conditions


def _and(node: nodes.And) -> Code:
    left_of, right_of = code_of(node.left), code_of(node.right)

    def make(run: Evaluation) -> Any:
        left = left_of(run)
        return right_of(run) if truth(left) else left

    return make


def _or(node: nodes.Or) -> Code:
    left_of, right_of = code_of(node.left), code_of(node.right)

    def make(run: Evaluation) -> Any:
        left = left_of(run)
        return left if truth(left) else right_of(run)

    return make


def _not(node: nodes.Not) -> Code:
    code = code_of(node.node)
    return lambda run: not truth(code(run))


def _condition(node: nodes.CondExpr) -> Code:
    test, chosen = code_of(node.test), code_of(node.expr1)
    otherwise = code_of(node.expr2) if node.expr2 is not None else None

    def make(run: Evaluation) -> Any:
        if truth(test(run)):
            return chosen(run)
        return otherwise(run) if otherwise is not None else ""

    return make


def _compare(node: nodes.Compare) -> Code:
    first = code_of(node.expr)
    rest = [(_COMPARE[operand.op], code_of(operand.expr)) for operand in node.ops]

    def make(run: Evaluation) -> bool:
        left = plain(first(run))
        for holds, code in rest:
            value = code(run)
            right = (
                list(value.names) if isinstance(value, View) and value.iterates else plain(value)
            )
            if not holds(left, right):
                return False
            left = right
        return True

    return make


# --- operators


def _concat(node: nodes.Concat) -> Code:
    codes, at = [code_of(each) for each in node.nodes], place_of(node)
    return lambda run: concatenated(run, [show(code(run)) for code in codes], at)


def _binary(
    compute: Callable[[Evaluation, Any, Any, int], Any],
) -> Callable[[nodes.BinExpr], Code]:
    """Return what makes code of an operator between two values."""

    def maker(node: nodes.BinExpr) -> Code:
        left_of, right_of, at = code_of(node.left), code_of(node.right), place_of(node)

        def make(run: Evaluation) -> Any:
            left = left_of(run)
            return compute(run, left, right_of(run), at)

        return make

    return maker


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[nodes.BinExpr], Code]:
    return _binary(
        lambda _, left, right, at: figure(
            bounded(compute(number(left), number(right)), at), left, right
        )
    )


def _negative(node: nodes.Neg) -> Code:
    code = code_of(node.node)

    def make(run: Evaluation) -> Any:
        value = code(run)
        return figure(-number(value), value)

    return make


def _positive(node: nodes.Pos) -> Code:
    code = code_of(node.node)
    return lambda run: +number(code(run))


# --- filters, tests, calls


def _filter(node: nodes.Filter) -> Code:
    if node.node is None:
        return refusing(node)
    return _applied(node, code_of(node.node))


def _applied(node: nodes.Filter, code: Code) -> Code:
    name, call_of, known = node.name, calling(node), FILTERS.get(node.name)

    def make(run: Evaluation) -> Any:
        value = code(run)
        call = call_of(run)
        return run.apply_filter(name, value, call) if known is None else known(value, call)

    return make


def piping(node: nodes.Filter) -> Callable[[Evaluation, Any], Any]:
    """Return what sends the output of a block through its filters, the innermost first."""
    name, at, call_of = node.name, place_of(node), calling(node)
    before = piping(node.node) if isinstance(node.node, nodes.Filter) else None

    def pipe(run: Evaluation, value: Any) -> Any:
        if before is not None:
            value = before(run, value)
        try:
            return run.apply_filter(name, value, call_of(run))
        except _REFUSALS as error:
            raise Fault(c.TEMPLATE_VALUE, value_error(error), at, at + 1) from error

    return pipe


def _test(node: nodes.Test) -> Code:
    code, name, call_of = code_of(node.node), node.name, calling(node)

    def make(run: Evaluation) -> bool:
        value = code(run)
        return run.apply_test(name, value, call_of(run))

    return make


def calling(node: nodes.Filter | nodes.Test | nodes.Call) -> Callable[[Evaluation], Call]:
    """Return what works out the arguments of a call."""
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        return refusing(node)
    at = place_of(node)
    args = [code_of(arg) for arg in node.args]
    kwargs = [(str(pair.key), code_of(pair.value)) for pair in node.kwargs]

    def call_of(run: Evaluation) -> Call:
        return Call(
            evaluation=run,
            at=at,
            args=[code(run) for code in args] if args else [],
            kwargs={name: code(run) for name, code in kwargs} if kwargs else {},
        )

    return call_of


def _call(node: nodes.Call) -> Code:
    if isinstance(node.node, nodes.Getattr):
        return _method(node.node, node)
    if isinstance(node.node, nodes.Name):
        return _function(node.node.name, node)
    return refusing(node)


def _function(name: str, node: nodes.Call) -> Code:
    call_of = calling(node)

    def make(run: Evaluation) -> Any:
        found = next((frame[name] for frame in run.frames if name in frame), None)
        if isinstance(found, Macro):
            return found.run(run, call_of(run))
        if found is None and name == "range":
            return _range(run, call_of(run))
        if found is None and name == "namespace":
            return Namespace(dict(call_of(run).kwargs))
        raise forbidden(node)

    return make


def _method(target: nodes.Getattr, node: nodes.Call) -> Code:
    owner_of, name, at, call_of = code_of(target.node), target.attr, place_of(target), calling(node)

    def make(run: Evaluation) -> Any:
        owner = owner_of(run)
        if isinstance(owner, View) and owner.what == "loop" and name == "cycle":
            call = call_of(run)
            index = owner.read("index0")
            return call.args[int(index) % len(call.args)] if call.args else ""
        if (name in METHODS and isinstance(owner, str | Traced | dict)) or (
            isinstance(owner, View) and owner.iterates and name in ("items", "keys", "values")
        ):
            return METHODS[name](owner, call_of(run))
        raise Fault(
            c.TEMPLATE_FORBIDDEN,
            f"`{name}` cannot be called",
            at + 1,
            at + 1 + len(name),
            f"methods of texts are {', '.join(f'`{each}`' for each in METHODS)}",
        )

    return make


def _range(run: Evaluation, call: Call) -> list[int]:
    numbers = range(*[int(plain(arg)) for arg in call.args])
    if len(numbers) > _MOST_RANGE:
        message = f"a range of {len(numbers):,} numbers"
        raise Fault(c.TEMPLATE_LIMIT, message, call.at, call.at + 1, f"at most {_MOST_RANGE:,}")
    run.meter.step(call.at, len(numbers))
    return list(numbers)


def _data(node: nodes.TemplateData) -> Code:
    data = node.data
    return lambda _: data


_MAKERS: Final[Mapping[type, Callable[[Any], Code]]] = MappingProxyType(
    {
        nodes.Getattr: _getattr,
        nodes.Getitem: _getitem,
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
        nodes.Add: _binary(add),
        nodes.Mul: _binary(multiply),
        nodes.Pow: _binary(raise_to),
        nodes.Sub: _arithmetic(operator.sub),
        nodes.Div: _arithmetic(operator.truediv),
        nodes.FloorDiv: _arithmetic(operator.floordiv),
        nodes.Mod: _arithmetic(operator.mod),
        nodes.Neg: _negative,
        nodes.Pos: _positive,
        nodes.Filter: _filter,
        nodes.Test: _test,
        nodes.Call: _call,
    }
)
