"""From a scenario to its plans: one variant each, with every input bound and every unit listed."""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..diagnostics import Severity
from ..diagnostics import codes as c
from ..diagnostics.suggest import close_matches
from ..frozen import frozen, replaced
from .combinations import Combination, combinations, variant_id
from .model import (
    ALWAYS,
    Bound,
    Greeting,
    GreetingChoice,
    Names,
    Scenario,
    Text,
    Turn,
    Variable,
    VariableType,
)
from .variables import bind, report_unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..diagnostics import Sink
    from ..source import Node

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
    model: str | None
    parameters: Mapping[str, int | float | bool]
    units: tuple[Unit, ...]


@frozen
class Overrides:
    """What the caller gives in place of the file's. Values know where they were given.

    `model` and `parameters` are what is sent in place of the scenario's. `stand_ins`: a variable
    that has no value gets one for show, and a note in place of an error.
    """

    variables: Mapping[str, Node] = MappingProxyType({})
    typed_variables: Mapping[str, Node] = MappingProxyType({})
    message: Text | None = None
    speaker: Node | None = None
    names: Names | None = None
    default_names: Names = Names.ALWAYS
    variants: tuple[Node, ...] = ()
    model: str | None = None
    parameters: Mapping[str, int | float | bool] = MappingProxyType({})
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
    combined = combinations(scenario, given, defaults, len(greetings), sink)
    if combined is None:
        return ()
    message = overrides.message or scenario.message
    units = {id(each): _units(scenario, speaker, each, message) for each in greetings}
    made = [
        Plan(
            scenario=scenario,
            variant=variant_id(scenario.id, labels),
            bindings=bindings,
            speaker=speaker,
            names=overrides.names or scenario.names or overrides.default_names,
            model=overrides.model or scenario.model,
            parameters=MappingProxyType({**scenario.parameters, **overrides.parameters}),
            units=units[id(greeting)],
        )
        for labels, bindings, greeting in _with_greetings(combined, greetings)
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


def _with_greetings(
    combined: list[Combination], greetings: list[Text | None]
) -> Iterator[tuple[list[str], Mapping[str, Bound], Text | None]]:
    for labels, bindings in combined:
        for i, greeting in enumerate(greetings):
            suffix = [f"greeting={i}"] if len(greetings) > 1 else []
            yield [*labels, *suffix], bindings, greeting


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
