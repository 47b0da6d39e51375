"""Make frozen dataclasses quickly: most of what a conversation consists of are these."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeVar

T = TypeVar("T")


def made_quickly(cls: type[T]) -> type[T]:
    """Give a frozen dataclass with slots and keywords an `__init__` that is twice as quick.

    The standard one sets each field through `object.__setattr__`; a slot's own descriptor does
    the same without looking the field up. Everything else stays as it is.
    """
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
