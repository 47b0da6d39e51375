"""Choose what is left out of a conversation, so that the rest keeps to a budget of tokens.

Whole parts go, never half a message: the lowest `keep` first; with equal `keep` history from its
oldest part on (what the user said and the answer to it are one part), then examples and
instructions, the last first. Three rules make it good for a chat that grows:

- History is one run that ends at the present. A part is therefore kept as long as any before it.
- It is cut in steps of a tenth of the budget, measured from its beginning, so that what is sent
  begins the same way for many turns, and a service can reuse what it has made of that.
- The room that a step leaves is filled with examples and instructions that had to go.

Parts are chosen by their tokens alone: the same parts give the same choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..frozen import frozen, frozen_positional
from ..scenario import ALWAYS, UnitKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..scenario import Unit

STEPS: Final = 10
_FIXED: Final = (UnitKind.SYSTEM, UnitKind.PERSONA, UnitKind.GROUP, UnitKind.OPENING)
# With equal `keep`, in the order in which they go.
_ORDER: Final = (UnitKind.TURN, UnitKind.EXAMPLE, UnitKind.INSTRUCTION)


@frozen
class Part:
    """Units that are kept or left out together: one, or a user's turn with its answer.

    `keep` is that of the unit that is kept longest. `tokens` are all that they cost.
    """

    kind: UnitKind
    units: tuple[str, ...]
    keep: int
    tokens: int


@frozen
class Choice:
    """What goes, in the order of the conversation, and the tokens of what stays.

    `fits` is false when what can never go is already over the budget.
    """

    left_out: tuple[Part, ...]
    tokens: int
    fits: bool


def parts_of(units: Iterable[Unit], tokens: Mapping[str, int]) -> tuple[Part, ...]:
    """Return the parts of a conversation that can be left out; `tokens` are those of its units.

    A part that costs nothing, as a line that says nothing, is none.
    """
    parts: list[Part] = []
    run: list[Unit] = []
    for unit in units:
        if unit.kind is not UnitKind.TURN:
            parts.extend(_joined(run, tokens))
            run = []
            if unit.kind not in _FIXED:
                parts.extend(_joined([unit], tokens))
            continue
        if unit.turns[0].speaker == "user":
            parts.extend(_joined(run, tokens))
            run = []
        run.append(unit)
    return (*parts, *_joined(run, tokens))


def _joined(units: Sequence[Unit], tokens: Mapping[str, int]) -> Iterable[Part]:
    cost = sum(tokens.get(unit.id, 0) for unit in units)
    if cost:
        yield Part(
            kind=units[0].kind,
            units=tuple(unit.id for unit in units),
            keep=max(unit.keep for unit in units),
            tokens=cost,
        )


def fit(
    parts: Sequence[Part],
    total_tokens: int,
    budget_tokens: int,
    *,
    step_tokens: int | None = None,
) -> Choice:
    """Choose which parts of a conversation of `total_tokens` go, so that it keeps to the budget.

    Without `step_tokens` a step of history is a tenth of the budget.
    """
    step = budget_tokens // STEPS if step_tokens is None else step_tokens
    gone: set[int] = set()
    queue = _queue(parts) if total_tokens > budget_tokens else []
    left = total_tokens
    for place in queue:
        if left <= budget_tokens:
            break
        gone.add(place.index)
        left -= place.part.tokens
    # What went first may have gone in vain, where larger things had to go as well.
    history = [place for place in queue if place.part.kind is UnitKind.TURN]
    left += sum(place.part.tokens for place in history if place.index in gone)
    gone.difference_update(place.index for place in history)
    cut = _cut(history, left - budget_tokens, max(1, step))
    gone.update(place.index for place in cut)
    left -= sum(place.part.tokens for place in cut)
    for place in reversed(queue):
        if place.part.kind is UnitKind.TURN or place.index not in gone:
            continue
        if left + place.part.tokens <= budget_tokens:
            gone.remove(place.index)
            left += place.part.tokens
    return Choice(
        left_out=tuple(parts[index] for index in sorted(gone)),
        tokens=left,
        fits=left <= budget_tokens,
    )


@frozen_positional
class _Place:
    """A part, where it stands in the conversation, and when it goes."""

    part: Part
    index: int
    order: tuple[int, int, int]


def _queue(parts: Sequence[Part]) -> list[_Place]:
    """Return the parts that can go at all, in the order in which they go."""
    places: list[_Place] = []
    longest = 0
    for index, part in enumerate(parts):
        keep, position = part.keep, -index
        if part.kind is UnitKind.TURN:
            # What comes after a part that stays, stays.
            longest = keep = max(longest, keep)
            position = index
        if keep < ALWAYS:
            places.append(_Place(part, index, (keep, _ORDER.index(part.kind), position)))
    return sorted(places, key=lambda place: place.order)


def _cut(history: Sequence[_Place], excess_tokens: int, step_tokens: int) -> Sequence[_Place]:
    """Return the beginning of the history that goes, for so many tokens that are too many.

    A cut is made where the tokens before it reach a multiple of the step: at the first such place
    that is enough. It goes no further than needed into what is kept longer.
    """
    if excess_tokens <= 0:
        return ()
    before = gone = 0
    enough = 0
    while enough < len(history) and gone < excess_tokens:
        before = gone
        gone += history[enough].part.tokens
        enough += 1
    goal = (before // step_tokens + 1) * step_tokens
    end = enough
    while end < len(history) and gone < goal and _is_as_dispensable(history, end, enough):
        gone += history[end].part.tokens
        end += 1
    return history[:end]


def _is_as_dispensable(history: Sequence[_Place], one: int, other: int) -> bool:
    return history[one].order[0] == history[other - 1].order[0]
