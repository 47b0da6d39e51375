"""Rules about a scenario's inputs: variables nobody reads, a matrix that does less than it says."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

from jinja2 import nodes

from ..diagnostics import Related
from ..diagnostics import codes as c
from ..render import Meter
from ..render.syntax import parse_template
from .references import all_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..diagnostics import Sink
    from ..scenario import Bound, Text
    from ..scenario.model import Matrix
    from ..source import Node
    from .subject import Subject

# A combination, or a part of one: values by their variables, in an order of its own.
Values: TypeAlias = "frozenset[tuple[str, str]]"


def unused_variables(subject: Subject, sink: Sink) -> None:
    """Report a variable that is declared in this file, and that no template reads."""
    scenario = subject.scenario
    own = [each for each in scenario.variables.values() if each.node.source is subject.source]
    if not own or not subject.is_whole:
        return
    read: set[str] = set()
    meter = Meter()
    for text in all_texts(subject):
        paths = subject.read_paths(text)
        names = _variables_read(paths)
        if ("vars",) in paths and _passes_all_on(text, meter):
            return
        if "*" in names:
            return
        read |= names
    for variable in own:
        if variable.name in read:
            continue
        name = variable.name
        varied = name in scenario.matrix.axes
        sink.add(
            c.UNUSED_VARIABLE,
            f"no text reads `{name}`" + (": its variants are alike" if varied else ""),
            variable.node.key_span,
            help=f"read it with `{{{{ vars.{name} }}}}`, or remove it"
            + (" and its axis" if varied else ""),
        )


def _passes_all_on(text: Text, meter: Meter) -> bool:
    """Tell whether a template gives `vars` itself another name, by which it may read any."""
    tree = parse_template(text.value, meter)
    whole = sum(each.name == "vars" for each in tree.find_all(nodes.Name))
    read_from = (
        *(each.node for each in tree.find_all(nodes.Getattr)),
        *(each.node for each in tree.find_all(nodes.Getitem)),
    )
    parts = sum(isinstance(each, nodes.Name) and each.name == "vars" for each in read_from)
    return whole > parts


def _variables_read(paths: frozenset[tuple[str, ...]]) -> set[str]:
    """Return the variables that one text reads; `*` where it may be any of them."""
    return {path[1] for path in paths if path[0] == "vars" and len(path) > 1}


# --- the matrix


def single_value_axes(subject: Subject, sink: Sink) -> None:
    """Report an axis that has one value, where no `include` gives it another."""
    matrix = subject.scenario.matrix
    if not subject.is_whole or matrix.node is None:
        return
    for name, choices in matrix.axes.items():
        node = matrix.node.entries[name]
        if len(choices) > 1 or any(name in included for included in matrix.include):
            continue
        if node.source is subject.source:
            sink.add(
                c.SINGLE_VALUE_AXIS,
                f"the axis `{name}` has one value, and makes no variants",
                node.key_span,
                help=f"add another value, or make this one the `default` of `{name}`",
            )


def idle_combinations(subject: Subject, sink: Sink) -> None:
    """Report an `exclude` that takes nothing out, and an `include` that adds nothing."""
    matrix = subject.scenario.matrix
    if not subject.is_whole or not (matrix.exclude or matrix.include):
        return
    made = [
        frozenset(
            (name, repr(choice.bound.value)) for name, choice in zip(matrix.axes, each, strict=True)
        )
        for each in product(*matrix.axes.values())
    ]
    left = _idle_excludes(subject, matrix, made, sink)
    _idle_includes(subject, matrix, left, sink)


def _items(matrix: Matrix, key: str) -> list[Node]:
    """Return the places of the combinations under a key, in the order of those decoded."""
    listed = matrix.node.entries.get(key) if matrix.node is not None else None
    return [item for item in (listed.items if listed is not None else ()) if item.entries]


def _values(bound: Mapping[str, Bound]) -> Values:
    return frozenset((name, repr(each.value)) for name, each in bound.items())


def _idle_excludes(
    subject: Subject, matrix: Matrix, made: list[Values], sink: Sink
) -> list[Values]:
    """Report exclusions that others make superfluous; return the combinations that are left.

    Of two that overlap wholly, the one that says more is superfluous, else the later one.
    """
    first: dict[Values, Node] = {}
    idle: list[tuple[Node, Node | None]] = []
    for item, bound in zip(_items(matrix, "exclude"), matrix.exclude, strict=False):
        values = _values(bound)
        if first.setdefault(values, item) is not item:
            idle.append((item, first[values]))
    matches = dict(_matches(list(first), made))
    covered = Counter(at for found in matches.values() for at in found)
    later_first = list(first)[::-1]
    for values in sorted(later_first, key=len, reverse=True):
        if all(covered[at] > 1 for at in matches[values]):
            covered.subtract(matches[values])
            wider = next((each for each in first if each < values), None)
            idle.append((first[values], first[wider] if wider is not None else None))
    for item, other in idle:
        if item.source is subject.source:
            sink.add(
                c.IDLE_COMBINATION,
                "the `exclude` takes no combination out that others leave in",
                item.first_line,
                help="remove it",
                related=[Related(other.first_line, "excluded here already")] if other else (),
            )
    return [values for at, values in enumerate(made) if not covered[at]]


def _matches(excluded: list[Values], made: list[Values]) -> Iterator[tuple[Values, list[int]]]:
    """Yield each exclusion with the combinations that it takes out.

    Combinations are indexed by the axes that exclusions name: at most 1,000 of them are few.
    """
    by_axes: dict[frozenset[str], dict[Values, list[int]]] = {}
    for values in excluded:
        axes = frozenset(name for name, _ in values)
        if axes not in by_axes:
            index: dict[Values, list[int]] = {}
            for at, combination in enumerate(made):
                part = frozenset(pair for pair in combination if pair[0] in axes)
                index.setdefault(part, []).append(at)
            by_axes[axes] = index
        yield values, by_axes[axes].get(values, [])


def _idle_includes(subject: Subject, matrix: Matrix, left: list[Values], sink: Sink) -> None:
    defaults = {
        name: repr(variable.default.value)
        for name, variable in subject.scenario.variables.items()
        if variable.default is not None
    }

    def whole(values: Values) -> Values:
        return frozenset((defaults | dict(values)).items())

    seen: dict[Values, Node | None] = {whole(values): None for values in left}
    for item, bound in zip(_items(matrix, "include"), matrix.include, strict=False):
        values = whole(_values(bound))
        if values not in seen:
            seen[values] = item
            continue
        other = seen[values]
        if item.source is subject.source:
            sink.add(
                c.IDLE_COMBINATION,
                "the `include` adds a combination that is given twice"
                if other is not None
                else "the `include` adds a combination that the axes have already",
                item.first_line,
                help="remove it",
                related=[Related(other.first_line, "first given here")] if other else (),
            )
