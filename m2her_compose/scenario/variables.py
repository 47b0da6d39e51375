"""Typed inputs: declared variables, the values given for them, and the matrix over them."""

from __future__ import annotations

import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Final

from ..diagnostics import Edit
from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from .model import Bound, Choice, Matrix, Variable, VariableType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..diagnostics import Sink
    from ..source import Node

_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,29})")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")
_LABEL: Final = re.compile(r"[\w-]+(?: [\w-]+)*")
_MOST_LISTED: Final = 12
_MOST_COMPARED: Final = 300
_LABEL_LENGTH: Final = 24
_TYPE_WORDS: Final = {
    VariableType.STRING: "a text",
    VariableType.INTEGER: "a whole number",
    VariableType.NUMBER: "a number",
    VariableType.BOOLEAN: "`true` or `false`",
}


def decode_variables(nodes: Mapping[str, Node], sink: Sink) -> dict[str, Variable]:
    """Decode the declarations. `name: value` is short for a string with that default."""
    return {name: _variable(name, node, sink) for name, node in nodes.items()}


def _variable(name: str, node: Node, sink: Sink) -> Variable:
    pointer = f"/variables/{name}"
    if not node.is_map:
        _warn_of_boolean(name, node, sink, short=node.start > node.key_start)
        plain = Variable(name=name, type=VariableType.STRING, node=node)
        return _with_default(plain, node, pointer, sink)
    entries = node.entries
    declared = entries.get("type")
    kind = (
        VariableType(declared.text)
        if declared is not None and declared.text
        else VariableType.STRING
    )
    variable = Variable(name=name, type=kind, node=node)
    enum = entries.get("enum")
    if enum is not None and enum.is_list:
        values = (
            bind(variable, item, f"{pointer}/enum/{i}", sink) for i, item in enumerate(enum.items)
        )
        variable = Variable(
            name=name,
            type=kind,
            node=node,
            enum=dict.fromkeys(bound.value for bound in values if bound is not None),
        )
    default = entries.get("default")
    if default is None or (default.is_null and not default.text):
        return variable
    if declared is None:
        _warn_of_boolean(name, default, sink)
    return _with_default(variable, default, f"{pointer}/default", sink)


def _with_default(variable: Variable, node: Node, pointer: str, sink: Sink) -> Variable:
    return Variable(
        name=variable.name,
        type=variable.type,
        node=variable.node,
        enum=variable.enum,
        default=bind(variable, node, pointer, sink),
    )


def _warn_of_boolean(name: str, node: Node, sink: Sink, *, short: bool = False) -> None:
    if isinstance(node.value, bool):
        sink.add(
            c.TEXT_BOOLEAN,
            f"`{name}` is the text `{node.text}`, and every text counts as true in a template",
            node.first_line,
            help=f"write `{name}: {{type: boolean, default: {node.text}}}`",
            via=node.via,
            # Not safe: a template may compare it with the text.
            edits=(Edit(node.span, f"{{type: boolean, default: {node.text}}}"),) if short else (),
        )


def bind(
    variable: Variable, node: Node, pointer: str, sink: Sink, *, typed: bool = True
) -> Bound | None:
    """Return a value for a variable; None, with a finding, when its type or `enum` forbids it.

    `typed` values come from a file, where quotes make a text; others, from the command line,
    are read as the type wants them.
    """
    value = _convert(variable.type, node, typed=typed)
    if value is None:
        sink.add(
            c.BAD_VARIABLE,
            f"`{variable.name}` wants {_TYPE_WORDS[variable.type]}, and this is {_shown(node)}",
            node.first_line,
            help=_declared_at(variable),
            via=node.via,
        )
        return None
    if variable.enum is not None and value not in variable.enum:
        if sink.is_full(node.source):
            return None
        allowed = [str(each) for each in islice(variable.enum, _MOST_COMPARED)]
        close = close_matches(str(value), allowed)
        listed = ", ".join(f"`{each}`" for each in allowed[:8])
        sink.add(
            c.BAD_VARIABLE,
            f"`{variable.name}` cannot be `{value}`",
            node.first_line,
            help=f"did you mean `{close[0]}`?" if close else f"one of {listed}",
            via=node.via,
        )
        return None
    return Bound(value=value, node=node, pointer=pointer)


def _convert(kind: VariableType, node: Node, *, typed: bool) -> str | int | float | bool | None:
    text = node.text
    if text is None:
        return None
    if kind is VariableType.STRING:
        return text
    if typed and isinstance(node.value, str):
        return None
    if kind is VariableType.BOOLEAN:
        return {"true": True, "false": False}.get(text)
    if kind is VariableType.INTEGER:
        return int(text) if _INTEGER.fullmatch(text) else None
    if not _NUMBER.fullmatch(text):
        return None
    return int(text) if _INTEGER.fullmatch(text) else _finite(float(text))


def _finite(value: float) -> float | None:
    return value if abs(value) != float("inf") else None


def _shown(node: Node) -> str:
    if node.is_map:
        return "a map"
    if node.is_list:
        return "a list"
    return f"`{node.text}`" if node.text else "empty"


def _declared_at(variable: Variable) -> str:
    return f"it is declared as {variable.type.value} at {variable.node.key_span}"


def report_unknown(name: str, known: Mapping[str, object], node: Node, sink: Sink) -> None:
    """Report a value for a variable that the scenario does not declare."""
    if sink.is_full(node.source):
        return
    close = close_matches(name, known)
    if close:
        advice = f"did you mean `{close[0]}`?"
    elif known:
        listed = [f"`{each}`" for each in islice(known, _MOST_LISTED)]
        advice = f"declared are {', '.join(listed)}"
    else:
        advice = f"declare it first: `variables: {{{name}: …}}`"
    sink.add(
        c.UNKNOWN_VARIABLE,
        f"no variable is called `{name}`",
        node.key_span,
        help=advice,
        via=node.via,
    )


# --- the matrix


def decode_matrix(
    node: Node | None, variables: Mapping[str, Variable], sink: Sink, *, intact: bool
) -> Matrix:
    """Decode the axes, and the combinations taken out and added. Wrong parts are left out.

    `intact`: the declarations are all there, so that an unknown variable is a mistake.
    """
    if node is None or not node.is_map:
        return Matrix()
    return _MatrixDecoder(variables, sink, intact=intact).decode(node)


class _MatrixDecoder:
    def __init__(self, variables: Mapping[str, Variable], sink: Sink, *, intact: bool) -> None:
        self.variables = variables
        self.sink = sink
        self.intact = intact
        self.axes: dict[str, tuple[Choice, ...]] = {}
        self.words: dict[str, dict[str, Choice]] = {}

    def decode(self, node: Node) -> Matrix:
        for name, child in node.entries.items():
            if name in ("exclude", "include") or name.startswith("x-") or child.is_null:
                continue
            if name in self.variables:
                self.axes[name] = _axis(self.variables[name], child, self.sink)
                self.words[name] = choices_by_word(self.axes[name])
            elif self.intact:
                report_unknown(name, self.variables, child, self.sink)
        return Matrix(
            axes={name: choices for name, choices in self.axes.items() if choices},
            exclude=self._combinations(node, "exclude"),
            include=self._combinations(node, "include"),
            node=node,
        )

    def _combinations(self, node: Node, where: str) -> tuple[Mapping[str, Bound], ...]:
        listed = node.entries.get(where)
        found: list[Mapping[str, Bound]] = []
        for i, item in enumerate(listed.items if listed is not None else ()):
            values = {
                name: self._excluded(name, child)
                if where == "exclude"
                else self._included(name, child, f"/matrix/include/{i}/{name}")
                for name, child in item.entries.items()
            }
            bound = {name: value for name, value in values.items() if value is not None}
            if bound and len(bound) == len(values):
                found.append(bound)
        return tuple(found)

    def _included(self, name: str, node: Node, pointer: str) -> Bound | None:
        """Resolve a value of `include`: an axis's label or value, or a new one."""
        if name not in self.variables:
            report_unknown(name, self.variables, node, self.sink)
            return None
        choice = self.words.get(name, {}).get(node.text or "")
        return choice.bound if choice else bind(self.variables[name], node, pointer, self.sink)

    def _excluded(self, name: str, node: Node) -> Bound | None:
        """Resolve a value of `exclude`: a label or value that the axis has."""
        if name not in self.axes:
            report_unknown(name, self.axes, node, self.sink)
            return None
        choice = self.words[name].get(node.text or "")
        if choice is not None or self.sink.is_full(node.source):
            return choice.bound if choice is not None else None
        labels = [each.label for each in self.axes[name]]
        close = close_matches(node.text or "", labels)
        listed = ", ".join(f"`{label}`" for label in labels[:_MOST_LISTED])
        self.sink.add(
            c.BAD_MATRIX,
            f"the axis `{name}` has no `{node.text}` to exclude",
            node.first_line,
            help=f"did you mean `{close[0]}`?" if close else f"it has {listed}",
            via=node.via,
        )
        return None


def _axis(variable: Variable, node: Node, sink: Sink) -> tuple[Choice, ...]:
    pointer = f"/matrix/{variable.name}"
    if not (node.items or node.entries):
        sink.add(
            c.BAD_MATRIX,
            f"the axis `{variable.name}` has no values",
            node.key_span,
            help="list at least one",
            via=node.via,
        )
    choices: list[Choice] = []
    pairs: list[tuple[str | None, Node]] = (
        list(node.entries.items()) if node.is_map else [(None, item) for item in node.items]
    )
    for i, (label, child) in enumerate(pairs):
        bound = bind(variable, child, f"{pointer}/{i if label is None else label}", sink)
        if bound is not None:
            shown = label if label is not None else value_label(bound.value, i + 1)
            choices.append(Choice(label=shown, bound=bound))
    counts = Counter(repr(choice.bound.value) for choice in choices)
    seen: set[str] = set()
    for choice in choices:
        if counts[repr(choice.bound.value)] > 1 and repr(choice.bound.value) in seen:
            sink.add(
                c.BAD_MATRIX,
                f"the axis `{variable.name}` has `{choice.bound.value}` twice",
                choice.bound.node.first_line,
                help="every variant is made once: remove one of the two",
                via=choice.bound.node.via,
            )
        seen.add(repr(choice.bound.value))
    return tuple(choices)


def value_label(value: object, position: int) -> str:
    """Return how a variant's id shows a value: itself when short and plain, else its position."""
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return text if len(text) <= _LABEL_LENGTH and _LABEL.fullmatch(text) else str(position)


def choices_by_word(choices: tuple[Choice, ...]) -> dict[str, Choice]:
    """Index the choices of an axis by what names them: a label, or else a value as written."""
    by_value = {choice.bound.node.text or "": choice for choice in reversed(choices)}
    return {**by_value, **{choice.label: choice for choice in reversed(choices)}}
