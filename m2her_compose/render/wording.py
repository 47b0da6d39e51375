"""How the faults of templates are worded, for those who run them and those who only read them."""

from __future__ import annotations

from typing import Any

from jinja2 import nodes

from ..diagnostics import codes as c
from .fault import Fault
from .values import Absent, Figure, Traced, View


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
    at = node.lineno or 0  # the parser makes some nodes without one
    return Fault(
        c.TEMPLATE_FORBIDDEN,
        f"templates have no {what.removeprefix('this ')}"
        if what != "this call"
        else "this cannot be called",
        at,
        at + 1,
        "templates have fields, variables, filters, `if`, `for`, `set`, `with` and `macro`",
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
        case Figure(value=bool()):
            return "a truth value"
        case int() | float() | Figure():
            return "a number"
        case list() | tuple():
            return "a list"
        case dict():
            return "a map"
        case Absent() | None:
            return "nothing"
        case _:
            return "this"


def value_error(error: Exception) -> str:
    """Say what Python refused, in the words of templates."""
    match error:
        case ZeroDivisionError():
            return "a division by zero"
        case OverflowError():
            return "a number that is too large"
        case IndexError() | KeyError():
            return "there is no such item"
        case TypeError() if str(error).endswith("where a number is wanted"):
            return str(error)
        case TypeError():
            return "values of kinds that do not go together"
        case _:
            return "a value that cannot be used here"
