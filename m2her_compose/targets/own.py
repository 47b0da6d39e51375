"""A library's own targets: `[targets.<id>]` in m2her.toml, a known target and what is different."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..frozen import frozen, replaced
from .known import ASCII_NAMES, BASIC, BASIC_ROLES, M2_HER, TARGETS, target_by_id
from .model import Examples, Price, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..diagnostics import Sink, Span

SECTION: Final = "targets"
# Typed on command lines, and shown in reports.
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_TARGETS: Final = 100
_MOST_TOKENS: Final = 100_000_000
_MOST_USD: Final = 1_000_000
_LONGEST: Final = 200
_NAMES: Final = ("any", "ascii", "none")
_SAMPLE_ROLES: Final = frozenset(M2_HER.roles[3:5])


@frozen
class Key:
    """One setting of a target: what it takes, and what it is for."""

    name: str
    takes: str
    accepts: Callable[[Any], bool]
    about: str


def _is_title(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()


def _is_titles(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= _LONGEST and all(map(_is_title, value))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_TOKENS


def _is_price(value: Any) -> bool:
    """Tell whether a table holds both prices and nothing else; NaN is no price."""
    return (
        isinstance(value, dict)
        and set(value) == {"input", "output"}
        and all(
            isinstance(usd, int | float) and not isinstance(usd, bool) and 0 <= usd <= _MOST_USD
            for usd in value.values()
        )
    )


def _is_roles(value: Any) -> bool:
    """Tell whether a list holds the basic roles and others of M2-her's, the sample ones as two."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        return False
    given = set(value)
    return (
        len(given) == len(value)
        and set(BASIC_ROLES) <= given <= set(M2_HER.roles)
        and len(given & _SAMPLE_ROLES) != 1
    )


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in words


def _listed(words: tuple[str, ...]) -> str:
    *most, last = (f"`{word}`" for word in words)
    return f"{', '.join(most)} or {last}"


_EXAMPLES: Final = tuple(each.value for each in Examples)
KEYS: Final[tuple[Key, ...]] = (
    Key(
        name="base",
        takes=_listed(tuple(target.id for target in TARGETS)),
        accepts=_one_of(*(target.id for target in TARGETS)),
        about="The target that it is like; `basic` when none is given.",
    ),
    Key(
        name="title",
        takes="a line of text",
        accepts=_is_title,
        about="What it is called in findings.",
    ),
    Key(
        name="models",
        takes="a list of model ids",
        accepts=_is_titles,
        about="The models that it has. The first one stands in for `M2-her`.",
    ),
    Key(
        name="context-window",
        takes="a whole number of tokens",
        accepts=_is_whole,
        about="The most prompt tokens that it takes.",
    ),
    Key(
        name="price",
        takes="a table of both prices, as `{input = 0.3, output = 1.2}`",
        accepts=_is_price,
        about="What a million tokens of prompt and of reply cost, in USD.",
    ),
    Key(
        name="roles",
        takes="a list of roles: `system`, `user`, `assistant`, and any of `user_system`, `group` "
        "and the pair `sample_message_user`, `sample_message_ai`",
        accepts=_is_roles,
        about="The roles that it takes.",
    ),
    Key(
        name="examples",
        takes=_listed(_EXAMPLES),
        accepts=_one_of(*_EXAMPLES),
        about="Where examples go when it has no roles for them.",
    ),
    Key(
        name="names",
        takes=_listed(_NAMES),
        accepts=_one_of(*_NAMES),
        about="Which names it takes: any text, letters and digits alone, or none.",
    ),
)
_BY_NAME: Final = {key.name: key for key in KEYS}


def read_targets(table: Any, place: Callable[[str], Span], sink: Sink) -> tuple[Target, ...]:
    """Return a library's own targets; `place` finds a setting by its dotted name.

    Mistakes are findings, and what the base says holds instead. An id that a known target has is
    refused, so that a name means the same in every library.
    """
    if not isinstance(table, dict) or not all(isinstance(each, dict) for each in table.values()):
        sink.add(
            c.SETTINGS_VALUE,
            f"`{SECTION}` wants a table for each target",
            place(SECTION),
            help="begin each with a line of its own: `[targets.local]`",
        )
        return ()
    if len(table) > _MOST_TARGETS:
        message = f"there are {len(table)} targets, and a library has at most {_MOST_TARGETS}"
        sink.add(c.SETTINGS_VALUE, message, place(SECTION))
        return ()
    found = [
        _Reader(target_id, given, place, sink).target()
        for target_id, given in table.items()
        if _is_free(target_id, place, sink)
    ]
    return tuple(found)


def _is_free(target_id: str, place: Callable[[str], Span], sink: Sink) -> bool:
    if not _ID.fullmatch(target_id):
        sink.add(
            c.SETTINGS_VALUE,
            f"`{target_id[:40]}` cannot be the id of a target",
            place(f"{SECTION}.{target_id}"),
            help="an id has letters, digits, `.`, `_` and `-`, at most 64, and begins with one of "
            "the first two",
        )
        return False
    taken = next((each.id for each in TARGETS if each.id == target_id.lower()), None)
    if taken is not None:
        sink.add(
            c.SETTINGS_VALUE,
            f"`{taken}` is a target that m2her knows, and cannot be changed",
            place(f"{SECTION}.{target_id}"),
            help=f'choose another id, and write `base = "{taken}"` there',
        )
    return taken is None


class _Reader:
    """Reads one target's table."""

    def __init__(
        self, target_id: str, table: Mapping[str, Any], place: Callable[[str], Span], sink: Sink
    ) -> None:
        self._id = target_id
        self._place = place
        self._sink = sink
        self._values = dict(self._read(table))

    def target(self) -> Target:
        """Return the base with what the table says in place."""
        values = self._values
        base = target_by_id(values.get("base", BASIC.id)) or BASIC
        target = replaced(base, id=self._id, title=values.get("title", self._id))
        if "models" in values:
            target = replaced(target, models=tuple(values["models"]), price=None)
        if "price" in values:
            usd = values["price"]
            price = Price(input_usd=float(usd["input"]), output_usd=float(usd["output"]))
            target = replaced(target, price=price)
        if "context-window" in values:
            # Two windows are for the doubt about M2-her's: this one is known.
            window = values["context-window"]
            target = replaced(target, window_tokens=window, warn_window_tokens=None)
        if "roles" in values:
            roles = tuple(role for role in M2_HER.roles if role in values["roles"])
            named = tuple(role for role in base.named_roles if role in roles)
            target = replaced(target, roles=roles, named_roles=named)
        return self._with_examples(self._with_names(target))

    def _with_names(self, target: Target) -> Target:
        match self._values.get("names"):
            case "any":
                return replaced(target, sends_names=True, name_rule=None, counts_names=True)
            case "ascii":
                return replaced(target, sends_names=True, name_rule=ASCII_NAMES, counts_names=True)
            case "none":
                nameless = replaced(target, sends_names=False, name_rule=None, named_roles=())
                return replaced(nameless, counts_names=False)
            case _:
                return target

    def _with_examples(self, target: Target) -> Target:
        given = self._values.get("examples")
        wanted = Examples(given) if given is not None else target.examples
        if wanted is not Examples.NAMED or target.sends_names:
            return replaced(target, examples=wanted)
        if given is not None:
            self._sink.add(
                c.SETTINGS_VALUE,
                f"`{self._dotted('examples')}` wants names, and `{self._id}` sends none",
                self._place(self._dotted("examples")),
                help='write `names = "ascii"`, or `examples = "block"`',
            )
        return replaced(target, examples=Examples.BLOCK)

    def _read(self, table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield what is right; report a key that there is not, or a value that it does not take."""
        for name, value in table.items():
            key = _BY_NAME.get(name)
            if key is not None and key.accepts(value):
                yield name, value
                continue
            dotted = self._dotted(name)
            span = self._place(dotted)
            if key is not None:
                self._sink.add(c.SETTINGS_VALUE, f"`{dotted}` wants {key.takes}", span)
            else:
                self._sink.add(
                    c.SETTINGS_KEY, f"there is no setting `{dotted}`", span, help=_advice(name)
                )
            if self._sink.is_full(span.source):  # each place is a search through the file
                return

    def _dotted(self, name: str) -> str:
        return f"{SECTION}.{self._id}.{name}"


def _advice(name: str) -> str:
    close = close_matches(name, list(_BY_NAME))
    listed = ", ".join(f"`{each}`" for each in _BY_NAME)
    return f"did you mean `{close[0]}`?" if close else f"a target has {listed}"
