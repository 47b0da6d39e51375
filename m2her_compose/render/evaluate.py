"""Evaluate a parsed template, step by step, counting.

Jinja2 compiles templates to Python and runs them, where a sandbox has to find every way out. This
evaluator has no way out: what it does not know it refuses, and each step and each character is
counted before it is made. It also is what traces a message: a value keeps its origins from the
file to the output.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from jinja2 import nodes

from ..diagnostics import codes as c
from ..ir import Piece
from .expressions import Expressions, Handler
from .fault import MOST_CHARACTERS, Fault
from .values import (
    Absent,
    Fields,
    Macro,
    Namespace,
    Traced,
    Value,
    View,
    as_pieces,
    show,
    truth,
    with_origin,
)
from .wording import forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..ir import Origin
    from .fault import Meter
    from .filters import Call

_MOST_CALLS: Final = 20
_MISSING: Final = object()


_LOOP: Final = dict.fromkeys(
    (
        *("index", "index0", "revindex", "revindex0", "first", "last", "length"),
        *("previtem", "nextitem"),
    )
)


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


class Evaluation(Expressions):
    """One run of one template."""

    def __init__(
        self,
        scope: Mapping[str, Callable[[], Value]],
        meter: Meter,
        origin_of: Callable[[int, int], Origin],
    ) -> None:
        super().__init__(scope, meter, origin_of)
        self.out: list[Piece] = []
        self.length = 0
        self.calls = 0

    def run(self, tree: nodes.Template) -> tuple[Piece, ...]:
        """Evaluate a template and return the pieces of its output. Raises `Fault`."""
        self._body(tree.body)
        return tuple(self.out)

    def _body(self, body: list[nodes.Node]) -> None:
        for node in body:
            self.meter.step(node.lineno or 0)
            handler = self._STATEMENTS.get(type(node))
            if handler is None:
                raise forbidden(node)
            handler(self, node)

    def _output(self, node: nodes.Output) -> None:
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                self._emit(self._literal(child))
            else:
                at = child.lineno
                value = self._printed(self.value(child), at)
                self.meter.text(len(str(value)), at)
                self._emit(self._with_origin(value, at))

    def _printed(self, value: Any, at: int) -> Traced | str:
        if isinstance(value, View) and value.printed is None:
            message = f"{value.what} has no text of its own"
            raise Fault(c.TEMPLATE_VALUE, message, at, at + 1, "print one of its fields")
        return show(value)

    def _with_origin(self, value: Traced | str, at: int) -> tuple[Piece, ...]:
        """Return a value's pieces; what no author wrote was made by the expression at `at`."""
        pieces = as_pieces(value)
        if all(piece.origins for piece in pieces):
            return pieces
        origin = self.origin_of(at, at + 1)
        return tuple(piece if piece.origins else with_origin(piece, origin) for piece in pieces)

    def _literal(self, node: nodes.TemplateData) -> tuple[Piece, ...]:
        at = node.lineno
        self.meter.text(len(node.data), at)
        origin = self.origin_of(at, at + len(node.data))
        return (Piece(text=node.data, origins=(origin,), exact=True),)

    def _emit(self, pieces: tuple[Piece, ...]) -> None:
        self.meter.step(0, 5 * len(pieces))
        self.length += sum(len(piece.text) for piece in pieces)
        if self.length > MOST_CHARACTERS:
            raise Fault(c.TEMPLATE_LIMIT, f"a text of {self.length:,} characters", 0, 1)
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
        """Return `loop`, whose fields are worked out when they are asked for: few are."""
        return View("loop", Fields(_LOOP, partial(_of_loop, items, i, previous)))

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
        run = partial(self._run_macro, node, self.frames)
        self.frames[-1][node.name] = Macro(name=node.name, run=run)

    def _run_macro(
        self, macro: nodes.Macro, frames: tuple[dict[str, Any], ...], call: Call
    ) -> Traced:
        if self.calls >= _MOST_CALLS:
            raise Fault(
                c.TEMPLATE_LIMIT,
                f"macros call each other more than {_MOST_CALLS} deep",
                call.at,
                call.at + 1,
            )
        names = self._bind_arguments(macro, call)
        before = self.frames
        self.frames = (*frames, names)
        self.calls += 1
        try:
            return self._captured(macro.body)
        finally:
            self.calls -= 1
            self.frames = before

    def _bind_arguments(self, macro: nodes.Macro, call: Call) -> dict[str, Any]:
        parameters = [arg.name for arg in macro.args]
        defaults = dict(
            zip(
                parameters[len(parameters) - len(macro.defaults) :],
                macro.defaults,
                strict=True,
            )
        )
        names = dict(zip(parameters, call.args, strict=False))
        names.update({key: value for key, value in call.kwargs.items() if key in parameters})
        unknown = [key for key in call.kwargs if key not in parameters]
        if unknown or len(call.args) > len(parameters):
            message = f"`{macro.name}` takes {', '.join(parameters) or 'nothing'}"
            raise Fault(c.TEMPLATE_VALUE, message, call.at, call.at + 1)
        for parameter in parameters:
            if parameter not in names:
                default = defaults.get(parameter)
                names[parameter] = (
                    Absent(parameter) if default is None else self._default(default, names)
                )
        return names

    def _default(self, node: nodes.Expr, names: dict[str, Any]) -> Any:
        """Evaluate a parameter's default, which may name the parameters before it."""
        before = self.frames
        self.frames = (*before, names)
        try:
            return self.value(node)
        finally:
            self.frames = before

    _STATEMENTS: ClassVar[dict[type, Handler]] = {
        nodes.Output: _output,
        nodes.If: _if,
        nodes.For: _for,
        nodes.Assign: _set,
        nodes.AssignBlock: _set_block,
        nodes.With: _with,
        nodes.FilterBlock: _filter_block,
        nodes.Macro: _macro,
    }
