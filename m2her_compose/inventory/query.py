"""Which of a library's files are wanted: by tag, language, who plays in them, and text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Item, Member


@frozen
class Query:
    """What must hold of a file, all of it; nothing asked holds of every file.

    `language` also stands for what is more exact: `zh` for `zh-CN`. Characters and speakers are
    named by id or name. `text` is looked for without regard to upper and lower case in ids,
    paths, titles, summaries, tags and the names of the cast.
    """

    tags: tuple[str, ...] = ()
    language: str | None = None
    character: str | None = None
    speaker: str | None = None
    text: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked."""
        return not self.tags and not any((self.language, self.character, self.speaker, self.text))

    def matches(self, item: Item) -> bool:
        """Tell whether a file is wanted."""
        tags = {tag.casefold() for tag in item.tags}
        return (
            all(tag.casefold() in tags for tag in self.tags)
            and (self.language is None or _speaks(item.language, self.language))
            and (self.character is None or self.character in _names(item.cast))
            and (self.speaker is None or self.speaker in _names(_speaking(item)))
            and (self.text is None or self.text.casefold() in _words(item))
        )


def _speaks(tag: str, wanted: str) -> bool:
    have, want = tag.casefold(), wanted.casefold()
    return have == want or have.startswith(f"{want}-")


def _speaking(item: Item) -> list[Member]:
    return [each for each in item.cast if each.id == item.speaker]


def _names(members: Iterable[Member]) -> set[str]:
    """Return what somebody may be called: ids and names."""
    return {text for each in members for text in (each.id, each.name) if text}


def _words(item: Item) -> str:
    names = (text for each in item.cast for text in (each.id, each.name or ""))
    parts = (item.id, item.shown, item.title, item.summary, item.persona or "", *item.tags, *names)
    return "\n".join(parts).casefold()
