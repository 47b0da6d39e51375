"""One file of a library, as lists and graphs show it: what it says of itself, and what it uses."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from ..diagnostics import Sink
from ..frozen import frozen
from ..schema import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..diagnostics import Span
    from ..resolve import LoadedFile, Loader
    from ..source import Node

# A file's own list of references can be as long as the file.
MOST_USES: Final = 1_000


class UseKind(Enum):
    """As what one file uses another."""

    BASE = "base"
    CHARACTER = "character"
    PERSONA = "persona"
    # A character's or persona's file that builds on another one.
    MODEL = "model"


@frozen
class Use:
    """A reference from one file to another.

    `name` is the character's id where it is a character, `text` the path as it was written, and
    `target` the file that it leads to: None, with a `problem` for people, where it leads nowhere.
    """

    kind: UseKind
    name: str
    text: str
    span: Span
    target: Path | None = None
    problem: str = ""

    @property
    def label(self) -> str:
        """What the used file is to the one that uses it."""
        words = {
            UseKind.BASE: "extends",
            UseKind.CHARACTER: f"character {self.name}",
            UseKind.PERSONA: "persona",
            UseKind.MODEL: "use",
        }
        return words[self.kind]


@frozen
class Member:
    """Somebody of a scenario's cast: the id, and the name as it was written, if any."""

    id: str
    name: str | None


@frozen
class Item:
    """A file of a library. Of a broken one, what could be made out.

    `path` is absolute and `shown` for people; `kind` is None where the file does not get as far
    as saying it. `id` is a scenario's, else empty; `title` a character's or persona's name.
    `language` is the one that its templates are looked for in. `variants` are ids. `id_span` is
    where the id stands, else the header.
    """

    path: Path
    shown: str
    kind: Kind | None
    id: str
    id_span: Span
    title: str = ""
    summary: str = ""
    abstract: bool = False
    language: str = ""
    speaker: str | None = None
    cast: tuple[Member, ...] = ()
    persona: str | None = None
    tags: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    errors: int = 0
    warnings: int = 0
    uses: tuple[Use, ...] = ()

    @property
    def is_scenario(self) -> bool:
        return self.kind is Kind.SCENARIO

    @property
    def is_entry(self) -> bool:
        """Whether it is made to be compiled, and not to be used by others."""
        return self.is_scenario and not self.abstract


def uses_of(file: LoadedFile, loader: Loader) -> tuple[Use, ...]:
    """Return the references that a file makes itself, in the order of its text."""
    if file.checked is None:
        return ()
    found = [_use(*each, loader) for each in _references(file.checked.root, file.checked.kind)]
    return tuple(sorted(found[:MOST_USES], key=lambda use: use.span.start))


def _references(root: Node, kind: Kind) -> Iterator[tuple[UseKind, str, Node]]:
    """Yield what a file refers to: as what, under which character's id, and the path's node."""
    entries = root.entries
    if kind is not Kind.SCENARIO:
        if "use" in entries:
            yield UseKind.MODEL, "", entries["use"]
        return
    if "extends" in entries:
        bases = entries["extends"]
        for each in bases.items if bases.is_list else [bases]:
            yield UseKind.BASE, "", each
    cast = entries["characters"].entries if "characters" in entries else {}
    for name, character in cast.items():
        if "use" in character.entries:
            yield UseKind.CHARACTER, name, character.entries["use"]
    persona = entries["persona"].entries if "persona" in entries else {}
    if "use" in persona:
        yield UseKind.PERSONA, "", persona["use"]


def _use(kind: UseKind, name: str, reference: Node, loader: Loader) -> Use:
    sink = Sink()
    file = None if reference.is_null else loader.follow(reference, sink)
    problem = next((each.message for each in sink.sorted()), "")
    return Use(
        kind=kind,
        name=name,
        text=reference.text or "",
        span=reference.first_line,
        target=file.path if file is not None else None,
        problem=problem if file is None else "",
    )
