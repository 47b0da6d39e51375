"""What rules look at: one file of a library, as far as it could be understood."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from ..frozen import frozen
from ..scenario import Exchange, Scenario, Turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..diagnostics import Source
    from ..ir import Conversation
    from ..render import TemplateSet
    from ..resolve import Merged
    from ..scenario import Plan, Text
    from ..schema import Kind
    from ..targets import Target
    from ..tokens import Counter


class Setting(Enum):
    """Where in a scenario somebody speaks."""

    EXAMPLE = "example"
    GREETING = "greeting"
    HISTORY = "history"
    MESSAGE = "message"


@frozen
class Line:
    """Something said, and where; `exchange` is the example it belongs to."""

    turn: Turn
    setting: Setting
    exchange: Exchange | None = None

    @property
    def by_model(self) -> bool:
        """Whether the model is to have said it: neither the user nor the narrator."""
        return self.turn.speaker not in ("user", "narrator")


@frozen
class Variant:
    """One variant: what it was planned as, and what it was rendered into."""

    plan: Plan
    conversation: Conversation


@frozen
class Limits:
    """How many prompt tokens there may be, and what counts them. No budget: no more than fits."""

    target: Target
    counter: Counter
    window_tokens: int
    budget_tokens: int | None


@frozen
class Subject:
    """One file and all that was made of it.

    A character's or persona's file stands in a `scenario` that has nothing else, and has no
    variants; so has an abstract scenario, and one with errors. The variants are whole; `fits` tells
    whether they can be made to keep to the budget. `all_texts` are those of
    the scenario, inherited ones included; `texts` and `lines` are the file's own: what it uses or
    extends is looked at in its own file, once. `written` is all of
    these texts together: rules look there first for signs that few files have.
    """

    source: Source
    kind: Kind
    merged: Merged
    scenario: Scenario
    all_texts: tuple[Text, ...]
    texts: tuple[Text, ...]
    lines: tuple[Line, ...]
    written: str
    variants: tuple[Variant, ...]
    fits: bool
    templates: TemplateSet
    limits: Limits
    read_paths: Callable[[Text], frozenset[tuple[str, ...]]]

    @property
    def target(self) -> Target:
        return self.limits.target

    @property
    def is_whole(self) -> bool:
        """Whether this is a scenario to be sent, understood to the end."""
        return bool(self.variants)

    def is_own(self, text: Text) -> bool:
        """Tell whether a text was written in this file, and not in one that it builds on."""
        return text.node.source is self.source


def lines_of(scenario: Scenario) -> Iterator[Line]:
    """Yield everything said in a scenario, each character's greetings and examples included."""
    for entity in scenario.characters.values():
        for text in entity.texts.get("greetings", ()):
            yield Line(turn=Turn(speaker=entity.id, text=text), setting=Setting.GREETING)
        yield from _examples(entity.examples)
    yield from _examples(scenario.examples)
    if scenario.greeting.text is not None:
        speaker = scenario.speaker.text if scenario.speaker is not None else None
        turn = Turn(
            speaker=speaker or next(iter(scenario.characters), "ai"), text=scenario.greeting.text
        )
        yield Line(turn=turn, setting=Setting.GREETING)
    for turn in scenario.history:
        yield Line(turn=turn, setting=Setting.HISTORY)
    if scenario.message is not None:
        yield Line(turn=Turn(speaker="user", text=scenario.message), setting=Setting.MESSAGE)


def _examples(exchanges: tuple[Exchange, ...]) -> Iterator[Line]:
    for exchange in exchanges:
        for turn in exchange.turns:
            yield Line(turn=turn, setting=Setting.EXAMPLE, exchange=exchange)
