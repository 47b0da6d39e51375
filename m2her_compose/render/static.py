"""Find what is wrong with a template without running it: all of it, also in branches not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from jinja2 import nodes

from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..frozen import frozen
from .fault import Fault
from .filters import FILTERS, TESTS
from .wording import forbidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# What a name has: its fields, or None where anything may be in it.
Shape: TypeAlias = "Mapping[str, Shape | None] | None"

_BUILT_IN: Final = frozenset({"loop", "range", "namespace"})
_MOST_FAULTS: Final = 100
_FORBIDDEN: Final = (
    nodes.Include,
    nodes.Import,
    nodes.FromImport,
    nodes.Extends,
    nodes.Block,
    nodes.CallBlock,
    nodes.ScopedEvalContextModifier,
)
_MENTIONED: Final = (
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Test,
    nodes.For,
    nodes.Macro,
    *_FORBIDDEN,
)


@frozen
class Mentions:
    """What stands in a template: names of its own, and every node that may be a mistake.

    `own` are the names that the template itself sets, `suspects` are in the order of the tree.
    """

    own: Mapping[str, None]
    suspects: tuple[nodes.Node, ...]

    @classmethod
    def of(cls, tree: nodes.Template) -> Mentions:
        """Look a tree through."""
        found = tuple(tree.find_all(_MENTIONED))
        own = (
            node.name
            for node in found
            if isinstance(node, nodes.Macro)
            or (isinstance(node, nodes.Name) and node.ctx in ("store", "param"))
        )
        return cls(own=dict.fromkeys(own), suspects=found)

    def faults(self, known: Mapping[str, Shape]) -> list[Fault]:
        """Return every name, field, filter and construct that does not exist, by their places."""
        found: list[Fault] = []
        for node in self.suspects:
            if len(found) >= _MOST_FAULTS:
                break
            found.extend(self._faults_of(node, known))
        return sorted(found, key=lambda fault: fault.start)

    def _faults_of(self, node: nodes.Node, known: Mapping[str, Shape]) -> Iterable[Fault]:
        match node:
            case nodes.Name():
                if not (
                    node.ctx != "load"
                    or node.name in known
                    or node.name in self.own
                    or node.name in _BUILT_IN
                ):
                    return (_unknown_name(node, [*known, *self.own]),)
            case nodes.Getattr() | nodes.Getitem():
                return _unknown_field(node, known, self.own)
            case nodes.Filter() if node.name not in FILTERS:
                return (_unknown_word("filter", node.name, node.lineno, FILTERS),)
            case nodes.Test() if node.name not in TESTS:
                return (_unknown_word("test", node.name, node.lineno, TESTS),)
            case nodes.For() if node.recursive:
                return (forbidden(node),)
            case _ if isinstance(node, _FORBIDDEN):
                return (forbidden(node),)
            case _:
                pass
        return ()

    def paths(self) -> Iterator[tuple[str, ...]]:
        """Yield what the template reads, also in branches not taken: `("vars", "era")`.

        A path ends where a key is computed: `vars[x]` is `("vars", "*")`.
        """
        for node in self.suspects:
            path = _read_path(node)
            if path and path[0] not in self.own:
                yield path


def _unknown_name(node: nodes.Name, known: list[str]) -> Fault:
    close = close_matches(node.name, known)
    if node.name == "default":
        advice = "`{{ default }}` stands for the generated system message, in `system` only"
    elif close:
        advice = f"did you mean `{close[0]}`?"
    else:
        listed = ", ".join(f"`{name}`" for name in known[:8])
        advice = f"known are {listed}; a variable is read as `vars.{node.name}`"
    return Fault(
        c.UNKNOWN_NAME,
        f"unknown name `{node.name}`",
        node.lineno,
        node.lineno + len(node.name),
        advice,
    )


def _unknown_field(
    node: nodes.Getattr | nodes.Getitem, known: Mapping[str, Shape], own: Mapping[str, None]
) -> Iterator[Fault]:
    name = _constant_key(node)
    shape = _shape_of(node.node, known, own)
    if name is None or shape is None or name in shape:
        return
    at = node.lineno + (1 if isinstance(node, nodes.Getattr) else 0)
    path = _path_of(node.node)
    close = close_matches(name, list(shape))
    listed = ", ".join(f"`{each}`" for each in shape)
    has = f"it has {listed}" if shape else "it has none"
    if path == "vars":
        message, code = f"no variable is called `{name}`", c.UNKNOWN_FIELD
        has = f"declared are {listed}" if shape else f"declare it: `variables: {{{name}: …}}`"
    elif path == "characters":
        message, code = f"no character is called `{name}`", c.UNKNOWN_FIELD
        has = f"the characters are {listed}" if shape else "the scenario has no characters"
    else:
        message, code = f"`{path}` has no field `{name}`", c.UNKNOWN_FIELD
    yield Fault(code, message, at, at + len(name), f"did you mean `{close[0]}`?" if close else has)


def _constant_key(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    if (
        isinstance(node, nodes.Getitem)
        and isinstance(node.arg, nodes.Const)
        and isinstance(node.arg.value, str)
    ):
        return node.arg.value
    return None


def _shape_of(node: nodes.Node, known: Mapping[str, Shape], own: Mapping[str, None]) -> Shape:
    if isinstance(node, nodes.Name):
        return None if node.name in own else known.get(node.name)
    name = _constant_key(node)
    if name is None or not isinstance(node, nodes.Getattr | nodes.Getitem):
        return None
    shape = _shape_of(node.node, known, own)
    return None if shape is None else shape.get(name)


def _path_of(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        return f"{_path_of(node.node)}.{_constant_key(node)}"
    return "this"


def _unknown_word(what: str, name: str, at: int, known: Mapping[str, object]) -> Fault:
    close = close_matches(name, list(known))
    if name in ("random", "now", "time"):
        advice = (
            "templates have no chance and no clock: the same input gives the same text for ever"
        )
    elif close:
        advice = f"did you mean `{close[0]}`?"
    else:
        words = [f"`{each}`" for each in known if each.isalpha()]
        advice = f"{what}s are {', '.join(words)}"
    return Fault(c.TEMPLATE_FORBIDDEN, f"no {what} is called `{name}`", at, at + len(name), advice)


def _read_path(node: nodes.Node) -> tuple[str, ...]:
    if isinstance(node, nodes.Name):
        return (node.name,) if node.ctx == "load" else ()
    if not isinstance(node, nodes.Getattr | nodes.Getitem):
        return ()
    before = _read_path(node.node)
    if not before or before[-1] == "*":
        return before
    return (*before, _constant_key(node) or "*")
