"""From a scenario to its plans: one variant each, with every input bound and every unit listed."""

from __future__ import annotations

from collections import ChainMap, Counter
from enum import Enum
from itertools import product
from math import prod
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..diagnostics import Severity
from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..frozen import frozen, replaced
from .model import (
    ALWAYS,
    Bound,
    Choice,
    Greeting,
    GreetingChoice,
    Names,
    Scenario,
    Text,
    Turn,
    Variable,
    VariableType,
)
from .variables import bind, report_unknown, value_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..diagnostics import Sink
    from ..source import Node

MOST_VARIANTS: Final = 1000
_MOST_LISTED: Final = 5


class UnitKind(Enum):
    """What a unit is: the smallest part of a conversation that is sent or left out whole."""

    SYSTEM = "system"
    PERSONA = "persona"
    GROUP = "group"
    INSTRUCTION = "instruction"
    EXAMPLE = "example"
    TURN = "turn"
    OPENING = "opening"


@frozen
class Unit:
    """One part of a conversation; `turns` are what is said in it, for the kinds that speak.

    An instruction has a `text` and is a part of the system message. `keep` says how long a unit
    is kept when not everything fits.
    """

    id: str
    kind: UnitKind
    turns: tuple[Turn, ...] = ()
    text: Text | None = None
    keep: int = ALWAYS


@frozen
class Plan:
    """One variant of a scenario, bound: all that rendering needs, and nothing to be decided."""

    scenario: Scenario
    variant: str
    bindings: Mapping[str, Bound]
    speaker: str | None
    names: Names
    units: tuple[Unit, ...]


@frozen
class Overrides:
    """What the caller gives in place of the file's. Values know where they were given.

    `stand_ins`: a variable that has no value gets one for show, and a note in place of an error.
    """

    variables: Mapping[str, Node] = MappingProxyType({})
    typed_variables: Mapping[str, Node] = MappingProxyType({})
    message: Text | None = None
    speaker: Node | None = None
    names: Names | None = None
    default_names: Names = Names.ALWAYS
    variants: tuple[Node, ...] = ()
    stand_ins: bool = False


def plans(scenario: Scenario, overrides: Overrides, sink: Sink) -> tuple[Plan, ...]:
    """Return a plan for each variant that is wanted.

    After an error there are still plans, as far as they can be made: rendering them finds what
    else is wrong.
    """
    if (
        not scenario.characters
        and scenario.system is None
        and scenario.is_intact("characters", "system")
    ):
        header = scenario.node.entries.get("m2her", scenario.node)
        sink.add(
            c.INCOMPLETE,
            "nobody speaks: the scenario has neither a `system` text nor a character",
            header.key_span,
            help="add `characters:` with one character, or `system: text`",
        )
    given = _given(scenario, overrides, sink)
    speaker = _speaker(scenario, overrides, sink)
    greetings = _greetings(scenario, speaker, sink)
    missing = _missing(scenario, given)
    defaults = {n: v.default for n, v in scenario.variables.items() if v.default is not None}
    if overrides.stand_ins:
        defaults.update(_stand_ins(missing, sink))
    else:
        _report_missing(missing, sink)
    combinations = _combinations(scenario, given, defaults, len(greetings), sink)
    if combinations is None:
        return ()
    message = overrides.message or scenario.message
    units = {id(each): _units(scenario, speaker, each, message) for each in greetings}
    made = [
        Plan(
            scenario=scenario,
            variant=_variant_id(scenario.id, labels),
            bindings=bindings,
            speaker=speaker,
            names=overrides.names or scenario.names or overrides.default_names,
            units=units[id(greeting)],
        )
        for labels, bindings, greeting in _with_greetings(combinations, greetings)
    ]
    if overrides.message is not None and not overrides.message.value.strip():
        advice = "give a text, or leave the option out"
        sink.add(c.EMPTY_LINE, "the message says nothing", overrides.message.span, help=advice)
    if overrides.message is None and scenario.message is None and scenario.is_intact("message"):
        header = scenario.node.entries.get("m2her", scenario.node)
        sink.add(
            c.OPEN_SCENARIO,
            "the scenario is open: it has no `message`, so that its messages end with the history",
            header.key_span,
            help="give one with `--message`, or write `message:`",
        )
    return _selected(made, overrides.variants, sink)


# --- inputs


def _given(scenario: Scenario, overrides: Overrides, sink: Sink) -> dict[str, Bound]:
    """Bind what the caller gives: the command line over files of values."""
    given: dict[str, Bound] = {}
    for nodes, typed in ((overrides.typed_variables, True), (overrides.variables, False)):
        for name, node in nodes.items():
            variable = scenario.variables.get(name)
            if variable is None:
                if scenario.is_intact("variables"):
                    report_unknown(name, scenario.variables, node, sink)
                continue
            bound = bind(variable, node, f"/variables/{name}", sink, typed=typed)
            if bound is not None:
                given[name] = bound
    return given


def _missing(scenario: Scenario, given: Mapping[str, Bound]) -> dict[str, Variable]:
    """Return the variables that have no value in some variant."""
    matrix = scenario.matrix
    if not scenario.is_intact("variables", "variables/", "matrix"):
        return {}
    return {
        name: variable
        for name, variable in scenario.variables.items()
        if variable.default is None
        and name not in given
        and not _default_failed(variable.node)
        and not (name in matrix.axes and all(name in combination for combination in matrix.include))
    }


def _report_missing(missing: Mapping[str, Variable], sink: Sink) -> None:
    for name, variable in missing.items():
        sink.add(
            c.MISSING_VARIABLE,
            f"`{name}` has neither a value nor a default",
            variable.node.key_span,
            help=f"give one with `--set {name}=…`, or declare a `default`",
            via=variable.node.via,
        )


def _stand_ins(missing: Mapping[str, Variable], sink: Sink) -> dict[str, Bound]:
    """Return a value for show for each variable that is to be given later."""
    values: dict[str, Bound] = {}
    for name, variable in missing.items():
        value = _stand_in(name, variable)
        values[name] = Bound(value=value, node=variable.node, pointer=f"/variables/{name}")
        sink.add(
            c.MISSING_VARIABLE,
            f"`{name}` has no default: `{value}` stands for what will be given",
            variable.node.key_span,
            help=f"whoever compiles the scenario gives it: `--set {name}=…`",
            severity=Severity.NOTE,
        )
    return values


def _stand_in(name: str, variable: Variable) -> str | int | float | bool:
    for allowed in variable.enum or ():
        if allowed is not None:
            return allowed
    match variable.type:
        case VariableType.STRING:
            return name
        case VariableType.INTEGER:
            return 1
        case VariableType.NUMBER:
            return 1.0
        case VariableType.BOOLEAN:
            return False


def _default_failed(node: Node) -> bool:
    """Tell whether a default was written and refused: that is already reported."""
    if not node.is_map:
        return not node.is_null
    default = node.entries.get("default")
    return default is not None and not default.is_null


def _speaker(scenario: Scenario, overrides: Overrides, sink: Sink) -> str | None:
    node = overrides.speaker or scenario.speaker
    cast = list(scenario.characters)
    if not scenario.is_intact("characters", "speaker"):
        return cast[0] if cast else None
    if node is not None:
        if node.text in scenario.characters:
            return node.text
        close = close_matches(node.text or "", cast)
        known = ", ".join(f"`{name}`" for name in cast)
        sink.add(
            c.NO_SPEAKER,
            f"no character is called `{node.text}`",
            node.first_line,
            help=f"did you mean `{close[0]}`?"
            if close
            else f"the characters are {known}"
            if cast
            else "the scenario has no characters",
            via=node.via,
        )
        return None
    if len(cast) > 1:
        place = scenario.node.entries["characters"]
        sink.add(
            c.NO_SPEAKER,
            f"nobody says which of {len(cast)} characters is to answer",
            place.key_span,
            help=f"add `speaker: {cast[0]}`, or give it with `--speaker {cast[0]}`",
            via=place.via,
        )
        return None
    return cast[0] if cast else None


def _greetings(scenario: Scenario, speaker: str | None, sink: Sink) -> list[Text | None]:
    """Return the greeting of each variant: one, or all of the speaker's; None for no greeting."""
    greeting = scenario.greeting
    own = scenario.characters[speaker].texts.get("greetings", ()) if speaker is not None else ()
    match greeting.choice:
        case GreetingChoice.NONE:
            return [None]
        case GreetingChoice.TEXT:
            return [greeting.text]
        case GreetingChoice.ALL if own:
            return list(own)
        case GreetingChoice.INDEX if greeting.index < len(own):
            return [own[greeting.index]]
        case GreetingChoice.DEFAULT:
            return [own[0] if own and not scenario.history else None]
        case _:
            _report_no_greeting(greeting, speaker, len(own), scenario, sink)
            return [None]


def _report_no_greeting(
    greeting: Greeting, speaker: str | None, count: int, scenario: Scenario, sink: Sink
) -> None:
    if greeting.node is None or not scenario.is_intact("characters", "speaker"):
        return
    who = f"`{speaker}`" if speaker is not None else "the model"
    has = {0: "has no greetings", 1: "has one greeting, number 0"}.get(
        count, f"has the greetings 0 to {count - 1}"
    )
    sink.add(
        c.NO_GREETING,
        f"there is no greeting `{greeting.node.text}`: {who} {has}",
        greeting.node.first_line,
        help="name another, write the greeting itself, or `none`",
        via=greeting.node.via,
    )


# --- variants

_Combination = tuple[list[str], ChainMap[str, Bound]]


def _combinations(
    scenario: Scenario,
    given: Mapping[str, Bound],
    defaults: Mapping[str, Bound],
    greetings: int,
    sink: Sink,
) -> list[_Combination] | None:
    """Return labels and bindings of each combination; None when they are too many to make."""
    axes = {
        name: _given_choice(choices, given[name]) if name in given else choices
        for name, choices in scenario.matrix.axes.items()
    }
    count = prod(len(choices) for choices in axes.values()) + len(scenario.matrix.include)
    if count * greetings > MOST_VARIANTS:
        node = scenario.matrix.node or scenario.node
        sink.add(
            c.TOO_MANY_VARIANTS,
            f"{count * greetings:,} variants, and a scenario has at most {MOST_VARIANTS:,}",
            node.key_span,
            help="they are counted before `exclude`; shorten an axis, or fix one with `--set`",
            via=node.via,
        )
        return None
    base = {**defaults, **given}
    excluded: dict[tuple[str, str], list[Mapping[str, Bound]]] = {}
    for each in scenario.matrix.exclude:
        name, bound = next(iter(each.items()))
        excluded.setdefault((name, repr(bound.value)), []).append(each)
    made: list[_Combination] = []
    for combination in product(*axes.values()):
        chosen = {name: choice.bound for name, choice in zip(axes, combination, strict=True)}
        if not any(_agrees(chosen, each) for each in _candidates(chosen, excluded)):
            labels = [
                f"{name}={choice.label}" for name, choice in zip(axes, combination, strict=True)
            ]
            made.append((labels, ChainMap(chosen, base)))
    seen = {_values(bindings.maps[0], base) for _, bindings in made}
    for position, included in enumerate(scenario.matrix.include, 1):
        if any(
            name in given and given[name].value != bound.value for name, bound in included.items()
        ):
            continue
        own = {name: base[name] for name in axes if name in base} | dict(included)
        if _values(own, base) not in seen:
            seen.add(_values(own, base))
            labels = list(_included_labels(axes, included, base, position))
            made.append((labels, ChainMap(own, base)))
    if not made:
        _report_no_variant(scenario, sink)
    if not sink.has_errors:
        _report_one_label(scenario, made, sink)
    return made


def _values(own: Mapping[str, Bound], base: Mapping[str, Bound]) -> frozenset[tuple[str, str]]:
    """Return what distinguishes a combination: the values that are not every variant's."""
    return frozenset(
        (name, repr(bound.value))
        for name, bound in own.items()
        if name not in base or base[name].value != bound.value
    )


def _report_one_label(scenario: Scenario, made: list[_Combination], sink: Sink) -> None:
    """Report variants that could not be told apart: a position can equal another's value."""
    counts = Counter(tuple(labels) for labels, _ in made)
    twice = next((labels for labels, count in counts.items() if count > 1), None)
    if twice is not None:
        node = scenario.matrix.node or scenario.node
        sink.add(
            c.BAD_MATRIX,
            f"two variants would be called `{_variant_id(scenario.id, list(twice))}`",
            node.key_span,
            help="give the values labels of their own: `axis: {label: value, …}`",
            via=node.via,
        )


def _report_no_variant(scenario: Scenario, sink: Sink) -> None:
    node = scenario.matrix.node or scenario.node
    sink.add(
        c.BAD_MATRIX,
        "`exclude` leaves no variant",
        node.entries.get("exclude", node).key_span,
        help="take one of its combinations out",
        via=node.via,
    )


def _given_choice(choices: tuple[Choice, ...], bound: Bound) -> tuple[Choice, ...]:
    """Return the one value of an axis that the caller fixes, under its own label if it has one."""
    label = next((choice.label for choice in choices if choice.bound.value == bound.value), None)
    return (Choice(label=label or value_label(bound.value, 1), bound=bound),)


def _candidates(
    chosen: Mapping[str, Bound], excluded: Mapping[tuple[str, str], list[Mapping[str, Bound]]]
) -> Iterator[Mapping[str, Bound]]:
    """Yield the exclusions whose first value is among those chosen."""
    for name, bound in chosen.items():
        yield from excluded.get((name, repr(bound.value)), ())


def _agrees(chosen: Mapping[str, Bound], excluded: Mapping[str, Bound]) -> bool:
    return all(
        name in chosen and chosen[name].value == bound.value for name, bound in excluded.items()
    )


def _included_labels(
    axes: Mapping[str, tuple[Choice, ...]],
    included: Mapping[str, Bound],
    base: Mapping[str, Bound],
    position: int,
) -> Iterator[str]:
    """Label an included combination: its axes in their order, then its other variables."""
    others = [name for name in included if name not in axes]
    for name in [*axes, *others]:
        bound = included.get(name) or base.get(name)
        if bound is None:
            continue
        choices = axes.get(name, ())
        known = next(
            (choice.label for choice in choices if choice.bound.value == bound.value), None
        )
        yield f"{name}={known or value_label(bound.value, len(choices) + position)}"


def _with_greetings(
    combinations: list[_Combination], greetings: list[Text | None]
) -> Iterator[tuple[list[str], Mapping[str, Bound], Text | None]]:
    for labels, bindings in combinations:
        for i, greeting in enumerate(greetings):
            suffix = [f"greeting={i}"] if len(greetings) > 1 else []
            yield [*labels, *suffix], bindings, greeting


def _variant_id(scenario_id: str, labels: list[str]) -> str:
    return f"{scenario_id}[{','.join(labels)}]" if labels else scenario_id


def _selected(made: list[Plan], wanted: tuple[Node, ...], sink: Sink) -> tuple[Plan, ...]:
    """Return the variants that the caller names, by whole id or by the part in brackets."""
    if not wanted:
        return tuple(made)
    by_id: dict[str, Plan] = {}
    for plan in made:
        by_id[plan.variant] = plan
        _, bracket, labels = plan.variant.partition("[")
        if bracket:
            by_id[labels.removesuffix("]")] = by_id[bracket + labels] = plan
    chosen: dict[str, Plan] = {}
    for node in wanted:
        plan_or_none = by_id.get(node.text or "")
        if plan_or_none is not None:
            chosen[plan_or_none.variant] = plan_or_none
            continue
        ids = [plan.variant for plan in made]
        close = close_matches(node.text or "", list(by_id))
        listed = ", ".join(f"`{each}`" for each in ids[:_MOST_LISTED]) + (
            ", …" if ids[_MOST_LISTED:] else ""
        )
        sink.add(
            c.UNKNOWN_VARIANT,
            f"no variant is called `{node.text}`",
            node.span,
            help=f"did you mean `{close[0]}`?" if close else f"there are {listed}",
        )
    return tuple(chosen.values())


# --- units


def _units(
    scenario: Scenario, speaker: str | None, greeting: Text | None, message: Text | None
) -> tuple[Unit, ...]:
    """List the parts of a conversation in the order in which they are sent."""
    own = scenario.characters[speaker].examples if speaker is not None else ()
    units = [
        Unit(id="system", kind=UnitKind.SYSTEM),
        Unit(id="persona", kind=UnitKind.PERSONA),
        Unit(id="group", kind=UnitKind.GROUP),
    ]
    for i, each in enumerate(scenario.instructions):
        unit_id = f"instruction/{i}"
        units.append(Unit(id=unit_id, kind=UnitKind.INSTRUCTION, text=each.text, keep=each.keep))
    for i, exchange in enumerate((*own, *scenario.examples)):
        unit_id = f"example/{i}"
        kept = exchange.keep
        units.append(Unit(id=unit_id, kind=UnitKind.EXAMPLE, turns=exchange.turns, keep=kept))
    history = list(scenario.history)
    if greeting is not None:
        spoken = greeting if greeting.owner is not None else replaced(greeting, owner=speaker)
        history.insert(0, Turn(speaker=speaker or "ai", text=spoken))
    units.extend(
        Unit(id=f"turn/{i}", kind=UnitKind.TURN, turns=(turn,), keep=turn.keep)
        for i, turn in enumerate(history)
    )
    if message is not None:
        opening = Turn(speaker="user", text=message)
        units.append(Unit(id="opening", kind=UnitKind.OPENING, turns=(opening,)))
    return tuple(units)
