"""Who uses whom: the files of a library as a graph, and the rows of a tree of them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from .model import Item, Use

# Deeper, files are not resolved either; a chain of references can be as long as a library.
MOST_DEEP: Final = 40


class State(Enum):
    """What is special about a row of a tree."""

    PLAIN = ""
    # What is below it was shown before.
    ABOVE = "above"
    # It stands above itself.
    CIRCLE = "circle"
    # The reference leads nowhere.
    MISSING = "missing"
    # More stands below it than is shown.
    DEEP = "deep"
    # It is made to be used, and no file does.
    UNUSED = "unused"


@frozen
class Row:
    """A line of a tree: the file, the reference that led to it, and how deep it stands.

    `lasts` says for each level down to its own, the roots' left out, whether the row or its
    ancestor is the last one there. `item` is None where there is no such file.
    """

    item: Item | None
    use: Use | None
    lasts: tuple[bool, ...]
    state: State


class Graph:
    """Files by path, in order. Reversed, it leads from what is used to what uses it.

    `is_complete`: these are all of the library's files, so that what none of them uses is used
    by nobody.
    """

    def __init__(
        self, items: Iterable[Item], *, is_reversed: bool = False, is_complete: bool = False
    ) -> None:
        self.items: Mapping[Path, Item] = {item.path: item for item in items}
        self.is_reversed = is_reversed
        self._is_complete = is_complete
        self._users = _users_of(self.items)

    def roots(self, named: Sequence[Path] = ()) -> list[Item]:
        """Return where a tree begins: what was named, else what no other file leads to.

        Scenarios that are compiled come first, then what nobody uses, and one of each circle.
        Reversed, the files that are made to be used.
        """
        if named:
            return [self.items[path] for path in dict.fromkeys(named) if path in self.items]
        if self.is_reversed:
            return [item for item in self.items.values() if not item.is_entry]
        first = [item for item in self.items.values() if item.is_entry]
        unused = [i for i in self.items.values() if not i.is_entry and i.path not in self._users]
        seen = {item.path for item in self.reached([*first, *unused])}
        circles: list[Item] = []
        for item in self.items.values():
            if item.path not in seen:
                circles.append(item)
                seen.update(each.path for each in self.reached([item]))
        return [*first, *unused, *circles]

    def reached(self, roots: Iterable[Item]) -> list[Item]:
        """Return the files that the graph leads to from some, these included, in order."""
        found: dict[Path, Item] = {}
        todo = list(roots)
        while todo:
            item = todo.pop()
            if item.path in found:
                continue
            found[item.path] = item
            todo.extend(other for _, other in self._next(item) if other is not None)
        return [item for item in self.items.values() if item.path in found]

    def rows(self, roots: Iterable[Item]) -> Iterator[Row]:
        """Yield the tree below some files, each file's own references only once."""
        shown: set[Path] = set()
        for root in roots:
            yield from self._below(root, None, (), (), shown)

    def _below(
        self,
        item: Item,
        use: Use | None,
        lasts: tuple[bool, ...],
        above: tuple[Path, ...],
        shown: set[Path],
    ) -> Iterator[Row]:
        following = self._next(item)
        state = State.PLAIN
        if item.path in above:
            state = State.CIRCLE
        elif following and item.path in shown:
            state = State.ABOVE
        elif following and len(above) >= MOST_DEEP:
            state = State.DEEP
        elif self._is_unused(item):
            state = State.UNUSED
        yield Row(item=item, use=use, lasts=lasts, state=state)
        if state not in (State.PLAIN, State.UNUSED):
            return
        shown.add(item.path)
        for number, (step, other) in enumerate(following, 1):
            below = (*lasts, number == len(following))
            if other is None:
                yield Row(item=None, use=step, lasts=below, state=State.MISSING)
            else:
                yield from self._below(other, step, below, (*above, item.path), shown)

    def _is_unused(self, item: Item) -> bool:
        is_used = item.is_entry or item.path in self._users
        return self._is_complete and item.kind is not None and not is_used

    def _next(self, item: Item) -> list[tuple[Use, Item | None]]:
        """Return what the graph leads to from a file; None for a file that is not there."""
        if self.is_reversed:
            return self._users.get(item.path, [])
        return [
            (use, self.items.get(use.target) if use.target is not None else None)
            for use in item.uses
        ]


def _users_of(items: Mapping[Path, Item]) -> Mapping[Path, list[tuple[Use, Item | None]]]:
    users: dict[Path, list[tuple[Use, Item | None]]] = {}
    for item in items.values():
        for use in item.uses:
            if use.target is not None:
                users.setdefault(use.target, []).append((use, item))
    return users
