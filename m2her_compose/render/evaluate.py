"""Evaluate a parsed template, step by step, counting.

Jinja2 compiles templates to Python and runs them, where a sandbox has to find every way out. This
evaluator has no way out: a node either is in the table below or is refused, an attribute is
a field of ours or does not exist, and each step and each character is counted before it is made.
It also is what traces a message: a value keeps its origins from the file to the output.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes

from ..diagnostics import codes as c
from ..ir import Piece
from .fault import Fault, Meter, Unplaced
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
    as_pieces,
    computed,
    joined,
    plain,
    show,
    truth,
    weight,
)

if TYPE_CHECKING:
    from ..ir import Origin

_MOST_BITS: Final = 4096
_MOST_RANGE: Final = 10_000
_MOST_CALLS: Final = 20
_MOST_ITEMS: Final = 100_000
_MOST_DEPTH: Final = 10
_COLLECTIONS: Final = frozenset({list, tuple, dict})
_MISSING: Final = object()

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


class Evaluation:
    """One run of one template.

    `scope` gives the names that exist outside of the template. `origin_of` says where
    characters of the template itself were written.
    """

    def __init__(
        self,
        scope: Mapping[str, Callable[[], Value]],
        meter: Meter,
        origin_of: Callable[[int, int], Origin],
        length: int,
    ) -> None:
        self.scope = scope
        self.meter = meter
        self.origin_of = origin_of
        self.length = length
        self.frames: tuple[dict[str, Any], ...] = ({},)
        self.out: list[Piece] = []
        self.calls = 0

    def run(self, tree: nodes.Template) -> tuple[Piece, ...]:
        """Evaluate a template and return the pieces of its output. Raises `Fault`."""
        self._body(tree.body)
        return tuple(self.out)

    # --- statements

    def _body(self, body: list[nodes.Node]) -> None:
        for node in body:
            self.meter.step(node.lineno)
            handler = _STATEMENTS.get(type(node))
            if handler is None:
                raise forbidden(node)
            handler(self, node)

    def _output(self, node: nodes.Output) -> None:
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                self._emit(self._literal(child))
            else:
                value = show(self.value(child))
                at = child.lineno
                self.meter.text(len(str(value)), at)
                self._emit(self._with_origin(value, at))

    def _with_origin(self, value: Traced | str, at: int) -> tuple[Piece, ...]:
        """Return a value's pieces; what no author wrote was made by the expression at `at`."""
        pieces = as_pieces(value)
        if all(piece.origins for piece in pieces):
            return pieces
        origin = (self.origin_of(at, at + 1),)
        return tuple(
            piece
            if piece.origins
            else Piece(text=piece.text, origins=origin, exact=False, audience=piece.audience)
            for piece in pieces
        )

    def _literal(self, node: nodes.TemplateData) -> tuple[Piece, ...]:
        at = node.lineno
        self.meter.text(len(node.data), at)
        origin = self.origin_of(at, at + len(node.data))
        return (Piece(text=node.data, origins=(origin,), exact=True),)

    def _emit(self, pieces: tuple[Piece, ...]) -> None:
        self.meter.step(0, 5 * len(pieces))
        self.out.extend(pieces)

    def _captured(self, body: list[nodes.Node]) -> Traced:
        """Evaluate a body and return its output as a value."""
        before, self.out = self.out, []
        try:
            self._body(body)
            pieces = tuple(self.out)
        finally:
            self.out = before
        return Traced("".join(piece.text for piece in pieces), pieces)

    def _scoped(self, names: dict[str, Any], body: list[nodes.Node]) -> None:
        before = self.frames
        self.frames = (*before, names)
        try:
            self._body(body)
        finally:
            self.frames = before

    def _if(self, node: nodes.If) -> None:
        for branch in (node, *node.elif_):
            if truth(self.value(branch.test)):
                self._body(branch.body)
                return
        self._body(node.else_)

    def _for(self, node: nodes.For) -> None:
        if node.recursive:
            raise forbidden(node)
        items = self.items_of(self.value(node.iter), node.lineno)
        if node.test is not None:
            items = [item for item in items if self._passes(node, item)]
        if not items:
            self._body(node.else_)
        previous: Any = _MISSING
        for i, item in enumerate(items):
            self.meter.step(node.lineno)
            names: dict[str, Any] = {"loop": self._loop(items, i, previous)}
            self._assign(node.target, item, names)
            self._scoped(names, node.body)
            previous = item

    def _passes(self, node: nodes.For, item: Any) -> bool:
        names: dict[str, Any] = {}
        self._assign(node.target, item, names)
        before = self.frames
        self.frames = (*before, names)
        try:
            return truth(self.value(node.test))  # type: ignore[arg-type]
        finally:
            self.frames = before

    def _loop(self, items: list[Any], i: int, previous: Any) -> View:
        count = len(items)
        fields: dict[str, Callable[[], Value]] = {
            "index": lambda: i + 1,
            "index0": lambda: i,
            "revindex": lambda: count - i,
            "revindex0": lambda: count - i - 1,
            "first": lambda: i == 0,
            "last": lambda: i == count - 1,
            "length": lambda: count,
            "previtem": lambda: Absent("previtem") if previous is _MISSING else previous,
            "nextitem": lambda: items[i + 1] if i + 1 < count else Absent("nextitem"),
        }
        return View("loop", fields)

    def _set(self, node: nodes.Assign) -> None:
        self._assign(node.target, self.value(node.node), self.frames[-1])

    def _set_block(self, node: nodes.AssignBlock) -> None:
        value: Any = self._captured(node.body)
        if node.filter is not None:
            value = self._piped(node.filter, value)
        self._assign(node.target, value, self.frames[-1])

    def _assign(self, target: nodes.Node, value: Any, names: dict[str, Any]) -> None:
        if isinstance(target, nodes.Name):
            names[target.name] = value
        elif isinstance(target, nodes.NSRef):
            space = self._lookup(target.name, target)
            if not isinstance(space, Namespace):
                raise Fault(
                    c.TEMPLATE_VALUE,
                    f"`{target.name}` is no namespace",
                    target.lineno,
                    target.lineno + len(target.name),
                )
            space.values[target.attr] = value
        elif isinstance(target, nodes.Tuple):
            items = self.items_of(value, target.lineno)
            if len(items) != len(target.items):
                message = f"{len(target.items)} names for {len(items)} values"
                raise Fault(c.TEMPLATE_VALUE, message, target.lineno, target.lineno + 1)
            for each, item in zip(target.items, items, strict=True):
                self._assign(each, item, names)
        else:
            raise forbidden(target)

    def _with(self, node: nodes.With) -> None:
        names: dict[str, Any] = {}
        for target, expression in zip(node.targets, node.values, strict=True):
            self._assign(target, self.value(expression), names)
        self._scoped(names, node.body)

    def _filter_block(self, node: nodes.FilterBlock) -> None:
        value = show(self._piped(node.filter, self._captured(node.body)))
        self._emit(self._with_origin(value, node.lineno))

    def _macro(self, node: nodes.Macro) -> None:
        self.frames[-1][node.name] = Macro(node, self.frames)

    # --- expressions

    def value(self, node: nodes.Node) -> Any:
        """Evaluate an expression."""
        self.meter.step(node.lineno)
        handler = _EXPRESSIONS.get(type(node))
        if handler is None:
            raise forbidden(node)
        try:
            result = handler(self, node)
        except (TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise Fault(
                c.TEMPLATE_VALUE, _value_error(error), node.lineno, node.lineno + 1
            ) from error
        if type(result) in _COLLECTIONS:
            result = self._weighed(result, node)
        # Whatever is done with a value costs at least as much as there is of it.
        self.meter.step(node.lineno, weight(result))
        return result

    def _weighed(self, value: Any, node: nodes.Node) -> Items | Table:
        """Give a list or map its weight, so that lists of lists cannot grow unseen."""
        children = [*value, *value.values()] if isinstance(value, dict) else value
        total = 1 + sum(1 + weight(child) for child in children)
        depth = 1 + max((getattr(child, "depth", 0) for child in children), default=0)
        if total > _MOST_ITEMS or depth > _MOST_DEPTH:
            message = "a list of too many items"
            raise Fault(
                c.TEMPLATE_LIMIT, message, node.lineno, node.lineno + 1, f"at most {_MOST_ITEMS:,}"
            )
        weighed = Table(value) if isinstance(value, dict) else Items(value)
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
            "only the fields of characters, the persona, the group, the scenario and `vars` can be read",
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
                self.meter.step(at, len(value.text))
                return [computed(char, [value]) for char in value.text]
            case str():
                self.meter.step(at, len(value))
                return list(value)
            case _:
                raise Fault(c.TEMPLATE_VALUE, f"{describe(value)} has no items", at, at + 1)

    def _const(self, node: nodes.Const) -> Any:
        return node.value

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
        return _bounded(operator.add(_number_or_list(left), _number_or_list(right)), node)

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
        return _bounded(_number(left) * _number(right), node)

    def _pow(self, node: nodes.Pow) -> Any:
        base, exponent = _number(self.value(node.left)), _number(self.value(node.right))
        if (
            isinstance(base, int)
            and isinstance(exponent, int)
            and base.bit_length() * abs(exponent) > _MOST_BITS
        ):
            raise Fault(
                c.TEMPLATE_LIMIT, "a number with too many digits", node.lineno, node.lineno + 1
            )
        return _bounded(base**exponent, node)

    def _arithmetic(self, node: nodes.BinExpr) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        return _bounded(_ARITHMETIC[type(node)](_number(left), _number(right)), node)

    def _negative(self, node: nodes.Neg) -> Any:
        return -_number(self.value(node.node))

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
        return self.apply_filter(node.name, value, self._call_of(node))

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
            kwargs={pair.key: self.value(pair.value) for pair in node.kwargs},
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
                return self._call_macro(found, self._call_of(node))
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
            return call.args[int(index) % len(call.args)] if call.args else ""  # type: ignore[call-overload]
        if (
            (target.attr in METHODS
            and isinstance(owner, str | Traced | dict))
            or (
                isinstance(owner, View)
                and owner.iterates
                and target.attr in ("items", "keys", "values")
            )
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

    def _call_macro(self, macro: Macro, call: Call) -> Traced:
        if self.calls >= _MOST_CALLS:
            raise Fault(
                c.TEMPLATE_LIMIT,
                f"macros call each other more than {_MOST_CALLS} deep",
                call.at,
                call.at + 1,
            )
        names = self._bind_arguments(macro, call)
        before = self.frames
        self.frames = (*macro.frames, names)
        self.calls += 1
        try:
            return self._captured(macro.node.body)
        finally:
            self.calls -= 1
            self.frames = before

    def _bind_arguments(self, macro: Macro, call: Call) -> dict[str, Any]:
        parameters = [arg.name for arg in macro.node.args]
        defaults = dict(
            zip(
                parameters[len(parameters) - len(macro.node.defaults) :],
                macro.node.defaults,
                strict=True,
            )
        )
        names = dict(zip(parameters, call.args, strict=False))
        names.update({key: value for key, value in call.kwargs.items() if key in parameters})
        unknown = [key for key in call.kwargs if key not in parameters]
        if unknown or len(call.args) > len(parameters):
            message = f"`{macro.node.name}` takes {', '.join(parameters) or 'nothing'}"
            raise Fault(c.TEMPLATE_VALUE, message, call.at, call.at + 1)
        for parameter in parameters:
            if parameter not in names:
                default = defaults.get(parameter)
                names[parameter] = Absent(parameter) if default is None else self.value(default)
        return names


def forbidden(node: nodes.Node) -> Fault:
    """Return the fault of a construct that templates do not have."""
    words = {
        nodes.Include: "`include`",
        nodes.Import: "`import`",
        nodes.FromImport: "`from … import`",
        nodes.Extends: "`extends`",
        nodes.Block: "`block`",
        nodes.CallBlock: "`call`",
        nodes.ScopedEvalContextModifier: "`autoescape`",
        nodes.Call: "this call",
        nodes.For: "a recursive loop",
    }
    what = words.get(type(node), f"`{type(node).__name__.lower()}`")
    return Fault(
        c.TEMPLATE_FORBIDDEN,
        f"templates have no {what.removeprefix('this ')}"
        if what != "this call"
        else "this cannot be called",
        node.lineno,
        node.lineno + 1,
        "templates read fields and variables, and have `if`, `for`, `set`, `with`, `macro` and filters",
    )


def describe(value: Any) -> str:
    """Say in a word or two what a value is."""
    match value:
        case View():
            return value.what
        case Traced() | str():
            return "a text"
        case bool():
            return "a truth value"
        case int() | float():
            return "a number"
        case list() | tuple():
            return "a list"
        case dict():
            return "a map"
        case Absent() | None:
            return "nothing"
        case _:
            return "this"


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


def _value_error(error: Exception) -> str:
    if isinstance(error, ZeroDivisionError):
        return "a division by zero"
    words = str(error).replace("'", "`").removesuffix(".")
    return words[:1].lower() + words[1:160] if words else "a value that cannot be used here"


_Handler = Callable[[Evaluation, Any], Any]
_STATEMENTS: Final[dict[type, _Handler]] = {
    nodes.Output: Evaluation._output,  # noqa: SLF001 - the table belongs to the class
    nodes.If: Evaluation._if,  # noqa: SLF001
    nodes.For: Evaluation._for,  # noqa: SLF001
    nodes.Assign: Evaluation._set,  # noqa: SLF001
    nodes.AssignBlock: Evaluation._set_block,  # noqa: SLF001
    nodes.With: Evaluation._with,  # noqa: SLF001
    nodes.FilterBlock: Evaluation._filter_block,  # noqa: SLF001
    nodes.Macro: Evaluation._macro,  # noqa: SLF001
}
_EXPRESSIONS: Final[dict[type, _Handler]] = {
    nodes.Name: Evaluation._name,  # noqa: SLF001
    nodes.Getattr: Evaluation._getattr,  # noqa: SLF001
    nodes.Getitem: Evaluation._getitem,  # noqa: SLF001
    nodes.Const: Evaluation._const,  # noqa: SLF001
    nodes.TemplateData: Evaluation._data,  # noqa: SLF001
    nodes.Concat: Evaluation._concat,  # noqa: SLF001
    nodes.List: Evaluation._list,  # noqa: SLF001
    nodes.Tuple: Evaluation._list,  # noqa: SLF001
    nodes.Dict: Evaluation._dict,  # noqa: SLF001
    nodes.And: Evaluation._and,  # noqa: SLF001
    nodes.Or: Evaluation._or,  # noqa: SLF001
    nodes.Not: Evaluation._not,  # noqa: SLF001
    nodes.CondExpr: Evaluation._condition,  # noqa: SLF001
    nodes.Compare: Evaluation._compare,  # noqa: SLF001
    nodes.Add: Evaluation._add,  # noqa: SLF001
    nodes.Mul: Evaluation._mul,  # noqa: SLF001
    nodes.Pow: Evaluation._pow,  # noqa: SLF001
    nodes.Sub: Evaluation._arithmetic,  # noqa: SLF001
    nodes.Div: Evaluation._arithmetic,  # noqa: SLF001
    nodes.FloorDiv: Evaluation._arithmetic,  # noqa: SLF001
    nodes.Mod: Evaluation._arithmetic,  # noqa: SLF001
    nodes.Neg: Evaluation._negative,  # noqa: SLF001
    nodes.Pos: Evaluation._positive,  # noqa: SLF001
    nodes.Filter: Evaluation._filter,  # noqa: SLF001
    nodes.Test: Evaluation._test,  # noqa: SLF001
    nodes.Call: Evaluation._call,  # noqa: SLF001
}
