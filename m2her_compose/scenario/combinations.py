"""The variants of a scenario: every combination of its axes, those taken out and those added."""

from __future__ import annotations

from collections import ChainMap, Counter
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final

from ..diagnostics import codes as c
from .model import Bound, Choice
from .variables import value_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..diagnostics import Sink
    from .model import Scenario

MOST_VARIANTS: Final = 1000
Combination = tuple[list[str], ChainMap[str, Bound]]


def combinations(
    scenario: Scenario,
    given: Mapping[str, Bound],
    defaults: Mapping[str, Bound],
    greetings: int,
    sink: Sink,
) -> list[Combination] | None:
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
    made: list[Combination] = []
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


def _report_one_label(scenario: Scenario, made: list[Combination], sink: Sink) -> None:
    """Report variants that could not be told apart: a position can equal another's value."""
    counts = Counter(tuple(labels) for labels, _ in made)
    twice = next((labels for labels, count in counts.items() if count > 1), None)
    if twice is not None:
        node = scenario.matrix.node or scenario.node
        sink.add(
            c.BAD_MATRIX,
            f"two variants would be called `{variant_id(scenario.id, list(twice))}`",
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


def variant_id(scenario_id: str, labels: list[str]) -> str:
    """Return `<scenario>[axis=label,…]`, without brackets where there are no labels."""
    return f"{scenario_id}[{','.join(labels)}]" if labels else scenario_id
