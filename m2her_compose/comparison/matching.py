"""Which scenario of one side is which of the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from .model import Version

Pair: TypeAlias = "tuple[Version | None, Version | None]"


def matched(old: Sequence[Version], new: Sequence[Version]) -> list[Pair]:
    """Return the scenarios of both sides in pairs, those of one side alone with None.

    They are the same by their ids, else by their paths, else by what the model gets. In the
    order of the new ones, then of those that are gone.
    """
    left, found = list(old), dict[int, "Version"]()
    for key in (_id_and_place, _id, _place, _content):
        _match(left, new, key, found)
    pairs: list[Pair] = [(found.get(id(each)), each) for each in new]
    return pairs + [(each, None) for each in left]


def _match(
    left: list[Version],
    new: Sequence[Version],
    key: Callable[[Version], Hashable],
    found: dict[int, Version],
) -> None:
    """Match what has the same key, each once, in order."""
    waiting: dict[Hashable, list[Version]] = {}
    for each in reversed(left):
        waiting.setdefault(key(each), []).append(each)
    waiting.pop(None, None)
    taken: set[int] = set()
    for each in new:
        if id(each) in found:
            continue
        same = waiting.get(key(each))
        if same:
            found[id(each)] = same.pop()
            taken.add(id(found[id(each)]))
    left[:] = [each for each in left if id(each) not in taken]


def _id_and_place(version: Version) -> Hashable:
    return (version.id, version.place) if version.id else None


def _id(version: Version) -> Hashable:
    return version.id or None


def _place(version: Version) -> Hashable:
    return version.place


def _content(version: Version) -> Hashable:
    """Return what is said in all variants, but for names: a group may have the scenario's id.

    A file that has errors says nothing.
    """
    return (
        tuple(
            tuple((m.role, m.content) for m in conversation.messages)
            for conversation in version.conversations
        )
        or None
    )
