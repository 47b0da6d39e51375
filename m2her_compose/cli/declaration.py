"""From what a command's module declares to the command that typer runs.

A module of `commands` declares a command line once, as a class: each field is an argument or an
option (`Annotated[type, typer.Option(...)]`), its default the field's, and the first line of the
docstring what the help says. Typer wants a function instead, with lists where ours are tuples.
"""

from __future__ import annotations

from inspect import Parameter, Signature, getdoc, signature
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, Protocol, get_args, get_origin, get_type_hints

import typer
from typer.main import get_command_from_info
from typer.models import CommandInfo

from .guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer.core import TyperCommand

    from .status import Status


class Declaration(Protocol):
    """A module of `commands`. Its help ends with `EPILOG`: the examples, or nothing.

    A list of all commands loads all these modules: what is heavy is imported by `run`.
    """

    Arguments: type[Any]
    EPILOG: str

    @staticmethod
    def run(arguments: Any, /) -> Status: ...


def command_of(name: str, module: Declaration) -> TyperCommand:
    """Return the command that a module declares, under the name it is typed by."""
    about, _, _ = (getdoc(module.Arguments) or "").partition("\n")
    info = CommandInfo(name, callback=_function(module), help=about, epilog=module.EPILOG)
    return get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)  # type: ignore[return-value]


def _function(module: Declaration) -> Callable[..., None]:
    """Return a function that takes a command line's values, and ends with the status."""
    hints = get_type_hints(module.Arguments, include_extras=True)
    fields = signature(module.Arguments).parameters.values()
    several = {field.name for field in fields if _item(hints[field.name]) is not None}

    def function(**values: Any) -> None:
        for name in several:
            values[name] = tuple(values[name] or ())
        raise typer.Exit(guarded(lambda: module.run(module.Arguments(**values))))

    made: Any = function
    made.__signature__ = Signature([_parameter(field, hints[field.name]) for field in fields])
    made.__annotations__ = {}
    return function


def _parameter(field: Parameter, hint: Any) -> Parameter:
    """Return typer's parameter for a field: of several values, those that are given or None."""
    item = _item(hint)
    if item is None:
        return field.replace(annotation=hint)
    lists = GenericAlias(list, (item,))
    if field.default is Parameter.empty:
        return field.replace(annotation=_with_type(hint, lists))
    default = list(field.default) or None
    return field.replace(annotation=_with_type(hint, lists | None), default=default)


def _item(hint: Any) -> Any:
    """Return the type of the values that a field holds any number of; None for any other."""
    kind = hint.__origin__ if get_origin(hint) is Annotated else hint
    match get_origin(kind), get_args(kind):
        case origin, (item, end) if origin is tuple and end is Ellipsis:
            return item
    return None


def _with_type(hint: Any, kind: Any) -> Any:
    return Annotated[(kind, *hint.__metadata__)] if get_origin(hint) is Annotated else kind
