"""Make a rendered conversation ready to be sent: as large as it may be, in what the target takes.

A conversation over the budget is rendered anew without what `fit` leaves out, and lowered to the
target's roles and names; what that cost is written down in it.
"""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .diagnostics import Related
from .diagnostics import codes as c
from .frozen import frozen
from .ir import Drop, Origin
from .passes import STEPS, fit, lower, parts_of
from .render import Meter, render
from .scenario import UnitKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .charges import Charges
    from .diagnostics import Sink
    from .ir import Conversation
    from .passes import Choice, Part
    from .render import TemplateSet
    from .scenario import Plan, Unit
    from .targets import Target
    from .tokens import Counter

# A character is at most so many tokens, whatever counts them: most texts are not worth counting.
# Byte-level tokenizers make four of one at most, and our estimate six.
_MOST_TOKENS_A_CHARACTER: Final = 6
# Enough to come within a part of the budget, by halves.
_ROUNDS: Final = 10
_NAMED_FIELDS: Final = 3
# A field of less than a twentieth is not worth shortening.
_SMALLEST_SHARE: Final = 20


@frozen
class Destination:
    """What conversations are made for. No budget: they stay as large as they are.

    Without a `counter` tokens are estimated, where they have to be counted at all. `is_window`:
    nobody set a budget, and it is what the model takes.
    """

    target: Target
    counter: Counter | None = None
    budget_tokens: int | None = None
    is_window: bool = False


@frozen
class _Scale:
    """What counts for a target."""

    counter: Counter
    target: Target

    def conversation(self, conversation: Conversation) -> int:
        from .tokens import count_conversation

        pairs = ((message.name, message.content) for message in conversation.messages)
        return count_conversation(self.counter, self.target, pairs)

    def charges(self, conversation: Conversation) -> Charges:
        from .charges import Charger

        return Charger(counter=self.counter, overhead=self.target).charge(conversation)


def prepare(
    plan: Plan,
    rendered: Conversation,
    templates: TemplateSet,
    destination: Destination,
    sink: Sink,
) -> Conversation:
    """Return a plan's conversation, ready to be sent. An error when it cannot be made to fit."""
    target, budget = destination.target, destination.budget_tokens
    ready = replace(lower(rendered, target), budget_tokens=budget)
    if budget is None or _is_small(ready, target, budget):
        return ready
    from .tokens import EstimateCounter

    scale = _Scale(counter=destination.counter or EstimateCounter(), target=target)
    total = scale.conversation(ready)
    if total <= budget:
        return ready
    fitting = _Fitting(plan=plan, templates=templates, scale=scale, budget_tokens=budget, sink=sink)
    choice, ready, size = fitting.best(ready, total)
    if size > budget:
        _report_too_large(plan, scale.charges(ready), destination, scale, sink)
    return replace(ready, budget_tokens=budget, dropped=_drops(plan, choice))


@frozen
class _Fitting:
    """Finds what to leave out by trying: what a part really costs shows when it is gone.

    A target may fold parts into each other and label them, so that their tokens do not add up.
    """

    plan: Plan
    templates: TemplateSet
    scale: _Scale
    budget_tokens: int
    sink: Sink

    def best(self, whole: Conversation, total_tokens: int) -> tuple[Choice, Conversation, int]:
        """Return the largest of the conversations tried that keeps to the budget.

        When none does, the one without everything that can go.
        """
        parts = parts_of(self.plan.units, _unit_tokens(self.plan, whole, self.scale))
        best: tuple[Choice, Conversation, int] | None = None
        too_much: int | None = None
        enough = goal = self.budget_tokens
        for _ in range(_ROUNDS):
            choice = fit(parts, total_tokens, goal, step_tokens=self.budget_tokens // STEPS)
            ready, size = self._without(choice)
            if size > self.budget_tokens:
                too_much = goal
                goal = goal - (size - self.budget_tokens) if best is None else (enough + goal) // 2
            else:
                if best is None or size > best[2]:
                    best = choice, ready, size
                if size == choice.tokens or not choice.left_out:
                    break
                enough = goal
                more = goal + self.budget_tokens - size
                goal = more if too_much is None else (goal + too_much) // 2
            if goal in (enough, too_much):
                break
        if best is None:
            choice = fit(parts, total_tokens, 0, step_tokens=1)
            best = choice, *self._without(choice)
        return best

    def _without(self, choice: Choice) -> tuple[Conversation, int]:
        left_out = frozenset(unit for part in choice.left_out for unit in part.units)
        rendered = render(self.plan, self.templates, Meter(), self.sink, left_out=left_out)
        ready = lower(rendered, self.scale.target)
        return ready, self.scale.conversation(ready)


def _is_small(conversation: Conversation, target: Target, budget: int) -> bool:
    """Tell whether a conversation fits without being counted."""
    messages = conversation.messages
    characters = sum(len(m.content) + len(m.name or "") for m in messages)
    around = target.prefix_tokens + target.per_message_tokens * len(messages)
    return around + characters * _MOST_TOKENS_A_CHARACTER <= budget


def _unit_tokens(plan: Plan, conversation: Conversation, scale: _Scale) -> Mapping[str, int]:
    """Return what each unit costs: its messages, or its share of the message it is a part of."""
    from .tokens import count_message

    tokens: Tally[str] = Tally()
    for message in conversation.messages:
        tokens[message.unit] += count_message(
            scale.counter, scale.target, name=message.name, content=message.content
        )
    owners = {
        text.pointer: unit.id
        for unit in plan.units
        if unit.kind is not UnitKind.SYSTEM and unit.id not in tokens
        for text in (unit.text, *(turn.text for turn in unit.turns))
        if text is not None
    }
    system = tuple(m for m in conversation.messages if m.unit == UnitKind.SYSTEM.value)
    if owners and system:
        for each in scale.charges(replace(conversation, messages=system)).fields:
            if each.pointer in owners:
                tokens[owners[each.pointer]] += each.tokens
    return tokens


# --- what it cost


def _drops(plan: Plan, choice: Choice) -> tuple[Drop, ...]:
    """Put what was left out into words: neighbouring parts of one kind are one drop."""
    units = {unit.id: unit for unit in plan.units}
    position = {unit.id: i for i, unit in enumerate(plan.units)}
    runs: list[list[Part]] = []
    for part in choice.left_out:
        before = runs[-1][-1] if runs else None
        follows = before is not None and position[part.units[0]] == position[before.units[-1]] + 1
        if before is not None and follows and before.kind is part.kind:
            runs[-1].append(part)
        else:
            runs.append([part])
    return tuple(_drop(run, units) for run in runs)


def _drop(parts: Sequence[Part], units: Mapping[str, Unit]) -> Drop:
    ids = tuple(unit for part in parts for unit in part.units)
    return Drop(
        kind=parts[0].kind.value,
        units=ids,
        keep=max(part.keep for part in parts),
        tokens=sum(part.tokens for part in parts),
        origins=tuple(_origin(units[each]) for each in ids),
    )


def _origin(unit: Unit) -> Origin:
    text = unit.text if unit.text is not None else unit.turns[0].text
    return Origin(pointer=text.pointer, span=text.span, via=text.via)


def _report_too_large(
    plan: Plan, charges: Charges, destination: Destination, scale: _Scale, sink: Sink
) -> None:
    """Report a conversation that is too large even without all that can be left out."""
    about = "about " if scale.counter.kind == "estimate" else ""
    header = plan.scenario.node.entries.get("m2her", plan.scenario.node)
    limit = "the context window" if destination.is_window else "the budget"
    sink.add(
        c.OVER_WINDOW if destination.is_window else c.TOO_LARGE_TO_FIT,
        f"what always stays is {about}{charges.total_tokens:,} prompt tokens, "
        f"and {limit} is {destination.budget_tokens:,}",
        header.key_span,
        help=f"shorten the largest fields, or raise {limit}; only history, examples and "
        "instructions can be left out, and those with `keep: always` cannot",
        related=[
            Related(each.span, f"{about}{each.tokens:,} tokens")
            for each in charges.fields[:_NAMED_FIELDS]
            if each.tokens * _SMALLEST_SHARE > charges.total_tokens
        ],
    )
