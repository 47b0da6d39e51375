"""Immutable values, made quickly: what `dataclass(frozen=True, slots=True, eq=False)` gives.

The standard decorator compiles five functions for each class, which was a seventh of the time
that `m2her compile` takes from start to end (docs/decisions/0012-frozen-values.md). This one
compiles one, and its instances are made a third faster. It knows nothing of `eq` and
`default_factory`: values are compared by identity, and defaults are themselves immutable.
Types that applications handle are dataclasses all the same, and those of which a conversation
has hundreds are made as quickly by `made_quickly`.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


class FrozenValueError(AttributeError):
    """An attempt to change a value; make another one with `replaced`."""


@dataclass_transform(frozen_default=True, kw_only_default=True, eq_default=False)
def frozen(cls: type[T]) -> type[T]:
    """Make a class of immutable values from its annotations; all arguments are by keyword."""
    return _made(cls, star="*, ")


@dataclass_transform(frozen_default=True, eq_default=False)
def frozen_positional(cls: type[T]) -> type[T]:
    """Make a class of immutable values whose arguments may also be given by position."""
    return _made(cls, star="")


def replaced(value: T, **changes: Any) -> T:
    """Return a copy of a value with some of its fields changed."""
    cls: Any = type(value)
    return cls(**{name: changes.get(name, getattr(value, name)) for name in cls.__slots__})  # type: ignore[no-any-return]


def made_quickly(cls: type[T]) -> type[T]:
    """Give a frozen dataclass with slots and keywords an `__init__` that is twice as quick.

    The standard one sets each field through `object.__setattr__`; a slot's own descriptor does
    the same without looking the field up. Everything else stays as it is.
    """
    from dataclasses import MISSING, fields

    scope: dict[str, Any] = {}
    arguments = []
    for each in fields(cls):  # type: ignore[arg-type]
        scope[f"set_{each.name}"] = vars(cls)[each.name].__set__
        if each.default is MISSING:
            arguments.append(each.name)
        else:
            scope[f"default_{each.name}"] = each.default
            arguments.append(f"{each.name}=default_{each.name}")
    body = "; ".join(f"set_{each.name}(self, {each.name})" for each in fields(cls))  # type: ignore[arg-type]
    exec(f"def __init__(self, *, {', '.join(arguments)}): {body}", scope)  # noqa: S102 - names of fields only
    setattr(cls, "__init__", scope["__init__"])  # noqa: B010 - mypy forbids to assign it
    return cls


def _made(cls: type[T], *, star: str) -> type[T]:
    names = tuple(cls.__annotations__)
    body = {k: v for k, v in vars(cls).items() if k not in ("__dict__", "__weakref__")}
    defaults = {name: body.pop(name) for name in names if name in body}
    body.update(__slots__=names, __setattr__=_refuse, __delattr__=_refuse, __repr__=_shown)
    body.update(__reduce__=_reduced)
    metaclass: Any = type(cls)
    made: Any = metaclass(cls.__name__, cls.__bases__, body)
    # A slot's own descriptor sets it without going through __setattr__.
    scope = {f"set_{name}": made.__dict__[name].__set__ for name in names}
    scope.update((f"default_{name}", value) for name, value in defaults.items())
    arguments = ", ".join(f"{n}=default_{n}" if n in defaults else n for n in names)
    lines = "; ".join(f"set_{name}(self, {name})" for name in names) or "pass"
    exec(f"def __init__(self, {star}{arguments}): {lines}", scope)  # noqa: S102 - names of fields only
    made.__init__ = scope["__init__"]
    return made  # type: ignore[no-any-return]


def _refuse(self: object, *_: object) -> NoReturn:
    message = f"{type(self).__name__} is immutable"
    raise FrozenValueError(message)


def _shown(self: Any) -> str:
    fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
    return f"{type(self).__name__}({fields})"


def _reduced(self: Any) -> tuple[Any, ...]:
    return _restored, (type(self), {name: getattr(self, name) for name in self.__slots__})


def _restored(cls: type[T], fields: dict[str, Any]) -> T:
    return cls(**fields)
