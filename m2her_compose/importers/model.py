"""What is imported: the messages of one request, what is said of them, and why one is refused."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..ir import Role


_FEW: Final = 8


class Refusal(Exception):
    """An input that does not become a scenario; the message says why, `help` what to do."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help


@frozen
class Losses:
    """What was changed, and in which messages, by their numbers; none where it is about no one.

    One change to many messages is told once.
    """

    changes: dict[str, list[int]]

    def add(self, change: str, *numbers: int) -> None:
        """Note a change, to one message or several."""
        self.changes.setdefault(change, []).extend(numbers)

    def told(self) -> tuple[str, ...]:
        """Return the changes in words."""
        return tuple(
            f"{_listed(numbers)}: {change}" if numbers else change
            for change, numbers in self.changes.items()
        )


def _listed(numbers: Sequence[int]) -> str:
    """Name messages by their numbers: the first few of many."""
    few = ", ".join(map(str, numbers[:_FEW]))
    more = f" and {len(numbers) - _FEW:,} more" if len(numbers) > _FEW else ""
    return f"message{'s' * (len(numbers) > 1)} {few}{more}"


@frozen
class Line:
    """One message: `number` is its place in the request, from 1; no name is None."""

    number: int
    role: Role
    name: str | None
    content: str


@frozen
class Request:
    """One request, read: its messages, and what was set beside them.

    `is_cookbook`: examples stood in system messages named `example_user` and `example_assistant`,
    so that nobody knows the names of who says them. `losses` are what was changed because no
    scenario can say it, `notes` what is not part of a scenario; both for people.
    """

    lines: tuple[Line, ...]
    losses: Losses
    model: str | None = None
    parameters: Mapping[str, int | float | bool] = MappingProxyType({})
    is_cookbook: bool = False
    notes: tuple[str, ...] = ()
