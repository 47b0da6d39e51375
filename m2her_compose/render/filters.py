"""The filters, tests and methods that templates have: Jinja2's names and results, with limits.

Left out on purpose: `random` and all that is not a function of its input, HTML (`e`, `safe`,
`urlize`, `xmlattr`), and `attr`, `format` and `pprint`, which reach into values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..diagnostics import codes as c
from ..frozen import frozen
from .fault import Fault
from .values import (
    Absent,
    Traced,
    View,
    computed,
    cut,
    joined,
    parts_of,
    plain,
    show,
    truth,
    weight,
)

if TYPE_CHECKING:
    from .evaluate import Evaluation


@frozen
class Call:
    """The arguments of a filter, test or method, and the place of the call."""

    evaluation: Evaluation
    at: int
    args: list[Any]
    kwargs: dict[str, Any]

    def get(self, position: int, name: str, default: Any = None) -> Any:
        """Return an argument given by position or by name, without its origins."""
        value = self.raw(position, name, default)
        return plain(value)

    def raw(self, position: int, name: str, default: Any = None) -> Any:
        """Return an argument with its origins."""
        if position < len(self.args):
            return self.args[position]
        return self.kwargs.get(name, default)

    def need_room(self, characters: int) -> None:
        """Account for a text before it is made."""
        self.evaluation.meter.text(characters, self.at)

    def fault(self, message: str) -> Fault:
        return Fault(c.TEMPLATE_VALUE, message, self.at, self.at + 1)


Filter = Callable[[Any, Call], Any]


def _text(value: Any) -> str:
    return str(show(value))


def _mapped(change: Callable[[str], str]) -> Filter:
    """Make a filter of a function from text to text of about the same length."""

    def apply(value: Any, call: Call) -> Any:
        text = _text(value)
        call.need_room(2 * len(text))
        return computed(change(text), [show(value)])

    return apply


def _title(text: str) -> str:
    return "".join(
        part[0].upper() + part[1:].lower() for part in re.split(r"([-\s({\[<]+)", text) if part
    )


def _trim(value: Any, call: Call) -> Any:
    text = _text(value)
    chars = call.get(0, "chars")
    if chars is not None:
        _small(len(chars), call)
    return cut(show(value), len(text) - len(text.lstrip(chars)), len(text.rstrip(chars)))


def _replace(value: Any, call: Call) -> Any:
    text, old, new = _text(value), _text(call.raw(0, "old")), _text(call.raw(1, "new"))
    count = call.get(2, "count", -1)
    times = text.count(old) if old else len(text) + 1
    call.need_room(len(text) + times * len(new))
    return computed(
        text.replace(old, new, -1 if count is None else int(count)),
        [show(value), call.raw(1, "new")],
    )


def _join(value: Any, call: Call) -> Any:
    separator = show(call.raw(0, "d", ""))
    attribute = call.get(1, "attribute")
    items = _items(value, call)
    if attribute is not None:
        items = [_attribute(item, attribute, call) for item in items]
    parts = [show(item) for item in items]
    call.evaluation.meter.step(call.at, len(parts) * (1 + weight(separator)))
    call.need_room(sum(len(str(part)) for part in parts) + len(str(separator)) * len(parts))
    return joined(parts, separator)


def _items(value: Any, call: Call) -> list[Any]:
    return call.evaluation.items_of(value, call.at)


def _attribute(item: Any, name: Any, call: Call) -> Any:
    if isinstance(name, int) and isinstance(item, list):
        return item[name]
    return call.evaluation.member(item, str(name), call.at)


def _indent(value: Any, call: Call) -> Any:
    text = _text(value)
    width = call.get(0, "width", 4)
    first, blank = call.get(1, "first", False), call.get(2, "blank", False)
    pad = width if isinstance(width, str) else " " * _small(width, call)
    lines = text.split("\n")
    call.need_room(len(text) + len(pad) * len(lines))
    if len(lines) == 1 and not first:
        return show(value)
    done = [pad + line if line or blank else line for line in lines[1:]]
    head = pad + lines[0] if first else lines[0]
    return computed("\n".join([head, *done]), [show(value)])


def _small(value: Any, call: Call, most: int = 1000) -> int:
    number = int(value)
    if not 0 <= number <= most:
        raise call.fault(f"{number} is not between 0 and {most}")
    return number


def _center(value: Any, call: Call) -> Any:
    width = _small(call.get(0, "width", 80), call)
    return computed(_text(value).center(width), [show(value)])


def _truncate(value: Any, call: Call) -> Any:
    text = _text(value)
    length = _small(call.get(0, "length", 255), call, 1_000_000)
    whole_word, end = not call.get(1, "killwords", False), str(call.get(2, "end", "..."))
    leeway = _small(call.get(3, "leeway", 5), call)
    if len(text) <= length + leeway:
        return show(value)
    cut = text[: max(0, length - len(end))]
    return computed((cut.rsplit(" ", 1)[0] if whole_word else cut) + end, [show(value)])


def _default(value: Any, call: Call) -> Any:
    if (
        isinstance(value, Absent)
        or value is None
        or (call.get(1, "boolean", False) and not truth(value))
    ):
        return call.raw(0, "default_value", "")
    return value


def _length(value: Any, call: Call) -> int:
    return len(_text(value)) if isinstance(value, str | Traced) else len(_items(value, call))


def _first(value: Any, call: Call) -> Any:
    items = _items(value, call)
    return items[0] if items else Absent("first")


def _last(value: Any, call: Call) -> Any:
    items = _items(value, call)
    return items[-1] if items else Absent("last")


def _reverse(value: Any, call: Call) -> Any:
    if isinstance(value, str | Traced):
        return computed(_text(value)[::-1], [value])
    return list(reversed(_items(value, call)))


def _sort_key(call: Call, position: int) -> Callable[[Any], Any]:
    attribute = call.get(position + 1, "attribute")
    sensitive = call.get(position, "case_sensitive", False)

    def key(item: Any) -> Any:
        value = plain(item if attribute is None else _attribute(item, attribute, call))
        return value.lower() if isinstance(value, str) and not sensitive else value

    return key


def _sort(value: Any, call: Call) -> list[Any]:
    return sorted(
        _items(value, call), key=_sort_key(call, 1), reverse=bool(call.get(0, "reverse", False))
    )


def _unique(value: Any, call: Call) -> list[Any]:
    key = _sort_key(call, 0)
    seen: dict[Any, Any] = {}
    for item in _items(value, call):
        seen.setdefault(repr(key(item)), item)
    return list(seen.values())


def _extreme(choose: Callable[..., Any]) -> Filter:
    def apply(value: Any, call: Call) -> Any:
        items = _items(value, call)
        return choose(items, key=_sort_key(call, 0)) if items else Absent("item")

    return apply


def _sum(value: Any, call: Call) -> Any:
    attribute = call.get(0, "attribute")
    items = _items(value, call)
    if attribute is not None:
        items = [_attribute(item, attribute, call) for item in items]
    numbers = [plain(item) for item in items]
    if not all(isinstance(number, int | float) for number in numbers):
        raise call.fault("only numbers can be summed")
    return sum(numbers, call.get(1, "start", 0))


def _map(value: Any, call: Call) -> list[Any]:
    attribute = call.kwargs.get("attribute")
    if attribute is not None:
        return [_attribute(item, plain(attribute), call) for item in _items(value, call)]
    if not call.args:
        raise call.fault("`map` wants the name of a filter, or `attribute=`")
    inner = Call(evaluation=call.evaluation, at=call.at, args=call.args[1:], kwargs=call.kwargs)
    name = str(plain(call.args[0]))
    return [
        _stepped(call).evaluation.apply_filter(name, item, inner) for item in _items(value, call)
    ]


def _stepped(call: Call) -> Call:
    call.evaluation.meter.step(call.at)
    return call


def _selecting(*, keep: bool, by_attribute: bool) -> Filter:
    def apply(value: Any, call: Call) -> list[Any]:
        args = list(call.args)
        attribute = str(plain(args.pop(0))) if by_attribute and args else None
        test = str(plain(args.pop(0))) if args else None
        inner = Call(evaluation=call.evaluation, at=call.at, args=args, kwargs=call.kwargs)
        chosen = []
        for item in _items(value, call):
            subject = item if attribute is None else _attribute(item, attribute, call)
            passes = (
                truth(subject)
                if test is None
                else _stepped(call).evaluation.apply_test(test, subject, inner)
            )
            if passes is keep:
                chosen.append(item)
        return chosen

    return apply


def _int(value: Any, call: Call) -> int:
    text, base = _text(value)[:40], _small(call.get(1, "base", 10), call, 36)
    try:
        return int(text, base)
    except ValueError:
        pass
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        return int(call.get(0, "default", 0))


def _float(value: Any, call: Call) -> float:
    try:
        return float(_text(value)[:40])
    except ValueError:
        return float(call.get(0, "default", 0.0))


def _number(value: Any, call: Call) -> int | float:
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise call.fault("a number is wanted")
    return value


def _round(value: Any, call: Call) -> int | float:
    import math

    number, precision = _number(value, call), _small(call.get(0, "precision", 0), call, 30)
    method = call.get(1, "method", "common")
    if method == "common":
        return round(number, precision)
    if method not in ("ceil", "floor"):
        raise call.fault("the method is `common`, `ceil` or `floor`")
    return float(getattr(math, method)(number * (10**precision)) / (10**precision))


def _pairs(value: Any, call: Call) -> list[Any]:
    if isinstance(value, View) and value.iterates:
        return [[name, value.read(name)] for name in value.names]
    if isinstance(value, Mapping):
        return [[key, item] for key, item in value.items()]
    if isinstance(value, Absent):
        return []
    raise call.fault("`items` wants a map")


def _values(value: Any, call: Call) -> list[Any]:
    return [pair[1] for pair in _pairs(value, call)]


def _keys(value: Any, call: Call) -> list[Any]:
    return [pair[0] for pair in _pairs(value, call)]


def _wordcount(value: Any, call: Call) -> int:
    del call
    return len(re.findall(r"\w+", _text(value)))


def _listed(value: Any, call: Call) -> list[Any]:
    return _items(value, call)


def _string(value: Any, call: Call) -> Any:
    del call
    return show(value)


def _abs(value: Any, call: Call) -> int | float:
    return abs(_number(value, call))


FILTERS: Final[Mapping[str, Filter]] = {
    "abs": _abs,
    "capitalize": _mapped(lambda text: text[:1].upper() + text[1:].lower()),
    "center": _center,
    "count": _length,
    "d": _default,
    "default": _default,
    "first": _first,
    "float": _float,
    "indent": _indent,
    "int": _int,
    "items": _pairs,
    "join": _join,
    "last": _last,
    "length": _length,
    "list": _listed,
    "lower": _mapped(str.lower),
    "map": _map,
    "max": _extreme(max),
    "min": _extreme(min),
    "reject": _selecting(keep=False, by_attribute=False),
    "rejectattr": _selecting(keep=False, by_attribute=True),
    "replace": _replace,
    "reverse": _reverse,
    "round": _round,
    "select": _selecting(keep=True, by_attribute=False),
    "selectattr": _selecting(keep=True, by_attribute=True),
    "sort": _sort,
    "string": _string,
    "sum": _sum,
    "title": _mapped(_title),
    "trim": _trim,
    "truncate": _truncate,
    "unique": _unique,
    "upper": _mapped(str.upper),
    "wordcount": _wordcount,
}


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Call], bool]:
    return lambda value, call: bool(compare(plain(value), call.get(0, "other")))


def _typed(*types: type) -> Callable[[Any, Call], bool]:
    def test(value: Any, call: Call) -> bool:
        del call
        value = plain(value)
        return isinstance(value, types) and (bool in types or not isinstance(value, bool))

    return test


def _is_in(value: Any, call: Call) -> bool:
    other = call.raw(0, "seq")
    held: Iterable[Any] = (
        list(other.names) if isinstance(other, View) and other.iterates else plain(other)
    )
    return plain(value) in held


def _state(holds: Callable[[Any], bool]) -> Callable[[Any, Call], bool]:
    """Make a test of what needs no argument."""
    return lambda value, _call: holds(value)


TESTS: Final[Mapping[str, Callable[[Any, Call], bool]]] = {
    "!=": _compared(lambda a, b: a != b),
    "<": _compared(lambda a, b: a < b),
    "<=": _compared(lambda a, b: a <= b),
    "==": _compared(lambda a, b: a == b),
    ">": _compared(lambda a, b: a > b),
    ">=": _compared(lambda a, b: a >= b),
    "boolean": _typed(bool),
    "defined": _state(lambda value: not isinstance(value, Absent)),
    "divisibleby": lambda value, call: _number(value, call) % call.get(0, "num") == 0,
    "eq": _compared(lambda a, b: a == b),
    "equalto": _compared(lambda a, b: a == b),
    "even": lambda value, call: _number(value, call) % 2 == 0,
    "false": _state(lambda value: plain(value) is False),
    "float": _typed(float),
    "ge": _compared(lambda a, b: a >= b),
    "greaterthan": _compared(lambda a, b: a > b),
    "gt": _compared(lambda a, b: a > b),
    "in": _is_in,
    "integer": _typed(int),
    "iterable": _state(lambda value: isinstance(value, str | Traced | list | tuple | dict)),
    "le": _compared(lambda a, b: a <= b),
    "lessthan": _compared(lambda a, b: a < b),
    "lower": _state(lambda value: _text(value).islower()),
    "lt": _compared(lambda a, b: a < b),
    "mapping": _state(lambda value: isinstance(value, dict)),
    "ne": _compared(lambda a, b: a != b),
    "none": _state(lambda value: value is None or isinstance(value, Absent)),
    "number": _typed(int, float),
    "odd": lambda value, call: _number(value, call) % 2 == 1,
    "sequence": _state(lambda value: isinstance(value, str | Traced | list | tuple)),
    "string": _state(lambda value: isinstance(value, str | Traced)),
    "true": _state(lambda value: plain(value) is True),
    "undefined": _state(lambda value: isinstance(value, Absent)),
    "upper": _state(lambda value: _text(value).isupper()),
}


def _split(value: Any, call: Call) -> list[Any]:
    text = _text(value)
    separator, most = call.get(0, "sep"), call.get(1, "maxsplit", -1)
    parts = text.count(separator) if separator else len(text) // 2
    call.evaluation.meter.step(call.at, 3 * parts)
    return list(parts_of(value, text.split(separator, int(most))))


METHODS: Final[Mapping[str, Filter]] = {
    "capitalize": FILTERS["capitalize"],
    "endswith": lambda value, call: _text(value).endswith(str(call.get(0, "suffix"))),
    "items": _pairs,
    "keys": _keys,
    "lower": FILTERS["lower"],
    "replace": _replace,
    "split": _split,
    "startswith": lambda value, call: _text(value).startswith(str(call.get(0, "prefix"))),
    "strip": _trim,
    "title": FILTERS["title"],
    "upper": FILTERS["upper"],
    "values": _values,
}
