"""Make code of the statements of a template, as `expressions` does of its expressions."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes

from ..diagnostics import codes as c
from .expressions import code_of, piping, place_of, refusing
from .fault import Fault
from .values import Absent, Macro, Namespace, Traced, Value, View, show, truth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .evaluate import Code, Evaluation
    from .filters import Call

    # Gives a value to the names of a target, in a frame.
    Assign = Callable[["Evaluation", Any, dict[str, Any]], None]

_MOST_CALLS: Final = 20
_MISSING: Final = object()
_LOOP: Final = dict.fromkeys(
    (
        *("index", "index0", "revindex", "revindex0", "first", "last", "length"),
        *("previtem", "nextitem"),
    )
)


def body_of(body: list[nodes.Node]) -> Code:
    """Return the code of statements in a row."""
    codes = [(place_of(node), _statement(node)) for node in body]
    if len(codes) == 1:
        ((at, only),) = codes

        def single(run: Evaluation) -> None:
            meter = run.meter
            meter.steps -= 1
            if meter.steps < 0:
                meter.stop(at)
            only(run)

        return single

    def code(run: Evaluation) -> None:
        for at, statement in codes:
            run.meter.step(at)
            statement(run)

    return code


def _statement(node: nodes.Node) -> Code:
    maker = _MAKERS.get(type(node))
    return maker(node) if maker is not None else refusing(node)


# --- output


def _output(node: nodes.Output) -> Code:
    codes = [
        _literal(child) if isinstance(child, nodes.TemplateData) else _printing(child)
        for child in node.nodes
    ]
    if len(codes) == 1:
        return codes[0]

    def code(run: Evaluation) -> None:
        for each in codes:
            each(run)

    return code


def _literal(node: nodes.TemplateData) -> Code:
    text, at = node.data, place_of(node)
    return lambda run: run.literal(text, at)


def _printing(node: nodes.Expr) -> Code:
    value_of, at = code_of(node), place_of(node)
    return lambda run: run.print(value_of(run), at)


def _filter_block(node: nodes.FilterBlock) -> Code:
    pipe, body, at = piping(node.filter), body_of(node.body), place_of(node)

    def code(run: Evaluation) -> None:
        run.emit(show(pipe(run, run.captured(body))), at)

    return code


# --- conditions and loops


def _if(node: nodes.If) -> Code:
    branches = [(code_of(each.test), body_of(each.body)) for each in (node, *node.elif_)]
    otherwise = body_of(node.else_)

    def code(run: Evaluation) -> None:
        for test, body in branches:
            if truth(test(run)):
                body(run)
                return
        otherwise(run)

    return code


def _for(node: nodes.For) -> Code:
    if node.recursive:
        return refusing(node)
    items_in, assign, at = code_of(node.iter), _assigning(node.target), place_of(node)
    test = code_of(node.test) if node.test is not None else None
    body, otherwise = body_of(node.body), body_of(node.else_)
    asks_loop = _asks_loop(node.body)

    def code(run: Evaluation) -> None:
        items = run.items_of(items_in(run), at)
        if test is not None:
            items = [item for item in items if _passes(run, test, assign, item)]
        if not items:
            otherwise(run)
        previous: Any = _MISSING
        for i, item in enumerate(items):
            run.meter.step(at)
            names: dict[str, Any] = {}
            if asks_loop:
                names["loop"] = View("loop", _LOOP, partial(_of_loop, items, i, previous))
            assign(run, item, names)
            run.scoped(names, body)
            previous = item

    return code


def _asks_loop(body: list[nodes.Node]) -> bool:
    """Tell whether a loop's body may read `loop`; few do.

    It does so by naming it, and by calling a macro: a parameter's default may name it.
    """
    return any(
        isinstance(each, nodes.Call) or each.name == "loop"
        for node in body
        for each in _with_inner(node, (nodes.Name, nodes.NSRef, nodes.Call))
    )


def _with_inner(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> list[Any]:
    return [*((node,) if isinstance(node, kinds) else ()), *node.find_all(kinds)]


def _passes(run: Evaluation, test: Code, assign: Assign, item: Any) -> bool:
    names: dict[str, Any] = {}
    assign(run, item, names)
    return truth(run.scoped(names, test))


def _of_loop(items: list[Any], i: int, previous: Any, name: str) -> Value:
    """Return a field of `loop`, in the run for the item at an index."""
    count = len(items)
    match name:
        case "index":
            return i + 1
        case "index0":
            return i
        case "revindex":
            return count - i
        case "revindex0":
            return count - i - 1
        case "first":
            return i == 0
        case "last":
            return i == count - 1
        case "length":
            return count
        case "previtem":
            found = Absent("previtem") if previous is _MISSING else previous
        case _:
            found = items[i + 1] if i + 1 < count else Absent("nextitem")
    return found


# --- names


def _set(node: nodes.Assign) -> Code:
    value_of, assign = code_of(node.node), _assigning(node.target)
    return lambda run: assign(run, value_of(run), run.frames[0])


def _set_block(node: nodes.AssignBlock) -> Code:
    body, assign = body_of(node.body), _assigning(node.target)
    pipe = piping(node.filter) if node.filter is not None else None

    def code(run: Evaluation) -> None:
        value: Any = run.captured(body)
        if pipe is not None:
            value = pipe(run, value)
        assign(run, value, run.frames[0])

    return code


def _with(node: nodes.With) -> Code:
    pairs = [
        (_assigning(target), code_of(value))
        for target, value in zip(node.targets, node.values, strict=True)
    ]
    body = body_of(node.body)

    def code(run: Evaluation) -> None:
        names: dict[str, Any] = {}
        for assign, value_of in pairs:
            assign(run, value_of(run), names)
        run.scoped(names, body)

    return code


def _assigning(target: nodes.Node) -> Assign:
    if isinstance(target, nodes.Name):
        name = target.name

        def to_name(_: Evaluation, value: Any, names: dict[str, Any]) -> None:
            names[name] = value

        return to_name
    if isinstance(target, nodes.NSRef):
        return _assigning_attribute(target)
    if isinstance(target, nodes.Tuple):
        return _assigning_each(target)

    def refuse(run: Evaluation, _: Any, __: dict[str, Any]) -> None:
        refusing(target)(run)

    return refuse


def _assigning_attribute(target: nodes.NSRef) -> Assign:
    name, attribute, at = target.name, target.attr, place_of(target)

    def assign(run: Evaluation, value: Any, _: dict[str, Any]) -> None:
        space = run.lookup(name, at)
        if not isinstance(space, Namespace):
            raise Fault(c.TEMPLATE_VALUE, f"`{name}` is no namespace", at, at + len(name))
        space.values[attribute] = value

    return assign


def _assigning_each(target: nodes.Tuple) -> Assign:
    each, at = [_assigning(item) for item in target.items], place_of(target)

    def assign(run: Evaluation, value: Any, names: dict[str, Any]) -> None:
        items = run.items_of(value, at)
        if len(items) != len(each):
            message = f"{len(each)} names for {len(items)} values"
            raise Fault(c.TEMPLATE_VALUE, message, at, at + 1)
        for assign_one, item in zip(each, items, strict=True):
            assign_one(run, item, names)

    return assign


# --- macros


def _macro(node: nodes.Macro) -> Code:
    name, bind, body = node.name, _binding(node), body_of(node.body)

    def define(run: Evaluation) -> None:
        frames = run.frames

        def call_macro(run: Evaluation, call: Call) -> Traced:
            if run.calls >= _MOST_CALLS:
                message = f"macros call each other more than {_MOST_CALLS} deep"
                raise Fault(c.TEMPLATE_LIMIT, message, call.at, call.at + 1)
            names = bind(run, call)
            before = run.frames
            run.frames = (names, *frames)
            run.calls += 1
            try:
                return run.captured(body)
            finally:
                run.calls -= 1
                run.frames = before

        frames[0][name] = Macro(name=name, run=call_macro)

    return define


def _binding(node: nodes.Macro) -> Callable[[Evaluation, Call], dict[str, Any]]:
    """Return what gives a macro's parameters their values."""
    name, parameters = node.name, [arg.name for arg in node.args]
    defaults = dict(
        zip(
            parameters[len(parameters) - len(node.defaults) :],
            [code_of(default) for default in node.defaults],
            strict=True,
        )
    )

    def bind(run: Evaluation, call: Call) -> dict[str, Any]:
        names = dict(zip(parameters, call.args, strict=False))
        names.update({key: value for key, value in call.kwargs.items() if key in parameters})
        unknown = [key for key in call.kwargs if key not in parameters]
        if unknown or len(call.args) > len(parameters):
            message = f"`{name}` takes {', '.join(parameters) or 'nothing'}"
            raise Fault(c.TEMPLATE_VALUE, message, call.at, call.at + 1)
        for parameter in parameters:
            if parameter not in names:  # a default may name the parameters before it
                default = defaults.get(parameter)
                names[parameter] = (
                    Absent(parameter) if default is None else run.scoped(names, default)
                )
        return names

    return bind


_MAKERS: Final[Mapping[type, Callable[[Any], Code]]] = MappingProxyType(
    {
        nodes.Output: _output,
        nodes.If: _if,
        nodes.For: _for,
        nodes.Assign: _set,
        nodes.AssignBlock: _set_block,
        nodes.With: _with,
        nodes.FilterBlock: _filter_block,
        nodes.Macro: _macro,
    }
)
